"""Run a name server: real DNS messages over UDP, with the records that a test writes."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Thread

import dns.flags
import dns.message
import dns.rcode
import dns.rdatatype
import dns.rrset
from django.test import override_settings

from companies import resolver

Records = dict[tuple[str, str], list[str]]


@dataclass
class NameServer:
    # `records` by name and type; a name that has none at all does not exist.

    records: Records = field(default_factory=dict)
    fails: str = ""  # "SERVFAIL", or "silence"
    queries: list[str] = field(default_factory=list)

    def set(self, name: str, kind: str, *values: str) -> None:
        self.records[name, kind] = list(values)

    def remove(self, name: str, kind: str) -> None:
        del self.records[name, kind]

    def answer(self, wire: bytes) -> bytes | None:
        query = dns.message.from_wire(wire)
        question = query.question[0]
        name, kind = question.name.to_text(omit_final_dot=True), dns.rdatatype.to_text(question.rdtype)
        self.queries.append(f"{name} {kind}")
        if self.fails == "silence":
            return None
        answer = dns.message.make_response(query)
        answer.flags |= dns.flags.RA | dns.flags.AA
        if self.fails:
            answer.set_rcode(dns.rcode.from_text(self.fails))
        elif values := self.records.get((name, kind)):
            answer.answer.append(dns.rrset.from_text(question.name, 60, "IN", kind, *values))
        elif not any(record_name == name for record_name, _kind in self.records):
            answer.set_rcode(dns.rcode.NXDOMAIN)
        return answer.to_wire()


@contextmanager
def name_server() -> Iterator[NameServer]:
    # Asked instead of the machine's, as DNS_SERVERS says it.
    server = NameServer()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp:
        udp.bind(("127.0.0.1", 0))
        Thread(target=_serve, args=(udp, server), daemon=True).start()
        with override_settings(DNS_SERVERS=[udp.getsockname()[:2]]):
            yield server
    resolver._resolver.cache_clear()


def _serve(udp: socket.socket, server: NameServer) -> None:
    while True:
        try:
            wire, sender = udp.recvfrom(4096)
        except OSError:
            return
        if answer := server.answer(wire):
            udp.sendto(answer, sender)
