"""„Ingelogde apparaten": where one is signed in, and signing out there (R19)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from allauth.usersessions.models import UserSession
from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from accounts import browsers
from accounts.actions.devices import devices_of, end_devices
from pages.access import SignedInRequest


@dataclass(frozen=True)
class Device:
    row: UserSession
    is_this: bool

    @property
    def name(self) -> str:
        return browsers.in_words(self.row.user_agent)


@require_safe
def devices(request: SignedInRequest) -> HttpResponse:
    key = request.session.session_key
    rows = [Device(row, row.session_key == key) for row in devices_of(request.user)]
    rows.sort(key=lambda device: not device.is_this)  # this one first
    return render(request, "pages/profile/devices.html", {"devices": rows, "others": len(rows) - 1})


@require_POST
def end_device(request: SignedInRequest, pk: int) -> HttpResponse:
    row: Any = get_object_or_404(_others(request), pk=pk)
    if end_devices(_others(request).filter(pk=pk), by=request.user):
        said = _("You are signed out there: %(device)s.")
        messages.success(request, said % {"device": browsers.in_words(row.user_agent)})
    return redirect("profile:devices")


@require_POST
def end_other_devices(request: SignedInRequest) -> HttpResponse:
    number = end_devices(_others(request), by=request.user)
    if number:
        said = ngettext(
            "You are signed out on %(number)s other device.",
            "You are signed out on %(number)s other devices.",
            number,
        )
        messages.success(request, said % {"number": number})
    return redirect("profile:devices")


def _others(request: SignedInRequest) -> QuerySet[UserSession]:
    """This device is signed out by „Uitloggen"."""
    return devices_of(request.user).exclude(session_key=request.session.session_key)
