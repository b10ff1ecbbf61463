from __future__ import annotations

from typing import Any

from allauth.account.views import LoginView, LogoutView

from accounts.views.registration import SIGN_IN_ADDRESS


class SignInView(LoginView):
    """allauth's; its form is accounts.forms.SignInForm."""

    template_name = "accounts/sign_in.html"

    def get_initial(self) -> dict[str, Any]:
        return {"login": self.request.session.get(SIGN_IN_ADDRESS, "")}


class SignOutView(LogoutView):
    """allauth's: GET asks, POST does (C22)."""

    template_name = "accounts/sign_out.html"
