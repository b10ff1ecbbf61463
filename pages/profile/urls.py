from __future__ import annotations

from django.urls import path

from pages.profile import address_change, devices, mail_preferences, moving, own_account, profile

app_name = "profile"

urlpatterns = [
    path("gebruikersnaam-bevestigen/<str:token>/", address_change.confirm_address, name="confirm_address"),
    path("mijn-profiel/", profile.profile, name="profile"),
    path("mijn-profiel/apparaten/", devices.devices, name="devices"),
    path("mijn-profiel/apparaten/andere/", devices.end_other_devices, name="end_other_devices"),
    path("mijn-profiel/apparaten/<int:pk>/", devices.end_device, name="end_device"),
    path("mijn-profiel/mijn-gegevens/", own_account.download_data, name="download_data"),
    path("mijn-profiel/account-verwijderen/", own_account.delete_account, name="delete_account"),
    path("mijn-profiel/licenties/", profile.profile_licenses, name="profile_licenses"),
    path("mijn-profiel/aansluiten/<int:pk>/", profile.join_company, name="join"),
    path("mijn-profiel/overstappen/", moving.move, name="move"),
    path("mijn-profiel/overstappen/intrekken/", moving.withdraw, name="withdraw_move"),
    path("mijn-profiel/e-mails/", mail_preferences.mails, name="profile_mails"),
    path("mijn-profiel/e-mails/herinneringen/", mail_preferences.reminders, name="reminders"),
    path("mijn-profiel/e-mails/aanvragen/", mail_preferences.notices, name="notices"),
    path("aanvraagmails-uitzetten/<str:token>/", mail_preferences.stop_notices, name="stop_notices"),
    path("herinneringen-uitzetten/<str:token>/", mail_preferences.stop_reminders, name="stop_reminders"),
]
