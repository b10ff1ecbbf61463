"""A domain with 100,000 accounts on it (R8): the save beside one without, the worker's rows beside a bare INSERT,
and a worker that is killed five times in the middle.

python -m nenconnect.demo.with_services python -m bench.domain_fan_out
"""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Iterator
from multiprocessing import get_context
from statistics import median

from bench.throw_away import multiply, throw_away_database, working_in  # sets Django up for the next

# isort: split
from django.core.management import call_command
from django.db import connection, connections, transaction
from django.utils import timezone

from accounts.actions.domain_fan_out import run_domain_fan_outs
from accounts.models import User
from bench.table import Row, print_table
from companies.domains import add_domain, remove_domain
from companies.models import Company, Domain, DomainFanOut
from nenconnect.mail.models import OutboxMail

PEOPLE = 100_000
ELSEWHERE = 100_000  # who have a personal account on another domain
ROUNDS = 5
KILLED = 5
PAUSE = 0.005  # seconds
MOST, LEAST = 1.5, 0.5
DOMAIN, EMPTY = "druk.example", "leeg.example"

_BARE = """
INSERT INTO mail_outboxmail (
    event, key, recipient_id, address, about, message_id, status, reason, sent_to, attempts, created_at, due_at,
    sent_text
)
SELECT 'bare', 'bare' || id, id, '', '{}', '<bare' || id || '>', 'waiting', '', '', 0, now(), now(), ''
FROM accounts_user WHERE company_id IS NULL AND is_active AND reverse(split_part(email, '@', 2)) = reverse(%s)
"""


def rows() -> Iterator[Row]:
    with throw_away_database("bench_domain_fan_out") as database, working_in(database):
        call_command("migrate", verbosity=0)
        company = _fill()
        _save(company, EMPTY)  # the first one reads the list of public suffixes
        saves = [(_save(company, EMPTY), _save(company, DOMAIN)) for _round in range(ROUNDS * 4)]
        bare, here = list[float](), list[float]()
        for _round in range(ROUNDS):
            bare.append(_bare())
            here.append(_work(company))
        none, many = (median(seconds) * 1000 for seconds in zip(*saves, strict=True))
        yield Row("adding a domain, the page", f"{PEOPLE:,} people, or none", none, many, "ms", most=MOST)
        rates = PEOPLE / median(bare), PEOPLE / median(here)
        yield Row("adding a domain, the worker", f"{PEOPLE:,} people", *rates, "rows/s", least=LEAST)
        mails, people = _killed_in_the_middle(company)
        yield Row(f"killed -9 {KILLED} times", f"{people:,} people", people, mails, "mails", least=1, most=1)


def _fill() -> Company:
    company = Company.objects.create(pk=1, name="Bedrijf", customer_number="1", contact_email="a@bedrijf.example")
    sample = User.objects.create(pk=1, email="a@elders.example", name="Persoon", registered_at=timezone.now())
    multiply(sample, PEOPLE, id="n + 1", email=f"n || '@{DOMAIN}'")
    multiply(sample, ELSEWHERE, id=f"n + {PEOPLE + 1}", email="n || '@elders.example'")
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE accounts_user")
    return company


def _save(company: Company, name: str) -> float:
    """What the page waits for; taken back, so that each begins alike."""
    began = time.perf_counter()
    with transaction.atomic():
        domain = add_domain(company, name, by=None)
        transaction.get_connection().run_on_commit.clear()  # the nudge: no worker is there
    took = time.perf_counter() - began
    remove_domain(domain, by=None)
    return took


def _anew() -> None:
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE mail_outboxmail")


def _bare() -> float:
    _anew()
    began = time.perf_counter()
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_BARE, [DOMAIN])
        assert cursor.rowcount == PEOPLE
    return time.perf_counter() - began


def _work(company: Company) -> float:
    _anew()
    domain = _added(company)
    began = time.perf_counter()
    run_domain_fan_outs()
    took = time.perf_counter() - began
    assert OutboxMail.objects.count() == PEOPLE
    remove_domain(domain, by=None)
    return took


def _added(company: Company) -> Domain:
    with transaction.atomic():
        domain = add_domain(company, DOMAIN, by=None)
        transaction.get_connection().run_on_commit.clear()
    return domain


def _killed_in_the_middle(company: Company) -> tuple[int, int]:
    """Mails, and the people who got one: as many when each was mailed once."""
    _anew()
    _added(company)
    for _time in range(KILLED):
        _kill_one()
    assert not DomainFanOut.objects.filter(finished_at__isnull=False).exists(), "it was never in the middle"
    while DomainFanOut.objects.filter(finished_at=None).exists():  # as beat asks again
        run_domain_fan_outs()
        time.sleep(PAUSE)
    people = OutboxMail.objects.values("recipient").distinct().count()
    assert people == PEOPLE
    return OutboxMail.objects.count(), people


def _kill_one() -> None:
    """As soon as one more batch is there: it dies in the next one.

    Postgres may still be at work for the one that died before, and holds the row until it notices: a worker that
    finds nothing to do then ends by itself, and the next one tries.
    """
    before = OutboxMail.objects.count()
    while OutboxMail.objects.count() == before:
        worker = get_context("fork").Process(target=_work_alone)
        worker.start()
        while OutboxMail.objects.count() == before and worker.is_alive():
            time.sleep(PAUSE)
        assert worker.pid
        os.kill(worker.pid, signal.SIGKILL)
        worker.join()


def _work_alone() -> None:
    """On a connection of its own: the one that was there is the parent's."""
    parents = connections["default"]
    own = connections.create_connection("default")
    own.settings_dict = parents.settings_dict
    connections["default"] = own
    run_domain_fan_outs()
    os._exit(0)


if __name__ == "__main__":
    sys.exit(print_table(rows()))
