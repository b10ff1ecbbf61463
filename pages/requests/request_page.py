"""Show one request to its company, with names and decisions for people who decide (R27, C29)."""

from __future__ import annotations

from typing import Any

from dateutil.relativedelta import relativedelta
from django.db.models import Count, Q
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from licenses.models import License
from pages.access import MemberRequest, member_required
from pages.requests.forms import UntilForm, seats
from pages.requests.requester_pages import requester_options
from requests_app.access import can_read_already
from requests_app.actions import waiting_list
from requests_app.models import AccessRequest, DocumentRequest, RequestMessage, RequestStatus

LOOK_BACK = relativedelta(months=12)
LAST = 5  # of the person's own earlier requests


@require_safe
@member_required
def request_page(request: MemberRequest, pk: int, kind: type[AccessRequest]) -> HttpResponse:
    row = get_object_or_404(kind.objects.visible_to(request.user), pk=pk)
    context: dict[str, Any] = {"row": row, "kind": kind.url_name, **requester_options(row, request.user)}
    if row.waiting_since and (request.user.decides_requests or row.is_own):
        context["place"] = waiting_list.place_of(row)
    if request.user.decides_requests:
        context |= _for_deciding(row)
    if request.user.decides_requests or row.is_own:
        context |= _thread_of(row)
    return render(request, "pages/requests/request.html", context)


def _for_deciding(row: AccessRequest) -> dict[str, Any]:
    context: dict[str, Any] = {"history": _history_of(row), "until": UntilForm()}
    if row.is_open:
        context["has"] = License.objects.open_to(row.requester)
    if isinstance(row, DocumentRequest):
        context["is_readable"] = row.is_open and can_read_already(row)
    else:
        license = License.objects.with_counts().get(pk=row.item_id)
        context |= {"license": license, "seats": seats(license)}
    return context


def _history_of(row: AccessRequest) -> dict[str, Any]:
    same = row.same().filter(created_at__gte=timezone.now() - LOOK_BACK).exclude(pk=row.pk)
    numbers = same.order_by().aggregate(
        asked=Count("pk"),
        **{str(status): Count("pk", filter=Q(status=status)) for status in RequestStatus},
    )
    earlier = same.filter(user=row.user_id, user__isnull=False).order_by("-created_at")[:LAST]
    return {"numbers": numbers, "earlier": list(earlier)}


def _thread_of(row: AccessRequest) -> dict[str, Any]:
    """Return questions and answers for the requester and people who decide (C29)."""
    thread = list(RequestMessage.objects.about(row).select_related("author"))
    return {"thread": thread, "question_waits": bool(thread) and thread[-1].is_question}
