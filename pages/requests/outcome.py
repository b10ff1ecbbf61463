"""Finding a request, and where a change of it leads, for both kinds."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext_lazy as _

from nenconnect.rules.errors import RuleError
from pages.access import MemberRequest
from requests_app.models import AccessRequest

SENT = _("Your request was sent to the admins of your company. You get a mail when they have decided.")


def find(request: MemberRequest, kind: type[AccessRequest], pk: int) -> Any:
    return get_object_or_404(kind.objects.visible_to(request.user), pk=pk)


def to_list(kind: type[AccessRequest]) -> HttpResponse:
    return redirect(f"requests:{kind.url_name}_requests")


def to_page(row: AccessRequest) -> HttpResponse:
    return redirect(f"requests:{row.url_name}_request", row.pk)


def settle(request: MemberRequest, row: AccessRequest, change: Callable[[], object], *, done: str) -> HttpResponse:
    """Back to the list with `done`; a refusal (C27) stands on the request's own page."""
    try:
        change()
    except RuleError as error:
        messages.error(request, str(error))
        return to_page(row)
    messages.success(request, done)
    return to_list(type(row))
