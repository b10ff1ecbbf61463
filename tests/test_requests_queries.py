"""The lists of requests ask as much at 30 rows as at 3."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import User
from companies.models import Company
from nenconnect.tables import CSV
from requests_app.models import DocumentRequest, LicenseRequest, RequestMessage
from tests.factories import collection_for, document, license_for, person

pytestmark = pytest.mark.django_db
SignIn = Callable[[User], Client]

PAGES = [
    "license_requests",
    "document_requests",
    "export_license_requests",
    "export_document_requests",
    "figures",
    "approve_licenses",
    "approve_documents",
    "reject_licenses",
    "sentences",
]


def more(company: Company, number: int) -> None:
    """Each by another person, for another thing, with a question."""
    for _number in range(number):
        asked = LicenseRequest.objects.create(
            company=company, user=person(company=company), license=license_for(company)
        )
        wanted = DocumentRequest.objects.create(
            company=company, user=person(company=company), document=document("")
        )
        RequestMessage.objects.create(license_request=asked, is_question=True, text="?")
        RequestMessage.objects.create(document_request=wanted, is_question=True, text="?")
        company.ready_sentences.create(text=f"Zin {asked.pk}")


def queries_of(browser: Client, name: str) -> int:
    kind = DocumentRequest if "document" in name else LicenseRequest
    chosen = list(kind._default_manager.values_list("pk", flat=True)) if "_requests" not in name else []
    query: dict[str, Any] = {"chosen": chosen, "format": CSV}
    with CaptureQueriesContext(connection) as queries:
        answer = browser.get(reverse(f"requests_app:{name}"), query)
        assert answer.status_code == 200
        if answer.streaming:
            assert b"".join(answer.streaming_content)  # type: ignore[attr-defined]
    return len(queries)


COLLEAGUES_PAGES = ("license_requests", "document_requests")


@pytest.mark.parametrize(
    ("who", "name"), [*(("admin", name) for name in PAGES), *(("colleague", name) for name in COLLEAGUES_PAGES)]
)
def test_a_list_of_requests_asks_no_more_for_30_rows_than_for_3(
    who: str, name: str, company: Company, request: pytest.FixtureRequest, sign_in: SignIn
) -> None:
    browser = sign_in(request.getfixturevalue(who))
    collection_for(company)
    more(company, 3)
    few = queries_of(browser, name)
    more(company, 22)  # as many as fit on a page

    assert queries_of(browser, name) == few
