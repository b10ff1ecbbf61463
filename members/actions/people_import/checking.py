"""Check a table in the worker and record what each line would do."""

from __future__ import annotations

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from members.actions.import_columns import ColleagueReader, ColleagueRow
from members.actions.import_plan import Left, Planner
from members.actions.people_import.batches import (
    LineVerdict,
    Outcome,
    State,
    batches,
    check_still_admin,
    read,
    refusal,
    save,
)
from members.models import PeopleImport, PeopleImportLine
from nenconnect.bulk.many_rows import insert_many
from nenconnect.jobs.work import stop_when_time_is_up
from nenconnect.rules.errors import RuleError
from nenconnect.tables.files import TableLine


def check(row: PeopleImport, until: float) -> None:
    reader, by = ColleagueReader(row.company), check_still_admin(row)
    left, seen = Left(row.company, row.so_far), dict[str, int]()
    looked_at = 0
    for lines in batches(row):
        looked_at += len(lines)
        if looked_at <= row.total:  # before a pause
            seen |= _addresses_checked_before(row, reader, lines)
            continue
        _check_batch(row, reader, lines, left, seen, by=by)
        stop_when_time_is_up(until)
    if not row.total:
        raise RuleError(_("There is no line with a colleague in this table."))
    row.state, row.so_far = State.READY, {}
    save(row, "state", "so_far")


@transaction.atomic
def _check_batch(
    row: PeopleImport,
    reader: ColleagueReader,
    lines: list[TableLine],
    left: Left,
    seen: dict[str, int],
    *,
    by: User,
) -> None:
    verdicts: dict[int, LineVerdict] = {}
    colleagues = list(read(reader, lines, verdicts))
    planner = Planner(row.company, colleagues, left, by=by)
    for colleague in colleagues:
        try:
            _check_once(colleague, seen)
            plan = planner.plan(colleague)
        except RuleError as error:
            verdicts[colleague.number] = refusal(error)
        else:
            seen[colleague.email] = colleague.number
            verdicts[colleague.number] = LineVerdict(plan.outcome, plan.columns)
    insert_many(
        [
            PeopleImportLine(people_import_id=row.pk, number=line.number, **verdicts[line.number]._asdict())
            for line in lines
        ]
    )
    row.total += len(lines)
    row.so_far = left.as_json
    save(row, "total", "so_far")


def _check_once(colleagues: ColleagueRow, seen: dict[str, int]) -> None:
    if colleagues.email in seen:
        text = _("This address is also on line %(line)s.") % {"line": seen[colleagues.email]}
        raise RuleError(text, field="email")


def _addresses_checked_before(
    row: PeopleImport, reader: ColleagueReader, lines: list[TableLine]
) -> dict[str, int]:
    good = row.lines.filter(number__range=(lines[0].number, lines[-1].number)).exclude(outcome=Outcome.REFUSED)
    numbers = set(good.values_list("number", flat=True))
    return {
        colleague.email: colleague.number
        for colleague in read(reader, [x for x in lines if x.number in numbers], {})
    }
