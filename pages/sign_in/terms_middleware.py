"""Ask a signed-in person once to accept each new version of the terms of use."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.actions.terms import current_version_id, has_accepted, reload_current_version
from accounts.models import User
from nenconnect.links.own_paths import own_path, with_next

ACCEPTED = "terms_accepted"  # session key that holds the id of the version

# Beside the public pages, such as help, privacy, the terms themselves and signing out.
OPEN_TO_ALL = {
    "sign_in:accept_terms",
    "profile:download_data",
    "profile:delete_account",
}


class TermsMiddleware:
    """Lead a person who has not accepted the current terms to the page that asks.

    Costs two queries per session and version, and none after that.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Callable[..., Any], args: Any, kwargs: Any
    ) -> HttpResponse | None:
        if not isinstance(request.user, User) or _is_open(request, view):
            return None
        version_id = current_version_id()
        if version_id is None or request.session.get(ACCEPTED) == version_id:
            return None
        version_id = reload_current_version()  # another web server may have published a version meanwhile
        if version_id is None or has_accepted(request.user, version_id):
            request.session[ACCEPTED] = version_id
            return None
        return _lead_to_terms(request)


def note_acceptance(request: HttpRequest, user: User) -> None:
    """Note in the session at sign-in that the person accepted the current terms, which saves a query later."""
    version_id = current_version_id()
    if version_id is not None and has_accepted(user, version_id):
        request.session[ACCEPTED] = version_id


def _is_open(request: HttpRequest, view: Callable[..., Any]) -> bool:
    """Tell whether the page is public; the home page is not, as it shows a signed-in person's own data."""
    match = request.resolver_match
    name = match.view_name if match else ""
    is_public = not getattr(view, "login_required", True)
    return name in OPEN_TO_ALL or (is_public and name != "home:home")


def _lead_to_terms(request: HttpRequest) -> HttpResponse:
    if request.method in {"GET", "HEAD"}:
        after = own_path(request.get_full_path())
    else:  # the typed text is lost and the page says so; the form is on the page that the browser came from
        after = _path_of_referrer(request)
        messages.warning(
            request,
            _("What you sent has not been saved: first accept the terms of use. Then send it once more."),
        )
    return redirect(with_next(reverse("sign_in:accept_terms"), after))


def _path_of_referrer(request: HttpRequest) -> str:
    referrer = urlsplit(request.headers.get("Referer", ""))
    is_ours = referrer.netloc == request.get_host()
    return own_path(referrer._replace(scheme="", netloc="", fragment="").geturl()) if is_ours else ""
