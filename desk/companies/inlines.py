"""Show domains and licences on the page of a company."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from companies.models import Domain
from desk.action_admin import ActionInline, ReadOnlyInline
from desk.companies.company_forms import NewLicenseForm
from desk.companies.domain_forms import DomainOfNewCompanyForm
from licenses.models import License


class NewDomains(ActionInline, admin.StackedInline):
    """Add domains to a new company; later each domain has a page of its own."""

    model = Domain
    form = DomainOfNewCompanyForm
    fields = [("name", "has_subdomains"), "because", "announced"]
    verbose_name = _("domain")
    verbose_name_plural = _("Allowed domains")
    extra = 2
    can_delete = False


class PresentDomains(ReadOnlyInline, admin.TabularInline):
    model = Domain
    fields = ["has_subdomains", "proven_at", "mail_gone_since"]
    readonly_fields = ["has_subdomains", "proven_at", "mail_gone_since"]
    verbose_name_plural = _("Allowed domains")
    show_change_link = True
    extra = 0


class PresentLicenses(ReadOnlyInline, admin.TabularInline):
    model = License
    fields = ["kind", "starts_on", "ends_on", "seats", "is_company_wide", "is_shown"]
    show_change_link = True
    extra = 0


class NewLicenses(ActionInline, admin.StackedInline):
    model = License
    form = NewLicenseForm
    fields = [
        ("name", "kind"),
        ("starts_on", "ends_on", "seats"),
        ("is_company_wide_approved", "is_company_wide", "is_shown"),
        "documents",
    ]
    autocomplete_fields = ["documents"]
    verbose_name = _("new licence")
    verbose_name_plural = _("New licences")

    def get_queryset(self, request: HttpRequest) -> QuerySet[License]:
        return License.objects.none()

    def get_extra(self, request: HttpRequest, obj: Any = None, **kwargs: Any) -> int:
        return 0 if obj else 2
