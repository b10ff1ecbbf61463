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
    """Clean an e-mail address to its canonical form.

    Django's EmailField accepts texts that are no address (C2).
    """

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
    """Make a password field whose length the form checks.

    A `maxlength` in the browser would cut a long password off without a word.
    """
    widget = forms.PasswordInput(attrs={"autocomplete": autocomplete, **attrs})
    return forms.CharField(label=label, strip=False, widget=widget, validators=[MaxLengthValidator(MAX_PASSWORD)])


class NewPasswordForm(forms.Form):
    """Ask for a new password twice and report every problem at once."""

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
        password = self.data.get(self.add_prefix("password"))
        if password and password != repeat:
            raise ValidationError(gettext("This is not the same as the password above."))
        return repeat


def locked_error(address: str) -> ValidationError | None:
    """Return the error that says until when this account is locked, or None (R35)."""
    try:
        until = locked_until(canonical_address(address))
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
        """Show the error beside the field that it names, else above the form."""
        self.add_error(error.field if error.field in self.fields else None, str(error))
