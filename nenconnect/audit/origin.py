"""Remember where a change comes from: page, desk, task or command (R38).

A context variable: no action has to pass it on, so none can forget it. Outside of a page or task it is a command.
Of a network address only the range is kept: enough to tell the office from elsewhere, and it identifies no person.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, NamedTuple

from allauth.account.adapter import get_adapter
from celery.signals import task_prerun
from django.core.exceptions import PermissionDenied
from django.db import models
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _

from nenconnect.throttle.limits import networks_of

DESK = "/beheer/"


class AuditOrigin(models.TextChoices):
    PAGE = "page", _("the site")
    DESK = "desk", _("NEN's desk")
    IMPORT = "import", _("a table that was uploaded")
    WORKER = "worker", _("the system itself")
    COMMAND = "command", _("a command on the server")


class Source(NamedTuple):
    origin: AuditOrigin = AuditOrigin.COMMAND
    network: str = ""


_source: ContextVar[Source] = ContextVar("audit_source", default=Source())  # noqa: B039 - a tuple never changes


def current_source() -> Source:
    return _source.get()


@contextmanager
def coming_from(origin: AuditOrigin, network: str = "") -> Iterator[None]:
    before = _source.set(Source(origin, network))
    try:
        yield
    finally:
        _source.reset(before)


class OriginMiddleware:
    """Set the origin of the request; comes before every middleware that may change something."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        origin = AuditOrigin.DESK if request.path_info.startswith(DESK) else AuditOrigin.PAGE
        with coming_from(origin, _range_of(request)):
            return self.get_response(request)


def _range_of(request: HttpRequest) -> str:
    """Return 203.0.113.0/24, or the /48 of IPv6; empty without an address, as behind a socket."""
    try:
        return networks_of(str(get_adapter().get_client_ip(request)))[1]
    except (PermissionDenied, ValueError):  # allauth's word for „no address"
        return ""


@task_prerun.connect
def _start_task(**_about: Any) -> None:
    """Set the origin of a task. A worker does nothing but tasks, so nothing needs restoring."""
    _source.set(Source(AuditOrigin.WORKER))
