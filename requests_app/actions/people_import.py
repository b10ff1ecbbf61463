"""Loading many colleagues at once: checked in the worker, then, when the admin says so, loaded in the worker.

Nothing happens that the admin has not seen: a line that would do something else by now is refused. A worker that
dies loses nothing: each batch is saved together with how far it is, and the next run goes on there.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import islice
from typing import NamedTuple

from django.core.files.base import File
from django.db import OperationalError, transaction
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from accounts.models import PeopleImport, PeopleImportLine, User
from companies.actions import lock as lock_company
from companies.actions import lock_working
from companies.models import Company
from nenconnect.errors import RuleError
from nenconnect.mail.bulk import PER_SECOND
from nenconnect.mail.nudge import ask_worker
from nenconnect.many_rows import insert_many
from nenconnect.tables import Line, read_table
from nenconnect.trail.actions import record
from nenconnect.trail.door import Door, coming_by
from requests_app.actions.people_load import load_plans
from requests_app.actions.people_plan import Left, Plan, Planner
from requests_app.actions.people_table import MAX_LINES, Reader, Wanted, columns_of

TASK = "requests_app.tasks.run_people_imports"
BATCH = 500  # lines in one transaction, for which the company is locked
LEASE = timedelta(minutes=5)  # of a worker; a batch takes a moment
MAX_WAITING = 5  # imports of one company that are not loaded yet
UNUSED = timedelta(days=7)  # an import that nobody loads
KEPT = timedelta(days=30)  # the report
MAX_ATTEMPTS = 3  # of workers that each died on the same batch

logger = logging.getLogger(__name__)

State = PeopleImport.State
Outcome = PeopleImportLine.Outcome


class Verdict(NamedTuple):
    outcome: str
    columns: str = ""
    reason: str = ""


@transaction.atomic
def start_import(company: Company, *, table: File, by: User) -> PeopleImport:
    """Keeps the file and has a worker check it; nothing is loaded yet. Raises RuleError when many wait already."""
    company = lock_working(company)
    if company.people_imports.exclude(state__in=[State.DONE, State.FAILED]).count() >= MAX_WAITING:
        raise RuleError(
            _("%(max)s tables wait to be imported. Import or discard one of them first.") % {"max": MAX_WAITING}
        )
    new = PeopleImport.objects.create(company=company, table=table, created_by=by, touched_at=_long_ago())
    record("people_uploaded", by=by, company_id=company.pk, about=new)
    transaction.on_commit(lambda: ask_worker(TASK), robust=True)
    return new


@transaction.atomic
def load(people_import: PeopleImport, *, only_good: bool, by: User) -> None:
    """The admin has seen what will happen. Raises RuleError: not checked yet, loaded already, lines refused."""
    lock_working(people_import.company)
    row = PeopleImport.objects.select_for_update().filter(pk=people_import.pk).first()
    if row is None or row.state != State.READY:
        raise RuleError(_("This import is not waiting to be loaded."))
    if not only_good and row.lines.filter(outcome=Outcome.REFUSED).exists():
        raise RuleError(_("Some lines are refused. Correct the table, or choose to import the good lines only."))
    row.state, row.done, row.created_by = State.LOADING, 0, by
    row.touched_at, row.mails_from = _long_ago(), timezone.now()
    row.save()
    record("people_loaded", by=by, company_id=row.company_id, about=row)
    transaction.on_commit(lambda: ask_worker(TASK), robust=True)


@transaction.atomic
def discard(people_import: PeopleImport) -> None:
    """The table goes, and nothing of it was loaded. Raises RuleError once loading has begun."""
    row = PeopleImport.objects.select_for_update().filter(pk=people_import.pk).first()
    if row is None or row.state not in {State.CHECKING, State.READY}:
        raise RuleError(_("This import is not waiting to be loaded."))
    _throw_away(row)


def forget_imports() -> None:
    """Tables that nobody loaded, and reports past their time."""
    now = timezone.now()
    for row in PeopleImport.objects.filter(created_at__lt=now - UNUSED, state__in=[State.CHECKING, State.READY]):
        _throw_away(row)
    for row in PeopleImport.objects.filter(created_at__lt=now - KEPT).exclude(state=State.LOADING):
        _throw_away(row)


def _throw_away(row: PeopleImport) -> None:
    file = row.table
    row.delete()
    transaction.on_commit(lambda: file.delete(save=False) if file else None)


class TimeIsUp(Exception):
    """Another task goes on where this one stopped: no task runs into the worker's time limit."""


