from __future__ import annotations

from contextlib import suppress

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from accounts.actions.details import change_details
from accounts.models import User
from nenconnect.links.own_paths import own_path
from nenconnect.rules.errors import RuleError

YEAR = 365 * 24 * 3600  # seconds


@login_not_required
@require_POST
def language(request: HttpRequest) -> HttpResponse:
    """Set the language in a cookie, and for a signed-in person on the account, so that mails follow."""
    response = HttpResponseRedirect(own_path(request.POST.get("next")) or reverse("home:home"))
    code = request.POST.get("language")
    if code not in dict(settings.LANGUAGES):
        return response
    if isinstance(request.user, User):
        with suppress(RuleError):  # the person changed company meanwhile; the next page shows it
            change_details(request.user, by=request.user, language=code)
    response.set_cookie(
        settings.LANGUAGE_COOKIE_NAME,
        code,
        max_age=YEAR,
        secure=settings.LANGUAGE_COOKIE_SECURE,
        httponly=settings.LANGUAGE_COOKIE_HTTPONLY,
        samesite="Lax",
    )
    return response


@login_not_required
@require_safe
def help(request: HttpRequest) -> HttpResponse:
    return render(request, "pages/home/help.html")


@login_not_required
@require_safe
def privacy(request: HttpRequest) -> HttpResponse:
    return render(request, "pages/home/privacy.html")
