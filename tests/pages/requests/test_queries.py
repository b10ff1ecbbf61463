"""Test that the pages of requests take as many queries for 30 rows as for 3."""

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


def add_requests(company: Company, number: int) -> None:
    """Write so many requests of both kinds, each of another person, with a question."""
    for _number in range(number):
        license_request = LicenseRequest.objects.create(
            company=company, user=make_person(company=company), license=make_license(company)
        )
        document_request = DocumentRequest.objects.create(
            company=company, user=make_person(company=company), document=make_document("")
        )
        RequestMessage.objects.create(license_request=license_request, is_question=True, text="?")
        RequestMessage.objects.create(document_request=document_request, is_question=True, text="?")
        company.ready_sentences.create(text=f"Zin {license_request.pk}")


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
def test_each_page_of_requests_takes_as_many_queries_for_30_rows_as_for_3(
    who: str, name: str, company: Company, request: pytest.FixtureRequest, sign_in: SignIn
) -> None:
    browser = sign_in(request.getfixturevalue(who))
    make_collection(company)
    add_requests(company, 3)
    few = queries_of(browser, name)
    add_requests(company, 22)  # as many as fit on a page

    assert queries_of(browser, name) == few


def test_the_page_of_the_request_label_takes_as_many_queries_for_30_values_as_for_3(
    company: Company, admin: User, sign_in: SignIn
) -> None:
    company.request_label = "Project"
    company.save()
    browser = sign_in(admin)

    def queries(number_of_values: int) -> int:
        for number in range(number_of_values):
            label = company.label_values.create(
                kind=LabelKind.REQUESTS, name=f"Project {number_of_values}-{number}"
            )
            LicenseRequest.objects.create(
                company=company, user=make_person(company=company), license=make_license(company), label=label
            )
        with CaptureQueriesContext(connection) as captured:
            assert browser.get(reverse("company:request_label")).status_code == 200
        return len(captured)

    assert queries(3) == queries(27)


def test_a_digest_mail_takes_as_many_queries_for_30_requests_as_for_3(company: Company, admin: User) -> None:
    def queries(number: int) -> int:
        add_requests(company, number)
        waiting_mails.send_digests([admin], timezone.localdate())
        mail = OutboxMail.objects.select_related("recipient", "on_behalf_of").get(event="requests_digest")
        with CaptureQueriesContext(connection) as captured:
            render(mail)
        mail.delete()
        return len(captured)

    assert queries(3) == queries(27)


def test_the_inbox_shows_the_requesters_licences_and_earlier_requests_to_admins_only(
    company: Company, admin: User, colleague: User, sign_in: SignIn
) -> None:
    requested, *granted = (make_license(company, name=name) for name in ("Staal", "Bouw", "Hout", "Glas", "Zorg"))
    for license in granted:
        make_grants(license, colleague)
    make_grants(make_license(company, ends_on=timezone.localdate() - timedelta(days=1)), colleague)
    decided = {"decided_at": timezone.now(), "created_at": timezone.now()}
    for status in ("approved", "rejected", "rejected"):
        LicenseRequest.objects.create(
            company=company, user=make_person(company=company), license=requested, status=status, **decided
        )
    LicenseRequest.objects.create(company=company, user=colleague, license=requested)
    page = sign_in(admin).get(reverse("requests:license_requests"))

    page_text = page.content.decode()
    assert "Heeft al: Bouw, Glas, Hout en nog 1" in page_text
    assert "In 12 maanden 4 keer gevraagd: 1 goedgekeurd, 2 afgekeurd" in page_text
    page_of_colleague = (
        sign_in(make_person(company=company)).get(reverse("requests:license_requests")).content.decode()
    )
    assert "Glas" not in page_of_colleague
