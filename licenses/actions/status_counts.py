"""How many people of a company have which status (R14), without going through all of them for each page.

A page reads what was counted while that still holds, and counts by itself where something changed since; a worker
counts anew, within a minute. So the numbers are always those of this moment.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from accounts.models import Status, StatusChange, StatusCounts, User, UserQuerySet
from companies.models import Company
from licenses.access import has_active_license

Counts = Counter[tuple[str, str]]  # people by status and role


@dataclass(frozen=True)
class PeopleCounts:
    counts: Counts
    locked: frozenset[int]  # who cannot sign in for half an hour, and is not blocked

    def people(self, *, status: str = "", role: str = "") -> int:
        fitting = (
            number
            for (one_status, one_role), number in self.counts.items()
            if status in ("", one_status) and role in ("", one_role)
        )
        return sum(fitting)


def people_counts(company: Company) -> PeopleCounts:
    members = User.objects.members_of(company)
    counts = _still_true(company)
    if counts is None:
        counts = _counted(members)
    locked = frozenset(members.locked().filter(is_blocked=False).values_list("pk", flat=True))
    return PeopleCounts(_with_locks(counts, members, locked) if locked else counts, locked)


def count_anew() -> None:
    """For the worker: every company where something changed, or whose numbers are another day's."""
    stale = StatusCounts.objects.exclude(day=timezone.localdate()).values("company")
    changed = StatusChange.objects.values("company")
    for company in Company.objects.filter(Q(pk__in=stale) | Q(pk__in=changed)).order_by("pk"):
        count_company(company)


@transaction.atomic
def count_company(company: Company) -> None:
    """Changes go first and are counted after: one that is not seen yet stays, and has it counted again."""
    row, _new = StatusCounts.objects.get_or_create(company=company)
    row = StatusCounts.objects.select_for_update().get(
        pk=row.pk
    )  # one counts at a time; the later one has it right
    StatusChange.objects.filter(company=company).delete()
    row.day = timezone.localdate()
    row.counts = [[*key, number] for key, number in _counted(User.objects.members_of(company)).items()]
    row.save(update_fields=["day", "counts"])


def _still_true(company: Company) -> Counts | None:
    """One query, so that numbers and changes are of one moment."""
    changes = StatusChange.objects.filter(company=OuterRef("company"))
    row = StatusCounts.objects.filter(~Exists(changes), company=company, day=timezone.localdate()).first()
    return Counter({(status, role): number for status, role, number in row.counts}) if row else None


def _counted(members: UserQuerySet) -> Counts:
    with_status: QuerySet[Any] = members.with_status(has_active_license(), heeding_locks=False)
    rows = with_status.order_by().values_list("status", "role").annotate(people=Count("pk"))
    return Counter({(status, role): people for status, role, people in rows})


def _with_locks(counts: Counts, members: UserQuerySet, locked: frozenset[int]) -> Counts:
    """Locks come and go with the clock, and are few: they are looked up each time."""
    counts = Counter(counts)
    for (status, role), number in _counted(members.filter(pk__in=locked)).items():
        counts[status, role] -= number
        counts[Status.LOCKED, role] += number
    return +counts
