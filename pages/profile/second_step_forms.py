from __future__ import annotations

from typing import Any

from allauth.mfa.totp.forms import ActivateTOTPForm
from allauth.mfa.webauthn.forms import AddWebAuthnForm
from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.actions.second_step import matching_half_minute
from nenconnect.text.characters import validate_single_line
from pages.second_step_forms import CredentialField, check_passkey, code_field


class AppForm(ActivateTOTPForm):
    code = code_field(_("Code"), _("The 6 digits that the app shows now."))

    def clean_code(self) -> str:
        """Check the code without counting attempts: the secret of the app is shown on the same page."""
        code: str = self.cleaned_data["code"]
        self.moment = matching_half_minute(self.secret, code)
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
        if self.errors:  # the passkey is checked once the rest is right
            return dict(self.cleaned_data)
        return dict(check_passkey(super().clean))
