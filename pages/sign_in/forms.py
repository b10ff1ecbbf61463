from __future__ import annotations

from typing import Any

from allauth.account.forms import LoginForm
from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from accounts.actions.terms import NEWER_TERMS
from accounts.models import TermsVersion, User
from companies.addresses import MAX_ADDRESS
from companies.models import Company
from nenconnect.text.characters import validate_single_line
from pages.forms import AddressField, NewPasswordForm, locked_error, password_field


class RegisterForm(forms.Form):
    name = forms.CharField(
        label=_("Name"),
        max_length=150,
        validators=[validate_single_line],
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    email = AddressField(
        label=_("E-mail address"),
        autocomplete="email",
        help_text=_("Your address at work: your company's licences belong to it."),
    )


class ForgottenPasswordForm(forms.Form):
    email = AddressField(label=_("E-mail address"), autocomplete="username")


class ShownTermsField(forms.IntegerField):
    """Send back which version of the terms the page showed; after a refusal the page sends the current one."""

    widget = forms.HiddenInput({"autocomplete": "off"})  # else Firefox keeps the old number when reloading

    def bound_data(self, data: Any, initial: Any) -> Any:
        return initial


class FinishRegistrationForm(NewPasswordForm):
    """Choose a password, and a company where several accept the address (R17).

    Sending the form accepts the terms of use on the page, where NEN has published any.
    """

    NO_COMPANY = "none"

    company = forms.ChoiceField(
        label=_("For which company do you use NEN Connect?"),
        error_messages={
            "required": _("Choose a company, or a personal account."),
            "invalid_choice": _("This company is no longer open to your address."),
        },
    )
    terms = ShownTermsField(required=False)
    field_order = ["company", "password", "repeat"]

    def __init__(
        self, *args: Any, companies: list[Company], terms: TermsVersion | None = None, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.companies = {str(company.pk): company for company in companies}
        self.shown_terms = terms
        self.fields["terms"].initial = terms.pk if terms else None
        choices = [(pk, company.full_name) for pk, company in self.companies.items()]
        field = self.fields["company"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [*choices, (self.NO_COMPANY, _("None of these: a personal account"))]
        if len(companies) > 1:
            field.widget = forms.RadioSelect(choices=field.choices)
        else:  # nothing to choose; the form still sends the company that the page named (C6)
            field.widget = forms.HiddenInput()
            field.initial = next(iter(self.companies), self.NO_COMPANY)

    def clean_terms(self) -> int | None:
        shown: int | None = self.cleaned_data["terms"]
        if shown != (self.shown_terms.pk if self.shown_terms else None):
            raise ValidationError(NEWER_TERMS)
        return shown

    def chosen_company(self) -> Company | None:
        return self.companies.get(self.cleaned_data["company"])


class SignInForm(LoginForm):
    """Sign in by allauth's form, with the same words for every address, registered or not (C20)."""

    user: User | None = None

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["login"] = forms.CharField(  # any text: a text that is no address reads like a wrong password
            label=_("User name (your e-mail address)"),
            max_length=MAX_ADDRESS,
            widget=forms.EmailInput(attrs={"autocomplete": "username"}),
        )
        self.fields["password"] = password_field(_("Password"), autocomplete="current-password")
        self.order_fields(["login", "password"])

    def clean(self) -> dict[str, Any]:
        try:
            cleaned: dict[str, Any] = super().clean()
        except ValidationError:
            raise self._refusal() from None
        if self.user and not self.user.is_active:
            self.user = None
            raise self._refusal()
        return cleaned

    def _refusal(self) -> ValidationError:
        return locked_error(self.cleaned_data["login"]) or ValidationError(
            _(
                "We do not know this combination of user name and password. "
                "After more than 3 wrong passwords the account is locked for 30 minutes."
            )
        )
