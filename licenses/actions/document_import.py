"""Loading many documents at once: checked in the worker, then, when staff say so, loaded in the worker.

A worker that dies loses nothing: each batch is saved together with how far it is, and the next run goes on there.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import islice

from django.core.files.base import File
from django.db import transaction
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from accounts.models import User
from licenses.actions.document_table import COLUMNS, MAX_LINES, Archive, Plan, known_documents, number_of, plan
from licenses.actions.documents import save_document
from licenses.models import Document, DocumentImport
from nenconnect.errors import RuleError
from nenconnect.mail.nudge import ask_worker
from nenconnect.tables import Line, read_table
from nenconnect.trail.actions import record

TASK = "licenses.tasks.run_document_imports"
BATCH = 100  # lines in one transaction
LEASE = timedelta(minutes=5)  # of a worker; a batch takes a moment, even with large files
MAX_PROBLEMS = 2_000  # that are kept

State = DocumentImport.State


@transaction.atomic
def start_import(*, table: File, archive: File | None, only_good: bool, by: User) -> DocumentImport:
    """Keeps the files and has a worker check them; nothing is loaded yet."""
    new = DocumentImport.objects.create(
        table=table, archive=archive or "", only_good=only_good, created_by=by, touched_at=_long_ago()
    )
    record("documents_uploaded", by=by, company_id=None, about=new)
    transaction.on_commit(lambda: ask_worker(TASK), robust=True)
    return new


@transaction.atomic
def load(document_import: DocumentImport, *, by: User) -> None:
    """Staff have seen what will happen. Raises RuleError: not checked yet, loaded already, lines refused."""
    row = DocumentImport.objects.select_for_update().get(pk=document_import.pk)
    if row.state != State.READY:
        raise RuleError(_("This import is not waiting to be loaded."))
    if row.problems and not row.only_good:
        raise RuleError(_("Some lines are refused. Correct the table, or choose to load the good lines only."))
    row.state, row.done, row.touched_at = State.LOADING, 0, _long_ago()
    row.save(update_fields=["state", "done", "touched_at"])
    record("documents_loaded", by=by, company_id=None, about=row)
    transaction.on_commit(lambda: ask_worker(TASK), robust=True)


class TimeIsUp(Exception):
    """Another task goes on where this one stopped: no task runs into the worker's time limit."""


def run_imports(seconds: float = 120) -> None:
    """One worker each; one that a worker left halfway is taken up when its lease has ended."""
    until = time.monotonic() + seconds
    while row := _claim():
        with translation.override(_language_of(row)):
            try:
                _check(row, until) if row.state == State.CHECKING else _load(row, until)
            except TimeIsUp:
                DocumentImport.objects.filter(pk=row.pk).update(touched_at=_long_ago())
                ask_worker(TASK)
                return
            except RuleError as error:
                _fail(row, str(error))


@transaction.atomic
def _claim() -> DocumentImport | None:
    waiting = DocumentImport.objects.filter(
        state__in=[State.CHECKING, State.LOADING], touched_at__lte=timezone.now() - LEASE
    )
    found = waiting.select_for_update(skip_locked=True).order_by("pk").first()
    if found:
        found.touched_at = timezone.now()
        found.save(update_fields=["touched_at"])
    return found


def _check(row: DocumentImport, until: float) -> None:
    """Looks at every line, and saves nothing of it but the numbers."""
    seen: dict[str, int] = {}
    archive, refused = _archive(row), _refused(row)
    passed = 0
    for lines in _batches(row):
        passed += len(lines)
        if passed <= row.total:  # looked at before a pause
            seen |= {_number(line): line.number for line in lines if line.number not in refused}
            continue
        known = known_documents(lines)
        for line in lines:
            _count(row, line, known, archive, seen)
        row.total = passed
        _save(row)
        _look_at_the_clock(until)
    _check_replacements(row, seen)
    row.state = State.READY
    _save(row)


