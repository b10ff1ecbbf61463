from __future__ import annotations

from django.urls import path

from pages.sign_in import password, registration, terms

app_name = "sign_in"

urlpatterns = [
    path("registreren/", registration.register, name="register"),
    path("registreren/verstuurd/", registration.register_done, name="register_done"),
    path("registratie/", registration.choose_password, name="choose_password"),
    path("registratie/<str:token>/", registration.registration, name="registration"),
    path("wachtwoord-vergeten/", password.forgot_password, name="forgot_password"),
    path("wachtwoord-vergeten/verstuurd/", password.forgot_password_done, name="forgot_password_done"),
    path("wachtwoord-herstellen/", password.new_password, name="new_password"),
    path("wachtwoord-herstellen/<str:token>/", password.password_reset, name="password_reset"),
    path("voorwaarden/", terms.terms, name="terms"),
    path("voorwaarden/<int:pk>/", terms.terms_version, name="terms_version"),
    path("voorwaarden/akkoord/", terms.accept_terms, name="accept_terms"),
]
