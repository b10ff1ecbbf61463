"""How asking and deciding end, for both kinds of requests."""

from __future__ import annotations

from collections.abc import Callable

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext_lazy as _

from nenconnect.rules.errors import RuleError
from pages.access import MemberRequest

SENT = _("Your request was sent to the admins of your company. You get a mail when they have decided.")


def settle(request: MemberRequest, change: Callable[[], object], *, done: str, kind: str, pk: int) -> HttpResponse:
    """Back to the list with `done`; what a rule refuses (C27) is told on the request's own page."""
    try:
        change()
    except RuleError as error:
        messages.error(request, str(error))
        return redirect(f"requests:{kind}_request", pk)
    messages.success(request, done)
    return redirect(f"requests:{kind}_requests")
