"""Limit registrations, sign-ins and password links per network (C17).

All limits follow from LARGEST_OFFICE: so many people behind one address come in at once, and twice as many of one
range. docs/decisions/sign-in.md says why these numbers.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from ipaddress import IPv6Address, ip_address, ip_network

from django.conf import settings

OFFICES_PER_RANGE = 2


@dataclass(frozen=True)
class Limit:
    tries_each: float  # at once, for each person of the largest office
    leaks_in: timedelta  # what was used up is there again after so long, little by little

    @property
    def per_address(self) -> int:
        return int(self.tries_each * settings.LARGEST_OFFICE)

    @property
    def per_range(self) -> int:
        return OFFICES_PER_RANGE * self.per_address


LIMITS = {
    "register": Limit(tries_each=1.5, leaks_in=timedelta(days=1)),
    "reset": Limit(tries_each=1.5, leaks_in=timedelta(days=1)),
    "passkey": Limit(tries_each=4, leaks_in=timedelta(hours=4)),  # started; the answer then counts as sign_in
    "sign_in": Limit(tries_each=4, leaks_in=timedelta(hours=4)),  # 3 wrong passwords and the right one (R35)
}


def networks_of(address: str) -> tuple[str, str]:
    """Return the network that counts as one address, and the range around it.

    In IPv6 the owner of one address has its whole /64, and a company or a provider's customer up to a /48.
    """
    ip = ip_address(address)
    if isinstance(ip, IPv6Address) and ip.ipv4_mapped:
        ip = ip.ipv4_mapped
    length, range_length = (64, 48) if ip.version == 6 else (32, 24)
    return str(_network(str(ip), length)), str(_network(str(ip), range_length))


def _network(address: str, length: int) -> object:
    return ip_network(f"{address}/{length}", strict=False)
