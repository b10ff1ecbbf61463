"""The trail at NEN's desk: who did what and when (R38)."""

from __future__ import annotations

from django.contrib import admin
from django.contrib.auth import get_user_model
from django.db.models import OuterRef, QuerySet, Subquery
from django.http import HttpRequest
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from companies.models import Company
from nenconnect.staff import ReadOnlyAdmin
from nenconnect.trail.models import TrailEntry


@admin.register(TrailEntry)
class TrailEntryAdmin(ReadOnlyAdmin, admin.ModelAdmin):
    list_display = ["at", "actor", "verb", "company", "subjects", "details"]
    list_display_links = ["at"]
    list_filter = ["at", "verb"]
    fields = ["at", "actor", "verb", "company", "subjects", "details"]
    search_fields = ["verb", "=company_id", "=actor_id"]
    show_full_result_count = False
    list_per_page = 50

    def get_queryset(self, request: HttpRequest) -> QuerySet[TrailEntry]:
        """With the present names: the trail itself keeps numbers only."""
        actor = get_user_model()._default_manager.filter(pk=OuterRef("actor_id"))
        company = Company.objects.filter(pk=OuterRef("company_id"))
        entries: QuerySet[TrailEntry] = super().get_queryset(request)
        return entries.annotate(
            actor_email=Subquery(actor.values("email")[:1]),
            company_name=Subquery(company.values("name")[:1]),
        )

    @admin.display(description=_("who"))
    def actor(self, entry: TrailEntry) -> str:
        if entry.actor_id is None:
            return "–"
        gone = gettext("deleted user %(number)s") % {"number": entry.actor_id}
        return getattr(entry, "actor_email", None) or gone

    @admin.display(description=_("company"))
    def company(self, entry: TrailEntry) -> str:
        if entry.company_id is None:
            return "–"
        return getattr(entry, "company_name", None) or f"({entry.company_id})"
