"""What stands at a door: counts each form that is sent, and asks a network that sent very many to wait."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, ParamSpec

from allauth.account.adapter import get_adapter
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render

from nenconnect.throttle.actions import count

P = ParamSpec("P")
View = Callable[Concatenate[Any, P], HttpResponseBase]
TRY_AGAIN_AFTER = 120  # seconds


def throttled(door: str, *, keeps: tuple[str, ...]) -> Callable[[View[P]], View[P]]:
    """Refuses a POST with 429, whatever account it is about; the fields of `keeps` can be sent once more."""

    def at_the_door(view: View[P]) -> View[P]:
        @wraps(view)
        def wrapped(request: Any, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
            if request.method != "POST" or count(door, _address(request)):
                return view(request, *args, **kwargs)
            return _please_wait(request, door, keeps)

        return wrapped

    return at_the_door


def _address(request: HttpRequest) -> str:
    """allauth's: what the one proxy in front of us says, where BEHIND_PROXY tells that there is one."""
    return str(get_adapter().get_client_ip(request))


def _please_wait(request: HttpRequest, door: str, keeps: tuple[str, ...]) -> HttpResponse:
    typed = {name: request.POST[name] for name in keeps if name in request.POST}
    response = render(request, "429.html", {"door": door, "typed": typed}, status=429)
    response.headers["Retry-After"] = str(TRY_AGAIN_AFTER)
    return response
