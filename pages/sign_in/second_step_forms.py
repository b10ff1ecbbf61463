from __future__ import annotations

from allauth.mfa.base.forms import AuthenticateForm
from allauth.mfa.models import Authenticator
from allauth.mfa.webauthn.forms import AuthenticateWebAuthnForm, LoginWebAuthnForm
from allauth.mfa.webauthn.internal.auth import parse_authentication_response
from django.core.exceptions import ValidationError
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts import webauthn_challenge
from accounts.actions.second_step import PASSWORDLESS, use_code
from accounts.actions.sign_in import forget_attempts
from accounts.models import User
from pages.forms import locked_error
from pages.second_step_forms import CredentialField, _accepted, code_field, no_passkey


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
        if not webauthn_challenge.is_of(webauthn_challenge.SECOND_STEP):
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
        is_asked = (
            webauthn_challenge.is_of(webauthn_challenge.WITHOUT_PASSWORD)
            and webauthn_challenge.demands_finger_face_or_pin()
        )
        if not (is_asked and said.is_user_verified()):
            raise no_passkey()
        return super().clean_credential()


def _check_may_sign_in(user: User) -> None:
    if error := locked_error(user.email):
        raise error
    if not user.is_active:
        raise no_passkey()
