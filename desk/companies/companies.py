"""Manage a company with its domains, first admin and licences on one page (R37)."""

from __future__ import annotations

from typing import Any, cast

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.forms import BaseInlineFormSet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from accounts.actions.registration import NewColleague, add_user
from accounts.models import User
from companies import actions
from companies.domains import add_domain
from companies.models import Company, Domain, LabelValue
from desk.action_admin import Attempts
from desk.companies.announcements import announcement_of, say_what_was_done
from desk.companies.company_forms import COMPANY_FIELDS, LICENSE_FIELDS, CompanyForm
from desk.companies.company_lists import WaitingFilter
from desk.companies.company_pages import CompanyPages
from desk.companies.copying import initial_values_of, source_of_settings
from desk.companies.inlines import NewDomains, NewLicenses, PresentDomains, PresentLicenses
from desk.companies.search import companies_found
from desk.dry_run import DryRunAdmin, DryRunDone, is_dry_run
from desk.edit_conflicts import is_saving
from licenses.access import has_active_license
from licenses.actions.terms import create_license
from licenses.models import License


@admin.register(Company)
class CompanyAdmin(CompanyPages, DryRunAdmin):
    form = CompanyForm
    list_display = [
        "name",
        "department",
        "customer_number",
        "domain_names",
        "account_manager",
        "allows_self_registration",
    ]
    list_select_related = ["account_manager"]
    list_filter = [
        WaitingFilter,
        "allows_self_registration",
        ("account_manager", admin.RelatedOnlyFieldListFilter),
    ]
    actions = ["delete_companies"]
    search_fields = ("name",)  # see get_search_results
    search_help_text = _("How words of the name begin, or the customer number or a domain.")
    list_per_page = 50

    def get_queryset(self, request: HttpRequest) -> QuerySet[Company]:
        return super().get_queryset(request).prefetch_related("domains")

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Company], search_term: str
    ) -> tuple[QuerySet[Company], bool]:
        return companies_found(queryset, search_term), False

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Company | None:
        """Lock the company before its form reads it, so that two of staff save one after the other."""
        company: Company | None = super().get_object(request, object_id, from_field)
        if company is not None and is_saving(request):
            company = actions.lock(company)
        return company

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        source = source_of_settings(request, self.get_queryset(request))
        return super().get_changeform_initial_data(request) | initial_values_of(source)

    def get_inlines(self, request: HttpRequest, obj: Any) -> list[Any]:
        return [PresentDomains, PresentLicenses, NewLicenses] if obj else [NewDomains, NewLicenses]

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        new_admin = {"fields": [("admin_name", "admin_email")], "description": _ADMIN_HINT}
        company = {"fields": [*COMPANY_FIELDS, "allows_self_registration"]}
        if obj is None:
            company["fields"].append("copied_from")
            return [(None, company), (_("First admin"), new_admin)]
        people = {"fields": ["admins", "everybody", "people_outside", "label_in_words"]}
        return [(None, company), (_("People"), people), (_("Add an admin"), new_admin)]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        return ["admins", "everybody", "people_outside", "label_in_words"] if obj else []

    @admin.display(description=_("domains"))
    def domain_names(self, company: Company) -> str:
        return company.readable_domains

    @admin.display(description=_("company admins"))
    def admins(self, company: Company) -> str:
        people = User.objects.members_of(company).filter(role=User.Role.ADMIN)
        rows = [(p, p.status_label) for p in people.with_status(has_active_license())]
        invitations = company.join_invitations.standing().filter(role=User.Role.ADMIN).select_related("user")
        rows += [(invitation.user, gettext("asked to join")) for invitation in invitations]
        shown = [(reverse("admin:accounts_user_change", args=[p.pk]), p.name, p.email, text) for p, text in rows]
        return format_html_join("", '<p><a href="{}">{}</a> – {} – {}</p>', shown) or "–"

    @admin.display(description=_("all users"))
    def everybody(self, company: Company) -> str:
        people = f"{reverse('admin:accounts_user_changelist')}?company__id__exact={company.pk}"
        count = User.objects.members_of(company).count()
        text = ngettext("%(number)s user", "%(number)s users", count) % {"number": count}
        return format_html('<a href="{}">{}</a>', people, text)

    @admin.display(description=_("users outside the domains"))
    def people_outside(self, company: Company) -> str:
        """Link to the members whose address no domain accepts (R9)."""
        count = User.objects.outside_domains_of(company).count()
        if not count:
            return "–"
        text = ngettext("%(number)s user", "%(number)s users", count) % {"number": count}
        return format_html(
            '<a href="{}">{}</a>', reverse("admin:companies_company_outside", args=[company.pk]), text
        )

    @admin.display(description=_("label for users"))
    def label_in_words(self, company: Company) -> str:
        if not company.user_label:
            return "–"
        count = LabelValue.objects.of(company).count()
        text = ngettext("%(label)s: %(number)s value", "%(label)s: %(number)s values", count)
        return text % {"label": company.user_label, "number": count}

    def save_model(self, request: HttpRequest, obj: Company, form: Any, change: bool) -> None:
        fields = {name: form.cleaned_data[name] for name in COMPANY_FIELDS}
        attempts = Attempts()
        with attempts.of(form):
            if change:
                actions.change_company(obj, by=_current_staff(request), **fields)
            else:
                obj.pk = self._create_company(request, form, fields).pk
        attempts.settle()

    def _create_company(self, request: HttpRequest, form: Any, fields: dict[str, Any]) -> Company:
        company = actions.create_company(by=_current_staff(request), **fields)
        if source := form.cleaned_data["copied_from"]:
            actions.copy_settings(company, source, by=_current_staff(request), besides=COMPANY_FIELDS)
        return company

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        company = Company.objects.get(pk=form.instance.pk)
        attempts = Attempts()
        for formset in formsets:
            formset.new_objects, formset.changed_objects, formset.deleted_objects = [], [], []
            if formset.model is not Domain or not change:
                self._save_rows(request, company, formset, attempts)
        with attempts.of(form):
            self._add_admin(request, company, form)
        if "allows_self_registration" in form.changed_data and not attempts.refusals:
            with attempts.of(form):
                allowed = form.cleaned_data["allows_self_registration"]
                actions.set_self_registration(company, allowed, by=_current_staff(request))
        attempts.settle()
        if is_dry_run(request):
            raise DryRunDone(coming=announcement_of(request, company, formsets))

    def response_add(self, request: HttpRequest, obj: Company, *args: Any, **kwargs: Any) -> HttpResponse:
        say_what_was_done(request, obj)
        answer = super().response_add(request, obj, *args, **kwargs)
        return answer if "_addanother" in request.POST else redirect("admin:companies_company_change", obj.pk)

    def response_change(self, request: HttpRequest, obj: Company) -> HttpResponse:
        say_what_was_done(request, obj)
        return super().response_change(request, obj)

    def _save_rows(
        self, request: HttpRequest, company: Company, formset: BaseInlineFormSet, attempts: Attempts
    ) -> None:
        for row in formset.forms:
            if row.has_changed():
                with attempts.of(row):
                    self._save_row(request, company, formset, row)

    def _save_row(
        self, request: HttpRequest, company: Company, formset: BaseInlineFormSet, row: forms.ModelForm
    ) -> None:
        by, typed = _current_staff(request), row.cleaned_data
        if formset.model is License:
            fields = {name: typed[name] for name in LICENSE_FIELDS}
            new = create_license(company, by=by, documents=typed["documents"], **fields)
            formset.new_objects.append(new)
        else:
            options = {"has_subdomains": typed["has_subdomains"], "because": typed["because"]}
            domain = add_domain(company, typed["name"], **options, by=by)
            formset.new_objects.append(domain)
            request.new_domains = [*getattr(request, "new_domains", []), domain]  # type: ignore[attr-defined]

    def _add_admin(self, request: HttpRequest, company: Company, form: forms.ModelForm) -> None:
        email, name = form.cleaned_data.get("admin_email"), form.cleaned_data.get("admin_name")
        if email and name:
            new = NewColleague(email=email, name=name, role=User.Role.ADMIN)
            person = add_user(company, new, by=_current_staff(request), origin=User.Origin.NEN)
            request.new_admin = person  # type: ignore[attr-defined]


_ADMIN_HINT = _(
    "Gets a mail with a link to choose a password, and can then add users and give licences. "
    "The address may lie outside the allowed domains."
)


def _current_staff(request: HttpRequest) -> User:
    return cast(User, request.user)
