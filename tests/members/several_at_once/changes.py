"""Choose and run changes of several colleagues."""

from __future__ import annotations

from collections import Counter
from typing import Any

from accounts.models import User
from members.actions.bulk_changes import choose, complete, run_changes, start
from members.models import PeopleChange


def chosen(people: list[User], kind: str, by: User, **what: Any) -> PeopleChange:
    assert by.company
    change = choose(by.company, [person.pk for person in people], kind=kind, by=by)
    if what:
        complete(change, **what)
        change.refresh_from_db()
    return change


def done(change: PeopleChange, by: User) -> PeopleChange:
    start(change, by=by)
    run_changes()
    change.refresh_from_db()
    return change


def numbers(change: PeopleChange) -> Counter[tuple[str, str]]:
    return Counter(change.lines.values_list("outcome", "reason"))
