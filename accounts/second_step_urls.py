"""The second step. The names are those that allauth looks up, the paths our own."""

from __future__ import annotations

from django.contrib.auth.decorators import login_not_required
from django.urls import path
from django.views.generic import RedirectView

from accounts.views import second_step
from accounts.views.sign_in import PasskeySignInView, SecondStepView

SECURITY = "mijn-profiel/beveiliging/"

urlpatterns = [
    path("inloggen/tweede-stap/", SecondStepView.as_view(), name="mfa_authenticate"),
    path("inloggen/passkey/", login_not_required(PasskeySignInView.as_view()), name="mfa_login_webauthn"),
    path("mijn-profiel/bevestigen/", second_step.PasswordAgainView.as_view(), name="account_reauthenticate"),
    path(SECURITY, second_step.security, name="mfa_index"),
    path(f"{SECURITY}app/", second_step.AppView.as_view(), name="mfa_activate_totp"),
    # Where allauth sends somebody who has an app already, and where it lists passkeys.
    path(f"{SECURITY}app/ingesteld/", RedirectView.as_view(pattern_name="mfa_index"), name="mfa_deactivate_totp"),
    path(f"{SECURITY}passkeys/", RedirectView.as_view(pattern_name="mfa_index"), name="mfa_list_webauthn"),
    path(f"{SECURITY}passkeys/toevoegen/", second_step.KeyView.as_view(), name="mfa_add_webauthn"),
    path(f"{SECURITY}<int:pk>/verwijderen/", second_step.remove, name="mfa_remove_webauthn"),
    path(f"{SECURITY}herstelcodes/", second_step.recovery_codes, name="mfa_view_recovery_codes"),
    path(f"{SECURITY}herstelcodes/nieuw/", second_step.make_recovery_codes, name="mfa_generate_recovery_codes"),
    path(
        f"{SECURITY}herstelcodes/downloaden/",
        second_step.download_recovery_codes,
        name="mfa_download_recovery_codes",
    ),
]
