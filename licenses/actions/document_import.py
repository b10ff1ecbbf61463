"""Import many documents: a worker checks the table, and loads it after staff confirm.

Each batch is saved together with the progress, so after a crash the next run continues there.
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
from licenses.actions.document_table import (
    COLUMNS,
    MAX_LINES,
    Archive,
    DocumentPlan,
    known_documents,
    number_of,
    plan,
)
from licenses.actions.documents import save_document
from licenses.models import Document, DocumentImport, bare
from licenses.verbs import DOCUMENTS_LOADED, DOCUMENTS_UPLOADED
from nenconnect.audit.actions import record
from nenconnect.audit.origin import AuditOrigin, coming_from
from nenconnect.jobs import lease
from nenconnect.jobs.wake_worker import wake_worker
from nenconnect.jobs.work import TABLE_TOO_MUCH, TABLE_WENT_WRONG, Work, stop_when_time_is_up
from nenconnect.rules.errors import RuleError
from nenconnect.tables.files import TableLine, read_table

TASK = "licenses.tasks.run_document_imports"
BATCH = 100  # lines in one transaction
MAX_PROBLEMS = 2_000  # stored with their reasons

State = DocumentImport.State


@transaction.atomic
def start_import(*, table: File, archive: File | None, only_good: bool, by: User) -> DocumentImport:
    new = DocumentImport.objects.create(
        table=table, archive=archive or "", only_good=only_good, created_by=by, touched_at=lease.long_ago()
    )
    record(DOCUMENTS_UPLOADED, by=by, company_id=None, about=new)
    transaction.on_commit(lambda: wake_worker(TASK), robust=True)
    return new


@transaction.atomic
def load(document_import: DocumentImport, *, by: User) -> None:
    """Let a worker load the table, after staff saw the preview.

    Raises: RuleError for a table not checked, loaded already, or with refused lines that staff did not skip.
    """
    document_import = DocumentImport.objects.select_for_update().get(pk=document_import.pk)
    if document_import.state != State.READY:
        raise RuleError(_("You cannot load this import now."))
    if document_import.refused_lines and not document_import.only_good:
        raise RuleError(_("Some lines are refused. Correct the table, or choose to load the good lines only."))
    document_import.state, document_import.done, document_import.touched_at = (
        State.LOADING,
        0,
        lease.long_ago(),
    )
    document_import.save(update_fields=["state", "done", "touched_at"])
    record(DOCUMENTS_LOADED, by=by, company_id=None, about=document_import)
    transaction.on_commit(lambda: wake_worker(TASK), robust=True)


def run_imports(seconds: float = 120) -> None:
    # One worker each; an import of a worker that died is taken over when its lease ends.
    waiting = DocumentImport.objects.filter(state__in=[State.CHECKING, State.LOADING])
    Work(
        task=TASK,
        go_on=coming_from(AuditOrigin.IMPORT)(_continue_import),
        fail=_fail_import,
        too_much=TABLE_TOO_MUCH,
        went_wrong=TABLE_WENT_WRONG,
    ).run(waiting, seconds=seconds)


def _continue_import(document_import: DocumentImport, until: float) -> None:
    _check_table(document_import, until) if document_import.state == State.CHECKING else _load_table(
        document_import, until
    )


class NumbersInTable:
    """Remember the lines that passed, and refuse a number that comes twice."""

    def __init__(self) -> None:
        self.lines, self.numbers = dict[str, int](), set[str]()  # line by bare number; full numbers

    def add(self, number: str, line: int) -> None:
        if bare(number) in self.lines:
            message = _("This number is also on line %(line)s.") % {"line": self.lines[bare(number)]}
            raise RuleError(message, field="number")
        self.lines[bare(number)] = line
        self.numbers.add(number)


def _check_table(document_import: DocumentImport, until: float) -> None:
    numbers_in_table, archive, refused = (
        NumbersInTable(),
        _open_archive(document_import),
        document_import.refused_lines,
    )
    passed = 0
    for lines in _read_batches(document_import):
        passed += len(lines)
        if passed <= document_import.total:  # checked before a pause
            for line in lines:
                if line.number not in refused:
                    numbers_in_table.add(_number_on(line), line.number)
            continue
        documents = known_documents(lines)
        for line in lines:
            _check_line(document_import, line, documents, archive, numbers_in_table)
        document_import.total = passed
        _save_progress(document_import)
        stop_when_time_is_up(until)
    _check_replacements(document_import, numbers_in_table, archive)
    document_import.state = State.READY
    _save_progress(document_import)


def _check_line(
    document_import: DocumentImport,
    line: TableLine,
    documents: dict[str, Document],
    archive: Archive,
    numbers_in_table: NumbersInTable,
) -> None:
    try:
        planned = plan(line, documents, archive, looks_into_file=True)
        numbers_in_table.add(planned.fields["number"], line.number)
    except RuleError as error:
        _refuse_line(document_import, line.number, error)
    else:
        _change_count(document_import, planned, 1)


def _change_count(document_import: DocumentImport, planned: DocumentPlan, number: int) -> None:
    setattr(document_import, planned.outcome, max(getattr(document_import, planned.outcome) + number, 0))


def _check_replacements(
    document_import: DocumentImport, numbers_in_table: NumbersInTable, archive: Archive
) -> None:
    refused = document_import.refused_lines
    for lines in _read_batches(document_import):
        replacements = [
            (line, other) for line in lines if (other := _replacement_on(line)) and line.number not in refused
        ]
        wanted_numbers = [other for _line, other in replacements]
        existing = set(Document.objects.filter(number__in=wanted_numbers).values_list("number", flat=True))
        missing = [
            (line, other) for line, other in replacements if other not in existing | numbers_in_table.numbers
        ]
        documents = known_documents(line for line, _other in missing)
        for line, other in missing:
            _change_count(document_import, plan(line, documents, archive, looks_into_file=False), -1)
            numbers_in_table.numbers.discard(_number_on(line))
            _refuse_line(document_import, line.number, _unknown_document(other))


def _unknown_document(number: str) -> RuleError:
    text = _("There is no document “%(number)s”.") % {"number": number[:100]}
    return RuleError(text, field="replaced_by")


def _refuse_line(document_import: DocumentImport, line: int, error: RuleError) -> None:
    document_import.refused.append(line)
    if len(document_import.problems) < MAX_PROBLEMS:
        headings = {column.name: column.headings[0] for column in COLUMNS}
        document_import.problems.append(
            {"line": line, "column": headings.get(error.field or "", error.field or ""), "reason": str(error)}
        )


def _load_table(document_import: DocumentImport, until: float) -> None:
    archive, refused = _open_archive(document_import), document_import.refused_lines
    passed = 0
    for lines in _read_batches(document_import):
        passed += len(lines)
        if passed > document_import.done:
            _load_batch(document_import, [line for line in lines if line.number not in refused], archive, passed)
            stop_when_time_is_up(until)
    for lines in _read_batches(document_import):
        _link_replacements(document_import, [line for line in lines if line.number not in refused])
    document_import.state = State.DONE
    _save_progress(document_import)


@transaction.atomic
def _load_batch(document_import: DocumentImport, lines: list[TableLine], archive: Archive, passed: int) -> None:
    documents = known_documents(lines)
    for line in lines:
        try:
            _save_line(
                plan(line, documents, archive, looks_into_file=False), archive, by=document_import.created_by
            )
        except RuleError as error:  # a person changed the document after the check
            _refuse_line(document_import, line.number, error)
        except IntegrityError:  # or adds it at this moment
            _refuse_line(
                document_import, line.number, RuleError(_("This document already exists."), field="number")
            )
    document_import.done = passed
    _save_progress(document_import)


def _save_line(planned: DocumentPlan, archive: Archive, *, by: User | None) -> None:
    file = archive.pdf(planned.file) if planned.file else None
    with transaction.atomic():
        save_document(planned.document, by=by, file=file, **planned.fields)
    if file:
        file.close()


@transaction.atomic
def _link_replacements(document_import: DocumentImport, lines: list[TableLine]) -> None:
    documents = known_documents(lines)
    replacements = {other for line in lines if (other := _replacement_on(line))}
    others = {document.number: document for document in Document.objects.filter(number__in=replacements)}
    for line in lines:
        document, number = documents.get(_number_on(line)), _replacement_on(line)
        if document is None or number is None:
            continue
        try:
            _link_replacement(document, number, others, by=document_import.created_by)
        except RuleError as error:
            _refuse_line(document_import, line.number, error)


def _link_replacement(document: Document, number: str, others: dict[str, Document], *, by: User | None) -> None:
    other = others.get(number)
    if number and other is None:
        raise _unknown_document(number)
    if document.replaced_by != other:
        save_document(document, by=by, replaced_by=other)


def _read_batches(document_import: DocumentImport) -> Iterator[list[TableLine]]:
    with _open_file(document_import.table) as table:
        lines = read_table(table, COLUMNS, max_lines=MAX_LINES)
        while batch := list(islice(lines, BATCH)):
            yield batch


def _open_archive(document_import: DocumentImport) -> Archive:
    return Archive(_open_file(document_import.archive) if document_import.archive else None)


def _open_file(file: FieldFile) -> File:
    try:
        return file.open("rb")
    except (OSError, ValueError):
        raise RuleError(_("The file is no longer there. Upload it again.")) from None


def _number_on(line: TableLine) -> str:
    return number_of(line.values["number"])


def _replacement_on(line: TableLine) -> str | None:
    # "" clears the field; None leaves it as it is.
    return number_of(line.values["replaced_by"]) if "replaced_by" in line.values else None


def _save_progress(document_import: DocumentImport) -> None:
    document_import.touched_at, document_import.attempts = timezone.now(), 0
    document_import.save()


def _fail_import(document_import: DocumentImport, reason: str) -> None:
    document_import.state, document_import.problems = State.FAILED, [{"line": 0, "column": "", "reason": reason}]
    _save_progress(document_import)
