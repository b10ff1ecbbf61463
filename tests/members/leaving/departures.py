"""Start and undo departures, and read their results."""

from __future__ import annotations

from accounts.models import User
from members.actions.departures import run_departures, start_departure, undo
from members.models import Departure


def left(*people: User, kind: str, by: User) -> Departure:
    assert by.company
    row = start_departure(by.company, people, kind=kind, by=by)
    run_departures()
    row.refresh_from_db()
    return row


def undone(row: Departure, *, by: User) -> Departure:
    undo(row, by=by)
    run_departures()
    row.refresh_from_db()
    return row


def outcomes_of(row: Departure) -> list[tuple[str, str]]:
    return list(row.leavers.values_list("outcome", "reason"))