def _count(
    row: DocumentImport, line: Line, known: dict[str, Document], archive: Archive, seen: dict[str, int]
) -> None:
    try:
        planned = plan(line, known, archive, looks_into_file=True)
        number = planned.fields["number"]
        if number in seen:
            raise RuleError(_("This number stands on line %(line)s too.") % {"line": seen[number]}, field="number")
    except RuleError as error:
        _refuse(row, line.number, error)
        return
    seen[number] = line.number
    if planned.is_new:
        row.new += 1
    elif planned.is_changed:
        row.changed += 1
    else:
        row.unchanged += 1


def _check_replacements(row: DocumentImport, seen: dict[str, int]) -> None:
    """A document may be replaced by one that is there, or that comes with this table."""
    for lines in _batches(row):
        wanted = {line.number: number_of(line.values["replaced_by"]) for line in lines}
        there = set(Document.objects.filter(number__in=wanted.values()).values_list("number", flat=True))
        for number, other in wanted.items():
            if other and other not in there and other not in seen:
                text = _("There is no document “%(number)s”.") % {"number": other[:100]}
                _refuse(row, number, RuleError(text, field="replaced_by"))


def _refuse(row: DocumentImport, line: int, error: RuleError) -> None:
    if len(row.problems) < MAX_PROBLEMS:
        headings = {column.name: column.headings[0] for column in COLUMNS}
        row.problems.append(
            {"line": line, "column": headings.get(error.field or "", error.field or ""), "reason": str(error)}
        )


def _load(row: DocumentImport, until: float) -> None:
    archive, refused = _archive(row), _refused(row)
    passed = 0
    for lines in _batches(row):
        passed += len(lines)
        if passed > row.done:
            _load_batch(row, [line for line in lines if line.number not in refused], archive, passed)
            _look_at_the_clock(until)
    for lines in _batches(row):
        _link([line for line in lines if line.number not in refused], by=row.created_by)
    row.state = State.DONE
    _save(row)


@transaction.atomic
def _load_batch(row: DocumentImport, lines: list[Line], archive: Archive, passed: int) -> None:
    known = known_documents(lines)
    for line in lines:
        try:
            _save_line(plan(line, known, archive, looks_into_file=False), archive, by=row.created_by)
        except RuleError as error:  # somebody changed the document since it was checked
            _refuse(row, line.number, error)
    row.done = passed
    _save(row)


def _save_line(planned: Plan, archive: Archive, *, by: User | None) -> None:
    file = archive.pdf(planned.file) if planned.file else None
    with transaction.atomic():
        save_document(planned.document, by=by, file=file, **planned.fields)
    if file:
        file.close()


@transaction.atomic
def _link(lines: list[Line], *, by: User | None) -> None:
    """Which document replaces which, now that all of them are there."""
    known = known_documents(lines)
    wanted = {number_of(line.values["replaced_by"]) for line in lines}
    others = {one.number: one for one in Document.objects.filter(number__in=wanted)}
    for line in lines:
        document = known.get(_number(line))
        other = others.get(number_of(line.values["replaced_by"]))
        if document and document.replaced_by != other:
            save_document(document, by=by, replaced_by=other)


def _batches(row: DocumentImport) -> Iterator[list[Line]]:
    with row.table.open("rb") as table:
        lines = read_table(table, COLUMNS, max_lines=MAX_LINES)
        while batch := list(islice(lines, BATCH)):
            yield batch


def _look_at_the_clock(until: float) -> None:
    if time.monotonic() > until:
        raise TimeIsUp


def _archive(row: DocumentImport) -> Archive:
    return Archive(row.archive.open("rb") if row.archive else None)


def _refused(row: DocumentImport) -> set[int]:
    return {problem["line"] for problem in row.problems}


def _number(line: Line) -> str:
    return number_of(line.values["number"])


def _save(row: DocumentImport) -> None:
    row.touched_at = timezone.now()
    row.save()


def _fail(row: DocumentImport, reason: str) -> None:
    row.state, row.problems = State.FAILED, [{"line": 0, "column": "", "reason": reason}]
    _save(row)


def _language_of(row: DocumentImport) -> str:
    return row.created_by.language if row.created_by else "nl"


def _long_ago() -> datetime:
    return timezone.now() - LEASE
