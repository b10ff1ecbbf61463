"""Measure bulk changes of 50,000 people in the worker, beside the bare rows that it writes.

python -m nenconnect.demo.with_services python -m bench.several_at_once
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterable, Iterator
from datetime import date, timedelta

from bench.throw_away import insert_copies, temporary_database, use_database  # sets Django up for the next

# isort: split
from django.contrib.auth.hashers import make_password
from django.core.management import call_command
from django.db import connection, transaction
from django.utils import timezone

from accounts.actions.registration_links import registration_deadline
from accounts.models import User
from accounts.verbs import BLOCKED
from bench.table import Measurement, print_table
from companies.models import Company, LabelValue
from licenses.models import Grant, License
from members.actions.bulk_changes import choose, complete, run_changes, start
from members.models import PeopleChange, PeopleChangeLine
from nenconnect.audit.actions import new_entry
from nenconnect.audit.models import AuditEntry
from nenconnect.mail.models import OutboxMail

PEOPLE = 50_000
LEAVERS = 5_000  # people who are removed, and as many who are deleted
MIN_RATE = 300  # people per second
MIN_RATE_DELETED = 50  # lower, because every table that may name a person is searched
MIN_RATIO = 0.1

Kind = PeopleChange.Kind


def measurements() -> Iterator[Measurement]:
    with temporary_database("bench_several_at_once") as database, use_database(database):
        call_command("migrate", verbosity=0)
        admin, license, label = _insert_rows()
        floor_rates = _floor_rates(admin, license, label)
        for kind in (Kind.GIVE_LICENSE, Kind.TAKE_LICENSE, Kind.SET_LABEL, Kind.BLOCK, Kind.UNBLOCK):
            yield from _measure_kind(kind, admin, license, label, floor_rates)
        User.objects.exclude(pk=admin.pk).update(registered_at=None, registration_deadline=registration_deadline())
        yield from _measure_kind(Kind.SEND_REGISTRATION, admin, license, label, floor_rates)
        _people_per_second(Kind.GIVE_LICENSE, admin, license, label, people=2 * LEAVERS)
        for kind, floor in ((Kind.REMOVE, MIN_RATE), (Kind.DELETE, MIN_RATE_DELETED)):
            rate = _people_per_second(kind, admin, license, label, people=LEAVERS)
            yield Measurement(f"at once: {kind}", f"{LEAVERS:,} people", floor, rate, "people/s", min_ratio=1)


def _measure_kind(
    kind: str, admin: User, license: License, label: LabelValue, floor_rates: dict[str, float]
) -> Iterator[Measurement]:
    rate, size = _people_per_second(kind, admin, license, label, people=PEOPLE), f"{PEOPLE:,} people"
    yield Measurement(f"at once: {kind}", size, MIN_RATE, rate, "people/s", min_ratio=1)
    if kind in floor_rates:
        yield Measurement(f"{kind}, bare rows", size, floor_rates[kind], rate, "people/s", min_ratio=MIN_RATIO)


def _insert_rows() -> tuple[User, License, LabelValue]:
    company = Company.objects.create(pk=1, name="Bedrijf", customer_number="1", contact_email="a@bedrijf.example")
    label = company.label_values.create(name="Inkoop")
    admin = User.objects.create(
        pk=1,
        email="a@bedrijf.example",
        name="Persoon",
        company=company,
        role=User.Role.ADMIN,
        registered_at=timezone.now(),
        password=make_password(None),
    )
    insert_copies(
        admin, PEOPLE, id="n + 1", email="n || '@bedrijf.example'", role="'user'", name="'Persoon ' || n"
    )
    license = License.objects.create(
        company=company,
        name="Licentie",
        starts_on=date(2024, 1, 1),
        ends_on=date(2099, 12, 31),
        seats=PEOPLE + 1,
    )
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    return admin, license, label


def _floor_rates(admin: User, license: License, label: LabelValue) -> dict[str, float]:
    people = list(User.objects.exclude(pk=admin.pk))
    lines = [new_entry(BLOCKED, by=admin, company_id=1, about=person) for person in people]
    grants = [Grant(license=license, user=person, granted_by=admin) for person in people]
    mails = [
        OutboxMail(event="x", key=str(person.pk), recipient=person, message_id=f"<{person.pk}@x>")
        for person in people
    ]
    everyone = User.objects.exclude(pk=admin.pk)
    return {
        "give_license": _rate_of_writing(lambda: Grant.objects.bulk_create(grants), lines),
        "send_registration": _rate_of_writing(lambda: OutboxMail.objects.bulk_create(mails), lines),
        "block": _rate_of_writing(lambda: everyone.update(is_blocked=True), lines),
        "set_label": _rate_of_writing(lambda: everyone.update(label=label), lines),
    }


def _rate_of_writing(work: Callable[[], object], lines: list[AuditEntry]) -> float:
    with transaction.atomic():
        started_at = time.perf_counter()
        work()
        AuditEntry.objects.bulk_create(lines)
        seconds = time.perf_counter() - started_at
        transaction.set_rollback(True)
    return PEOPLE / seconds


def _people_per_second(kind: str, admin: User, license: License, label: LabelValue, *, people: int) -> float:
    assert admin.company
    others = User.objects.members_of(admin.company).exclude(pk=admin.pk)
    everyone: Iterable[int] = others.order_by("pk").values_list("pk", flat=True)[:people]
    change = choose(admin.company, everyone, kind=kind, by=admin)
    complete(change, license=license if change.needs_license else None, label=label)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE accounts_user")
    started_at = time.perf_counter()
    with transaction.atomic():
        start(change, by=admin)
        transaction.get_connection().run_on_commit.clear()  # no worker runs that could be woken
    run_changes(seconds=timedelta(hours=1).total_seconds())
    seconds = time.perf_counter() - started_at
    outcomes = list(change.lines.values_list("outcome", flat=True).distinct().order_by())
    assert outcomes == [PeopleChangeLine.Outcome.DONE], outcomes
    return people / seconds


if __name__ == "__main__":
    sys.exit(print_table(measurements()))
