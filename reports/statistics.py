"""Report how long requests wait and how they end, licence by licence."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db.models import Count, DurationField, ExpressionWrapper, F, Max, Q

from requests_app.access.promise import DECIDED, Median
from requests_app.models import LicenseRequest, RequestQuerySet, RequestStatus

_WAITED = ExpressionWrapper(F("decided_at") - F("created_at"), output_field=DurationField())


@dataclass(frozen=True)
class Figure:
    name: str
    approved: int
    rejected: int
    median: timedelta | None
    worst: timedelta | None
    most: int = 1  # decisions of the busiest one: as wide as the picture goes

    @property
    def decided(self) -> int:
        return self.approved + self.rejected

    @property
    def approved_width(self) -> int:
        return round(100 * self.approved / self.most)

    @property
    def rejected_width(self) -> int:
        return round(100 * self.decided / self.most) - self.approved_width


def figures_of(rows: RequestQuerySet, about: str) -> list[Figure]:
    counted = list(
        rows.filter(status__in=DECIDED)
        .order_by()
        .values(about)
        .annotate(**_NUMBERS)
        .order_by("-decided", about)[:MOST_SHOWN]
    )
    most = max((row["decided"] for row in counted), default=1)
    return [_figure(row[about], row, most) for row in counted]


def total_of(rows: RequestQuerySet) -> Figure:
    numbers = rows.filter(status__in=DECIDED).order_by().aggregate(**_NUMBERS)
    return _figure("", numbers, max(1, numbers["decided"]))


MOST_SHOWN = 20
_NUMBERS = {
    "decided": Count("pk"),
    "approved": Count("pk", filter=Q(status=RequestStatus.APPROVED)),
    "rejected": Count("pk", filter=Q(status=RequestStatus.REJECTED)),
    "median": Median(_WAITED),
    "worst": Max(_WAITED),
}


def _figure(name: str, numbers: dict[str, Any], most: int) -> Figure:
    figures = {key: numbers[key] for key in ("approved", "rejected", "median", "worst")}
    return Figure(name=name, most=most, **figures)


def about_of(rows: RequestQuerySet) -> str:
    return "license__name" if rows.model is LicenseRequest else "document__number"
