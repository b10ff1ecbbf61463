"""Answer the addresses that browsers and password managers know by name."""

from __future__ import annotations

from datetime import timedelta

from django.contrib.auth.decorators import login_not_required
from django.contrib.staticfiles.storage import staticfiles_storage
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from pages.context import SUPPORT_EMAIL


@login_not_required
@require_safe
def favicon(request: HttpRequest) -> HttpResponse:
    """Answer the browser's own request for an icon, beside a PDF for instance."""
    return redirect(staticfiles_storage.url("favicon.svg"))


@login_not_required
@require_safe
def security_txt(request: HttpRequest) -> HttpResponse:
    expires = (timezone.now() + timedelta(days=180)).strftime("%Y-%m-%dT00:00:00Z")
    lines = [f"Contact: mailto:{SUPPORT_EMAIL}", f"Expires: {expires}", "Preferred-Languages: nl, en"]
    return HttpResponse("\n".join(lines) + "\n", content_type="text/plain; charset=utf-8")


@login_not_required
@require_safe
def change_password(request: HttpRequest) -> HttpResponse:
    """Lead password managers to the page that changes a password (C44)."""
    return redirect("account_change_password")


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    return render(request, "403_csrf.html", status=403)
