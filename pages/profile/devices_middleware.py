from __future__ import annotations

import time
from collections.abc import Callable

from allauth.account.adapter import get_adapter
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError
from django.http import HttpRequest, HttpResponse

from accounts.actions.devices import SEEN_EVERY, see_device
from accounts.models import User

GetResponse = Callable[[HttpRequest], HttpResponse]
MOST = 10_000  # sessions that one process remembers


class DevicesMiddleware:
    """When each device was last seen, for „Ingelogde apparaten".

    Not allauth's, which reads and writes at every request. Each web process remembers whom it wrote down lately,
    so that a device costs it one statement in five minutes.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response
        self.seen: dict[str, float] = {}  # session key: when

    def __call__(self, request: HttpRequest) -> HttpResponse:
        key = request.session.session_key
        if key and isinstance(request.user, User) and self._is_due(key):
            self._see(request, request.user, key)
        return self.get_response(request)

    def _is_due(self, key: str) -> bool:
        return time.monotonic() - self.seen.get(key, float("-inf")) >= SEEN_EVERY.total_seconds()

    def _see(self, request: HttpRequest, user: User, key: str) -> None:
        if len(self.seen) >= MOST:
            self.seen.clear()
        self.seen[key] = time.monotonic()
        try:
            ip = get_adapter().get_client_ip(request)
        except PermissionDenied:  # no address to be had: the page goes on without
            return
        agent = request.headers.get("User-Agent", "").replace("\x00", "")
        try:
            see_device(user, key, ip=ip, user_agent=agent)
        except IntegrityError:  # the account was deleted at this moment; the next click is out
            return
