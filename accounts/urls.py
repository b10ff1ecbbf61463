from __future__ import annotations

from django.urls import path

from accounts.views import (
    devices,
    home,
    leaving,
    mail_preferences,
    moving,
    pages,
    password,
    profile,
    registration,
    terms,
)

app_name = "accounts"

urlpatterns = [
    path("", home.home, name="home"),
    path("registreren/", registration.register, name="register"),
    path("registreren/verstuurd/", registration.register_done, name="register_done"),
    path("registratie/", registration.choose_password, name="choose_password"),
    path("registratie/<str:token>/", registration.registration, name="registration"),
    path("wachtwoord-vergeten/", password.forgot_password, name="forgot_password"),
    path("wachtwoord-vergeten/verstuurd/", password.forgot_password_done, name="forgot_password_done"),
    path("wachtwoord-herstellen/", password.new_password, name="new_password"),
    path("wachtwoord-herstellen/<str:token>/", password.password_reset, name="password_reset"),
    path("mijn-profiel/", profile.profile, name="profile"),
    path("mijn-profiel/apparaten/", devices.devices, name="devices"),
    path("mijn-profiel/apparaten/andere/", devices.end_other_devices, name="end_other_devices"),
    path("mijn-profiel/apparaten/<int:pk>/", devices.end_device, name="end_device"),
    path("mijn-profiel/mijn-gegevens/", leaving.download_data, name="download_data"),
    path("mijn-profiel/account-verwijderen/", leaving.delete_account, name="delete_account"),
    path("mijn-profiel/licenties/", profile.profile_licenses, name="profile_licenses"),
    path("mijn-profiel/aansluiten/<int:pk>/", profile.join_company, name="join"),
    path("mijn-profiel/overstappen/", moving.move, name="move"),
    path("mijn-profiel/overstappen/intrekken/", moving.withdraw, name="withdraw_move"),
    path("mijn-profiel/e-mails/", mail_preferences.mails, name="profile_mails"),
    path("mijn-profiel/e-mails/herinneringen/", mail_preferences.reminders, name="reminders"),
    path("mijn-profiel/e-mails/aanvragen/", mail_preferences.notices, name="notices"),
    path("aanvraagmails-uitzetten/<str:token>/", mail_preferences.stop_notices, name="stop_notices"),
    path("herinneringen-uitzetten/<str:token>/", mail_preferences.stop_reminders, name="stop_reminders"),
    path("taal/", pages.language, name="language"),
    path("hulp/", pages.help, name="help"),
    path("privacy/", pages.privacy, name="privacy"),
    path("voorwaarden/", terms.terms, name="terms"),
    path("voorwaarden/<int:pk>/", terms.terms_version, name="terms_version"),
    path("voorwaarden/akkoord/", terms.accept_terms, name="accept_terms"),
]
