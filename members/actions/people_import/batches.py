"""Read the lines some hundreds at a time and save the progress, for checking and loading."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import NamedTuple

from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from members.actions.import_columns import MAX_LINES, ColleagueReader, ColleagueRow, columns_of
from members.models import PeopleImport, PeopleImportLine
from nenconnect.rules.errors import RuleError
from nenconnect.tables.files import TableLine, read_table

BATCH = 500  # lines in one transaction, for which the company is locked

State = PeopleImport.State
Outcome = PeopleImportLine.Outcome


class LineVerdict(NamedTuple):
    outcome: str
    columns: str = ""
    reason: str = ""


def refusal(error: RuleError) -> LineVerdict:
    column = {"license": "licenses"}.get(error.field or "", error.field or "")
    return LineVerdict(Outcome.REFUSED, column, str(error))


def batches(row: PeopleImport) -> Iterator[list[TableLine]]:
    try:
        table = row.table.open("rb")
    except (OSError, ValueError):
        raise RuleError(_("The table is no longer there. Upload it again.")) from None
    with table:
        lines = read_table(table, columns_of(row.company), max_lines=MAX_LINES)
        while batch := list(islice(lines, BATCH)):
            yield batch


def check_still_admin(row: PeopleImport) -> User:
    """Return the admin who started the import. Raises RuleError when that person is no longer an admin."""
    by = User.objects.active_admins_of(row.company).filter(pk=row.created_by_id or 0).first()
    if by is None:
        raise RuleError(
            _(
                "The person who started this import is no longer an admin. Lines that were not loaded yet are "
                "left out."
            )
        )
    return by


def read(
    reader: ColleagueReader, lines: list[TableLine], verdicts: dict[int, LineVerdict]
) -> Iterator[ColleagueRow]:
    for line in lines:
        try:
            yield reader.read(line)
        except RuleError as error:
            verdicts[line.number] = refusal(error)


def save(row: PeopleImport, *fields: str) -> None:
    row.touched_at, row.attempts = timezone.now(), 0
    row.save(update_fields=[*fields, "touched_at", "attempts"])


def end(row: PeopleImport, state: str, *, reason: str = "") -> None:
    if state == State.FAILED and row.state == State.LOADING:
        _leave_out_the_rest(row, reason)
    file = row.table
    changed = PeopleImport.objects.filter(pk=row.pk, state__in=[State.CHECKING, State.LOADING])
    if changed.update(state=state, reason=reason, table="", so_far={}):
        file.delete(save=False)


def _leave_out_the_rest(row: PeopleImport, reason: str) -> None:
    rest = list(row.lines.values_list("number", flat=True)[row.done :])
    if rest:
        waiting = row.lines.filter(number__gte=rest[0]).exclude(outcome__in=[Outcome.REFUSED, Outcome.UNCHANGED])
        waiting.update(outcome=Outcome.REFUSED, columns="", reason=reason)
