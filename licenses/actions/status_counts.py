"""Count the people of a company by status, without reading all of them for each page (R14).

A page uses the stored counts while they are valid, and counts for itself after a change; within a minute a worker
counts again. So the numbers are always those of this moment.
"""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass
from typing import Any

from django.db import connection, transaction
from django.db.models import Count, Q, QuerySet
from django.utils import timezone

from accounts.models import PersonStatus, StatusChange, StatusCounts, User, UserQuerySet
from companies.models import Company
from licenses.access import has_active_license

Counts = Counter[tuple[str, str]]  # people by status and role


@dataclass(frozen=True)
class PeopleCounts:
    counts: Counts
    locked: frozenset[int]  # ids of people who are locked and not blocked

    def people(self, *, status: str = "", role: str = "") -> int:
        matching = (
            number
            for (counted_status, counted_role), number in self.counts.items()
            if status in ("", counted_status) and role in ("", counted_role)
        )
        return sum(matching)


# One query, so that counts, changes and locks are of one moment. In plain SQL,
# because each page of the list runs it, and Django takes longer to build it than Postgres to answer.
_COUNTS_AND_LOCKS = """
SELECT
    (SELECT counts FROM accounts_statuscounts WHERE company_id = %(company)s AND day = %(today)s AND NOT EXISTS (
        SELECT 1 FROM accounts_statuschange WHERE company_id = %(company)s
    )),
    ARRAY(SELECT u.id FROM accounts_signinattempts a JOIN accounts_user u ON u.email = a.address
        WHERE a.locked_until > %(now)s AND u.company_id = %(company)s AND NOT u.is_blocked)
"""


def people_counts(company: Company) -> PeopleCounts:
    parameters: dict[str, Any] = {"company": company.pk, "today": timezone.localdate(), "now": timezone.now()}
    with connection.cursor() as cursor:
        cursor.execute(_COUNTS_AND_LOCKS, parameters)
        valid_counts, locked = cursor.fetchone()
    members = User.objects.members_of(company)
    counts = _count_by_status_and_role(members) if valid_counts is None else _parse_counts(valid_counts)
    return PeopleCounts(_move_locked_people(counts, members, locked) if locked else counts, frozenset(locked))


def recount_all() -> None:
    stale = StatusCounts.objects.exclude(day=timezone.localdate()).values("company")
    changed = StatusChange.objects.values("company")
    for company in Company.objects.filter(Q(pk__in=stale) | Q(pk__in=changed)).order_by("pk"):
        count_company(company)


@transaction.atomic
def count_company(company: Company) -> None:
    stored_counts, _new = StatusCounts.objects.get_or_create(company=company)
    stored_counts = StatusCounts.objects.select_for_update().get(
        pk=stored_counts.pk
    )  # one at a time; the later count is right
    # Delete changes before counting: a change that comes meanwhile stays, and causes another count.
    StatusChange.objects.filter(company=company).delete()
    stored_counts.day = timezone.localdate()
    stored_counts.counts = [
        [*key, number] for key, number in _count_by_status_and_role(User.objects.members_of(company)).items()
    ]
    stored_counts.save(update_fields=["day", "counts"])


def _parse_counts(counts: str) -> Counts:
    return Counter({(status, role): number for status, role, number in json.loads(counts)})


def _count_by_status_and_role(members: UserQuerySet) -> Counts:
    with_status: QuerySet[Any] = members.with_status(has_active_license(), heeding_locks=False)
    rows = with_status.order_by().values_list("status", "role").annotate(people=Count("pk"))
    return Counter({(status, role): people for status, role, people in rows})


def _move_locked_people(counts: Counts, members: UserQuerySet, locked: list[int]) -> Counts:
    counts = Counter(counts)
    for (status, role), number in _count_by_status_and_role(members.filter(pk__in=locked)).items():
        counts[status, role] -= number
        counts[PersonStatus.LOCKED, role] += number
    return +counts
