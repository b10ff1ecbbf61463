from __future__ import annotations

from typing import Any

from django import forms
from django.contrib.auth import authenticate
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from django_countries import countries

from accounts.actions import password as password_actions
from accounts.models import LANGUAGES, RequestNotices
from companies.models import Company, LabelValue
from nenconnect.text.characters import validate_phone, validate_single_line
from pages.forms import NewPasswordForm, locked_error, password_field


class MoveChoiceForm(forms.Form):
    """Choose one of the other companies that accept this address."""

    company = forms.ChoiceField(
        label=_("To which company do you want to move?"),
        widget=forms.RadioSelect,
        error_messages={
            "required": _("Choose a company."),
            "invalid_choice": _("This company no longer fits your address. Choose another."),
        },
    )

    def __init__(self, *args: Any, companies: list[Company], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.companies = {str(company.pk): company for company in companies}
        field = self.fields["company"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [(pk, company.full_name) for pk, company in self.companies.items()]
        if len(companies) == 1:
            field.initial = next(iter(self.companies))

    def chosen_company(self) -> Company:
        return self.companies[self.cleaned_data["company"]]


class ChangePasswordForm(NewPasswordForm):
    """Change the password in allauth's view; a wrong present password counts as a sign-in attempt (C18)."""

    current = password_field(_("Your present password"), autocomplete="current-password")
    field_order = ["current", "password", "repeat"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["password"].label = _("New password")
        self.fields["repeat"].label = _("New password, once more")

    def clean_current(self) -> str:
        current: str = self.cleaned_data["current"]
        if authenticate(email=self.user.email, password=current) != self.user:
            raise locked_error(self.user.email) or ValidationError(_("This is not your present password."))
        return current

    def save(self) -> None:
        self.user = password_actions.change_password(self.user, password=self.cleaned_data["password"])


class ProfileForm(forms.Form):
    """Change the person's own details (R19); only the company admin changes the address (R2)."""

    name = forms.CharField(
        label=_("Name"),
        max_length=150,
        validators=[validate_single_line],
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    phone = forms.CharField(
        label=_("Phone number"),
        max_length=40,
        required=False,
        validators=[validate_phone],
        widget=forms.TextInput(attrs={"autocomplete": "tel", "type": "tel"}),
    )
    country = forms.ChoiceField(
        label=_("Country"),
        required=False,
        help_text=_("Where you work. Some documents may be read in certain countries only."),
        widget=forms.Select(attrs={"autocomplete": "country"}),
    )
    language = forms.ChoiceField(
        label=_("Language"), choices=LANGUAGES, help_text=_("Of the pages and of the mails that you get.")
    )

    def __init__(self, *args: Any, company: Company | None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        country = self.fields["country"]
        assert isinstance(country, forms.ChoiceField)
        country.choices = [("", _("Not filled in")), *countries]
        if company:
            self._add_label(company)

    def _add_label(self, company: Company) -> None:
        values = LabelValue.objects.to_choose_at(company)
        if values.exists():
            self.fields["label"] = forms.ModelChoiceField(
                values, label=company.user_label, required=False, empty_label=_("Not filled in")
            )
            self.order_fields(["name", "phone", "country", "label", "language"])


class NoticesForm(forms.Form):
    """Choose when an admin gets a mail about new requests."""

    notices = forms.ChoiceField(
        label=_("When do you want a mail about new requests?"),
        choices=RequestNotices.choices,
        widget=forms.RadioSelect,
    )
