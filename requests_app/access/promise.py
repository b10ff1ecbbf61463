"""Tell people who decides on their request and how long an answer takes (R26)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from math import ceil

from dateutil.relativedelta import relativedelta
from django.db.models import Aggregate, Count, DurationField, ExpressionWrapper, F
from django.utils import timezone

from accounts.models import User
from companies.models import Company
from requests_app.models import AccessRequest, RequestStatus

NAMED = 5  # admins; the rest is counted
ENOUGH = 3  # answers needed for a median
DECIDED = [RequestStatus.APPROVED, RequestStatus.REJECTED]


class Median(Aggregate):
    function = "PERCENTILE_CONT"
    template = "%(function)s(0.5) WITHIN GROUP (ORDER BY %(expressions)s)"
    output_field = DurationField()


@dataclass(frozen=True)
class Promise:
    """Hold the promise; `usual_days` is the median of the past year, None with too few answers."""

    names: list[str]
    more: int
    promised_days: int
    usual_days: int | None
    text: str  # „Tekst bij aanvraag"


def promise_of(company: Company, kind: type[AccessRequest]) -> Promise:
    """Read the promise in two queries, however many requests there are."""
    names = list(User.objects.active_admins_of(company).order_by("name", "pk").values_list("name", flat=True))
    return Promise(
        names=names[:NAMED],
        more=max(0, len(names) - NAMED),
        promised_days=company.promised_days,
        usual_days=_usual_days(company, kind),
        text=company.request_text,
    )


def _usual_days(company: Company, kind: type[AccessRequest]) -> int | None:
    answered = kind._default_manager.filter(
        company=company, status__in=DECIDED, created_at__gte=timezone.now() - relativedelta(years=1)
    )
    took = ExpressionWrapper(F("decided_at") - F("created_at"), DurationField())
    figures = answered.aggregate(number=Count("pk"), usual=Median(took))
    if figures["number"] < ENOUGH:
        return None
    usual: timedelta = figures["usual"]
    return max(1, ceil(usual / timedelta(days=1)))
