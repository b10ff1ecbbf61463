"""Licences that end soon: one of the numbers on the desk's first page leads here."""

from __future__ import annotations

from typing import Any, cast

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from licenses.models import License, LicenseQuerySet


class EndingFilter(admin.SimpleListFilter):
    title = _("term")
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("ending", _("Ends within 60 days"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[License]) -> QuerySet[License]:
        return cast(LicenseQuerySet, queryset).ending_soon() if self.value() else queryset
