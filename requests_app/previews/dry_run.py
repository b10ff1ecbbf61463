"""Preview a change of a licence by making it, comparing before and after, and rolling back.

This follows the rules whatever is changed together; `license_changes` counts the rows of one switch.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from accounts.models import User
from licenses.actions.reading import READING_TIME
from licenses.actions.terms import lock_license
from licenses.models import Grant, License, Opening
from requests_app.models import REQUEST_KINDS


@dataclass(frozen=True)
class NoticedChange:
    gain: int  # people
    lose: int
    documents_in: int
    documents_out: int
    answered: int  # open requests
    reading: int  # people who have one of the lost documents open
    offered: int = 0  # people who start to see it in the licence selection
    hidden: int = 0  # people who stop seeing it and do not have it
    begins_on: date | None = None  # before that day it gives no access

    def __bool__(self) -> bool:
        return any(vars(self).values())

    @property
    def takes_away(self) -> bool:
        return bool(self.lose or self.documents_out)

    @property
    def digest(self) -> str:
        """Return what the admin must have read before a change that takes access away is saved."""
        return f"{self.lose}-{self.documents_out}"


@dataclass(frozen=True)
class _State:
    people: set[int]
    documents: set[int]
    requests: int
    offered_to: set[int]
    begins_on: date | None = None


_NOTHING = _State(set(), set(), 0, set())


def dry_run(license: License, change: Callable[[], None]) -> NoticedChange:
    """Return what the company notices of the change; nothing is kept and no mail is sent.

    Raises: RuleError where the change does.
    """
    with transaction.atomic():
        lock_license(license)
        before = _state(license)
        change()
        now = _state(license)
        transaction.set_rollback(True)
    return _difference_between(before, now)


def dry_run_new(create: Callable[[], License]) -> NoticedChange:
    """Return what the company notices of a new licence; nothing is kept."""
    with transaction.atomic():
        noticed = notice_of_new_license(create())
        transaction.set_rollback(True)
    return noticed


def notice_of_new_license(license: License) -> NoticedChange:
    """Return what the company notices of a licence that the caller made and rolls back."""
    now = _state(license)
    return _difference_between(replace(_NOTHING, requests=now.requests), now)


def _difference_between(before: _State, now: _State) -> NoticedChange:
    lost_people, lost_documents = before.people - now.people, before.documents - now.documents
    return NoticedChange(
        gain=len(now.people - before.people),
        lose=len(lost_people),
        documents_in=len(now.documents - before.documents),
        documents_out=len(lost_documents),
        answered=before.requests - now.requests,
        reading=max(
            _count_readers_of(before.people, lost_documents), _count_readers_of(lost_people, before.documents)
        ),
        offered=len(now.offered_to - before.offered_to),
        hidden=len(before.offered_to - now.offered_to - now.people),
        begins_on=now.begins_on if now.begins_on != before.begins_on else None,
    )


def _state(license: License) -> _State:
    row = License.objects.get(pk=license.pk)
    people = set(_readers(row).values_list("pk", flat=True)) if row.is_in_term else set()
    return _State(
        people=people,
        documents=set(row.documents.values_list("pk", flat=True)),
        requests=sum(kind.objects.pending().of(row.company).count() for kind in REQUEST_KINDS),
        offered_to=_active_members(row) - people if row.is_in_term and row.is_shown else set(),
        begins_on=row.starts_on if row.starts_on > timezone.localdate() else None,
    )


def _active_members(license: License) -> set[int]:
    return set(User.objects.members_of(license.company).active().values_list("pk", flat=True))


def _readers(license: License) -> QuerySet[User]:
    people = User.objects.members_of(license.company).active()
    holders = Grant.objects.lasting().filter(license=license).values("user")
    return people if license.is_company_wide else people.filter(pk__in=holders)


def _count_readers_of(people: set[int], documents: set[int]) -> int:
    since = timezone.now() - READING_TIME
    rows = Opening.objects.filter(user__in=people, document__in=documents, at__gte=since)
    return rows.values("user").distinct().count() if people and documents else 0
