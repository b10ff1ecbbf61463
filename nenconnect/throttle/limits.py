"""How often the people of one network may register, sign in and ask for a new password (C17).

All of it follows from LARGEST_OFFICE: so many people behind one address come in at once, and twice as many of one
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
    "passkey": Limit(tries_each=4, leaks_in=timedelta(hours=4)),  # begun; what is sent then counts as sign_in
    "sign_in": Limit(tries_each=4, leaks_in=timedelta(hours=4)),  # 3 wrong passwords and the right one (R35)
}


def networks_of(address: str) -> tuple[str, str]:
    """The network that counts as one address, and the range it lies in.

    In IPv6 whoever has one address has all of its /64, and a company or a provider's customer up to a /48.
    """
    ip = ip_address(address)
    if isinstance(ip, IPv6Address) and ip.ipv4_mapped:
        ip = ip.ipv4_mapped
    own, range_of = (64, 48) if ip.version == 6 else (32, 24)
    return str(_network(str(ip), own)), str(_network(str(ip), range_of))


def _network(address: str, length: int) -> object:
    return ip_network(f"{address}/{length}", strict=False)
