from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from accounts.models import User
from companies.models import Company
from requests_app.actions import approving_documents, asking_first, deciding
from requests_app.actions.asking import request_document, request_license
from requests_app.actions.deciding import withdraw
from requests_app.models import AccessRequest, DocumentRequest, LicenseRequest
from tests.cases.canary.secrets import ADDRESS, NAME, PHONE, PK
from tests.factories import collection_for, document, license_for, person


@pytest.fixture
def canary(company: Company) -> User:
    return person(ADDRESS, company=company, pk=PK, name=NAME, phone=PHONE)


@pytest.fixture
def asked(company: Company, admin: User, canary: User) -> list[AccessRequest]:
    """One request of every outcome and of both kinds, each with a thread and every text that a decision has."""
    collection = collection_for(company, name="Voor iedereen")
    licenses = [license_for(company) for _number in range(4)]
    rows: list[AccessRequest] = [request_license(one, by=canary, reason="Voor het werk") for one in licenses]
    rows += [request_document(document(), by=canary, reason="Voor het werk") for _number in range(4)]
    for row in rows:
        asking_first.ask_first(row, "vertrouwelijke-vraag?", by=admin)
        asking_first.answer(row, "antwoord op de vertrouwelijke-vraag", by=canary)
    later = timezone.localdate() + timedelta(days=9)
    said: dict[str, Any] = {"reason": "Te duur", "note": "alleen-voor-jou", "ask_again_on": later}
    for kind in (LicenseRequest, DocumentRequest):
        theirs: list[Any] = [row for row in rows if isinstance(row, kind)]
        _open, approved, rejected, withdrawn = theirs
        if isinstance(approved, LicenseRequest):
            deciding.approve(approved, by=admin)
            deciding.reject(rejected, by=admin, **said)
        else:
            approving_documents.approve_document(approved, license=collection, by=admin)
            deciding.reject(rejected, by=admin, **said)
        withdraw(withdrawn, by=canary)
    return rows
