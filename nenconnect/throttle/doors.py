"""Rate-limit POSTs per network; answer 429 above the limit."""

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
    """Answer 429 to a POST above the limit of this door; the fields in `keeps` can be sent again."""

    def at_the_door(view: View[P]) -> View[P]:
        @wraps(view)
        def wrapped(request: Any, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
            if request.method != "POST" or count(door, _address(request)):
                return view(request, *args, **kwargs)
            return _please_wait(request, door, keeps)

        return wrapped

    return at_the_door


def _address(request: HttpRequest) -> str:
    """Return the client's address, from the proxy's header only if BEHIND_PROXY is set."""
    return str(get_adapter().get_client_ip(request))


def _please_wait(request: HttpRequest, door: str, keeps: tuple[str, ...]) -> HttpResponse:
    typed = {name: request.POST[name] for name in keeps if name in request.POST}
    response = render(request, "429.html", {"door": door, "typed": typed}, status=429)
    response.headers["Retry-After"] = str(TRY_AGAIN_AFTER)
    return response
