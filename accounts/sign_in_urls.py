"""The names that allauth looks up, on our own paths; of allauth's other pages we use none."""

from __future__ import annotations

from django.contrib.auth.decorators import login_not_required
from django.urls import path
from django.views.generic import RedirectView

from accounts.views.pages import account_inactive
from accounts.views.password import ChangePasswordView
from accounts.views.sign_in import SignInView, SignOutView

urlpatterns = [
    path("inloggen/", SignInView.as_view(), name="account_login"),
    path("uitloggen/", login_not_required(SignOutView.as_view()), name="account_logout"),
    path("mijn-profiel/wachtwoord/", ChangePasswordView.as_view(), name="account_change_password"),
    path("account-niet-actief/", account_inactive, name="account_inactive"),
    path(
        "wachtwoord-herstel/",
        login_not_required(RedirectView.as_view(pattern_name="accounts:forgot_password")),
        name="account_reset_password",
    ),
    path(
        "aanmelden/",
        login_not_required(RedirectView.as_view(pattern_name="accounts:register")),
        name="account_signup",
    ),
]
