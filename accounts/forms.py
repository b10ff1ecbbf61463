from __future__ import annotations

from typing import Any

from allauth.account.forms import LoginForm
from django import forms
from django.contrib.auth import authenticate
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.validators import MaxLengthValidator
from django.utils import formats, timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django_countries import countries

from accounts.actions import password as password_actions
from accounts.actions.sign_in import locked_until
from accounts.actions.terms import NEWER_TERMS
from accounts.models import LANGUAGES, RequestNotices, TermsVersion, User
from companies.addresses import MAX_ADDRESS, canonical_address
from companies.models import Company, LabelValue
from nenconnect.errors import RuleError
from nenconnect.text import validate_phone, validate_single_line

MAX_PASSWORD = 1024  # C21
TOO_LONG = _("This e-mail address is too long.")


class AddressField(forms.CharField):
    """Gives the canonical address; Django's EmailField lets through what is none (C2)."""

    def __init__(self, *, autocomplete: str, **kwargs: Any) -> None:
        widget = forms.EmailInput(attrs={"autocomplete": autocomplete})
        messages = {"max_length": TOO_LONG}
        super().__init__(max_length=MAX_ADDRESS, widget=widget, error_messages=messages, **kwargs)

    def clean(self, value: Any) -> str:
        try:
            return canonical_address(super().clean(value))
        except RuleError as error:
            raise ValidationError(str(error)) from None


def password_field(label: Any, *, autocomplete: str = "new-password", **attrs: str) -> forms.CharField:
    """The length is checked here and not by the browser, which would cut the password off without a word."""
    widget = forms.PasswordInput(attrs={"autocomplete": autocomplete, **attrs})
    return forms.CharField(label=label, strip=False, widget=widget, validators=[MaxLengthValidator(MAX_PASSWORD)])


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


class NewPasswordForm(forms.Form):
    """Says all that is wrong at once: a password that is too weak, and one that was not typed twice alike."""

    password = password_field(_("Password"), **{"aria-describedby": "password-demands id_password_error"})
    repeat = password_field(_("Password, once more"))

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user

    def clean_password(self) -> str:
        password: str = self.cleaned_data["password"]
        validate_password(password, self.user)
        return password

    def clean_repeat(self) -> str:
        repeat: str = self.cleaned_data["repeat"]
        typed = self.data.get(self.add_prefix("password"))
        if typed and typed != repeat:
            raise ValidationError(gettext("This is not the same as the password above."))
        return repeat


class ShownTermsField(forms.IntegerField):
    """Sends back which version stood on the page; after a refusal the page shows, and sends, the one of now."""

    widget = forms.HiddenInput({"autocomplete": "off"})  # else Firefox keeps the old number when reloading

    def bound_data(self, data: Any, initial: Any) -> Any:
        return initial


class FinishRegistrationForm(NewPasswordForm):
    """A password, and the company where several are open to the address (R17).

    Sending it accepts the terms of use that stand on the page, where NEN has published any.
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
        else:  # nothing to choose, but what the page promised is what happens (C6)
            field.widget = forms.HiddenInput()
            field.initial = next(iter(self.companies), self.NO_COMPANY)

    def clean_terms(self) -> int | None:
        shown: int | None = self.cleaned_data["terms"]
        if shown != (self.shown_terms.pk if self.shown_terms else None):
            raise ValidationError(NEWER_TERMS)
        return shown

    def chosen_company(self) -> Company | None:
        return self.companies.get(self.cleaned_data["company"])


class MoveForm(forms.Form):
    """Which of the companies that fit the address; the own one is not among them."""

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


class SignInForm(LoginForm):
    """allauth's, with words that are the same for every address, known or not (C20)."""

    user: User | None = None

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["login"] = forms.CharField(  # any text: what is no address reads like a wrong password
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


class ChangePasswordForm(NewPasswordForm):
    """For allauth's view. The present password counts as an attempt, as at every other door (C18)."""

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
    """One's own data (R19); the address is the company admin's to change (R2)."""

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
        """The company's values to choose from, where it uses a label and has any."""
        values = LabelValue.objects.to_choose_at(company)
        if values.exists():
            self.fields["label"] = forms.ModelChoiceField(
                values, label=company.user_label, required=False, empty_label=_("Not filled in")
            )
            self.order_fields(["name", "phone", "country", "label", "language"])


class NoticesForm(forms.Form):
    """When an admin reads of new requests."""

    notices = forms.ChoiceField(
        label=_("When do you want a mail about new requests?"),
        choices=RequestNotices.choices,
        widget=forms.RadioSelect,
    )


def locked_error(typed: str) -> ValidationError | None:
    """The refusal that says until when, or None where nothing is locked (R35)."""
    try:
        until = locked_until(canonical_address(typed))
    except RuleError:
        return None
    if until is None:
        return None
    at = formats.time_format(timezone.localtime(until), "H:i")
    return ValidationError(
        gettext(
            "Too many wrong passwords: locked until %(time)s. "
            "Then try again, or choose a new password now by “Forgotten your password?”."
        )
        % {"time": at}
    )
