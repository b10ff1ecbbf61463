"""Put allauth's URL names on the addresses of "Mijn profiel"."""

from __future__ import annotations

from django.urls import path
from django.views.generic import RedirectView

from pages.profile import second_step
from pages.profile.password import ChangePasswordView

SECURITY = "mijn-profiel/beveiliging/"

urlpatterns = [
    path("mijn-profiel/wachtwoord/", ChangePasswordView.as_view(), name="account_change_password"),
    path("mijn-profiel/bevestigen/", second_step.PasswordAgainView.as_view(), name="account_reauthenticate"),
    path(SECURITY, second_step.security, name="mfa_index"),
    path(f"{SECURITY}app/", second_step.AppView.as_view(), name="mfa_activate_totp"),
    # Where allauth leads a person who has an app already, and where it lists passkeys.
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
