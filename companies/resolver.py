"""What the DNS says. Asked by workers alone: no page waits for a name server."""

from __future__ import annotations

from functools import cache

import dns.exception
import dns.name
import dns.resolver
from django.conf import settings
from dns.nameserver import Do53Nameserver

SECONDS = 10  # for one question, over all name servers


class NoAnswerYet(Exception):
    """Time-out, SERVFAIL, no network: it says nothing about the domain, and is asked again later."""


def texts_at(host: str) -> list[str]:
    """The TXT records of the host; none where the DNS says that there are none."""
    answer = _ask(host, "TXT")
    return [b"".join(row.strings).decode("utf-8", "replace") for row in answer or []]


def takes_mail(domain: str) -> bool:
    """Whether mail to the domain can go anywhere: by MX, else by an address (RFC 5321); a null MX takes none."""
    servers = _ask(domain, "MX")
    if servers is not None:
        return any(row.exchange != dns.name.root for row in servers)  # RFC 7505
    return _ask(domain, "A") is not None or _ask(domain, "AAAA") is not None


def _ask(host: str, kind: str) -> dns.resolver.Answer | None:
    """None: the DNS says that there is no such record. Raises NoAnswerYet."""
    name = dns.name.from_text(f"{host}.")
    try:
        return _resolver(tuple(settings.DNS_SERVERS)).resolve(name, kind, search=False, lifetime=SECONDS)
    except (dns.resolver.NXDOMAIN, dns.resolver.NoAnswer):
        return None
    except (dns.exception.DNSException, OSError) as error:
        raise NoAnswerYet(str(error)) from error


@cache
def _resolver(servers: tuple[tuple[str, int], ...]) -> dns.resolver.Resolver:
    """Without servers of our own, those of the machine. It remembers nothing: "look now" looks."""
    resolver = dns.resolver.Resolver(configure=not servers)
    if servers:
        resolver.nameservers = [Do53Nameserver(address, port) for address, port in servers]
    return resolver
