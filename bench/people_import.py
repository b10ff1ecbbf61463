"""Measure importing 10,000 people (C41) beside a bare bulk_create, and the memory of large tables.

python -m nenconnect.demo.with_services python -m bench.people_import
"""

from __future__ import annotations

import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from statistics import median

import psutil

from bench.throw_away import insert_copies, temporary_database, use_database  # sets Django up for the next

# isort: split
from django.contrib.auth.hashers import make_password
from django.core.files.base import ContentFile
from django.core.management import call_command
from django.db import connection, transaction
from django.test import override_settings
from django.utils import timezone

from accounts.actions.registration_links import registration_deadline
from accounts.models import User
from bench.table import Measurement, print_table
from companies.models import Company, Domain
from members.actions.people_import import load, run_imports, start_import
from members.models import PeopleImport, PeopleImportLine
from nenconnect.audit.models import AuditEntry
from nenconnect.mail.models import OutboxMail
from nenconnect.tables.files import csv_pieces, excel_file
from pages.company.users.export_users import export_rows

PEOPLE_ELSEWHERE = 100_000  # existing people of another company
NEW_PEOPLE = 10_000
LINES = 50_000
EXPORTED = 100_000
ROUNDS = 3
MIN_RATIO = 0.2
MAX_MEGABYTES = 200
MAX_EXPORT_GROWTH = 10  # between the first tenth of an export and its end


def measurements() -> Iterator[Measurement]:
    with (
        tempfile.TemporaryDirectory() as folder,
        override_settings(MEDIA_ROOT=folder),
        temporary_database("bench_people_import") as database,
        use_database(database),
    ):
        call_command("migrate", verbosity=0)
        admin = _insert_rows()
        _time_import(admin, 500)  # a first run for what Python and Postgres do only once
        floor_times, our_times = [], []
        for _round in range(ROUNDS):
            floor_times.append(_time_bulk_create(admin))
            our_times.append(_time_import(admin, NEW_PEOPLE))
        floor, speed = NEW_PEOPLE / median(floor_times), NEW_PEOPLE / median(our_times)
        yield Measurement(
            "import, check and load", f"{NEW_PEOPLE:,} new people", floor, speed, "rows/s", min_ratio=MIN_RATIO
        )
        for form in ("csv", "xlsx"):
            yield _import_memory(admin, form)
        yield from _export_memory_and_time(admin)


def _insert_rows() -> User:
    company = Company.objects.create(pk=1, name="Bedrijf", customer_number="1", contact_email="a@bedrijf.example")
    Domain.objects.create(company=company, name="bedrijf.example")
    other = Company.objects.create(
        pk=2, name="Ander bedrijf", customer_number="2", contact_email="a@ander.example"
    )
    sample = User.objects.create(email="a@ander.example", company=other, registered_at=timezone.now())
    insert_copies(sample, PEOPLE_ELSEWHERE, id="1000000 + n", email="n || '@ander.example'")
    return User.objects.create(
        email="a@bedrijf.example",
        name="Persoon",
        company=company,
        role=User.Role.ADMIN,
        registered_at=timezone.now(),
        password=make_password(None),
    )


def _delete_imported() -> None:
    for model in (OutboxMail, PeopleImportLine, PeopleImport):
        model.objects.all().delete()
    User.objects.filter(company=1, role=User.Role.USER).delete()
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE audit_auditentry DISABLE TRIGGER audit_is_not_emptied")
        cursor.execute(f"TRUNCATE {AuditEntry._meta.db_table}")
        cursor.execute("VACUUM ANALYZE accounts_user")


def _time_bulk_create(admin: User) -> float:
    _delete_imported()
    password = make_password(None)
    started_at = time.perf_counter()
    people = [
        User(
            email=f"p{number}@bedrijf.example",
            name=f"Persoon {number}",
            phone="06-12345678",
            country="NL",
            password=password,
            company_id=admin.company_id,
            registration_origin=User.Origin.COMPANY,
            registration_sent_at=timezone.now(),
            registration_deadline=registration_deadline(),
            registration_round=1,
        )
        for number in range(NEW_PEOPLE)
    ]
    User.objects.bulk_create(people)
    return time.perf_counter() - started_at


