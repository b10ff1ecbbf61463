"""Measure whether the time of an answer reveals who has an account (C20).

Sign-in, registering and a forgotten password.

python -m nenconnect.demo.with_services python -m bench.sign_in_times
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from statistics import median

from bench.people import KINDS, people_of_every_kind
from bench.site import MeasuredSite, running_site
from bench.table import Measurement, print_table

PER_KIND = 200
MIN_RATIO, MAX_RATIO = 0.85, 1.15
# Sign-in hashes a password, so more visitors than processors would measure a queue. The other forms wait (C20).
SIGN_IN_AT_ONCE, WAITING_AT_ONCE = 2, 8

Send = Callable[[MeasuredSite, str], float]


def sign_in(site: MeasuredSite, address: str) -> float:
    return _time_post(site, "/inloggen/", {"login": address, "password": "een-verkeerd-wachtwoord"}, 200)


def register(site: MeasuredSite, address: str) -> float:
    return _time_post(site, "/registreren/", {"name": "Iemand", "email": address}, 302)


def forgotten_password(site: MeasuredSite, address: str) -> float:
    return _time_post(site, "/wachtwoord-vergeten/", {"email": address}, 302)


def _time_post(site: MeasuredSite, path: str, fields: dict[str, str], status: int) -> float:
    response = site.post(path, fields)
    if response.status != status:
        sys.exit(f"{path} answers {response.status} to {fields}")
    return response.seconds


def medians(site: MeasuredSite, send: Send, people: dict[str, list[str]], at_once: int) -> dict[str, float]:
    """Return the median milliseconds per kind; the kinds take turns, so that other load affects all alike."""
    turns = [(kind, people[kind][number]) for number in range(PER_KIND) for kind in KINDS]
    with ThreadPoolExecutor(at_once) as visitors:
        times = list(visitors.map(lambda turn: send(site, turn[1]), turns))
    by_kind = zip((kind for kind, _address in turns), times, strict=True)
    times_by_kind: dict[str, list[float]] = {kind: [] for kind in KINDS}
    for kind, seconds in by_kind:
        times_by_kind[kind].append(seconds)
    return {kind: median(seconds) * 1000 for kind, seconds in times_by_kind.items()}


def measurements() -> Iterator[Measurement]:
    """Yield each form and kind, with new people each time; the floor is the time for an unknown address."""
    forms = ((sign_in, SIGN_IN_AT_ONCE), (register, WAITING_AT_ONCE), (forgotten_password, WAITING_AT_ONCE))
    with running_site() as site:
        for send, at_once in forms:
            send(site, "eerste@bezoek.example")  # a first visit loads templates and opens connections
            times = medians(site, send, people_of_every_kind(PER_KIND), at_once)
            work = send.__name__.replace("_", " ")
            for kind in KINDS:
                if kind != "unknown":
                    size = f"{PER_KIND} {kind} / {PER_KIND} unknown"
                    yield Measurement(work, size, times["unknown"], times[kind], "ms", MIN_RATIO, MAX_RATIO)


if __name__ == "__main__":
    sys.exit(print_table(measurements()))
