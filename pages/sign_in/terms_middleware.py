"""Whoever is signed in accepts the current terms of use before going on: asked once for each version."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.actions.terms import current_id, has_accepted, look_again
from accounts.models import User
from nenconnect.links.own_paths import own_path, with_next

ACCEPTED = "terms_accepted"  # the place in the session with the number of the version

# Besides the public pages, among which are help, privacy, the terms themselves and signing out.
OPEN_TO_ALL = {
    "sign_in:accept_terms",
    "profile:download_data",
    "profile:delete_account",
}


class TermsMiddleware:
    """Costs two queries once per session and version, and nothing after that."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Callable[..., Any], args: Any, kwargs: Any
    ) -> HttpResponse | None:
        if not isinstance(request.user, User) or _is_open(request, view):
            return None
        version_id = current_id()
        if version_id is None or request.session.get(ACCEPTED) == version_id:
            return None
        version_id = look_again()  # before anybody is bothered: another web server may know better by now
        if version_id is None or has_accepted(request.user, version_id):
            request.session[ACCEPTED] = version_id
            return None
        return _ask(request)


def note_acceptance(request: HttpRequest, user: User) -> None:
    """At the sign-in, which writes the session anyway: the page after it need not."""
    version_id = current_id()
    if version_id is not None and has_accepted(user, version_id):
        request.session[ACCEPTED] = version_id


def _is_open(request: HttpRequest, view: Callable[..., Any]) -> bool:
    """Public pages, but for the home page: to whoever is signed in it is theirs."""
    match = request.resolver_match
    name = match.view_name if match else ""
    is_public = not getattr(view, "login_required", True)
    return name in OPEN_TO_ALL or (is_public and name != "home:home")


def _ask(request: HttpRequest) -> HttpResponse:
    if request.method in {"GET", "HEAD"}:
        after = own_path(request.get_full_path())
    else:  # what was typed is not kept, and the person is told; the form is where the browser came from
        after = _came_from(request)
        messages.warning(
            request,
            _("What you sent has not been saved: first accept the terms of use. Then send it once more."),
        )
    return redirect(with_next(reverse("sign_in:accept_terms"), after))


def _came_from(request: HttpRequest) -> str:
    referrer = urlsplit(request.headers.get("Referer", ""))
    is_ours = referrer.netloc == request.get_host()
    return own_path(referrer._replace(scheme="", netloc="", fragment="").geturl()) if is_ours else ""
