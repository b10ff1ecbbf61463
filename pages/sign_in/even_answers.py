"""Answer every address after the same time, so that the time does not tell whether an account exists (C20)."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec

from django.conf import settings
from django.http import HttpRequest, HttpResponse

P = ParamSpec("P")
View = Callable[Concatenate[HttpRequest, P], HttpResponse]


def answers_evenly(view: View[P]) -> View[P]:
    """Answer a POST no earlier than EVEN_ANSWER_SECONDS after it came in.

    Long enough for the slowest path, a mail queued while Redis does not answer (0.3 s).
    """

    @wraps(view)
    def wrapped(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        began = time.monotonic()
        response = view(request, *args, **kwargs)
        if request.method == "POST":
            time.sleep(max(0.0, settings.EVEN_ANSWER_SECONDS - (time.monotonic() - began)))
        return response

    return wrapped
