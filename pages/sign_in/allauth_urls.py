"""Put allauth's URL names on our own addresses; its other pages are not used."""

from __future__ import annotations

from django.contrib.auth.decorators import login_not_required
from django.urls import path
from django.views.generic import RedirectView

from pages.sign_in.sign_in import PasskeySignInView, SecondStepView, SignInView, SignOutView, account_inactive

urlpatterns = [
    path("inloggen/", SignInView.as_view(), name="account_login"),
    path("uitloggen/", login_not_required(SignOutView.as_view()), name="account_logout"),
    path("inloggen/tweede-stap/", SecondStepView.as_view(), name="mfa_authenticate"),
    path("inloggen/passkey/", login_not_required(PasskeySignInView.as_view()), name="mfa_login_webauthn"),
    path("account-niet-actief/", account_inactive, name="account_inactive"),
    path(
        "wachtwoord-herstel/",
        login_not_required(RedirectView.as_view(pattern_name="sign_in:forgot_password")),
        name="account_reset_password",
    ),
    path(
        "aanmelden/",
        login_not_required(RedirectView.as_view(pattern_name="sign_in:register")),
        name="account_signup",
    ),
]
