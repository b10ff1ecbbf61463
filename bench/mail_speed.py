"""How many mails go out in a second, through Redis and a worker to a mail server on this machine.

python -m bench.mail_speed [NUMBER [ROUNDS]]
"""

from __future__ import annotations

import os
import sys
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from functools import partial
from statistics import median

from bench.mail.site import BOTH, OUTBOX, POST_OFFICE, MailSite, mail_site
from bench.table import Row, print_table

NUMBER = 10_000
ROUNDS = 3
LEAST_OF_DJANGO_LOOP = 0.7
LEAST_OF_POST_OFFICE = 1.3
LEAST_OF_TWO_WORKERS = 1.6
CORES_FOR_TWO = 4  # two workers, Postgres and the mail server
SLOWNESS = 5  # milliseconds that a mail server on another machine takes at the least


def rows(number: int = NUMBER, rounds: int = ROUNDS) -> Iterator[Row]:
    rates = measure(number, rounds)
    size, cores = f"{number:,} mails", os.cpu_count() or 1
    one, bare = rates["one"], rates["bare"]
    yield Row("worker, of a plain Django loop", size, bare, one, "/s", least=LEAST_OF_DJANGO_LOOP)
    post_office = rates["post office"]
    yield Row("worker, of django-post-office", size, post_office, one, "/s", least=LEAST_OF_POST_OFFICE)
    asked = LEAST_OF_TWO_WORKERS if cores >= CORES_FOR_TWO else 0
    yield Row("two workers, of one", f"{size}, {cores} cores", one, rates["two"], "/s", least=asked)
    slow = f"{number // 5:,} mails of {SLOWNESS} ms each"
    yield Row("two workers, of one", slow, rates["slow one"], rates["slow two"], "/s", least=LEAST_OF_TWO_WORKERS)


def measure(number: int, rounds: int) -> dict[str, float]:
    """Mails in a second, by what sent them: the medians of rounds in which each has its turn."""
    found: dict[str, list[float]] = defaultdict(list)
    with mail_site(number) as site, ExitStack() as stack:
        one = stack.enter_context(site.workers(1, 1))
        two = stack.enter_context(site.workers(2, 2))
        other = stack.enter_context(site.workers(1, 3, settings=BOTH))
        turns: dict[str, Callable[[], float]] = {
            "bare": partial(site.bare_loop, number),
            "one": partial(site.drained, OUTBOX, one, number),
            "post office": partial(site.drained, POST_OFFICE, other, number),
            "two": partial(site.drained, OUTBOX, two, number),
            "slow one": partial(slowly, site, partial(site.drained, OUTBOX, one, number // 5)),
            "slow two": partial(slowly, site, partial(site.drained, OUTBOX, two, number // 5)),
        }
        for _round in range(rounds):
            for name, turn in turns.items():
                found[name].append(turn())
                print(f"  {name}: {found[name][-1]:.0f}/s", file=sys.stderr, flush=True)
    return {name: median(rates) for name, rates in found.items()}


def slowly(site: MailSite, measured: partial[float]) -> float:
    """With a mail server that takes its time, as those on other machines do: then it is not about cores."""
    site.sink.tell(f"slow {SLOWNESS}")
    try:
        return measured()
    finally:
        site.sink.tell("accept")


if __name__ == "__main__":
    sys.exit(print_table(rows(*map(int, sys.argv[1:]))))
