"""Measure how many mails per second go through Redis and a worker to a mail server on this machine.

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

from bench.mail.site import OUTBOX, POST_OFFICE, WITH_POST_OFFICE, MailSite, mail_site
from bench.table import Measurement, print_table

NUMBER = 10_000
ROUNDS = 3
MIN_RATIO_DJANGO_LOOP = 0.7
MIN_RATIO_POST_OFFICE = 1.3
MIN_RATIO_TWO_WORKERS = 1.6
CORES_FOR_TWO = 4  # two workers, Postgres and the mail server
SLOWNESS = 5  # milliseconds that a mail server on another machine takes at least


def measurements(number: int = NUMBER, rounds: int = ROUNDS) -> Iterator[Measurement]:
    rates = median_rates(number, rounds)
    size, cores = f"{number:,} mails", os.cpu_count() or 1
    one_worker, bare = rates["one"], rates["bare"]
    yield Measurement(
        "worker, of a plain Django loop", size, bare, one_worker, "/s", min_ratio=MIN_RATIO_DJANGO_LOOP
    )
    post_office = rates["post office"]
    yield Measurement(
        "worker, of django-post-office", size, post_office, one_worker, "/s", min_ratio=MIN_RATIO_POST_OFFICE
    )
    min_ratio = MIN_RATIO_TWO_WORKERS if cores >= CORES_FOR_TWO else 0
    yield Measurement(
        "two workers, of one", f"{size}, {cores} cores", one_worker, rates["two"], "/s", min_ratio=min_ratio
    )
    slow = f"{number // 5:,} mails of {SLOWNESS} ms each"
    yield Measurement(
        "two workers, of one", slow, rates["slow one"], rates["slow two"], "/s", min_ratio=MIN_RATIO_TWO_WORKERS
    )


def median_rates(number: int, rounds: int) -> dict[str, float]:  # mails per second
    rates_by_sender: dict[str, list[float]] = defaultdict(list)
    with mail_site(number) as site, ExitStack() as stack:
        one_worker = stack.enter_context(site.workers(1, 1))
        two_workers = stack.enter_context(site.workers(2, 2))
        post_office_worker = stack.enter_context(site.workers(1, 3, settings=WITH_POST_OFFICE))
        senders: dict[str, Callable[[], float]] = {
            "bare": partial(site.rate_of_plain_loop, number),
            "one": partial(site.rate_of_workers, OUTBOX, one_worker, number),
            "post office": partial(site.rate_of_workers, POST_OFFICE, post_office_worker, number),
            "two": partial(site.rate_of_workers, OUTBOX, two_workers, number),
            "slow one": partial(
                with_slow_mail_server, site, partial(site.rate_of_workers, OUTBOX, one_worker, number // 5)
            ),
            "slow two": partial(
                with_slow_mail_server, site, partial(site.rate_of_workers, OUTBOX, two_workers, number // 5)
            ),
        }
        for _round in range(rounds):
            for name, time_sender in senders.items():
                rates_by_sender[name].append(time_sender())
                print(f"  {name}: {rates_by_sender[name][-1]:.0f}/s", file=sys.stderr, flush=True)
    return {name: median(rates) for name, rates in rates_by_sender.items()}


def with_slow_mail_server(site: MailSite, measure: partial[float]) -> float:
    """Measure with a slow mail server, as on another machine: then the number of cores does not matter."""
    site.sink.order(f"slow {SLOWNESS}")
    try:
        return measure()
    finally:
        site.sink.order("accept")


if __name__ == "__main__":
    sys.exit(print_table(measurements(*map(int, sys.argv[1:]))))
