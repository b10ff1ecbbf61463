"""Count requests per network in one statement."""

from __future__ import annotations

from datetime import datetime

from django.db import connection
from django.utils import timezone

from nenconnect.throttle.limits import LIMITS, networks_of
from nenconnect.throttle.models import NetworkCount


def _add_one(network: str, most: str, rows: str) -> str:
    """Return SQL that counts one request; it returns no row when the count would exceed `most`.

    The clocks of web servers may differ a little: time never goes backwards here.
    """
    seconds = "GREATEST(EXTRACT(EPOCH FROM %(now)s - counted.at), 0)"
    left = f"GREATEST(counted.level - {seconds} * {most} / %(leaks_in)s, 0)"
    return f"""
        INSERT INTO throttle_networkcount AS counted (door, network, level, at)
        SELECT %(door)s, {network}, 1, %(now)s FROM {rows}
        ON CONFLICT (door, network) DO UPDATE
        SET level = {left} + 1, at = GREATEST(counted.at, EXCLUDED.at)
        WHERE {left} + 1 <= {most}
        RETURNING 1
    """  # noqa: S608 -- made of the constants below


# One statement: no other request comes between reading and writing. A request that the address refuses does
# not count for the range, or one address would shut out its neighbours.
_COUNT = f"""
    WITH of_address AS ({_add_one("%(address)s", "%(per_address)s", "(SELECT 1) AS once")}),
    of_range AS ({_add_one("%(range)s", "%(per_range)s", "of_address")})
    SELECT count(*) FROM of_range
"""  # noqa: S608 -- made of constants; what comes from outside is a parameter


def count(door: str, address: str) -> bool:
    """Count one request at a door of LIMITS; return False if the address or its range is over the limit."""
    limit = LIMITS[door]
    network, range_of = networks_of(address)
    parameters: dict[str, str | float | datetime] = {
        "door": door,
        "address": network,
        "range": range_of,
        "per_address": limit.per_address,
        "per_range": limit.per_range,
        "leaks_in": limit.leaks_in.total_seconds(),
        "now": timezone.now(),
    }
    with connection.cursor() as cursor:
        cursor.execute(_COUNT, parameters)
        return bool(cursor.fetchone() == (1,))


def forget_old_counts() -> None:
    for door, limit in LIMITS.items():
        NetworkCount.objects.filter(door=door, at__lt=timezone.now() - limit.leaks_in).delete()
