"""A company admin's tables of people (C41): 10,000 new ones beside a bare bulk_create, and what large ones weigh.

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

from bench.throw_away import multiply, throw_away_database, working_in  # sets Django up for the next

# isort: split
from django.contrib.auth.hashers import make_password
from django.core.files.base import ContentFile
from django.core.management import call_command
from django.db import connection, transaction
from django.test import override_settings
from django.utils import timezone

from accounts.actions.registration_links import deadline
from accounts.models import User
from bench.table import Row, print_table
from companies.models import Company, Domain
from members.actions.people_import import load, run_imports, start_import
from members.models import PeopleImport, PeopleImportLine
from nenconnect.audit.models import AuditEntry
from nenconnect.mail.models import OutboxMail
from nenconnect.tables.files import csv_pieces, excel_file
from pages.company.users.export_users import export_rows

OTHERS = 100_000  # people who are there already, of another company
NEW = 10_000
LINES = 50_000
EXPORTED = 100_000
ROUNDS = 3
LEAST = 0.2
MOST_MEGABYTES = 200
FLAT_MEGABYTES = 10  # between the first tenth of an export and its end


def rows() -> Iterator[Row]:
    with (
        tempfile.TemporaryDirectory() as folder,
        override_settings(MEDIA_ROOT=folder),
        throw_away_database("bench_people_import") as database,
        working_in(database),
    ):
        call_command("migrate", verbosity=0)
        admin = _admin()
        _import(admin, 500)  # what Python and Postgres do once only
        bare, here = [], []
        for _round in range(ROUNDS):
            bare.append(_bare(admin))
            here.append(_import(admin, NEW))
        floor, speed = NEW / median(bare), NEW / median(here)
        yield Row("import, check and load", f"{NEW:,} new people", floor, speed, "rows/s", least=LEAST)
        for form in ("csv", "xlsx"):
            yield _weighed(admin, form)
        yield from _exports(admin)


def _admin() -> User:
    company = Company.objects.create(pk=1, name="Bedrijf", customer_number="1", contact_email="a@bedrijf.example")
    Domain.objects.create(company=company, name="bedrijf.example")
    other = Company.objects.create(
        pk=2, name="Ander bedrijf", customer_number="2", contact_email="a@ander.example"
    )
    somebody = User.objects.create(email="a@ander.example", company=other, registered_at=timezone.now())
    multiply(somebody, OTHERS, id="1000000 + n", email="n || '@ander.example'")
    return User.objects.create(
        email="a@bedrijf.example",
        name="Persoon",
        company=company,
        role=User.Role.ADMIN,
        registered_at=timezone.now(),
        password=make_password(None),
    )


def _anew() -> None:
    for model in (OutboxMail, PeopleImportLine, PeopleImport):
        model.objects.all().delete()
    User.objects.filter(company=1, role=User.Role.USER).delete()
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE audit_auditentry DISABLE TRIGGER audit_is_not_emptied")
        cursor.execute(f"TRUNCATE {AuditEntry._meta.db_table}")
        cursor.execute("VACUUM ANALYZE accounts_user")


def _bare(admin: User) -> float:
    """The same rows made and written, and nothing else: no check, no mail, no audit."""
    _anew()
    password = make_password(None)
    began = time.perf_counter()
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
            registration_deadline=deadline(),
            registration_round=1,
        )
        for number in range(NEW)
    ]
    User.objects.bulk_create(people)
    return time.perf_counter() - began


def _import(admin: User, number: int, form: str = "csv") -> float:
    """From the uploaded table until everyone is there: both times that the worker goes through it."""
    _anew()
    assert admin.company
    table = _table(number, form)
    with transaction.atomic():
        row = start_import(admin.company, table=table, by=admin)
        transaction.get_connection().run_on_commit.clear()  # the nudge: no worker is there
    began = time.perf_counter()
    run_imports(seconds=3600)
    with transaction.atomic():
        load(row, only_good=False, by=admin)
        transaction.get_connection().run_on_commit.clear()
    run_imports(seconds=3600)
    seconds = time.perf_counter() - began
    row.refresh_from_db()
    assert (row.state, row.done, OutboxMail.objects.count()) == ("done", number, number), row.reason
    return seconds


def _table(number: int, form: str) -> ContentFile:
    lines = [["Gebruikersnaam", "Naam", "Rol", "Telefoonnummer", "Land"]]
    lines += [
        [f"p{n}@bedrijf.example", f"Persoon {n}", "gebruiker", "06-12345678", "Nederland"] for n in range(number)
    ]
    content = excel_file(lines).read() if form == "xlsx" else b"".join(csv_pieces(lines))
    return ContentFile(content, name=f"tabel.{form}")


def _weighed(admin: User, form: str) -> Row:
    with watched_memory() as memory:
        _import(admin, LINES, form)
    size = f"{LINES:,} lines, {form}"
    return Row("import, the worker grows", size, MOST_MEGABYTES, memory.growth(), "MB", most=1)


def _exports(admin: User) -> Iterator[Row]:
    _anew()
    multiply(admin, EXPORTED, id="2000000 + n", email="'q' || n || '@bedrijf.example'", role="'user'")
    assert admin.company
    for form in ("csv", "xlsx"):
        began = time.perf_counter()
        with watched_memory() as memory:
            lines = _marked(export_rows(User.objects.members_of(admin.company), admin.company, "nl"), memory)
            if form == "csv":
                for _piece in csv_pieces(lines):
                    pass
            else:
                excel_file(lines).close()
        size = f"{EXPORTED:,} people, {form}"
        yield Row("export, memory from a tenth on", size, FLAT_MEGABYTES, memory.growth(), "MB", most=1)
        yield Row("export", size, 0, time.perf_counter() - began)


def _marked(lines: Iterator[list], memory: Memory) -> Iterator[list]:
    for number, line in enumerate(lines):
        if number == EXPORTED // 10:
            memory.start()
        yield line


class Memory:
    """The most that this process held, in MB, since `start`."""

    def __init__(self) -> None:
        self._process = psutil.Process()
        self.is_watching = True
        self.start()

    def start(self) -> None:
        self._begin = self._most = self._now()

    def growth(self) -> float:
        return self._most - self._begin

    def watch(self) -> None:
        while self.is_watching:
            self._most = max(self._most, self._now())
            time.sleep(0.02)

    def _now(self) -> float:
        return self._process.memory_info().rss / 2**20


@contextmanager
def watched_memory() -> Iterator[Memory]:
    memory = Memory()
    watcher = threading.Thread(target=memory.watch, daemon=True)
    watcher.start()
    try:
        yield memory
    finally:
        memory.is_watching = False
        watcher.join()


if __name__ == "__main__":
    sys.exit(print_table(rows()))
