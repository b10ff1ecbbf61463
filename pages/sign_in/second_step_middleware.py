from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from accounts.models import User
from accounts.second_step import is_missing
from nenconnect.links.own_paths import own_path
from pages.session_keys import AFTER_SECOND_STEP

# Beside the public pages, such as language, help, the terms and signing out.
OPEN_TO_ALL = {
    "account_reauthenticate",
    "sign_in:accept_terms",
    "mfa_activate_totp",
    "mfa_add_webauthn",
    "mfa_index",
}


class SecondStepMiddleware:
    """Lead a person who must have a second step and has none to the page that sets it up.

    Costs no query: the person is read with the company and the second step.
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
        request.must_set_up_second_step = True  # type: ignore[attr-defined]  # the menu has no links then
        if _is_open(request, view):
            return None
        if request.method == "GET":
            request.session[AFTER_SECOND_STEP] = own_path(request.get_full_path())
        return redirect("mfa_index")


def _is_open(request: HttpRequest, view: Callable[..., Any]) -> bool:
    """Tell whether the page is public; the home page is not, as it shows a signed-in person's own data."""
    match = request.resolver_match
    name = match.view_name if match else ""
    is_public = not getattr(view, "login_required", True)
    return name in OPEN_TO_ALL or (is_public and name != "home:home")
