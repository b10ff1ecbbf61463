"""What whoever decides wants to see of each open request in a list (R27): two queries for a whole page.

A request's own page says more: history.py.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Count, Q
from django.utils import timezone

from licenses.models import Grant, License
from requests_app.history import LOOK_BACK
from requests_app.models import AccessRequest, LicenseRequest, RequestStatus

NAMED = 3  # licences; the rest is counted


@dataclass(frozen=True)
class Asked:
    """How often the same was asked in the past 12 months, this time among them, and what was answered."""

    times: int = 0
    approved: int = 0
    rejected: int = 0


def tell_what_decides(rows: Iterable[AccessRequest]) -> None:
    """Gives each of these rows of one company and kind `has` (names), `has_more` and `asked`."""
    rows = list(rows)
    if not rows:
        return
    has, asked = _licenses_of(rows), _asked(rows)
    for row in rows:
        names = has.get(row.user_id or 0, [])
        told = {"has": names[:NAMED], "has_more": len(names[NAMED:]), "asked": asked.get(_wanted(row), Asked())}
        vars(row).update(told)


def _licenses_of(rows: list[AccessRequest]) -> dict[int, list[str]]:
    """By person; what is company-wide everybody has."""
    theirs = License.objects.in_term().filter(company=rows[0].company_id, is_company_wide=False)
    people = {row.user_id for row in rows}
    grants = Grant.objects.lasting().filter(user__in=people, license__in=theirs)
    found: dict[int, list[str]] = {}
    for person, name in grants.order_by("license__name").values_list("user", "license__name"):
        found.setdefault(person, []).append(name)
    return found


def _asked(rows: list[AccessRequest]) -> dict[int, Asked]:
    kind, about = type(rows[0]), _about(rows[0])
    same = kind._default_manager.filter(
        company=rows[0].company_id,
        created_at__gte=timezone.now() - LOOK_BACK,
        **{f"{about}__in": {_wanted(row) for row in rows}},
    )
    counted = (
        same.order_by()
        .values_list(about)
        .annotate(
            times=Count("pk"),
            approved=Count("pk", filter=Q(status=RequestStatus.APPROVED)),
            rejected=Count("pk", filter=Q(status=RequestStatus.REJECTED)),
        )
    )
    return {wanted: Asked(*numbers) for wanted, *numbers in counted}


def _about(row: AccessRequest) -> str:
    return "license" if isinstance(row, LicenseRequest) else "document"


def _wanted(row: AccessRequest) -> int:
    number: int = getattr(row, f"{_about(row)}_id")
    return number
