"""Form fields and forms that several pages share."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.validators import MaxLengthValidator
from django.utils import formats, timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.actions.sign_in import locked_until
from accounts.models import User
from companies.addresses import MAX_ADDRESS, canonical_address
from nenconnect.rules.errors import RuleError

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


class RuleForm(forms.Form):
    def add_rule_error(self, error: RuleError) -> None:
        """Beside the field that the rule names, else on top."""
        self.add_error(error.field if error.field in self.fields else None, str(error))
