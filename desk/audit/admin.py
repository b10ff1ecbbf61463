"""Show who did what, when and from where (R38), among a million entries."""

from __future__ import annotations

from operator import itemgetter
from typing import Any

from django.contrib import admin
from django.contrib.admin.views.main import ChangeList
from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, path
from django.utils import timezone, translation
from django.utils.text import slugify
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from accounts.models import User
from accounts.staff_roles import LOOK, is_limited, managed_rows
from companies.models import Company
from desk.action_admin import ReadOnlyAdmin
from desk.companies.search import companies_found
from desk.long_lists import MOST, LongChangeList, LongList, WordsFilter
from desk.people.search import people_found
from nenconnect.audit.details import details_in_words, subjects_in_words
from nenconnect.audit.models import AuditEntry
from nenconnect.audit.search import NEWEST
from nenconnect.audit.sentences import AuditReader
from nenconnect.audit.verbs import VERBS
from nenconnect.tables.downloads import FORMATS, table_response
from reports.access_history.table import WIDTHS, access_rows

MOST_FOUND = 20  # people, and companies, that match the search term


class VerbFilter(WordsFilter):
    title = _("what")
    parameter_name = "verb"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return sorted(((verb.name, str(verb.label)) for verb in VERBS.values()), key=itemgetter(1))


class ReadLines(LongChangeList):
    """Put the entries of a page into words together, with one query per model."""

    def get_results(self, request: HttpRequest) -> None:
        super().get_results(request)
        self.result_list: Any = _with_reader(list(self.result_list))


@admin.register(AuditEntry)
class AuditEntryAdmin(LongList, ReadOnlyAdmin, admin.ModelAdmin):
    list_display = ["at", "line", "company", "from_where"]
    list_display_links = ["at"]
    list_filter = ["at", "origin", VerbFilter]
    fields = ["at", "line", "company", "from_where", "about", "with_it"]
    search_fields = ["verb"]  # see get_search_results
    search_help_text = _("A person's name or address; a company's name or customer number.")
    ordering = NEWEST

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return ReadLines

    def get_queryset(self, request: HttpRequest) -> QuerySet[AuditEntry]:
        entries: QuerySet[AuditEntry] = super().get_queryset(request)
        if is_limited(request.user, AuditEntry):
            entries = entries.filter(company_id__in=Company.objects.filter(account_manager=request.user.pk))
        return entries

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Any:
        entry = super().get_object(request, object_id, from_field)
        return _with_reader([entry])[0] if entry else None

    def lookup_allowed(self, lookup: str, value: Any, request: Any = None) -> bool:
        return lookup in {"company_id", "actor_id"} or super().lookup_allowed(lookup, value, request)

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[AuditEntry], search_term: str
    ) -> tuple[QuerySet[AuditEntry], bool]:
        term = search_term.strip()
        if not term:
            return queryset, False
        matches = [
            pk
            for way in _conditions_for(term)
            for pk in queryset.filter(way).order_by(*NEWEST).values_list("pk", flat=True)[:MOST]
        ]
        return queryset.filter(pk__in=matches), False

    @admin.display(description=_("what happened"))
    def line(self, entry: AuditEntry) -> str:
        return _reader(entry).line(entry)

    @admin.display(description=_("company"))
    def company(self, entry: AuditEntry) -> str:
        return _reader(entry).name("company", entry.company_id) if entry.company_id else "–"

    @admin.display(description=_("from where"))
    def from_where(self, entry: AuditEntry) -> str:
        return " – ".join(part for part in (entry.get_origin_display(), entry.network) if part) or "–"

    @admin.display(description=_("numbers"))
    def about(self, entry: AuditEntry) -> str:
        return subjects_in_words(entry.subjects)

    @admin.display(description=_("details"))
    def with_it(self, entry: AuditEntry) -> str:
        return details_in_words(entry.details, entry.subjects)

    # For an auditor ----------------------------------------------------------------------------------

    def get_urls(self) -> list[URLPattern]:
        view = self.guarded(require_safe(self.access), LOOK)
        return [path("toegang/<int:pk>/", view, name="audit_auditentry_access"), *super().get_urls()]

    def access(self, request: HttpRequest, pk: int) -> HttpResponseBase:
        company = get_object_or_404(managed_rows(Company.objects.all(), request.user), pk=pk)
        kind = request.GET.get("format", "csv")
        if kind not in FORMATS:
            raise Http404
        rows = access_rows(company, translation.get_language() or "nl", for_company=False)
        name = f"toegang-{slugify(company.name)}-{timezone.localdate():%Y-%m-%d}"
        return table_response(rows, name=name, form=kind, widths=WIDTHS)


def _conditions_for(term: str) -> list[Q]:
    people, companies = people_found(User.objects.all(), term), companies_found(Company.objects.all(), term)
    ways = [Q(company_id=pk) for pk in companies.values_list("pk", flat=True)[:MOST_FOUND]]
    for pk in people.values_list("pk", flat=True)[:MOST_FOUND]:
        ways += [Q(actor_id=pk), Q(subjects__user=pk)]
    return ways


def _with_reader(entries: list[AuditEntry]) -> list[AuditEntry]:
    reader = AuditReader(entries)
    for entry in entries:
        entry.reader = reader  # type: ignore[attr-defined]
    return entries


def _reader(entry: AuditEntry) -> AuditReader:
    return entry.reader  # type: ignore[attr-defined,no-any-return]