def _time_import(admin: User, number: int, form: str = "csv") -> float:
    _delete_imported()
    assert admin.company
    table = _table(number, form)
    with transaction.atomic():
        people_import = start_import(admin.company, table=table, by=admin)
        transaction.get_connection().run_on_commit.clear()  # no worker runs that could be woken
    started_at = time.perf_counter()  # from the uploaded table to both runs of the worker
    run_imports(seconds=3600)
    with transaction.atomic():
        load(people_import, only_good=False, by=admin)
        transaction.get_connection().run_on_commit.clear()
    run_imports(seconds=3600)
    seconds = time.perf_counter() - started_at
    people_import.refresh_from_db()
    assert (people_import.state, people_import.done, OutboxMail.objects.count()) == ("done", number, number), (
        people_import.reason
    )
    return seconds


def _table(number: int, form: str) -> ContentFile:
    lines = [["Gebruikersnaam", "Naam", "Rol", "Telefoonnummer", "Land"]]
    lines += [
        [f"p{n}@bedrijf.example", f"Persoon {n}", "gebruiker", "06-12345678", "Nederland"] for n in range(number)
    ]
    content = excel_file(lines).read() if form == "xlsx" else b"".join(csv_pieces(lines))
    return ContentFile(content, name=f"tabel.{form}")


def _import_memory(admin: User, form: str) -> Measurement:
    with watched_memory() as memory:
        _time_import(admin, LINES, form)
    size = f"{LINES:,} lines, {form}"
    return Measurement("import, the worker grows", size, MAX_MEGABYTES, memory.growth(), "MB", max_ratio=1)


def _export_memory_and_time(admin: User) -> Iterator[Measurement]:
    _delete_imported()
    insert_copies(admin, EXPORTED, id="2000000 + n", email="'q' || n || '@bedrijf.example'", role="'user'")
    assert admin.company
    for form in ("csv", "xlsx"):
        started_at = time.perf_counter()
        with watched_memory() as memory:
            lines = _start_memory_after_a_tenth(
                export_rows(User.objects.members_of(admin.company), admin.company, "nl"), memory
            )
            if form == "csv":
                for _piece in csv_pieces(lines):
                    pass
            else:
                excel_file(lines).close()
        size = f"{EXPORTED:,} people, {form}"
        yield Measurement(
            "export, memory from a tenth on", size, MAX_EXPORT_GROWTH, memory.growth(), "MB", max_ratio=1
        )
        yield Measurement("export", size, 0, time.perf_counter() - started_at)


def _start_memory_after_a_tenth(lines: Iterator[list], memory: MemoryWatch) -> Iterator[list]:
    for number, line in enumerate(lines):
        if number == EXPORTED // 10:
            memory.start()
        yield line


class MemoryWatch:
    """Watch the highest memory use of this process in MB since `start`."""

    def __init__(self) -> None:
        self._process = psutil.Process()
        self.is_watching = True
        self.start()

    def start(self) -> None:
        self._memory_at_start = self._highest = self._current()

    def growth(self) -> float:
        return self._highest - self._memory_at_start

    def watch(self) -> None:
        while self.is_watching:
            self._highest = max(self._highest, self._current())
            time.sleep(0.02)

    def _current(self) -> float:
        return self._process.memory_info().rss / 2**20


@contextmanager
def watched_memory() -> Iterator[MemoryWatch]:
    memory = MemoryWatch()
    watcher = threading.Thread(target=memory.watch, daemon=True)
    watcher.start()
    try:
        yield memory
    finally:
        memory.is_watching = False
        watcher.join()


if __name__ == "__main__":
    sys.exit(print_table(measurements()))
