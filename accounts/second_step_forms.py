"""allauth's forms of the second step, behind our lock (C16, C18) and in our words."""

from __future__ import annotations

import struct
from typing import Any

from allauth.account.adapter import get_adapter
from allauth.mfa.base.forms import AuthenticateForm
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.forms import ActivateTOTPForm
from allauth.mfa.webauthn.forms import AddWebAuthnForm, AuthenticateWebAuthnForm, LoginWebAuthnForm
from allauth.mfa.webauthn.internal.auth import parse_authentication_response
from cryptography.exceptions import UnsupportedAlgorithm
from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts import challenges
from accounts.actions.second_step import PASSWORDLESS, moment_of, use_code
from accounts.actions.sign_in import forget_attempts
from accounts.forms import locked_error, password_field
from accounts.models import User
from nenconnect.text import validate_single_line

MAX_CREDENTIAL = 50_000  # characters; what keys send is a few thousand
# What allauth, fido2 and cryptography raise over bytes that somebody made up.
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
    """Room for spaces and dashes, as apps show them."""
    attrs = {"autocomplete": "one-time-code", "inputmode": "numeric"}
    return forms.CharField(label=label, help_text=help_text, max_length=20, widget=forms.TextInput(attrs=attrs))


class CredentialField(forms.JSONField):
    """What a browser says of a passkey; anything else that somebody sends is no passkey, and no error of ours."""

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


class CodeForm(AuthenticateForm):
    """A code of the app, or a recovery code."""

    code = code_field(
        _("Code"), _("The 6 digits in your authenticator app, or one of your recovery codes of 8 digits.")
    )

    def clean_code(self) -> str:
        code: str = self.cleaned_data["code"]
        used = use_code(self.user, code)
        if used is None:
            raise locked_error(self.user.email) or ValidationError(
                _("This code is not right. After more than 3 wrong codes the account is locked for 30 minutes.")
            )
        self.authenticator = used
        return code


class PasskeyForm(AuthenticateWebAuthnForm):
    """As the second step. A passkey cannot be guessed, so it is not counted; a locked account stays locked."""

    credential = CredentialField()

    def clean_credential(self) -> Authenticator:
        factor = _accepted(self._proved)
        _check_may_sign_in(factor.user)
        forget_attempts(factor.user.email)
        return factor

    def _proved(self) -> Authenticator:
        if not challenges.is_of(challenges.SECOND_STEP):
            raise no_passkey()
        return super().clean_credential()


class PasskeySignInForm(LoginWebAuthnForm):
    """Instead of the password: with finger, face or PIN, and only where its owner chose so."""

    credential = CredentialField()

    def clean_credential(self) -> Authenticator:
        factor = _accepted(self._proved)
        _check_may_sign_in(factor.user)
        if not factor.data.get(PASSWORDLESS):
            raise ValidationError(
                gettext("This passkey works only after your password. Sign in with your password first.")
            )
        return factor

    def _proved(self) -> Authenticator:
        said = parse_authentication_response(self.cleaned_data["credential"]).response.authenticator_data
        is_asked = challenges.is_of(challenges.WITHOUT_PASSWORD) and challenges.demands_finger_face_or_pin()
        if not (is_asked and said.is_user_verified()):
            raise no_passkey()
        return super().clean_credential()


class AppForm(ActivateTOTPForm):
    code = code_field(_("Code"), _("The 6 digits that the app shows now."))

    def clean_code(self) -> str:
        """Not counted: the secret of the app stands on this very page."""
        code: str = self.cleaned_data["code"]
        self.moment = moment_of(self.secret, code)
        if self.moment is None:
            raise ValidationError(
                _("This code is not right. Type the next one. Still not? See that the phone's clock is right.")
            )
        return code


class KeyForm(AddWebAuthnForm):
    name = forms.CharField(
        label=_("Name"),
        max_length=60,
        required=False,
        validators=[validate_single_line],
        help_text=_("So that you know it again, for instance: phone, laptop, key on my key ring."),
    )
    passwordless = forms.BooleanField(
        label=_("Also sign in without a password"),
        required=False,
        initial=True,
        help_text=_("It then asks for your finger, face or PIN. Untick this for a key that has none."),
    )
    credential = CredentialField()
    field_order = ["name", "passwordless", "credential"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial["name"] = ""

    def clean_name(self) -> str:
        return str(self.cleaned_data["name"]) or gettext("Passkey")

    def clean(self) -> dict[str, Any]:
        if self.errors:  # nothing is proved for a form that comes back
            return dict(self.cleaned_data)
        return dict(_accepted(super().clean))


class PasswordAgainForm(forms.Form):
    """Before anything of the second step changes. Counts as an attempt, as at every other door (C18)."""

    password = password_field(_("Password"), autocomplete="current-password")

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user

    def clean_password(self) -> str:
        password: str = self.cleaned_data["password"]
        if not get_adapter().reauthenticate(self.user, password):
            raise locked_error(self.user.email) or ValidationError(_("This is not your password."))
        return password


def _accepted(check: Any) -> Any:
    """What the check gives. allauth and fido2 trip over some of what is no passkey."""
    try:
        return check()
    except NO_PASSKEY:
        raise no_passkey() from None
    except ValidationError as error:
        raise no_passkey() from error


def _check_may_sign_in(user: User) -> None:
    if error := locked_error(user.email):
        raise error
    if not user.is_active:
        raise no_passkey()
