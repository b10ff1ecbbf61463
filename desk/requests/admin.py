"""Show requests to NEN staff; the companies' admins decide them."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from companies.models import Company
from desk.action_admin import ReadOnlyAdmin
from desk.companies.search import companies_found
from desk.licenses.search import documents_found
from desk.long_lists import LongList, any_of_searches, first_of, names_of
from desk.people.search import people_found
from licenses.models import Document
from requests_app.models import DocumentRequest, LicenseRequest


class RequestAdmin(LongList, ReadOnlyAdmin):
    """Show requests; an empty name means that the account was deleted."""

    list_select_related = ["company", "user", "decided_by"]
    shown_fields: ClassVar = [
        "company__name",
        *names_of("user", "decided_by"),
        "status",
        "created_at",
        "decided_at",
    ]
    list_filter = ["status", "created_at"]
    ordering = ("-pk",)
    search_fields = ("user__email",)  # see get_search_results
    search_help_text = _("A person: words of a name or an e-mail address; or a company: its name or number.")

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        if not search_term.strip():
            return queryset, False
        return any_of_searches(queryset, self.ways(search_term.strip())), False

    def ways(self, text: str) -> list[Q]:
        people = first_of(people_found(User.objects.all(), text))
        companies = first_of(companies_found(Company.objects.all(), text))
        return [Q(user__in=people), Q(company__in=companies)]


@admin.register(LicenseRequest)
class LicenseRequestAdmin(RequestAdmin):
    list_display = ["license", "company", "user", "status", "created_at", "decided_at", "decided_by"]
    list_select_related = [*RequestAdmin.list_select_related, "license"]
    shown_fields: ClassVar = [*RequestAdmin.shown_fields, "license__name"]


@admin.register(DocumentRequest)
class DocumentRequestAdmin(RequestAdmin):
    list_display = ["document", "company", "user", "status", "created_at", "decided_at", "decided_by"]
    list_select_related = [*RequestAdmin.list_select_related, "document"]
    shown_fields: ClassVar = [*RequestAdmin.shown_fields, "document__number"]
    search_help_text = _(
        "A person or a company, as with licence requests; or how the number of a document begins."
    )

    def ways(self, text: str) -> list[Q]:
        documents = first_of(documents_found(Document.objects.all(), text))
        return [*super().ways(text), Q(document__in=documents)]
