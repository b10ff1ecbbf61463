"""Tell monitoring whether the site works."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.db import DatabaseError
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.utils.crypto import constant_time_compare
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from prometheus_client import CONTENT_TYPE_LATEST

from nenconnect import metrics
from nenconnect.mail import health, queue


@login_not_required
@require_safe
def healthz(request: HttpRequest) -> HttpResponse:
    return HttpResponse("ok", content_type="text/plain")


@login_not_required
@require_safe
@never_cache
def readyz(request: HttpRequest) -> JsonResponse:
    """Answer 200 if everything works, else 503; a request with the token also gets the reasons and ages."""
    details = _how_it_is()
    is_ready = not details["problems"]
    reasons = details if _has_token(request) else {}
    return JsonResponse({"ready": is_ready, **reasons}, status=200 if is_ready else 503)


@login_not_required
@require_safe
@never_cache
def prometheus(request: HttpRequest) -> HttpResponse:
    """Return the metrics to a request with the token; to others the page does not exist."""
    if not _has_token(request):
        raise Http404
    return HttpResponse(metrics.render(), content_type=CONTENT_TYPE_LATEST)


def _how_it_is() -> dict[str, Any]:
    """Return the problems and the age of the mail; names of hosts, people and errors stay in the log."""
    problems = [] if health.redis_answers() else ["no redis"]
    try:
        mail = health.mail_health()
    except DatabaseError:
        return {"problems": ["no database", *problems]}
    return {
        "problems": [*problems, *mail.problems],
        "oldest_unsent_mail_seconds": mail.oldest_unsent,
        "oldest_due_mail_seconds": mail.oldest_due,
        "last_beat_seconds": mail.signs_of_life.get(queue.BEAT),
        "last_drain_seconds": mail.signs_of_life.get(queue.WORKER),
    }


def _has_token(request: HttpRequest) -> bool:
    """Compare the header `Authorization: Bearer …` with METRICS_TOKEN; without that setting no token is right."""
    given = request.headers.get("Authorization", "")
    return bool(settings.METRICS_TOKEN) and constant_time_compare(given, f"Bearer {settings.METRICS_TOKEN}")
