from __future__ import annotations

import time
from collections.abc import Callable

from allauth.account.adapter import get_adapter
from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError
from django.http import HttpRequest, HttpResponse

from accounts.actions.devices import SEEN_EVERY, record_device_use
from accounts.models import User

GetResponse = Callable[[HttpRequest], HttpResponse]
MAX_REMEMBERED = 10_000  # sessions in the memory of one process


class DevicesMiddleware:
    """Record when each device was last used, for "Ingelogde apparaten", and end unused sessions of NEN staff.

    allauth's middleware reads and writes at every request. This one writes once per device in five minutes: each
    process remembers which sessions it recorded.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response
        self.recorded_at: dict[str, float] = {}  # by session key, in seconds

    def __call__(self, request: HttpRequest) -> HttpResponse:
        key = request.session.session_key
        if key and isinstance(request.user, User) and self._is_time_to_record(key):
            self._record_device(request, request.user, key)
        return self.get_response(request)

    def _is_time_to_record(self, key: str) -> bool:
        return time.monotonic() - self.recorded_at.get(key, float("-inf")) >= SEEN_EVERY.total_seconds()

    def _record_device(self, request: HttpRequest, user: User, key: str) -> None:
        if len(self.recorded_at) >= MAX_REMEMBERED:
            self.recorded_at.clear()
        self.recorded_at[key] = time.monotonic()
        if user.is_staff:
            request.session.set_expiry(settings.STAFF_SESSION_AGE)
        try:
            ip = get_adapter().get_client_ip(request)
        except PermissionDenied:  # no client address: the page works without it
            return
        agent = request.headers.get("User-Agent", "").replace("\x00", "")
        try:
            record_device_use(user, key, ip=ip, user_agent=agent)
        except IntegrityError:  # the account was deleted meanwhile; the next request signs out
            return