def run_imports(seconds: float = 120) -> None:
    """One worker each; one that a worker left halfway is taken up when its lease has ended."""
    until = time.monotonic() + seconds
    while row := _claim():
        with translation.override(_language_of(row)), coming_by(Door.IMPORT):
            try:
                _go_on(row, until)
            except TimeIsUp:
                _let_go(row)
                ask_worker(TASK)
                return
            except OperationalError:  # a lock that somebody else held for long: beat asks again
                _let_go(row)
                raise
            except RuleError as error:
                _end(row, State.FAILED, reason=str(error))
            except Exception:
                logger.exception("import of people %s", row.pk)
                said = _("Something went wrong while we read this table. Upload it again, or ask for help.")
                _end(row, State.FAILED, reason=said)


def _go_on(row: PeopleImport, until: float) -> None:
    if row.attempts > MAX_ATTEMPTS:
        raise RuleError(_("This table is too much for us to read. Split it up, and upload the parts one by one."))
    _check(row, until) if row.state == State.CHECKING else _load(row, until)


@transaction.atomic
def _claim() -> PeopleImport | None:
    waiting = PeopleImport.objects.filter(
        state__in=[State.CHECKING, State.LOADING], touched_at__lte=timezone.now() - LEASE
    )
    found = waiting.select_for_update(skip_locked=True, of=("self",)).order_by("pk").first()
    if found:
        found.touched_at, found.attempts = timezone.now(), found.attempts + 1
        found.save(update_fields=["touched_at", "attempts"])
    return found


# Checking -------------------------------------------------------------------------------------------


def _check(row: PeopleImport, until: float) -> None:
    """Looks at every line, and writes down what would become of it."""
    reader, by = Reader(row.company), _still_admin(row)
    left, seen = Left(row.company, row.so_far), dict[str, int]()
    looked_at = 0
    for lines in _batches(row):
        looked_at += len(lines)
        if looked_at <= row.total:  # before a pause
            seen |= _addresses(row, reader, lines)
            continue
        _check_batch(row, reader, lines, left, seen, by=by)
        _look_at_the_clock(until)
    if not row.total:
        raise RuleError(_("There is no line with a colleague in this table."))
    row.state, row.so_far = State.READY, {}
    _save(row, "state", "so_far")


@transaction.atomic
def _check_batch(
    row: PeopleImport, reader: Reader, lines: list[Line], left: Left, seen: dict[str, int], *, by: User
) -> None:
    verdicts: dict[int, Verdict] = {}
    wanted = list(_read(reader, lines, verdicts))
    planner = Planner(row.company, wanted, left, by=by)
    for one in wanted:
        try:
            _check_once(one, seen)
            plan = planner.plan(one)
        except RuleError as error:
            verdicts[one.number] = _refusal(error)
        else:
            seen[one.email] = one.number
            verdicts[one.number] = Verdict(plan.outcome, plan.columns)
    insert_many(
        [
            PeopleImportLine(people_import_id=row.pk, number=line.number, **verdicts[line.number]._asdict())
            for line in lines
        ]
    )
    row.total += len(lines)
    row.so_far = left.as_json
    _save(row, "total", "so_far")


def _read(reader: Reader, lines: list[Line], verdicts: dict[int, Verdict]) -> Iterator[Wanted]:
    for line in lines:
        try:
            yield reader.read(line)
        except RuleError as error:
            verdicts[line.number] = _refusal(error)


def _check_once(wanted: Wanted, seen: dict[str, int]) -> None:
    if wanted.email in seen:
        said = _("This address stands on line %(line)s too.") % {"line": seen[wanted.email]}
        raise RuleError(said, field="email")


def _addresses(row: PeopleImport, reader: Reader, lines: list[Line]) -> dict[str, int]:
    """Of the lines that were found good before a pause."""
    good = row.lines.filter(number__range=(lines[0].number, lines[-1].number)).exclude(outcome=Outcome.REFUSED)
    numbers = set(good.values_list("number", flat=True))
    return {one.email: one.number for one in _read(reader, [x for x in lines if x.number in numbers], {})}


def _refusal(error: RuleError) -> Verdict:
    column = {"license": "licenses"}.get(error.field or "", error.field or "")
    return Verdict(Outcome.REFUSED, column, str(error))


# Loading --------------------------------------------------------------------------------------------


def _load(row: PeopleImport, until: float) -> None:
    passed = 0
    for lines in _batches(row):
        passed += len(lines)
        if passed > row.done:
            _load_batch(row, lines, passed)
            _look_at_the_clock(until)
    _end(row, State.DONE)


