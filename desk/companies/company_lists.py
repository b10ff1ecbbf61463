from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from accounts.models import without_active_admin
from companies.models import Company


class WaitingFilter(admin.SimpleListFilter):
    title = _("state")
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("no-admin", _("Without an active admin")), ("closed", _("Closed")), ("open", _("Open"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Company]) -> QuerySet[Company]:
        if self.value() == "no-admin":
            return without_active_admin(queryset)
        if self.value() in {"closed", "open"}:
            return queryset.filter(closed_at__isnull=self.value() == "open")
        return queryset
