from __future__ import annotations

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.internal.stagekit import clear_login
from allauth.core.exceptions import ImmediateHttpResponse
from django.contrib import messages
from django.contrib.auth import authenticate
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.actions.sign_in import may_sign_in, record_sign_in
from accounts.models import User
from nenconnect.links.own_paths import own_path, with_next
from pages.arrivals import note_signed_in
from pages.sign_in.terms_middleware import note_acceptance


class AccountAdapter(DefaultAccountAdapter):
    def is_safe_url(self, url: str | None) -> bool:
        """Allow only paths on this site (C22).

        A full address of our own host could lead from https to http.
        """
        return bool(own_path(url)) and bool(super().is_safe_url(url))

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False  # people come in by our own registration

    def get_login_redirect_url(self, request: HttpRequest) -> str:
        return reverse("home:home")

    def post_login(self, request: HttpRequest, user: User, **kwargs: Any) -> HttpResponse:
        """Lead the first sign-in of an employee to the licences to ask for (R18)."""
        response: HttpResponse = super().post_login(request, user, **kwargs)
        note_signed_in(request, user)
        if record_sign_in(user) and user.company_id and not user.is_company_admin:
            after = own_path(kwargs.get("redirect_url"))  # the page that led here comes after the licences
            return redirect(with_next(reverse("requests:license_choice"), after))
        return response

    def get_login_stages(self) -> list[str]:
        replaced = {"allauth.mfa.stages.AuthenticateStage": "pages.sign_in.second_step_adapter.SecondStepStage"}
        return [replaced.get(stage, stage) for stage in super().get_login_stages()]

    def login(self, request: HttpRequest, user: User) -> None:
        """Check at the end of every sign-in that the person may still sign in (C18, C19)."""
        if not may_sign_in(user):
            clear_login(request)
            messages.error(request, _("You cannot sign in at this moment. Try again in half an hour."))
            raise ImmediateHttpResponse(redirect("account_login"))
        super().login(request, user)
        note_acceptance(request, user)

    def get_reauthentication_methods(self, user: User) -> list[dict[str, str]]:
        """Ask for the password only, so that a person who lost the phone can set up a new one."""
        return [{"id": "reauthenticate", "description": "", "url": reverse("account_reauthenticate")}]

    def reauthenticate(self, user: User, password: str) -> bool:
        return authenticate(self.request, email=user.email, password=password) == user

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Refuse allauth's mails: every mail goes through our outbox (R31)."""
        raise NotImplementedError(template_prefix)

    def send_notification_mail(
        self, template_prefix: str, user: User, context: Any = None, email: Any = None
    ) -> None:
        """Send nothing; the audit holds what allauth would mail about."""
