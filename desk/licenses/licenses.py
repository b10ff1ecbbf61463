"""Manage licences and show who has them (R37)."""

from __future__ import annotations

from typing import Any, cast

from django import forms
from django.contrib import admin, messages
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from desk.action_admin import Attempts, ReadOnlyAdmin
from desk.dry_run import DryRunAdmin, DryRunDone, is_dry_run
from desk.edit_conflicts import SeenForm, is_saving
from desk.licenses.ending import EndingFilter
from desk.licenses.help_texts import LICENSE_HELP
from desk.licenses.license_pages import LicensePages
from desk.licenses.search import licenses_found
from desk.long_lists import LongList, any_of_searches, first_of, names_of
from desk.people.search import people_found
from licenses.actions import switches, terms
from licenses.models import Document, Grant, License
from nenconnect.text.characters import validate_single_line
from requests_app.actions.company_wide import set_company_wide
from requests_app.previews.dry_run import dry_run, dry_run_new

SHARED = ("is_company_wide", "is_shown", "documents")  # what the company's own admins change as well


class _OneHiddenInput(forms.HiddenInput):
    """Choose many values in one field, as a licence may hold a thousand documents."""

    def format_value(self, value: Any) -> str:
        return ",".join(str(item) for item in value or [])

    def value_from_datadict(self, data: Any, files: Any, name: str) -> list[str]:
        return [item for item in str(data.get(name) or "").split(",") if item]


class LicenseForm(SeenForm):
    watched = terms.TERM_FIELDS

    class Meta:
        help_texts = LICENSE_HELP

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
        self.fields["documents"].hidden_widget = _OneHiddenInput
        self._send_along_what_is_shown()

    def _send_along_what_is_shown(self) -> None:
        """Set the initial values, so that `changed_data` has only what staff changed, not an admin meanwhile."""
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
        cleaned = super().clean()
        for name in {"is_company_wide", "is_shown"}.difference(self.changed_data):
            if cleaned is not None and self.instance.pk:
                cleaned[name] = getattr(self.instance, name)
        return cleaned

    def check_rules(self) -> None:
        terms.check_terms(self.instance)


@admin.register(License)
class LicenseAdmin(LicensePages, LongList, DryRunAdmin):
    form = LicenseForm
    list_display = ["name", "company", "kind", "starts_on", "ends_on", "seats", "is_company_wide", "is_shown"]
    list_select_related = ["company"]
    shown_fields = (
        *("name", "company__name", "kind", "starts_on", "ends_on", "seats"),
        *("is_company_wide", "is_shown"),
    )
    list_filter = [EndingFilter, "kind", "is_company_wide", "is_company_wide_approved", "is_shown"]
    ordering = ("-pk",)
    search_fields = ("name",)  # see get_search_results
    search_help_text = _("Words of the licence's name; or a company: its name or number.")
    autocomplete_fields = ["company", "documents"]
    fields = [
        "company",
        ("name", "kind"),
        ("starts_on", "ends_on", "seats"),
        ("is_company_wide_approved", "is_company_wide", "is_shown"),
        ("max_documents", "allowed_kinds"),
        "documents",
    ]

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[License], search_term: str
    ) -> tuple[QuerySet[License], bool]:
        return licenses_found(queryset, search_term), False

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> License | None:
        """Lock the licence before its form reads it, so that two of staff save one after the other."""
        license: License | None = super().get_object(request, object_id, from_field)
        return terms.lock_license(license) if license is not None and is_saving(request) else license

    def get_readonly_fields(self, request: HttpRequest, obj: License | None = None) -> list[str]:
        return ["company"] if obj else []  # a licence never moves to another company

    def save_model(self, request: HttpRequest, obj: License, form: Any, change: bool) -> None:
        attempts = Attempts()
        by = cast(User, request.user)
        with attempts.of(form):
            self._look_first(request, obj, form, change)
            if change:
                _change_license(obj, form, by=by)
            else:
                obj.pk = terms.create_license(by=by, **form.cleaned_data).pk
        attempts.settle()

    def _look_first(self, request: HttpRequest, obj: License, form: Any, change: bool) -> None:
        """Show the dry run when staff ask for it, and before access is taken away unseen."""
        by = cast(User, request.user)
        if change:
            license = License.objects.get(pk=obj.pk)
            noticed = dry_run(license, lambda: _change_license(license, form, by=by))
            if noticed.takes_away and request.POST.get("_told") != noticed.digest:
                raise DryRunDone(noticed=noticed)
        elif is_dry_run(request):
            noticed = dry_run_new(lambda: terms.create_license(by=by, **form.cleaned_data))
        if is_dry_run(request):
            raise DryRunDone(noticed=noticed)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """Save nothing: the actions set the documents too."""

    def response_add(self, request: HttpRequest, obj: License, *args: Any, **kwargs: Any) -> HttpResponse:
        _warn_of_no_documents(request, obj)
        return super().response_add(request, obj, *args, **kwargs)

    def response_change(self, request: HttpRequest, obj: License) -> HttpResponse:
        _warn_of_no_documents(request, obj)
        return super().response_change(request, obj)


def _warn_of_no_documents(request: HttpRequest, license: License) -> None:
    if not license.documents.exists():
        text = gettext("“%(license)s” holds no documents yet, so it gives access to nothing.")
        messages.warning(request, text % {"license": license})


def _change_license(license: License, form: LicenseForm, *, by: User) -> None:
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
class GrantAdmin(LongList, ReadOnlyAdmin):
    list_display = ["license", "user", "company_name", "granted_at", "granted_by"]
    list_select_related = ["license__company", "user", "granted_by"]
    shown_fields = ["license__name", "license__company__name", "granted_at", *names_of("user", "granted_by")]
    ordering = ("-pk",)
    search_fields = ("user__email",)  # see get_search_results
    search_help_text = _("A person: words of a name or an e-mail address; or a licence or company.")

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Grant], search_term: str
    ) -> tuple[QuerySet[Grant], bool]:
        if not search_term.strip():
            return queryset, False
        people = first_of(people_found(User.objects.all(), search_term))
        licenses = first_of(licenses_found(License.objects.all(), search_term))
        return any_of_searches(queryset, [Q(user__in=people), Q(license__in=licenses)]), False

    @admin.display(description=_("company"))
    def company_name(self, grant: Grant) -> str:
        return grant.license.company.name
