"""NEN's desk for companies: a company with its domains, its first admin and its licences on one page (R37)."""

from __future__ import annotations

from typing import Any, cast

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.widgets import AdminEmailInputWidget, AdminTextInputWidget
from django.db.models import QuerySet
from django.forms import BaseInlineFormSet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from accounts.actions.registration import NewColleague, add_user, check_free
from accounts.models import User
from companies import actions
from companies.forms import address_or_error
from companies.hours import DEFAULT_ZONE, zone_names
from companies.models import Company, Domain
from licenses.access import has_active_license
from licenses.actions.terms import check_terms, create_license
from licenses.models import License
from nenconnect.staff import ActionAdmin, ActionForm, ActionInline, Attempts, ReadOnlyAdmin, as_field_error
from nenconnect.text import validate_single_line

COMPANY_FIELDS = (
    "name",
    "department",
    "customer_number",
    "contact_person",
    "contact_phone",
    "contact_email",
    "account_manager",
    "time_zone",
)
LICENSE_FIELDS = (
    "name",
    "kind",
    "starts_on",
    "ends_on",
    "seats",
    "is_company_wide_approved",
    "is_company_wide",
    "is_shown",
)
SHOWN_OUTSIDE = 20


class CompanyForm(ActionForm):
    class Meta:
        error_messages = {"customer_number": {"unique": _("Another company has this customer number.")}}

    field_names = {"email": "admin_email"}

    time_zone = forms.ChoiceField(
        label=_("Time zone"),
        choices=lambda: [(name, name) for name in zone_names()],
        initial=DEFAULT_ZONE,
        help_text=_("Reminders go out between 8:00 and 18:00 there."),
        required=False,
    )
    admin_name = forms.CharField(label=_("Name of the admin"), max_length=150, widget=AdminTextInputWidget)
    admin_email = forms.EmailField(
        label=_("E-mail address of the admin"), max_length=254, widget=AdminEmailInputWidget
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("name", "department", "customer_number", "contact_person", "contact_phone", "admin_name"):
            self.fields[name].validators.append(validate_single_line)
        if self.instance.pk:
            self.fields["admin_name"].required = self.fields["admin_email"].required = False

    def clean_contact_email(self) -> str:
        return address_or_error(self.cleaned_data["contact_email"])

    def clean_time_zone(self) -> str:
        """Left out, it stays what it was."""
        return self.cleaned_data["time_zone"] or self.initial.get("time_zone") or DEFAULT_ZONE

    def clean_admin_email(self) -> str:
        if not self.cleaned_data["admin_email"]:
            return ""
        address = address_or_error(self.cleaned_data["admin_email"])
        with as_field_error():
            check_free(address)
        return address

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean() or {}
        for name, other in (("admin_name", "admin_email"), ("admin_email", "admin_name")):
            if cleaned.get(other) and not cleaned.get(name) and name not in self.errors:
                self.add_error(name, gettext("Fill in both the name and the e-mail address."))
        return cleaned


class DomainForm(ActionForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            self.fields["name"].disabled = True  # another domain is another row

    def clean_name(self) -> str:
        name: str = self.cleaned_data["name"]
        if self.instance.pk:
            return name
        with as_field_error():
            return actions.company_domain(name)


class NewLicenseForm(ActionForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["name"].validators.append(validate_single_line)
        self.fields["seats"].help_text = _("Empty: no maximum.")

    def check_rules(self) -> None:
        check_terms(self.instance)


class DomainInline(ActionInline, admin.TabularInline):
    model = Domain
    form = DomainForm
    fields = ["name", "has_subdomains"]
    verbose_name_plural = _("Allowed domains")

    def get_extra(self, request: HttpRequest, obj: Any = None, **kwargs: Any) -> int:
        return 1 if obj else 2

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.has_change_permission(request, obj)  # by remove_domain


class PresentLicenses(ReadOnlyAdmin, admin.TabularInline):
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
    verbose_name = _("New licence")
    verbose_name_plural = _("New licences")

    def get_queryset(self, request: HttpRequest) -> QuerySet[License]:
        return License.objects.none()

    def get_extra(self, request: HttpRequest, obj: Any = None, **kwargs: Any) -> int:
        return 0 if obj else 2


@admin.register(Company)
class CompanyAdmin(ActionAdmin):
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
    list_filter = ["allows_self_registration", ("account_manager", admin.RelatedOnlyFieldListFilter)]
    search_fields = ["name", "department", "customer_number", "domains__name", "contact_email"]
    list_per_page = 50

    def get_queryset(self, request: HttpRequest) -> QuerySet[Company]:
        return super().get_queryset(request).prefetch_related("domains")

    def get_inlines(self, request: HttpRequest, obj: Any) -> list[Any]:
        return [DomainInline, PresentLicenses, NewLicenses] if obj else [DomainInline, NewLicenses]

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        new_admin = {"fields": [("admin_name", "admin_email")], "description": _ADMIN_HINT}
        company = {"fields": [*COMPANY_FIELDS, "allows_self_registration"]}
        if obj is None:
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
        rows = [(p.name, p.email, p.status_label) for p in people.with_status(has_active_license())]
        asked = company.join_invitations.standing().filter(role=User.Role.ADMIN).select_related("user")
        rows += [(one.user.name, one.user.email, gettext("asked to join")) for one in asked]
        return format_html_join("", "<p>{} – {} – {}</p>", rows) or "–"

    @admin.display(description=_("all users"))
    def everybody(self, company: Company) -> str:
        people = f"{reverse('admin:accounts_user_changelist')}?company__id__exact={company.pk}"
        count = User.objects.members_of(company).count()
        said = ngettext("%(number)s user", "%(number)s users", count) % {"number": count}
        return format_html('<a href="{}">{}</a>', people, said)

    @admin.display(description=_("users outside the domains"))
    def people_outside(self, company: Company) -> str:
        """R9: who is in, though no domain admits them any more."""
        outside = User.objects.outside_domains_of(company)
        count = outside.count()
        if not count:
            return "–"
        shown = ", ".join(outside.values_list("email", flat=True)[:SHOWN_OUTSIDE])
        return format_html("{}: {}{}", count, shown, ", …" if count > SHOWN_OUTSIDE else "")

    @admin.display(description=_("label for users"))
    def label_in_words(self, company: Company) -> str:
        """Its name and values are the company's to choose."""
        if not company.user_label:
            return "–"
        count = company.label_values.count()
        said = ngettext("%(label)s: %(number)s value", "%(label)s: %(number)s values", count)
        return said % {"label": company.user_label, "number": count}

    def save_model(self, request: HttpRequest, obj: Company, form: Any, change: bool) -> None:
        fields = {name: form.cleaned_data[name] for name in COMPANY_FIELDS}
        attempts = Attempts()
        with attempts.of(form):
            if change:
                actions.change_company(obj, by=_staff(request), **fields)
            else:
                obj.pk = actions.create_company(by=_staff(request), **fields).pk
        attempts.settle()

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        company = Company.objects.get(pk=form.instance.pk)
        attempts = Attempts()
        for formset in formsets:
            self._save_rows(request, company, formset, attempts)
        with attempts.of(form):
            self._add_admin(request, company, form)
        if "allows_self_registration" in form.changed_data and not attempts.refusals:
            with attempts.of(form):
                allowed = form.cleaned_data["allows_self_registration"]
                actions.set_self_registration(company, allowed, by=_staff(request))
        attempts.settle()

    def response_add(self, request: HttpRequest, obj: Company, *args: Any, **kwargs: Any) -> HttpResponse:
        _say_what_was_done(request, obj)
        return super().response_add(request, obj, *args, **kwargs)

    def response_change(self, request: HttpRequest, obj: Company) -> HttpResponse:
        _say_what_was_done(request, obj)
        return super().response_change(request, obj)

    def _save_rows(
        self, request: HttpRequest, company: Company, formset: BaseInlineFormSet, attempts: Attempts
    ) -> None:
        formset.new_objects, formset.changed_objects, formset.deleted_objects = [], [], []
        for row in formset.forms:
            if row in formset.deleted_forms:
                if row.instance.pk:
                    formset.deleted_objects.append(row.instance)
                    actions.remove_domain(row.instance, by=_staff(request))
            elif row.has_changed():
                with attempts.of(row):
                    self._save_row(request, company, formset, row)

    def _save_row(
        self, request: HttpRequest, company: Company, formset: BaseInlineFormSet, row: forms.ModelForm
    ) -> None:
        by, typed = _staff(request), row.cleaned_data
        if formset.model is License:
            fields = {name: typed[name] for name in LICENSE_FIELDS}
            new = create_license(company, by=by, documents=typed["documents"], **fields)
            formset.new_objects.append(new)
        elif row.instance.pk:
            actions.change_domain(row.instance, has_subdomains=typed["has_subdomains"], by=by)
            formset.changed_objects.append((row.instance, row.changed_data))
        else:
            domain = actions.add_domain(company, typed["name"], has_subdomains=typed["has_subdomains"], by=by)
            formset.new_objects.append(domain)
            if "xn--" in domain.name:
                request.odd_domains = [*getattr(request, "odd_domains", []), domain]  # type: ignore[attr-defined]

    def _add_admin(self, request: HttpRequest, company: Company, form: forms.ModelForm) -> None:
        email, name = form.cleaned_data.get("admin_email"), form.cleaned_data.get("admin_name")
        if email and name:
            new = NewColleague(email=email, name=name, role=User.Role.ADMIN)
            person = add_user(company, new, by=_staff(request), origin=User.Origin.NEN)
            request.new_admin = person  # type: ignore[attr-defined]


def _say_what_was_done(request: HttpRequest, company: Company) -> None:
    """Beside Django's own message: who is mailed, and which domain may be a look-alike (C3)."""
    person: User | None = getattr(request, "new_admin", None)
    if person and person.company_id == company.pk:
        said = gettext("The registration mail goes to %(email)s.")
        messages.info(request, said % {"email": person.email})
    elif person:  # R13
        said = gettext(
            "%(email)s has a personal account already. We have mailed the owner, who becomes an admin by "
            "confirming."
        )
        messages.info(request, said % {"email": person.email})
    for license in company.licenses.filter(documents=None):
        said = gettext("“%(license)s” holds no documents yet: nobody can read anything with it.")
        messages.warning(request, said % {"license": license})
    for domain in getattr(request, "odd_domains", []):
        said = gettext(
            "Check %(domain)s: it holds letters outside a–z and may only look like the company's domain."
        )
        messages.warning(request, said % {"domain": domain})


_ADMIN_HINT = _(
    "Gets a mail with a link to choose a password, and can then add users and give licences. "
    "The address may lie outside the allowed domains."
)


def _staff(request: HttpRequest) -> User:
    return cast(User, request.user)
