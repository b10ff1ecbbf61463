"""How many people of a company have which status (R14), without going through all of them for each page.

A page reads what was counted while that still holds, and counts by itself where something changed since; a worker
counts anew, within a minute. So the numbers are always those of this moment.
"""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass
from typing import Any

from django.db import connection, transaction
from django.db.models import Count, Q, QuerySet
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


# By hand, as every page of the list asks it and Django takes longer to write it than Postgres to answer.
_AT_THIS_MOMENT = """
SELECT
    (SELECT counts FROM accounts_statuscounts WHERE company_id = %(company)s AND day = %(today)s AND NOT EXISTS (
        SELECT 1 FROM accounts_statuschange WHERE company_id = %(company)s
    )),
    ARRAY(SELECT u.id FROM accounts_signinattempts a JOIN accounts_user u ON u.email = a.address
        WHERE a.locked_until > %(now)s AND u.company_id = %(company)s AND NOT u.is_blocked)
"""


def people_counts(company: Company) -> PeopleCounts:
    """One query while what was counted holds, so that numbers, changes and locks are of one moment."""
    facts: dict[str, Any] = {"company": company.pk, "today": timezone.localdate(), "now": timezone.now()}
    with connection.cursor() as cursor:
        cursor.execute(_AT_THIS_MOMENT, facts)
        counted, locked = cursor.fetchone()
    members = User.objects.members_of(company)
    counts = _counted(members) if counted is None else _read(counted)
    return PeopleCounts(_with_locks(counts, members, locked) if locked else counts, frozenset(locked))


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


def _read(counts: str) -> Counts:
    return Counter({(status, role): number for status, role, number in json.loads(counts)})


def _counted(members: UserQuerySet) -> Counts:
    with_status: QuerySet[Any] = members.with_status(has_active_license(), heeding_locks=False)
    rows = with_status.order_by().values_list("status", "role").annotate(people=Count("pk"))
    return Counter({(status, role): people for status, role, people in rows})


def _with_locks(counts: Counts, members: UserQuerySet, locked: list[int]) -> Counts:
    """Locks come and go with the clock, and are few: they are looked up each time."""
    counts = Counter(counts)
    for (status, role), number in _counted(members.filter(pk__in=locked)).items():
        counts[status, role] -= number
        counts[Status.LOCKED, role] += number
    return +counts
