"""Whether the time of an answer tells who has an account (C20): sign-in, registering, a forgotten password.

python -m nenconnect.demo.with_services python -m bench.sign_in_times
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from statistics import median

from bench.people import KINDS, people_of_every_kind
from bench.site import Site, running_site
from bench.table import Row, print_table

EACH = 200
LEAST, MOST = 0.85, 1.15
# Sign-in hashes: more at once than there are processors would measure the queue. The other two wait (C20).
SIGN_IN_AT_ONCE, WAITING_AT_ONCE = 2, 8

Send = Callable[[Site, str], float]


def sign_in(site: Site, address: str) -> float:
    return _timed(site, "/inloggen/", {"login": address, "password": "een-verkeerd-wachtwoord"}, 200)


def register(site: Site, address: str) -> float:
    return _timed(site, "/registreren/", {"name": "Iemand", "email": address}, 302)


def forgotten_password(site: Site, address: str) -> float:
    return _timed(site, "/wachtwoord-vergeten/", {"email": address}, 302)


def _timed(site: Site, path: str, fields: dict[str, str], status: int) -> float:
    answer = site.post(path, fields)
    if answer.status != status:
        sys.exit(f"{path} answers {answer.status} to {fields}")
    return answer.seconds


def medians(site: Site, send: Send, people: dict[str, list[str]], at_once: int) -> dict[str, float]:
    """Milliseconds per kind; the kinds take turns, so that whatever else the machine does meets all alike."""
    turns = [(kind, people[kind][number]) for number in range(EACH) for kind in KINDS]
    with ThreadPoolExecutor(at_once) as visitors:
        times = list(visitors.map(lambda turn: send(site, turn[1]), turns))
    by_kind = zip((kind for kind, _address in turns), times, strict=True)
    all_times: dict[str, list[float]] = {kind: [] for kind in KINDS}
    for kind, seconds in by_kind:
        all_times[kind].append(seconds)
    return {kind: median(seconds) * 1000 for kind, seconds in all_times.items()}


def rows() -> Iterator[Row]:
    """The floor is what an unknown address takes. Each kind is measured with people of its own at each door."""
    doors = ((sign_in, SIGN_IN_AT_ONCE), (register, WAITING_AT_ONCE), (forgotten_password, WAITING_AT_ONCE))
    with running_site() as site:
        for send, at_once in doors:
            send(site, "eerste@bezoek.example")  # templates and connections, once
            here = medians(site, send, people_of_every_kind(EACH), at_once)
            work = send.__name__.replace("_", " ")
            for kind in KINDS:
                if kind != "unknown":
                    size = f"{EACH} {kind} / {EACH} unknown"
                    yield Row(work, size, here["unknown"], here[kind], "ms", LEAST, MOST)


if __name__ == "__main__":
    sys.exit(print_table(rows()))
