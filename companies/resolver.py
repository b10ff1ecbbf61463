"""Ask the DNS. Only workers do: no page waits for a name server."""

from __future__ import annotations

from functools import cache

import dns.exception
import dns.name
import dns.resolver
from django.conf import settings
from dns.nameserver import Do53Nameserver

SECONDS = 10  # for one question, over all name servers


class NoAnswerYet(Exception):
    """Report a time-out, SERVFAIL or missing network, which proves nothing about the domain."""


def txt_records_of(host: str) -> list[str]:
    answer = _ask_dns(host, "TXT")
    return [b"".join(row.strings).decode("utf-8", "replace") for row in answer or []]


def takes_mail(domain: str) -> bool:
    # By MX, else by an address (RFC 5321).
    servers = _ask_dns(domain, "MX")
    if servers is not None:
        return any(row.exchange != dns.name.root for row in servers)  # RFC 7505
    return _ask_dns(domain, "A") is not None or _ask_dns(domain, "AAAA") is not None


def _ask_dns(host: str, kind: str) -> dns.resolver.Answer | None:
    """Return None for a record that does not exist.

    Raises: NoAnswerYet.
    """
    name = dns.name.from_text(f"{host}.")
    try:
        return _resolver(tuple(settings.DNS_SERVERS)).resolve(name, kind, search=False, lifetime=SECONDS)
    except (dns.resolver.NXDOMAIN, dns.resolver.NoAnswer):
        return None
    except (dns.exception.DNSException, OSError) as error:
        raise NoAnswerYet(str(error)) from error


@cache
def _resolver(servers: tuple[tuple[str, int], ...]) -> dns.resolver.Resolver:
    # No cache, so that "look now" looks. Without configured servers, the machine's own.
    resolver = dns.resolver.Resolver(configure=not servers)
    if servers:
        resolver.nameservers = [Do53Nameserver(address, port) for address, port in servers]
    return resolver
