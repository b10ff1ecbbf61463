"""Check and load tables of colleagues as a worker does."""

from __future__ import annotations

import csv
import io
import time
from collections.abc import Callable

from django.core.files.base import ContentFile

from accounts.models import User
from members.actions.import_columns import heading_of
from members.actions.people_import import load, run_imports, start_import
from members.models import PeopleImport

HEADINGS = ["email", "name", "role", "phone", "country", "is_blocked", "is_mail_rerouted", "licenses"]


def line(email: str, name: str = "Jan Jansen", **cells: str) -> list[str]:
    values = {"email": email, "name": name} | cells
    return [values.get(column, "") for column in HEADINGS]


def table(*lines: list[str], label: bool = False) -> ContentFile:
    file = io.StringIO()
    writer = csv.writer(file, delimiter=";")
    writer.writerow([heading_of(column) for column in HEADINGS] + (["Label"] if label else []))
    writer.writerows(lines)
    return ContentFile(file.getvalue().encode(), name="collegas.csv")


def checked(*lines: list[str], by: User, label: bool = False) -> PeopleImport:
    assert by.company
    row = start_import(by.company, table=table(*lines, label=label), by=by)
    run_imports()
    row.refresh_from_db()
    return row


def loaded(*lines: list[str], by: User, label: bool = False, only_good: bool = True) -> PeopleImport:
    row = checked(*lines, by=by, label=label)
    load(row, only_good=only_good, by=by)
    run_imports()
    row.refresh_from_db()
    return row


def outcomes(row: PeopleImport) -> list[str]:
    return list(row.lines.values_list("outcome", flat=True))


def refusals(row: PeopleImport) -> dict[int, tuple[str, str]]:
    return {line.number: (line.columns, line.reason) for line in row.lines.filter(outcome="refused")}


def wait_for(row: PeopleImport, is_so: Callable[[], bool]) -> None:
    end = time.monotonic() + 60
    while not is_so():
        assert time.monotonic() < end, (row.state, row.done)
        time.sleep(0.05)
        row.refresh_from_db()
