"""From where a change comes (R38): what the running page, task or command says of itself.

Context, not rules: no action has to hand along by which door its caller came in, and none can forget to. Outside
of any of them it is a command. Of a network address only the range is kept, which is enough to tell the office
from elsewhere and points to nobody.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

from allauth.account.adapter import get_adapter
from celery.signals import task_prerun
from django.core.exceptions import PermissionDenied
from django.db import models
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _

from nenconnect.throttle.limits import networks_of

DESK = "/beheer/"


class Door(models.TextChoices):
    PAGE = "page", _("the site")
    DESK = "desk", _("NEN's desk")
    IMPORT = "import", _("a table that was uploaded")
    WORKER = "worker", _("the system itself")
    COMMAND = "command", _("a command on the server")


@dataclass(frozen=True)
class Origin:
    door: Door = Door.COMMAND
    network: str = ""


_ON_THE_SERVER = Origin()
_origin: ContextVar[Origin] = ContextVar("audit_origin", default=_ON_THE_SERVER)


def here() -> Origin:
    return _origin.get()


@contextmanager
def coming_by(door: Door, network: str = "") -> Iterator[None]:
    before = _origin.set(Origin(door, network))
    try:
        yield
    finally:
        _origin.reset(before)


class OriginMiddleware:
    """First of those that may change something."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        door = Door.DESK if request.path_info.startswith(DESK) else Door.PAGE
        with coming_by(door, _range_of(request)):
            return self.get_response(request)


def _range_of(request: HttpRequest) -> str:
    """203.0.113.0/24, or the /48 of IPv6; nothing where there is no address, as behind a socket."""
    try:
        return networks_of(str(get_adapter().get_client_ip(request)))[1]
    except (PermissionDenied, ValueError):  # allauth's word for „no address"
        return ""


@task_prerun.connect
def _a_task_begins(**_about: Any) -> None:
    """A worker does nothing but tasks, so there is nothing to go back to."""
    _origin.set(Origin(Door.WORKER))
