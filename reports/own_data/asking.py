"""Collect what the person requested, wrote about requests, and decided for others."""

from __future__ import annotations

from django.db.models import Q

from accounts.models import User
from reports.own_data.sections import Facts
from requests_app.models import REQUEST_KINDS, AccessRequest, DocumentRequest, LicenseRequest, RequestMessage


def license_requests(user: User) -> list[Facts]:
    rows = LicenseRequest.objects.filter(user=user).select_related("license", "company", "label")
    return [{"license": row.license.name, **_request(row)} for row in rows]


def document_requests(user: User) -> list[Facts]:
    rows = DocumentRequest.objects.filter(user=user).select_related("document", "company", "label")
    return [{"document": row.document.number, **_request(row)} for row in rows]


def _request(row: AccessRequest) -> Facts:
    """Return a request without the admin who decided, whose data that is."""
    return {
        "company": row.company.name,
        "requested_at": row.created_at,
        "reason": row.reason,
        "label": row.label.name if row.label else None,
        "status": row.get_status_display(),
        "decided_at": row.decided_at,
        "reason_for_rejection": row.rejection_reason,
        "message_about_rejection": row.rejection_note,
        "ask_again_on": row.ask_again_on,
    }


def request_messages(user: User) -> list[Facts]:
    """Return what the person wrote, and questions about the person's own requests without their author."""
    to_them = Q(license_request__user=user) | Q(document_request__user=user)
    rows = RequestMessage.objects.filter(Q(author=user) | to_them).order_by("pk")
    return [{"at": row.at, "by_you": row.author_id == user.pk, "text": row.text} for row in rows]


def decisions(user: User) -> list[Facts]:
    decided = [
        (str(kind._meta.verbose_name), row)
        for kind in REQUEST_KINDS
        for row in kind._default_manager.filter(decided_by=user)
    ]
    return [
        {"kind": kind, "status": row.get_status_display(), "decided_at": row.decided_at} for kind, row in decided
    ]
