"""List where a person is signed in, and sign out there (R19)."""

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
        return browsers.browser_in_words(self.row.user_agent)


@require_safe
def devices(request: SignedInRequest) -> HttpResponse:
    key = request.session.session_key
    rows = [Device(row, row.session_key == key) for row in devices_of(request.user)]
    rows.sort(key=lambda device: not device.is_this)  # this one first
    return render(request, "pages/profile/devices.html", {"devices": rows, "others": len(rows) - 1})


@require_POST
def end_device(request: SignedInRequest, pk: int) -> HttpResponse:
    row: Any = get_object_or_404(_other_devices(request), pk=pk)
    if end_devices(_other_devices(request).filter(pk=pk), by=request.user):
        text = _("You are signed out there: %(device)s.")
        messages.success(request, text % {"device": browsers.browser_in_words(row.user_agent)})
    return redirect("profile:devices")


@require_POST
def end_other_devices(request: SignedInRequest) -> HttpResponse:
    number = end_devices(_other_devices(request), by=request.user)
    if number:
        text = ngettext(
            "You are signed out on %(number)s other device.",
            "You are signed out on %(number)s other devices.",
            number,
        )
        messages.success(request, text % {"number": number})
    return redirect("profile:devices")


def _other_devices(request: SignedInRequest) -> QuerySet[UserSession]:
    return devices_of(request.user).exclude(session_key=request.session.session_key)
