"""Measure adding a domain with 100,000 accounts (R8), and kill the worker five times meanwhile.

The page is measured beside a domain without accounts, the worker beside a bare INSERT.

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

from bench.throw_away import insert_copies, temporary_database, use_database  # sets Django up for the next

# isort: split
from django.core.management import call_command
from django.db import connection, connections, transaction
from django.utils import timezone

from accounts.actions.domain_fan_out import run_domain_fan_outs
from accounts.models import User
from bench.table import Measurement, print_table
from companies.domains import add_domain, remove_domain
from companies.models import Company, Domain, DomainFanOut
from nenconnect.mail.models import OutboxMail

PEOPLE = 100_000
PEOPLE_ELSEWHERE = 100_000  # who have a personal account on another domain
ROUNDS = 5
KILLS = 5
PAUSE = 0.005  # seconds
MAX_RATIO, MIN_RATIO = 1.5, 0.5
DOMAIN, EMPTY = "druk.example", "leeg.example"

_BARE_INSERT = """
INSERT INTO mail_outboxmail (
    event, key, recipient_id, address, about, message_id, status, reason, sent_to, attempts, created_at, due_at,
    sent_text
)
SELECT 'bare', 'bare' || id, id, '', '{}', '<bare' || id || '>', 'waiting', '', '', 0, now(), now(), ''
FROM accounts_user WHERE company_id IS NULL AND is_active AND reverse(split_part(email, '@', 2)) = reverse(%s)
"""


def measurements() -> Iterator[Measurement]:
    with temporary_database("bench_domain_fan_out") as database, use_database(database):
        call_command("migrate", verbosity=0)
        company = _insert_rows()
        _time_page(company, EMPTY)  # the first one reads the list of public suffixes
        saves = [(_time_page(company, EMPTY), _time_page(company, DOMAIN)) for _round in range(ROUNDS * 4)]
        floor_times, our_times = list[float](), list[float]()
        for _round in range(ROUNDS):
            floor_times.append(_time_bare_insert())
            our_times.append(_time_worker(company))
        none, many = (median(seconds) * 1000 for seconds in zip(*saves, strict=True))
        yield Measurement(
            "adding a domain, the page", f"{PEOPLE:,} people, or none", none, many, "ms", max_ratio=MAX_RATIO
        )
        rates = PEOPLE / median(floor_times), PEOPLE / median(our_times)
        yield Measurement(
            "adding a domain, the worker", f"{PEOPLE:,} people", *rates, "rows/s", min_ratio=MIN_RATIO
        )
        mails, people = _kill_workers_and_finish(company)
        yield Measurement(
            f"killed -9 {KILLS} times", f"{people:,} people", people, mails, "mails", min_ratio=1, max_ratio=1
        )


def _insert_rows() -> Company:
    company = Company.objects.create(pk=1, name="Bedrijf", customer_number="1", contact_email="a@bedrijf.example")
    sample = User.objects.create(pk=1, email="a@elders.example", name="Persoon", registered_at=timezone.now())
    insert_copies(sample, PEOPLE, id="n + 1", email=f"n || '@{DOMAIN}'")
    insert_copies(sample, PEOPLE_ELSEWHERE, id=f"n + {PEOPLE + 1}", email="n || '@elders.example'")
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE accounts_user")
    return company


def _time_page(company: Company, name: str) -> float:
    """Return the seconds that the page waits, and remove the domain again, so that each round starts alike."""
    started_at = time.perf_counter()
    with transaction.atomic():
        domain = add_domain(company, name, by=None)
        transaction.get_connection().run_on_commit.clear()  # no worker runs that could be woken
    seconds = time.perf_counter() - started_at
    remove_domain(domain, by=None)
    return seconds


def _empty_outbox() -> None:
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE mail_outboxmail")


def _time_bare_insert() -> float:
    _empty_outbox()
    started_at = time.perf_counter()
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_BARE_INSERT, [DOMAIN])
        assert cursor.rowcount == PEOPLE
    return time.perf_counter() - started_at


def _time_worker(company: Company) -> float:
    _empty_outbox()
    domain = _add_domain(company)
    started_at = time.perf_counter()
    run_domain_fan_outs()
    seconds = time.perf_counter() - started_at
    assert OutboxMail.objects.count() == PEOPLE
    remove_domain(domain, by=None)
    return seconds


def _add_domain(company: Company) -> Domain:
    with transaction.atomic():
        domain = add_domain(company, DOMAIN, by=None)
        transaction.get_connection().run_on_commit.clear()
    return domain


def _kill_workers_and_finish(company: Company) -> tuple[int, int]:
    """Return the number of mails and of people with a mail: equal when each got one."""
    _empty_outbox()
    _add_domain(company)
    for _time in range(KILLS):
        _kill_worker_halfway()
    assert not DomainFanOut.objects.filter(finished_at__isnull=False).exists(), "every kill came after the end"
    while DomainFanOut.objects.filter(finished_at=None).exists():  # as beat does
        run_domain_fan_outs()
        time.sleep(PAUSE)
    people = OutboxMail.objects.values("recipient").distinct().count()
    assert people == PEOPLE
    return OutboxMail.objects.count(), people


def _kill_worker_halfway() -> None:
    """Kill a worker as soon as it has written one more batch.

    Postgres may still work for the previous worker and lock the row until it notices that the worker died: a new
    worker that finds nothing to do ends by itself, and the next one tries.
    """
    before = OutboxMail.objects.count()
    while OutboxMail.objects.count() == before:
        worker = get_context("fork").Process(target=_run_in_worker_process)
        worker.start()
        while OutboxMail.objects.count() == before and worker.is_alive():
            time.sleep(PAUSE)
        assert worker.pid
        os.kill(worker.pid, signal.SIGKILL)
        worker.join()


def _run_in_worker_process() -> None:
    """Run the fan-out on a new connection, because the existing one belongs to the parent process."""
    connection_of_worker = connections.create_connection("default")
    connection_of_worker.settings_dict = connections["default"].settings_dict
    connections["default"] = connection_of_worker
    run_domain_fan_outs()
    os._exit(0)


if __name__ == "__main__":
    sys.exit(print_table(measurements()))
