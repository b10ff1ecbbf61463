"""What whoever decides wants to know of a request: what was asked before, and what was answered (R27)."""

from __future__ import annotations

from typing import Any

from dateutil.relativedelta import relativedelta
from django.db.models import Count, Q
from django.utils import timezone

from requests_app.models import (
    AccessRequest,
    DocumentRequest,
    LicenseRequest,
    RequestMessage,
    RequestQuerySet,
    RequestStatus,
)

LOOK_BACK = relativedelta(months=12)
LAST = 5  # of the person's own earlier requests


def history_of(row: AccessRequest) -> dict[str, Any]:
    """Of the past 12 months: how often colleagues asked for the same, and this person's own before."""
    since = timezone.now() - LOOK_BACK
    same = _same(row).filter(created_at__gte=since).exclude(pk=row.pk)
    numbers = same.order_by().aggregate(
        asked=Count("pk"),
        **{str(status): Count("pk", filter=Q(status=status)) for status in RequestStatus},
    )
    earlier = same.filter(user=row.user_id, user__isnull=False).order_by("-created_at")[:LAST]
    return {"numbers": numbers, "earlier": list(earlier)}


def thread_of(row: AccessRequest) -> dict[str, Any]:
    """Questions and answers, for the requester and who decides (C29); whether the last word is a question."""
    thread = list(RequestMessage.objects.about(row).select_related("author"))
    return {"thread": thread, "question_waits": bool(thread) and thread[-1].is_question}


def _same(row: AccessRequest) -> RequestQuerySet:
    if isinstance(row, LicenseRequest):
        return LicenseRequest.objects.filter(company=row.company_id, license=row.license_id)
    assert isinstance(row, DocumentRequest)
    return DocumentRequest.objects.filter(company=row.company_id, document=row.document_id)
