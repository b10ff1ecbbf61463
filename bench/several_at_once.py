"""„Alle 50.000 gevonden": several at once in the worker, beside the bare rows that it writes.

python -m nenconnect.demo.with_services python -m bench.several_at_once
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterable, Iterator
from datetime import date, timedelta

from bench.throw_away import multiply, throw_away_database, working_in  # sets Django up for the next

# isort: split
from django.contrib.auth.hashers import make_password
from django.core.management import call_command
from django.db import connection, transaction
from django.utils import timezone

from accounts.actions.registration_links import deadline
from accounts.models import User
from accounts.verbs import BLOCKED
from bench.table import Row, print_table
from companies.models import Company, LabelValue
from licenses.models import Grant, License
from members.actions.bulk_changes import choose, complete, run_changes, start
from members.models import PeopleChange, PeopleChangeLine
from nenconnect.audit.actions import new_entry
from nenconnect.audit.models import AuditEntry
from nenconnect.mail.models import OutboxMail

PEOPLE = 50_000
LEAVING = 5_000  # of them are removed, and as many deleted
LEAST = 300  # people in a second
LEAST_DELETED = 50  # each is looked for in every table that may name them
LEAST_OF_BARE = 0.1

Kind = PeopleChange.Kind


def rows() -> Iterator[Row]:
    with throw_away_database("bench_several_at_once") as database, working_in(database):
        call_command("migrate", verbosity=0)
        admin, license, label = _fill()
        bare = _bare(admin, license, label)
        for kind in (Kind.GIVE_LICENSE, Kind.TAKE_LICENSE, Kind.SET_LABEL, Kind.BLOCK, Kind.UNBLOCK):
            yield from _kind(kind, admin, license, label, bare)
        User.objects.exclude(pk=admin.pk).update(registered_at=None, registration_deadline=deadline())
        yield from _kind(Kind.SEND_REGISTRATION, admin, license, label, bare)
        _done(Kind.GIVE_LICENSE, admin, license, label, people=2 * LEAVING)
        for kind, floor in ((Kind.REMOVE, LEAST), (Kind.DELETE, LEAST_DELETED)):
            rate = _done(kind, admin, license, label, people=LEAVING)
            yield Row(f"at once: {kind}", f"{LEAVING:,} people", floor, rate, "people/s", least=1)


def _kind(kind: str, admin: User, license: License, label: LabelValue, bare: dict[str, float]) -> Iterator[Row]:
    rate, size = _done(kind, admin, license, label, people=PEOPLE), f"{PEOPLE:,} people"
    yield Row(f"at once: {kind}", size, LEAST, rate, "people/s", least=1)
    if kind in bare:
        yield Row(f"{kind}, bare rows", size, bare[kind], rate, "people/s", least=LEAST_OF_BARE)


def _fill() -> tuple[User, License, LabelValue]:
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
    multiply(admin, PEOPLE, id="n + 1", email="n || '@bedrijf.example'", role="'user'", name="'Persoon ' || n")
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


def _bare(admin: User, license: License, label: LabelValue) -> dict[str, float]:
    """People in a second when their rows and the audit entries are written, and nothing else is done."""
    people = list(User.objects.exclude(pk=admin.pk))
    lines = [new_entry(BLOCKED, by=admin, company_id=1, about=one) for one in people]
    grants = [Grant(license=license, user=one, granted_by=admin) for one in people]
    mails = [OutboxMail(event="x", key=str(one.pk), recipient=one, message_id=f"<{one.pk}@x>") for one in people]
    everyone = User.objects.exclude(pk=admin.pk)
    return {
        "give_license": _rate(lambda: Grant.objects.bulk_create(grants), lines),
        "send_registration": _rate(lambda: OutboxMail.objects.bulk_create(mails), lines),
        "block": _rate(lambda: everyone.update(is_blocked=True), lines),
        "set_label": _rate(lambda: everyone.update(label=label), lines),
    }


def _rate(work: Callable[[], object], lines: list[AuditEntry]) -> float:
    """Rolled back afterwards."""
    with transaction.atomic():
        began = time.perf_counter()
        work()
        AuditEntry.objects.bulk_create(lines)
        seconds = time.perf_counter() - began
        transaction.set_rollback(True)
    return PEOPLE / seconds


def _done(kind: str, admin: User, license: License, label: LabelValue, *, people: int) -> float:
    """People in a second, from what the admin confirms until the last of them."""
    assert admin.company
    others = User.objects.members_of(admin.company).exclude(pk=admin.pk)
    everyone: Iterable[int] = others.order_by("pk").values_list("pk", flat=True)[:people]
    change = choose(admin.company, everyone, kind=kind, by=admin)
    complete(change, license=license if change.needs_license else None, label=label)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE accounts_user")
    began = time.perf_counter()
    with transaction.atomic():
        start(change, by=admin)
        transaction.get_connection().run_on_commit.clear()  # the nudge: no worker is there
    run_changes(seconds=timedelta(hours=1).total_seconds())
    seconds = time.perf_counter() - began
    numbers = list(change.lines.values_list("outcome", flat=True).distinct().order_by())
    assert numbers == [PeopleChangeLine.Outcome.DONE], numbers
    return people / seconds


if __name__ == "__main__":
    sys.exit(print_table(rows()))
