"""Loading many documents at once: checked in the worker, then, when staff say so, loaded in the worker.

A worker that dies loses nothing: each batch is saved together with how far it is, and the next run goes on there.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

from django.core.files.base import File
from django.db import IntegrityError, transaction
from django.db.models.fields.files import FieldFile
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from licenses.actions.document_table import COLUMNS, MAX_LINES, Archive, Plan, known_documents, number_of, plan
from licenses.actions.documents import save_document
from licenses.models import Document, DocumentImport, bare
from licenses.verbs import DOCUMENTS_LOADED, DOCUMENTS_UPLOADED
from nenconnect.audit.actions import record
from nenconnect.audit.origin import Origin, coming_from
from nenconnect.jobs import lease
from nenconnect.jobs.wake_worker import wake_worker
from nenconnect.jobs.work import TABLE_TOO_MUCH, TABLE_WENT_WRONG, Work, look_at_the_clock
from nenconnect.rules.errors import RuleError
from nenconnect.tables.files import Line, read_table

TASK = "licenses.tasks.run_document_imports"
BATCH = 100  # lines in one transaction
MAX_PROBLEMS = 2_000  # that are kept with their reasons

State = DocumentImport.State


@transaction.atomic
def start_import(*, table: File, archive: File | None, only_good: bool, by: User) -> DocumentImport:
    """Keeps the files and has a worker check them; nothing is loaded yet."""
    new = DocumentImport.objects.create(
        table=table, archive=archive or "", only_good=only_good, created_by=by, touched_at=lease.long_ago()
    )
    record(DOCUMENTS_UPLOADED, by=by, company_id=None, about=new)
    transaction.on_commit(lambda: wake_worker(TASK), robust=True)
    return new


@transaction.atomic
def load(document_import: DocumentImport, *, by: User) -> None:
    """Staff have seen what will happen. Raises RuleError: not checked yet, loaded already, lines refused."""
    row = DocumentImport.objects.select_for_update().get(pk=document_import.pk)
    if row.state != State.READY:
        raise RuleError(_("This import is not waiting to be loaded."))
    if row.refused_lines and not row.only_good:
        raise RuleError(_("Some lines are refused. Correct the table, or choose to load the good lines only."))
    row.state, row.done, row.touched_at = State.LOADING, 0, lease.long_ago()
    row.save(update_fields=["state", "done", "touched_at"])
    record(DOCUMENTS_LOADED, by=by, company_id=None, about=row)
    transaction.on_commit(lambda: wake_worker(TASK), robust=True)


def run_imports(seconds: float = 120) -> None:
    """One worker each; one that a worker left halfway is taken up when its lease has ended."""
    waiting = DocumentImport.objects.filter(state__in=[State.CHECKING, State.LOADING])
    Work(
        task=TASK,
        go_on=coming_from(Origin.IMPORT)(_go_on),
        fail=_fail,
        too_much=TABLE_TOO_MUCH,
        went_wrong=TABLE_WENT_WRONG,
    ).run(waiting, seconds=seconds)


def _go_on(row: DocumentImport, until: float) -> None:
    _check(row, until) if row.state == State.CHECKING else _load(row, until)


class Seen:
    """The good lines so far."""

    def __init__(self) -> None:
        self.lines, self.numbers = dict[str, int](), set[str]()  # by the bare number; the numbers as they are

    def add(self, number: str, line: int) -> None:
        """Raises RuleError for a number that was there already."""
        if bare(number) in self.lines:
            said = _("This number stands on line %(line)s too.") % {"line": self.lines[bare(number)]}
            raise RuleError(said, field="number")
        self.lines[bare(number)] = line
        self.numbers.add(number)


def _check(row: DocumentImport, until: float) -> None:
    """Looks at every line, and saves nothing of it but the numbers."""
    seen, archive, refused = Seen(), _archive(row), row.refused_lines
    passed = 0
    for lines in _batches(row):
        passed += len(lines)
        if passed <= row.total:  # looked at before a pause
            for line in lines:
                if line.number not in refused:
                    seen.add(_number(line), line.number)
            continue
        known = known_documents(lines)
        for line in lines:
            _count(row, line, known, archive, seen)
        row.total = passed
        _save(row)
        look_at_the_clock(until)
    _check_replacements(row, seen, archive)
    row.state = State.READY
    _save(row)


def _count(row: DocumentImport, line: Line, known: dict[str, Document], archive: Archive, seen: Seen) -> None:
    try:
        planned = plan(line, known, archive, looks_into_file=True)
        seen.add(planned.fields["number"], line.number)
    except RuleError as error:
        _refuse(row, line.number, error)
    else:
        _add_to_count(row, planned, 1)


def _add_to_count(row: DocumentImport, planned: Plan, number: int) -> None:
    setattr(row, planned.outcome, max(getattr(row, planned.outcome) + number, 0))


def _check_replacements(row: DocumentImport, seen: Seen, archive: Archive) -> None:
    """A document may be replaced by one that is there, or that comes with this table."""
    refused = row.refused_lines
    for lines in _batches(row):
        wanted = [(line, other) for line in lines if (other := _replaced_by(line)) and line.number not in refused]
        numbers = [other for _line, other in wanted]
        there = set(Document.objects.filter(number__in=numbers).values_list("number", flat=True))
        lost = [(line, other) for line, other in wanted if other not in there | seen.numbers]
        known = known_documents(line for line, _other in lost)
        for line, other in lost:
            _add_to_count(row, plan(line, known, archive, looks_into_file=False), -1)
            seen.numbers.discard(_number(line))
            _refuse(row, line.number, _no_document(other))


def _no_document(number: str) -> RuleError:
    text = _("There is no document “%(number)s”.") % {"number": number[:100]}
    return RuleError(text, field="replaced_by")


def _refuse(row: DocumentImport, line: int, error: RuleError) -> None:
    row.refused.append(line)
    if len(row.problems) < MAX_PROBLEMS:
        headings = {column.name: column.headings[0] for column in COLUMNS}
        row.problems.append(
            {"line": line, "column": headings.get(error.field or "", error.field or ""), "reason": str(error)}
        )


def _load(row: DocumentImport, until: float) -> None:
    archive, refused = _archive(row), row.refused_lines
    passed = 0
    for lines in _batches(row):
        passed += len(lines)
        if passed > row.done:
            _load_batch(row, [line for line in lines if line.number not in refused], archive, passed)
            look_at_the_clock(until)
    for lines in _batches(row):
        _link(row, [line for line in lines if line.number not in refused])
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
        except IntegrityError:  # or is adding it at this moment
            _refuse(row, line.number, RuleError(_("This document is there already."), field="number"))
    row.done = passed
    _save(row)


def _save_line(planned: Plan, archive: Archive, *, by: User | None) -> None:
    file = archive.pdf(planned.file) if planned.file else None
    with transaction.atomic():
        save_document(planned.document, by=by, file=file, **planned.fields)
    if file:
        file.close()


@transaction.atomic
def _link(row: DocumentImport, lines: list[Line]) -> None:
    """Which document replaces which, now that all of them are there."""
    known = known_documents(lines)
    wanted = {other for line in lines if (other := _replaced_by(line))}
    others = {one.number: one for one in Document.objects.filter(number__in=wanted)}
    for line in lines:
        document, number = known.get(_number(line)), _replaced_by(line)
        if document is None or number is None:
            continue
        try:
            _link_one(document, number, others, by=row.created_by)
        except RuleError as error:
            _refuse(row, line.number, error)


def _link_one(document: Document, number: str, others: dict[str, Document], *, by: User | None) -> None:
    other = others.get(number)
    if number and other is None:
        raise _no_document(number)
    if document.replaced_by != other:
        save_document(document, by=by, replaced_by=other)


def _batches(row: DocumentImport) -> Iterator[list[Line]]:
    with _opened(row.table) as table:
        lines = read_table(table, COLUMNS, max_lines=MAX_LINES)
        while batch := list(islice(lines, BATCH)):
            yield batch


def _archive(row: DocumentImport) -> Archive:
    return Archive(_opened(row.archive) if row.archive else None)


def _opened(file: FieldFile) -> File:
    try:
        return file.open("rb")
    except (OSError, ValueError):
        raise RuleError(_("The file is no longer there. Upload it again.")) from None


def _number(line: Line) -> str:
    return number_of(line.values["number"])


def _replaced_by(line: Line) -> str | None:
    """ "" takes away what stood there; None says nothing about it."""
    return number_of(line.values["replaced_by"]) if "replaced_by" in line.values else None


def _save(row: DocumentImport) -> None:
    row.touched_at, row.attempts = timezone.now(), 0
    row.save()


def _fail(row: DocumentImport, reason: str) -> None:
    row.state, row.problems = State.FAILED, [{"line": 0, "column": "", "reason": reason}]
    _save(row)
