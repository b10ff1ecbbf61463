"""The lists of requests ask as much at 30 rows as at 3."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from companies.models import Company, LabelKind
from nenconnect.mail.models import OutboxMail
from nenconnect.mail.rendering import render
from nenconnect.tables.files import CSV
from requests_app import waiting_mails
from requests_app.models import DocumentRequest, LicenseRequest, RequestMessage
from tests.factories import make_collection, make_document, make_grants, make_license, make_person

pytestmark = pytest.mark.django_db
SignIn = Callable[[User], Client]

PAGES = [
    "requests:license_requests",
    "requests:document_requests",
    "requests:export_license_requests",
    "requests:export_document_requests",
    "requests:figures",
    "requests:approve_licenses",
    "requests:approve_documents",
    "requests:reject_licenses",
    "company:sentences",
]


def more(company: Company, number: int) -> None:
    """Each by another person, for another thing, with a question."""
    for _number in range(number):
        asked = LicenseRequest.objects.create(
            company=company, user=make_person(company=company), license=make_license(company)
        )
        wanted = DocumentRequest.objects.create(
            company=company, user=make_person(company=company), document=make_document("")
        )
        RequestMessage.objects.create(license_request=asked, is_question=True, text="?")
        RequestMessage.objects.create(document_request=wanted, is_question=True, text="?")
        company.ready_sentences.create(text=f"Zin {asked.pk}")


def queries_of(browser: Client, name: str) -> int:
    kind = DocumentRequest if "document" in name else LicenseRequest
    chosen = list(kind._default_manager.values_list("pk", flat=True)) if not name.endswith("_requests") else []
    query: dict[str, Any] = {"chosen": chosen, "format": CSV}
    with CaptureQueriesContext(connection) as queries:
        answer = browser.get(reverse(name), query)
        assert answer.status_code == 200
        if answer.streaming:
            assert b"".join(answer.streaming_content)  # type: ignore[attr-defined]
    return len(queries)


COLLEAGUES_PAGES = ("requests:license_requests", "requests:document_requests")


@pytest.mark.parametrize(
    ("who", "name"), [*(("admin", name) for name in PAGES), *(("colleague", name) for name in COLLEAGUES_PAGES)]
)
def test_a_list_of_requests_asks_no_more_for_30_rows_than_for_3(
    who: str, name: str, company: Company, request: pytest.FixtureRequest, sign_in: SignIn
) -> None:
    browser = sign_in(request.getfixturevalue(who))
    make_collection(company)
    more(company, 3)
    few = queries_of(browser, name)
    more(company, 22)  # as many as fit on a page

    assert queries_of(browser, name) == few


def test_the_values_of_the_request_label_ask_no_more_for_30_than_for_3(
    company: Company, admin: User, sign_in: SignIn
) -> None:
    company.request_label = "Project"
    company.save()
    browser = sign_in(admin)

    def queries(more: int) -> int:
        for number in range(more):
            label = company.label_values.create(kind=LabelKind.REQUESTS, name=f"Project {more}-{number}")
            LicenseRequest.objects.create(
                company=company, user=make_person(company=company), license=make_license(company), label=label
            )
        with CaptureQueriesContext(connection) as asked:
            assert browser.get(reverse("company:request_label")).status_code == 200
        return len(asked)

    assert queries(3) == queries(27)


def test_a_digest_asks_no_more_for_30_requests_than_for_3(company: Company, admin: User) -> None:
    def queries(number: int) -> int:
        more(company, number)
        waiting_mails.send_digests([admin], timezone.localdate())
        mail = OutboxMail.objects.select_related("recipient", "on_behalf_of").get(event="requests_digest")
        with CaptureQueriesContext(connection) as asked:
            render(mail)
        mail.delete()
        return len(asked)

    assert queries(3) == queries(27)


def test_the_inbox_says_what_somebody_has_and_how_often_it_was_asked(
    company: Company, admin: User, colleague: User, sign_in: SignIn
) -> None:
    wanted, *had = (make_license(company, name=name) for name in ("Staal", "Bouw", "Hout", "Glas", "Zorg"))
    for license in had:
        make_grants(license, colleague)
    make_grants(make_license(company, ends_on=timezone.localdate() - timedelta(days=1)), colleague)
    decided = {"decided_at": timezone.now(), "created_at": timezone.now()}
    for status in ("approved", "rejected", "rejected"):
        LicenseRequest.objects.create(
            company=company, user=make_person(company=company), license=wanted, status=status, **decided
        )
    LicenseRequest.objects.create(company=company, user=colleague, license=wanted)
    page = sign_in(admin).get(reverse("requests:license_requests"))

    told = page.content.decode()
    assert "Heeft al: Bouw, Glas, Hout en nog 1" in told
    assert "In 12 maanden 4 keer gevraagd: 1 goedgekeurd, 2 afgekeurd" in told
    seen = sign_in(make_person(company=company)).get(reverse("requests:license_requests")).content.decode()
    assert "Glas" not in seen
