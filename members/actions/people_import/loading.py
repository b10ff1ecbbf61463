"""Load a table as it was previewed; a line that would do something else by now is refused."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from companies.actions import lock as lock_company
from companies.models import Company
from members.actions.import_columns import ColleagueReader, ColleagueRow
from members.actions.import_load import load_plans
from members.actions.import_plan import ColleaguePlan, Left, Planner
from members.actions.people_import.batches import (
    LineVerdict,
    Outcome,
    State,
    batches,
    check_still_admin,
    end,
    read,
    refusal,
    save,
)
from members.models import PeopleImport, PeopleImportLine
from nenconnect.bulk.many_rows import update_many
from nenconnect.jobs.work import stop_when_time_is_up
from nenconnect.mail.bulk import PER_SECOND
from nenconnect.rules.errors import RuleError
from nenconnect.tables.files import TableLine


def load(row: PeopleImport, until: float) -> None:
    passed = 0
    for lines in batches(row):
        passed += len(lines)
        if passed > row.done:
            _load_batch(row, lines, passed)
            stop_when_time_is_up(until)
    end(row, State.DONE)


@transaction.atomic
def _load_batch(row: PeopleImport, lines: list[TableLine], passed: int) -> None:
    company = lock_company(row.company)
    if company.is_closed:
        raise RuleError(
            _("%(company)s was closed by NEN. What was not loaded yet is left out.") % {"company": company}
        )
    by, reader = check_still_admin(row), ColleagueReader(company)
    shown = {line.number: line for line in row.lines.filter(number__in=[read_line.number for read_line in lines])}
    idle = {Outcome.REFUSED, Outcome.UNCHANGED}
    verdicts: dict[int, LineVerdict] = {}
    colleagues = list(read(reader, [line for line in lines if shown[line.number].outcome not in idle], verdicts))
    plans = list(_plans_to_do(company, colleagues, shown, verdicts, by=by))
    refused = load_plans(company, plans, by=by, mails_from=row.mails_from)
    verdicts |= {number: refusal(error) for number, error in refused.items()}
    _record_other_outcomes(shown, verdicts)
    row.mails_from = _time_of_next_mails(row.mails_from, mails=sum(plan.outcome == Outcome.NEW for plan in plans))
    row.done = passed
    save(row, "done", "mails_from")


def _plans_to_do(
    company: Company,
    colleagues: list[ColleagueRow],
    shown: dict[int, PeopleImportLine],
    verdicts: dict[int, LineVerdict],
    *,
    by: User,
) -> Iterator[ColleaguePlan]:
    planner = Planner(company, colleagues, Left(company), by=by)
    for colleague in colleagues:
        try:
            plan = planner.plan(colleague)
            if plan.outcome == Outcome.UNCHANGED:
                verdicts[colleague.number] = LineVerdict(Outcome.UNCHANGED)
            else:
                _check_as_shown(plan, shown[colleague.number])
                yield plan
        except RuleError as error:
            verdicts[colleague.number] = refusal(error)


def _check_as_shown(plan: ColleaguePlan, line: PeopleImportLine) -> None:
    is_as_shown = plan.outcome == line.outcome
    if not is_as_shown or set(plan.columns.split(",")) - set(line.columns.split(",")):
        raise RuleError(
            _("Another person changed this. Upload the table again to see what would happen now."),
            field="email",
        )


def _record_other_outcomes(shown: dict[int, PeopleImportLine], verdicts: dict[int, LineVerdict]) -> None:
    changed = [shown[number] for number in verdicts]
    for line in changed:
        line.outcome, line.columns, line.reason = verdicts[line.number]
    update_many(changed, ["outcome", "columns", "reason"])


def _time_of_next_mails(moment: datetime, *, mails: int) -> datetime:
    """Return when the mails of the next batch are due: after all the earlier ones."""
    return moment + timedelta(seconds=mails / PER_SECOND)
