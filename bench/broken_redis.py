"""How much longer pages take when Redis takes the call and never answers (C34): a second at most.

python -m nenconnect.demo.with_services python -m bench.broken_redis
"""

from __future__ import annotations

import socket
import sys
from collections.abc import Iterator
from statistics import median

from bench.people import PASSWORD, admin_with_company, people_of_every_kind
from bench.site import Answer, Site, running_site
from bench.table import Row, print_table

EACH = 10
MOST_LONGER = 1000  # milliseconds
EVENLY = (0.85, 1.15)
Times = dict[str, float]


def measure(site: Site) -> Times:
    """Milliseconds per page, the median of each. The first mails nobody, and must not show it (C20)."""
    people = people_of_every_kind(EACH)
    admin, domain = admin_with_company()
    session = _sign_in(site, admin).cookies
    unknown, known = people["unknown"], people["known"]
    colleagues = [f"collega{number}@{domain}" for number in range(EACH)]
    return {
        "forgotten password, unknown": _median(_forgotten(site, address) for address in unknown),
        "forgotten password, known": _median(_forgotten(site, address) for address in known),
        "register": _median(_register(site, address) for address in unknown),
        "sign in": _median(_sign_in(site, address) for address in known),
        "add user": _median(_add_user(site, address, session) for address in colleagues),
    }


def _forgotten(site: Site, address: str) -> Answer:
    return _moved_on(site.post("/wachtwoord-vergeten/", {"email": address}))


def _register(site: Site, address: str) -> Answer:
    return _moved_on(site.post("/registreren/", {"name": "Iemand", "email": address}))


def _sign_in(site: Site, address: str) -> Answer:
    return _moved_on(site.post("/inloggen/", {"login": address, "password": PASSWORD}))


def _add_user(site: Site, address: str, session: dict[str, str]) -> Answer:
    fields = {"role": "user", "email": address, "name": "Iemand"}
    return _moved_on(site.post("/mijn-bedrijf/gebruikers/toevoegen/", fields, session))


def _moved_on(answer: Answer) -> Answer:
    if answer.status != 302:
        sys.exit(f"answers {answer.status}: {answer.body}")
    return answer


def _median(answers: Iterator[Answer]) -> float:
    return median(answer.seconds for answer in answers) * 1000


def rows() -> Iterator[Row]:
    """The floor is the most that a page may take: with a Redis that works, and a second."""
    with running_site() as site:
        whole = measure(site)
    with socket.create_server(("127.0.0.1", 0)) as black_hole:
        broken = _measure_with(redis_url=f"redis://127.0.0.1:{black_hole.getsockname()[1]}/0")
    for page, milliseconds in broken.items():
        yield Row("Redis never answers", page, whole[page] + MOST_LONGER, milliseconds, "ms", most=1)
    unknown, known = broken["forgotten password, unknown"], broken["forgotten password, known"]
    yield Row("Redis never answers", "known / unknown", unknown, known, "ms", *EVENLY)


def _measure_with(redis_url: str) -> Times:
    with running_site(REDIS_URL=redis_url) as site:
        return measure(site)


if __name__ == "__main__":
    sys.exit(print_table(rows()))
