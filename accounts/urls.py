from __future__ import annotations

from django.urls import path

from accounts.views import home, mail_preferences, pages, password, profile, registration

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
    path("mijn-profiel/licenties/", profile.profile_licenses, name="profile_licenses"),
    path("mijn-profiel/aansluiten/<int:pk>/", profile.join_company, name="join"),
    path("mijn-profiel/e-mails/", mail_preferences.mails, name="profile_mails"),
    path("mijn-profiel/e-mails/herinneringen/", mail_preferences.reminders, name="reminders"),
    path("herinneringen-uitzetten/<str:token>/", mail_preferences.stop_reminders, name="stop_reminders"),
    path("taal/", pages.language, name="language"),
    path("hulp/", pages.help, name="help"),
    path("privacy/", pages.privacy, name="privacy"),
    path("voorwaarden/", pages.terms, name="terms"),
]
