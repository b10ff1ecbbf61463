"""Measure how much longer pages take when Redis accepts but never answers (C34): a second at most.

python -m nenconnect.demo.with_services python -m bench.broken_redis
"""

from __future__ import annotations

import socket
import sys
from collections.abc import Iterator
from statistics import median

from bench.people import PASSWORD, admin_with_company, people_of_every_kind
from bench.site import MeasuredSite, TimedResponse, running_site
from bench.table import Measurement, print_table

PER_KIND = 10
MAX_EXTRA = 1000  # milliseconds
EVEN_RATIO = (0.85, 1.15)
Times = dict[str, float]


def median_times(site: MeasuredSite) -> Times:
    """Return the median time per page in milliseconds.

    A reset for an unknown address sends no mail, and its time must not show that (C20).
    """
    people = people_of_every_kind(PER_KIND)
    admin, domain = admin_with_company()
    session = _sign_in(site, admin).cookies
    unknown, registered = people["unknown"], people["known"]
    colleagues = [f"collega{number}@{domain}" for number in range(PER_KIND)]
    return {
        "forgotten password, unknown": _median(_reset_password(site, address) for address in unknown),
        "forgotten password, known": _median(_reset_password(site, address) for address in registered),
        "register": _median(_register(site, address) for address in unknown),
        "sign in": _median(_sign_in(site, address) for address in registered),
        "add user": _median(_add_user(site, address, session) for address in colleagues),
    }


def _reset_password(site: MeasuredSite, address: str) -> TimedResponse:
    return _check_redirect(site.post("/wachtwoord-vergeten/", {"email": address}))


def _register(site: MeasuredSite, address: str) -> TimedResponse:
    return _check_redirect(site.post("/registreren/", {"name": "Iemand", "email": address}))


def _sign_in(site: MeasuredSite, address: str) -> TimedResponse:
    return _check_redirect(site.post("/inloggen/", {"login": address, "password": PASSWORD}))


def _add_user(site: MeasuredSite, address: str, session: dict[str, str]) -> TimedResponse:
    fields = {"role": "user", "email": address, "name": "Iemand"}
    return _check_redirect(site.post("/mijn-bedrijf/gebruikers/toevoegen/", fields, session))


def _check_redirect(response: TimedResponse) -> TimedResponse:
    if response.status != 302:
        sys.exit(f"answers {response.status}: {response.body}")
    return response


def _median(responses: Iterator[TimedResponse]) -> float:
    return median(response.seconds for response in responses) * 1000


def measurements() -> Iterator[Measurement]:
    with running_site() as site:
        working = median_times(site)
    with socket.create_server(("127.0.0.1", 0)) as black_hole:
        broken = _measure_with(redis_url=f"redis://127.0.0.1:{black_hole.getsockname()[1]}/0")
    for page, milliseconds in broken.items():
        yield Measurement("Redis never answers", page, working[page] + MAX_EXTRA, milliseconds, "ms", max_ratio=1)
    unknown, registered = broken["forgotten password, unknown"], broken["forgotten password, known"]
    yield Measurement("Redis never answers", "known / unknown", unknown, registered, "ms", *EVEN_RATIO)


def _measure_with(redis_url: str) -> Times:
    with running_site(REDIS_URL=redis_url) as site:
        return median_times(site)


if __name__ == "__main__":
    sys.exit(print_table(measurements()))
