from __future__ import annotations

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from django.contrib.auth import authenticate
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from accounts.actions.sign_in import note_sign_in
from accounts.models import User


class AccountAdapter(DefaultAccountAdapter):
    def is_safe_url(self, url: str | None) -> bool:
        """Only paths of our own (C22): not even our own host in full, which could lead from https to http."""
        return bool(url) and str(url).startswith("/") and bool(super().is_safe_url(url))

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False  # people come in by our own registration

    def get_login_redirect_url(self, request: HttpRequest) -> str:
        return reverse("accounts:home")

    def post_login(self, request: HttpRequest, user: User, **kwargs: Any) -> HttpResponse:
        """The first sign-in leads to the licences that one can ask for (R18); an admin's to what is to do."""
        response: HttpResponse = super().post_login(request, user, **kwargs)
        if note_sign_in(user) and user.company_id and not user.is_company_admin:
            return redirect("requests_app:license_choice")
        return response

    def reauthenticate(self, user: User, password: str) -> bool:
        return authenticate(self.request, email=user.email, password=password) == user

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Every mail is ours and goes through the outbox (R31); allauth sends none itself."""
        raise NotImplementedError(template_prefix)

    def send_notification_mail(
        self, template_prefix: str, user: User, context: Any = None, email: Any = None
    ) -> None:
        """The trail keeps what allauth would mail about."""
