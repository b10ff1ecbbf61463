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
from tests.factories import make_collection, make_document, make_license, make_person


@pytest.fixture
def canary(company: Company) -> User:
    return make_person(ADDRESS, company=company, pk=PK, name=NAME, phone=PHONE)


@pytest.fixture
def canary_requests(company: Company, admin: User, canary: User) -> list[AccessRequest]:
    """Insert a request of every outcome and both kinds, each with a thread and every text of a decision."""
    collection = make_collection(company, name="Voor iedereen")
    licenses = [make_license(company) for _number in range(4)]
    access_requests: list[AccessRequest] = [
        request_license(license, by=canary, reason="Voor het werk") for license in licenses
    ]
    access_requests += [
        request_document(make_document(), by=canary, reason="Voor het werk") for _number in range(4)
    ]
    for access_request in access_requests:
        asking_first.ask_first(access_request, "vertrouwelijke-vraag?", by=admin)
        asking_first.answer(access_request, "antwoord op de vertrouwelijke-vraag", by=canary)
    later = timezone.localdate() + timedelta(days=9)
    rejection: dict[str, Any] = {"reason": "Te duur", "note": "alleen-voor-jou", "ask_again_on": later}
    for model in (LicenseRequest, DocumentRequest):
        rows_of_kind: list[Any] = [
            access_request for access_request in access_requests if isinstance(access_request, model)
        ]
        _open_request, approved, rejected, withdrawn = rows_of_kind
        if isinstance(approved, LicenseRequest):
            deciding.approve(approved, by=admin)
            deciding.reject(rejected, by=admin, **rejection)
        else:
            approving_documents.approve_document(approved, license=collection, by=admin)
            deciding.reject(rejected, by=admin, **rejection)
        withdraw(withdrawn, by=canary)
    return access_requests
