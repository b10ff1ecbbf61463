"""Filter licences by their end, for the first page and to plan a year by quarters."""

from __future__ import annotations

from datetime import date
from typing import Any, cast

from dateutil.relativedelta import relativedelta
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from licenses.models import License, LicenseQuerySet

DAY = relativedelta(days=1)
QUARTER = relativedelta(months=3)


class EndingFilter(admin.SimpleListFilter):
    title = _("term")
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [
            ("ending", _("Ends within 60 days")),
            ("quarter", _("Ends this quarter")),
            ("next-quarter", _("Ends next quarter")),
            ("ended", _("Has ended")),
            ("later", _("Begins later")),
        ]

    def queryset(self, request: HttpRequest, queryset: QuerySet[License]) -> QuerySet[License]:
        licenses, today = cast(LicenseQuerySet, queryset), timezone.localdate()
        this, following = quarter_of(today), quarter_of(today + QUARTER)
        if self.value() == "ending":
            return licenses.ending_soon()
        fits: dict[str, dict[str, Any]] = {
            "quarter": {"ends_on__range": this},
            "next-quarter": {"ends_on__range": following},
            "ended": {"ends_on__lt": today},
            "later": {"starts_on__gt": today},
        }
        return licenses.filter(**fits.get(self.value() or "", {}))


def quarter_of(day: date) -> tuple[date, date]:
    first = date(day.year, day.month - (day.month - 1) % 3, 1)
    return first, first + QUARTER - DAY
