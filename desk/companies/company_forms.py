from __future__ import annotations

from typing import Any

from django import forms
from django.contrib.admin.widgets import AdminEmailInputWidget, AdminTextInputWidget
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.actions.registration import check_free
from companies.addresses import canonical_address
from companies.models import Company
from companies.working_hours import DEFAULT_ZONE, zone_names
from desk.action_admin import ActionForm, as_field_error
from desk.edit_conflicts import SeenForm
from desk.licenses.help_texts import LICENSE_HELP
from licenses.actions.terms import check_terms
from nenconnect.text.characters import validate_single_line

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


class CompanyForm(SeenForm):
    class Meta:
        error_messages = {"customer_number": {"unique": _("Another company has this customer number.")}}
        help_texts = {
            "department": _("Only to tell apart two companies of one name."),
            "allows_self_registration": _("People with an address on an allowed domain can then register here."),
        }

    field_names = {"email": "admin_email"}
    watched = (*COMPANY_FIELDS, "allows_self_registration")

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

    copied_from = forms.ModelChoiceField(Company.objects.all(), required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("name", "department", "customer_number", "contact_person", "contact_phone", "admin_name"):
            self.fields[name].validators.append(validate_single_line)
        if self.instance.pk:
            self.fields["admin_name"].required = self.fields["admin_email"].required = False

    def clean_contact_email(self) -> str:
        with as_field_error():
            return canonical_address(self.cleaned_data["contact_email"])

    def clean_time_zone(self) -> str:
        return self.cleaned_data["time_zone"] or self.initial.get("time_zone") or DEFAULT_ZONE

    def clean_admin_email(self) -> str:
        if not self.cleaned_data["admin_email"]:
            return ""
        with as_field_error():
            address = canonical_address(self.cleaned_data["admin_email"])
        with as_field_error():
            check_free(address)
        return address

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean() or {}
        for name, other in (("admin_name", "admin_email"), ("admin_email", "admin_name")):
            if cleaned.get(other) and not cleaned.get(name) and name not in self.errors:
                self.add_error(name, gettext("Fill in both the name and the e-mail address."))
        return cleaned


class NewLicenseForm(ActionForm):
    class Meta:
        help_texts = LICENSE_HELP

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["name"].validators.append(validate_single_line)

    def check_rules(self) -> None:
        check_terms(self.instance)
