from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from accounts.models import User
from accounts.second_step import is_missing
from nenconnect.links.own_paths import own_path
from pages.session_keys import AFTER_SECOND_STEP

# Besides the public pages, among which are language, help, the terms and signing out.
OPEN_TO_ALL = {
    "account_reauthenticate",
    "sign_in:accept_terms",
    "mfa_activate_totp",
    "mfa_add_webauthn",
    "mfa_index",
}


class SecondStepMiddleware:
    """Whoever must have a second step and has none can do nothing but set it up, at NEN's desk neither.

    Costs no query: the person is read with the company and with what is asked here.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Callable[..., Any], args: Any, kwargs: Any
    ) -> HttpResponse | None:
        if not isinstance(request.user, User) or not is_missing(request.user):
            return None
        request.must_set_up_second_step = True  # type: ignore[attr-defined]  # the menu leads nowhere now
        if _is_open(request, view):
            return None
        if request.method == "GET":
            request.session[AFTER_SECOND_STEP] = own_path(request.get_full_path())
        return redirect("mfa_index")


def _is_open(request: HttpRequest, view: Callable[..., Any]) -> bool:
    """Public pages, but for the home page: to whoever is signed in it is theirs."""
    match = request.resolver_match
    name = match.view_name if match else ""
    is_public = not getattr(view, "login_required", True)
    return name in OPEN_TO_ALL or (is_public and name != "home:home")
