"""Show the terms of use, current and earlier, and accept them."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from accounts.actions.terms import NEWER_TERMS, accept, has_accepted
from accounts.models import TermsVersion
from nenconnect.links.own_paths import own_path
from nenconnect.rules.errors import RuleError
from pages.access import SignedInRequest
from pages.sign_in.terms_middleware import ACCEPTED
from pages.sign_in.terms_text import terms_html


@login_not_required
@require_safe
def terms(request: HttpRequest) -> HttpResponse:
    return _terms_page(request, TermsVersion.objects.current())


@login_not_required
@require_safe
def terms_version(request: HttpRequest, pk: int) -> HttpResponse:
    return _terms_page(request, get_object_or_404(TermsVersion, pk=pk))


@require_http_methods(["GET", "POST"])
def accept_terms(request: SignedInRequest) -> HttpResponse:
    after = own_path(request.GET.get("next")) or "home:home"
    current = TermsVersion.objects.current()
    if current is None or has_accepted(request.user, current.pk):
        return redirect(after)
    if request.method == "POST" and _accept_shown_version(request, current):
        return redirect(after)
    return render(request, "pages/sign_in/accept_terms.html", _version_context(current))


def _accept_shown_version(request: SignedInRequest, current: TermsVersion) -> bool:
    if request.POST.get("version") != str(current.pk):
        messages.warning(request, NEWER_TERMS)
        return False
    try:
        accept(request.user, current)
    except RuleError as error:
        messages.warning(request, str(error))
        return False
    request.session[ACCEPTED] = current.pk
    return True


def _terms_page(request: HttpRequest, version: TermsVersion | None) -> HttpResponse:
    in_force = list(TermsVersion.objects.in_force().only("pk", "published_at"))
    context = {
        "is_current": version is not None and version == next(iter(in_force), None),
        "is_announced": version is not None and version not in in_force,
        "current": next(iter(in_force), None),
        "others": [other for other in in_force if other != version],
        "announced": TermsVersion.objects.announced().only("pk", "published_at"),
    }
    return render(request, "pages/sign_in/terms.html", _version_context(version) | context)


def _version_context(version: TermsVersion | None) -> dict[str, Any]:
    return {"version": version, "terms_html": terms_html(version.text) if version else ""}
