from __future__ import annotations

import re
from datetime import timedelta
from typing import Any, TypeVar

from django.contrib.messages import get_messages
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from licenses.models import License
from requests_app.models import DocumentRequest, LicenseRequest, RequestStatus
from tests.factories import make_admin

Row = TypeVar("Row", LicenseRequest, DocumentRequest)
CHOICE = "requests:license_choice"
ASK = "requests:request_license"
LISTS = ("requests:license_requests", "requests:document_requests")


def request_for(license: License, by: User, **fields: Any) -> LicenseRequest:
    """Write a request to the database without its mails; `days_ago` sets when it was sent."""
    return _written(LicenseRequest(company=license.company, license=license, user=by), **fields)


def document_request_for(document: Any, by: User, **fields: Any) -> DocumentRequest:
    return _written(DocumentRequest(company=by.company, document=document, user=by), **fields)


def _written(row: Row, days_ago: float = 0, **fields: Any) -> Row:
    for name, value in fields.items():
        setattr(row, name, value)
    if not row.is_open:
        row.decided_at = timezone.now()
        is_by_nobody = row.status in {RequestStatus.WITHDRAWN, RequestStatus.EXPIRED}
        row.decided_by = None if is_by_nobody else make_admin(row.company)
    row.save()
    type(row)._default_manager.filter(pk=row.pk).update(created_at=timezone.now() - timedelta(days=days_ago))
    return row


def url_of(row: LicenseRequest | DocumentRequest, do: str = "") -> str:
    kind = "license" if isinstance(row, LicenseRequest) else "document"
    return reverse(f"requests:{do}_{kind}" if do else f"requests:{kind}_request", args=[row.pk])


def main_text(answer: Any) -> str:
    main = answer.content.decode().split("<main")[1].split("</main>")[0]
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", main))


def messages_of(answer: Any) -> str:
    return " ".join(str(message) for message in get_messages(answer.wsgi_request))


def rows_of(answer: Any) -> list[int]:
    return [row.pk for row in answer.context["page_obj"]]
