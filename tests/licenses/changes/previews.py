from __future__ import annotations

import re
from typing import Any

from accounts.models import User
from licenses.access import readable_by
from licenses.models import License
from requests_app.models import DocumentRequest, LicenseRequest


def can_read(license: License) -> set[int]:
    # Who can open the documents of the licence today.
    document = license.documents.first()
    return {
        user.pk for user in User.objects.all() if document and readable_by(user).filter(pk=document.pk).exists()
    }


def open_requests() -> set[tuple[str, int]]:
    rows = [*LicenseRequest.objects.pending(), *DocumentRequest.objects.pending()]
    return {(type(row).__name__, row.pk) for row in rows}


def shown(answer: Any) -> str:
    main = answer.content.decode().split("<main")[1].split("</main>")[0]
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", main))
