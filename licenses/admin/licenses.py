"""NEN's desk for licences, and who has them (R37)."""

from __future__ import annotations

from typing import Any, cast

from django import forms
from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from licenses.actions import switches, terms
from licenses.models import Document, Grant, License
from nenconnect.staff import ActionAdmin, ActionForm, Attempts, ReadOnlyAdmin
from nenconnect.text import validate_single_line
from requests_app.actions.company_wide import set_company_wide

SHARED = ("is_company_wide", "is_shown", "documents")  # what the company's own admins change as well


class _OneHiddenInput(forms.HiddenInput):
    """Many values in one field: a licence may hold a thousand documents."""

    def format_value(self, value: Any) -> str:
        return ",".join(str(one) for one in value or [])

    def value_from_datadict(self, data: Any, files: Any, name: str) -> list[str]:
        return [one for one in str(data.get(name) or "").split(",") if one]


class LicenseForm(ActionForm):
    allowed_kinds = forms.MultipleChoiceField(
        label=_("Kinds of documents"),
        choices=Document.Kind.choices,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Of a custom collection: none ticked means every kind."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["max_documents"].help_text = _("Of a custom collection. Empty: no maximum.")
        self.fields["name"].validators.append(validate_single_line)
        self.fields["seats"].help_text = _("Empty: no maximum.")
        self.fields["documents"].hidden_widget = _OneHiddenInput
        self._send_along_what_is_shown()

    def _send_along_what_is_shown(self) -> None:
        """So that `changed_data` tells what staff changed from what an admin changed while the page was open."""
        for name in SHARED:
            sent = self.add_initial_prefix(name) in self.data
            self.fields[name].show_hidden_initial = bool(self.instance.pk) and (sent or not self.is_bound)

    @property
    def documents_seen(self) -> list[Document]:
        bound, field = self["documents"], self.fields["documents"]
        if not field.show_hidden_initial:
            return list(self.instance.documents.all())
        sent = _OneHiddenInput().value_from_datadict(self.data, {}, bound.html_initial_name)
        return list(Document.objects.filter(pk__in=[pk for pk in sent if pk.isdecimal()]))

    def clean(self) -> dict[str, Any] | None:
        """A switch that staff left alone stays as it is now."""
        cleaned = super().clean()
        for name in {"is_company_wide", "is_shown"}.difference(self.changed_data):
            if cleaned is not None and self.instance.pk:
                cleaned[name] = getattr(self.instance, name)
        return cleaned

    def check_rules(self) -> None:
        terms.check_terms(self.instance)


@admin.register(License)
class LicenseAdmin(ActionAdmin):
    form = LicenseForm
    list_display = ["name", "company", "kind", "starts_on", "ends_on", "seats", "is_company_wide", "is_shown"]
    list_select_related = ["company"]
    list_filter = ["kind", "is_company_wide", "is_company_wide_approved", "is_shown"]
    search_fields = ["name", "company__name", "company__customer_number"]
    autocomplete_fields = ["company", "documents"]
    fields = [
        "company",
        ("name", "kind"),
        ("starts_on", "ends_on", "seats"),
        ("is_company_wide_approved", "is_company_wide", "is_shown"),
        ("max_documents", "allowed_kinds"),
        "documents",
    ]
    list_per_page = 50

    def get_readonly_fields(self, request: HttpRequest, obj: License | None = None) -> list[str]:
        return ["company"] if obj else []  # a licence never moves to another company

    def save_model(self, request: HttpRequest, obj: License, form: Any, change: bool) -> None:
        attempts = Attempts()
        with attempts.of(form):
            if change:
                _change(obj, form, by=cast(User, request.user))
            else:
                obj.pk = terms.create_license(by=cast(User, request.user), **form.cleaned_data).pk
        attempts.settle()

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """Nothing is left to save: the actions set the documents too."""

    def response_add(self, request: HttpRequest, obj: License, *args: Any, **kwargs: Any) -> HttpResponse:
        _warn_of_no_documents(request, obj)
        return super().response_add(request, obj, *args, **kwargs)

    def response_change(self, request: HttpRequest, obj: License) -> HttpResponse:
        _warn_of_no_documents(request, obj)
        return super().response_change(request, obj)


def _warn_of_no_documents(request: HttpRequest, license: License) -> None:
    if not license.documents.exists():
        said = gettext("“%(license)s” holds no documents yet: nobody can read anything with it.")
        messages.warning(request, said % {"license": license})


def _change(license: License, form: LicenseForm, *, by: User) -> None:
    """Only what staff changed. Switching off goes before the terms and switching on after: seats and approval may
    change along with it.
    """
    typed, changed = form.cleaned_data, form.changed_data
    is_switched = "is_company_wide" in changed
    if is_switched and not typed["is_company_wide"]:
        set_company_wide(license, False, by=by)
    terms.change_terms(license, by=by, **{name: typed[name] for name in terms.TERM_FIELDS if name in changed})
    if "is_shown" in changed:
        switches.set_shown(license, typed["is_shown"], by=by)
    if "documents" in changed:
        terms.set_documents(license, typed["documents"], by=by, seen=form.documents_seen)
    if is_switched and typed["is_company_wide"]:
        set_company_wide(license, True, by=by)  # after the documents: it answers who asked for one of them


@admin.register(Grant)
class GrantAdmin(ReadOnlyAdmin, admin.ModelAdmin):
    list_display = ["license", "user", "company_name", "granted_at", "granted_by"]
    list_select_related = ["license__company", "user", "granted_by"]
    search_fields = ["user__email", "user__name", "license__name", "license__company__name"]
    show_full_result_count = False
    list_per_page = 50

    @admin.display(description=_("company"), ordering="license__company__name")
    def company_name(self, grant: Grant) -> str:
        return grant.license.company.name
