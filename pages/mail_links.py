"""Serve the links in our mails: opening a link changes nothing (R34, C8), a dead link has one page (C13)."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters

from accounts.models import User

P = ParamSpec("P")
View = Callable[Concatenate[HttpRequest, P], HttpResponse]


def mail_link(view: View[P]) -> View[P]:
    """Make a page public, never stored, and keep its address out of the Referer header (C14).

    Not `no-referrer`: browsers then send `Origin: null` with the form, which the CSRF check refuses.
    """

    @login_not_required
    @never_cache
    @sensitive_post_parameters("password", "repeat")
    @wraps(view)
    def wrapped(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        response = view(request, *args, **kwargs)
        response.headers["Referrer-Policy"] = "strict-origin"
        return response

    return wrapped


def dead_link(
    request: HttpRequest, *, expired: User | None = None, is_reset: bool = False, is_address: bool = False
) -> HttpResponse:
    """Show the page of a link that no longer works.

    `expired`: the person whose registration link expired; the page names the admin to write to (R12).
    `is_reset`: the link was for a new password; `is_address`: the link was for a new user name.
    """
    context = {"expired": expired, "is_reset": is_reset, "is_address": is_address}
    return render(request, "parts/dead_link.html", context)


def sign_out_first(request: HttpRequest, *, back: str = "") -> HttpResponse:
    """Ask a person who is signed in to another account to sign out, which leads `back` to the link."""
    return render(request, "parts/sign_out_first.html", {"next": back or request.path})