@transaction.atomic
def _load_batch(row: PeopleImport, lines: list[Line], passed: int) -> None:
    company = lock_company(row.company)
    if company.is_closed:
        raise RuleError(
            _("NEN has closed %(company)s. What was not loaded yet is left out.") % {"company": company}
        )
    by, reader = _still_admin(row), Reader(company)
    shown = {one.number: one for one in row.lines.filter(number__in=[line.number for line in lines])}
    idle = {Outcome.REFUSED, Outcome.UNCHANGED}
    verdicts: dict[int, Verdict] = {}
    wanted = list(_read(reader, [line for line in lines if shown[line.number].outcome not in idle], verdicts))
    plans = list(_planned(company, wanted, shown, verdicts, by=by))
    refused = load_plans(company, plans, by=by, mails_from=row.mails_from)
    verdicts |= {number: _refusal(error) for number, error in refused.items()}
    _correct(shown, verdicts)
    row.mails_from = _after(row.mails_from, mails=sum(plan.outcome == Outcome.NEW for plan in plans))
    row.done = passed
    _save(row, "done", "mails_from")


def _planned(
    company: Company,
    wanted: list[Wanted],
    shown: dict[int, PeopleImportLine],
    verdicts: dict[int, Verdict],
    *,
    by: User,
) -> Iterator[Plan]:
    """What is left to do of what was shown. The rest was done meanwhile, or is refused now."""
    planner = Planner(company, wanted, Left(company), by=by)
    for one in wanted:
        try:
            plan = planner.plan(one)
            if plan.outcome == Outcome.UNCHANGED:
                verdicts[one.number] = Verdict(Outcome.UNCHANGED)
            else:
                _check_as_shown(plan, shown[one.number])
                yield plan
        except RuleError as error:
            verdicts[one.number] = _refusal(error)


def _check_as_shown(plan: Plan, line: PeopleImportLine) -> None:
    is_as_shown = plan.outcome == line.outcome
    if not is_as_shown or set(plan.columns.split(",")) - set(line.columns.split(",")):
        raise RuleError(
            _("Somebody changed this meanwhile. Upload the table again to see what would happen now."),
            field="email",
        )


def _correct(shown: dict[int, PeopleImportLine], verdicts: dict[int, Verdict]) -> None:
    """Writes down what came out otherwise than it was foreseen."""
    changed = [shown[number] for number in verdicts]
    for line in changed:
        line.outcome, line.columns, line.reason = verdicts[line.number]
    PeopleImportLine.objects.bulk_update(changed, ["outcome", "columns", "reason"])


def _after(moment: datetime, *, mails: int) -> datetime:
    """When the mails of the next batch become due: all of them follow each other, not each batch by itself."""
    return moment + timedelta(seconds=mails / PER_SECOND)


# Both -----------------------------------------------------------------------------------------------


def _batches(row: PeopleImport) -> Iterator[list[Line]]:
    try:
        table = row.table.open("rb")
    except (OSError, ValueError):
        raise RuleError(_("The table is no longer there. Upload it again.")) from None
    with table:
        lines = read_table(table, columns_of(row.company), max_lines=MAX_LINES)
        while batch := list(islice(lines, BATCH)):
            yield batch


def _still_admin(row: PeopleImport) -> User:
    """Whoever asked for it; raises RuleError when they may not any more."""
    by = User.objects.active_admins_of(row.company).filter(pk=row.created_by_id or 0).first()
    if by is None:
        raise RuleError(
            _("Whoever started this import is no longer an admin. What was not loaded yet is left out.")
        )
    return by


def _look_at_the_clock(until: float) -> None:
    if time.monotonic() > until:
        raise TimeIsUp


def _save(row: PeopleImport, *fields: str) -> None:
    """A row that was discarded meanwhile stays away."""
    row.touched_at, row.attempts = timezone.now(), 0
    row.save(update_fields=[*fields, "touched_at", "attempts"])


def _end(row: PeopleImport, state: str, *, reason: str = "") -> None:
    """The table goes as soon as nobody needs it: it is full of people."""
    if state == State.FAILED and row.state == State.LOADING:
        _leave_out_the_rest(row, reason)
    file = row.table
    changed = PeopleImport.objects.filter(pk=row.pk, state__in=[State.CHECKING, State.LOADING])
    if changed.update(state=state, reason=reason, table="", so_far={}):
        file.delete(save=False)


def _leave_out_the_rest(row: PeopleImport, reason: str) -> None:
    """The report does not promise what was not loaded."""
    rest = list(row.lines.values_list("number", flat=True)[row.done :])
    if rest:
        waiting = row.lines.filter(number__gte=rest[0]).exclude(outcome__in=[Outcome.REFUSED, Outcome.UNCHANGED])
        waiting.update(outcome=Outcome.REFUSED, columns="", reason=reason)


def _let_go(row: PeopleImport) -> None:
    PeopleImport.objects.filter(pk=row.pk).update(touched_at=_long_ago(), attempts=0)


def _language_of(row: PeopleImport) -> str:
    return row.created_by.language if row.created_by else "nl"


def _long_ago() -> datetime:
    return timezone.now() - LEASE
