"""Put our lock (C16, C18) and our words on allauth's forms of the second step."""

from __future__ import annotations

import struct
from typing import Any

from allauth.account.adapter import get_adapter
from cryptography.exceptions import UnsupportedAlgorithm
from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from pages.forms import locked_error, password_field

MAX_CODE = 20  # characters, with the spaces and dashes that apps show
MAX_CREDENTIAL = 50_000  # characters; what keys send is a few thousand
# What allauth, fido2 and cryptography raise for made-up bytes.
NO_PASSKEY = (
    AttributeError,
    LookupError,
    NotImplementedError,
    OverflowError,
    RecursionError,
    TypeError,
    UnsupportedAlgorithm,
    ValueError,
    struct.error,
)


def code_field(label: Any, help_text: Any) -> forms.CharField:
    attrs = {"autocomplete": "one-time-code", "inputmode": "numeric"}
    return forms.CharField(
        label=label, help_text=help_text, max_length=MAX_CODE, widget=forms.TextInput(attrs=attrs)
    )


class CredentialField(forms.JSONField):
    """Read what a browser sends of a passkey; refuse anything else as no passkey."""

    widget = forms.HiddenInput

    def to_python(self, value: Any) -> Any:
        text = str(value or "")
        if len(text) > MAX_CREDENTIAL or "\\u" in text:  # an escaped NUL breaks Postgres (C30); browsers send none
            raise no_passkey()
        try:
            credential = super().to_python(text)
        except (ValidationError, ValueError, RecursionError):
            raise no_passkey() from None
        if not isinstance(credential, dict) or not isinstance(credential.get("response"), dict):
            raise no_passkey()
        return credential


def no_passkey() -> ValidationError:
    return ValidationError(gettext("This passkey was not accepted. Try again, or choose another way."))


class PasswordAgainForm(forms.Form):
    """Ask for the password before the second step changes; a wrong one counts as a sign-in attempt (C18)."""

    password = password_field(_("Password"), autocomplete="current-password")

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user

    def clean_password(self) -> str:
        password: str = self.cleaned_data["password"]
        if not get_adapter().reauthenticate(self.user, password):
            raise locked_error(self.user.email) or ValidationError(_("This is not your password."))
        return password


def check_passkey(check: Any) -> Any:
    """Run the check and turn what allauth and fido2 raise for a wrong passkey into our refusal."""
    try:
        return check()
    except NO_PASSKEY:
        raise no_passkey() from None
    except ValidationError as error:
        raise no_passkey() from error
