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
from pages.second_step_forms import CredentialField, check_passkey, code_field, no_passkey


class CodeForm(AuthenticateForm):
    """Take a code of the authenticator app, or a recovery code."""

    code = code_field(
        _("Code"), _("The 6 digits in your authenticator app, or one of your recovery codes of 8 digits.")
    )

    def clean_code(self) -> str:
        code: str = self.cleaned_data["code"]
        authenticator = use_code(self.user, code)
        if authenticator is None:
            raise locked_error(self.user.email) or ValidationError(
                _("This code is not right. After more than 3 wrong codes the account is locked for 30 minutes.")
            )
        self.authenticator = authenticator
        return code


class PasskeyForm(AuthenticateWebAuthnForm):
    """Take a passkey as the second step.

    A passkey cannot be guessed, so attempts are not counted; a locked account stays locked.
    """

    credential = CredentialField()

    def clean_credential(self) -> Authenticator:
        factor = check_passkey(self._verified_authenticator)
        _check_may_sign_in(factor.user)
        forget_attempts(factor.user.email)
        return factor

    def _verified_authenticator(self) -> Authenticator:
        if not webauthn_challenge.is_of(webauthn_challenge.SECOND_STEP):
            raise no_passkey()
        return super().clean_credential()


class PasskeySignInForm(LoginWebAuthnForm):
    """Take a passkey instead of the password, with finger, face or PIN, and only if its owner chose so."""

    credential = CredentialField()

    def clean_credential(self) -> Authenticator:
        factor = check_passkey(self._verified_authenticator)
        _check_may_sign_in(factor.user)
        if not factor.data.get(PASSWORDLESS):
            raise ValidationError(
                gettext("This passkey works only after your password. Sign in with your password first.")
            )
        return factor

    def _verified_authenticator(self) -> Authenticator:
        authenticator_data = parse_authentication_response(
            self.cleaned_data["credential"]
        ).response.authenticator_data
        is_answer_to_challenge = (
            webauthn_challenge.is_of(webauthn_challenge.WITHOUT_PASSWORD)
            and webauthn_challenge.demands_finger_face_or_pin()
        )
        if not (is_answer_to_challenge and authenticator_data.is_user_verified()):
            raise no_passkey()
        return super().clean_credential()


def _check_may_sign_in(user: User) -> None:
    if error := locked_error(user.email):
        raise error
    if not user.is_active:
        raise no_passkey()
