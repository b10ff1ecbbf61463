"""The trail at NEN's desk: who did what and when (R38)."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.contrib.auth import get_user_model
from django.db.models import OuterRef, QuerySet, Subquery
from django.http import HttpRequest
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from companies.models import Company
from nenconnect.long_lists import LongList
from nenconnect.staff import ReadOnlyAdmin
from nenconnect.staff_roles import is_limited
from nenconnect.trail.models import TrailEntry
from nenconnect.trail.words import VERB_IN_WORDS, details_in_words, subjects_in_words, verb_in_words


class VerbFilter(admin.SimpleListFilter):
    title = _("what")
    parameter_name = "verb"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return sorted(VERB_IN_WORDS.items(), key=lambda item: str(item[1]))

    def queryset(self, request: HttpRequest, queryset: QuerySet[TrailEntry]) -> QuerySet[TrailEntry]:
        return queryset.filter(verb=self.value()) if self.value() else queryset


@admin.register(TrailEntry)
class TrailEntryAdmin(LongList, ReadOnlyAdmin, admin.ModelAdmin):
    list_display = ["at", "actor", "what", "company", "about", "with_it"]
    list_display_links = ["at"]
    list_filter = ["at", VerbFilter]
    fields = ["at", "actor", "what", "company", "about", "with_it"]
    search_fields = ["verb", "=company_id", "=actor_id"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[TrailEntry]:
        """With the present names: the trail itself keeps numbers only."""
        actor = get_user_model()._default_manager.filter(pk=OuterRef("actor_id"))
        company = Company.objects.filter(pk=OuterRef("company_id"))
        entries: QuerySet[TrailEntry] = super().get_queryset(request)
        if is_limited(request.user, TrailEntry):
            entries = entries.filter(company_id__in=Company.objects.filter(account_manager=request.user.pk))
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

    @admin.display(description=_("what"), ordering="verb")
    def what(self, entry: TrailEntry) -> str:
        return str(verb_in_words(entry.verb))

    @admin.display(description=_("about"))
    def about(self, entry: TrailEntry) -> str:
        return subjects_in_words(entry.subjects)

    @admin.display(description=_("details"))
    def with_it(self, entry: TrailEntry) -> str:
        return details_in_words(entry.details)

    @admin.display(description=_("company"))
    def company(self, entry: TrailEntry) -> str:
        if entry.company_id is None:
            return "–"
        return getattr(entry, "company_name", None) or f"({entry.company_id})"
