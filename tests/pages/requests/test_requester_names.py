"""Test that only admins see the names of requesters (C29)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse

from accounts.models import User
from companies.models import Company
from nenconnect.mail.delivery import drain
from nenconnect.mail.models import OutboxMail
from requests_app.actions import approving_documents, asking, deciding
from requests_app.models import DocumentRequest, LicenseRequest, RequestStatus
from tests.factories import make_collection, make_document, make_license, make_person
from tests.pages.requests.request_pages import (
    ASK,
    CHOICE,
    LISTS,
    document_request_for,
    messages_of,
    request_for,
    rows_of,
    url_of,
)

SignIn = Callable[[User], Client]
CANARY = 987654321


@pytest.fixture
def canary(company: Company) -> User:
    """Make a requester with a unique name, address and number."""
    return make_person("kanarie.q7x@voorbeeld.example", company=company, name="Kanarie Vogelzang", pk=CANARY)


@pytest.fixture
def requests_of_canary(canary: User, admin: User, company: Company) -> list[LicenseRequest | DocumentRequest]:
    """Write requests of both kinds by the canary, in every status."""
    make_collection(company, name="Collectie")
    rows: list[LicenseRequest | DocumentRequest] = []
    for status in RequestStatus.values:
        rows.append(
            request_for(make_license(company), canary, status=status, reason="Piep", rejection_reason="Nee")
        )
        rows.append(
            document_request_for(make_document(), canary, status=status, reason="Piep", rejection_reason="Nee")
        )
    return rows


def leaks(text: str) -> list[str]:
    """Return the traces of the canary in a page or mail: name, address and number."""
    traces = ("kanarie", "vogelzang", "q7x@", str(CANARY), "987.654.321", "987,654,321")
    return [trace for trace in traces if trace in text.lower()]


def test_no_page_shows_a_colleague_the_requester_of_a_request(
    as_colleague: Client, requests_of_canary: list[Any], colleague: User, company: Company
) -> None:
    urls = [f"{reverse(name)}?period={period}" for name in LISTS for period in ("week", "month", "year", "all")]
    urls += [url_of(row) for row in requests_of_canary]
    urls += [url_of(row, do) for row in requests_of_canary for do in ("approve", "reject")]
    urls += [reverse(name) for name in (CHOICE, ASK, "home:home", "profile:profile", "documents:documents")]
    for row in requests_of_canary:
        if isinstance(row, DocumentRequest):
            urls += [reverse("documents:document", args=[row.document_id])]
            urls += [reverse("requests:request_document", args=[row.document_id])]
    for url in urls:
        answer = as_colleague.get(url)
        headers = "".join(f"{name}: {value}" for name, value in answer.items())
        assert leaks(answer.content.decode() + headers) == [], url


def test_no_button_shows_a_colleague_the_requester_of_a_request(
    as_colleague: Client, requests_of_canary: list[Any]
) -> None:
    for row in requests_of_canary:
        for do in ("approve", "reject", "withdraw"):
            answer = as_colleague.post(url_of(row, do), {"reason": "x", "license": "1"}, follow=True)
            assert leaks(answer.content.decode() + messages_of(answer)) == [], (do, row)
        row.refresh_from_db()
    assert [row.status for row in requests_of_canary[::2]] == RequestStatus.values


def test_no_mail_shows_a_colleague_the_requester_of_a_request(
    canary: User, colleague: User, admin: User, company: Company
) -> None:
    license, document, collection = make_license(company), make_document(), make_collection(company)
    document_request_for(document, colleague, status="rejected", days_ago=200)
    deciding.approve(asking.request_license(license, by=canary, reason="Piep"), by=admin)
    document_request = asking.request_document(document, by=canary, reason="Piep")
    approving_documents.approve_document(document_request, license=collection, by=admin)
    drain()

    to_colleague = [message for message in mail.outbox if message.to == [colleague.email]]
    assert [row.event for row in OutboxMail.objects.filter(recipient=colleague)] == ["document_added"]
    assert len(to_colleague) == 1
    assert leaks(str(to_colleague[0].message())) == []
    assert leaks("".join(str(message.message()) for message in mail.outbox if message.to == [admin.email]))


def test_admins_see_the_requester_and_for_colleagues_the_name_is_not_loaded(
    as_admin: Client, admin: User, colleague: User, requests_of_canary: list[Any]
) -> None:
    for row in requests_of_canary:
        assert leaks(as_admin.get(url_of(row)).content.decode())
    for name in LISTS:
        assert leaks(as_admin.get(reverse(name)).content.decode())
    for model in (LicenseRequest, DocumentRequest):
        for seen in model.objects.visible_to(colleague):
            assert seen.get_deferred_fields() == {"user_id", "decided_by_id", "rejection_note"}


def test_c29_the_list_of_requests_of_a_colleague_loads_no_requester(
    as_colleague: Client, requests_of_canary: list[Any]
) -> None:
    for name in LISTS:
        rows = as_colleague.get(reverse(name)).context["page_obj"].object_list
        assert rows
        for row in rows:
            assert {"user_id", "decided_by_id", "rejection_note"} <= row.get_deferred_fields()


def test_the_list_of_requests_is_not_ordered_by_name(as_colleague: Client, company: Company) -> None:
    license = make_license(company)
    rows = [request_for(license, make_person(company=company, name=name), days_ago=days) for name, days in
            (("Bea", 3), ("Adam", 2), ("Cas", 1))]  # fmt: skip

    assert rows_of(as_colleague.get(reverse(LISTS[0]))) == [row.pk for row in reversed(rows)]


def test_a_requester_sees_their_own_request_marked_and_can_withdraw_it(
    as_colleague: Client, colleague: User, company: Company
) -> None:
    own_request = request_for(make_license(company), colleague)
    other = request_for(make_license(company), make_person(company=company))

    page = as_colleague.get(reverse(LISTS[0])).content.decode()
    answer = as_colleague.post(url_of(own_request, "withdraw"))

    assert page.count("Your own request") == 1
    assert url_of(own_request, "withdraw") in page
    assert url_of(other, "withdraw") not in page
    assert messages_of(answer) == "You have withdrawn your request. You can request the licence again later."
    own_request.refresh_from_db()
    assert own_request.status == "withdrawn"


def test_a_request_of_another_person_cannot_be_withdrawn(as_colleague: Client, company: Company) -> None:
    row = request_for(make_license(company), make_person(company=company))

    answer = as_colleague.post(url_of(row, "withdraw"))

    assert "Only the person who asked" in messages_of(answer)
    row.refresh_from_db()
    assert row.is_open


@pytest.mark.parametrize("do", ["", "approve", "reject", "withdraw"])
def test_the_pages_of_a_request_of_another_company_are_a_404(
    do: str, other_admin: User, sign_in: SignIn, colleague: User, company: Company
) -> None:
    client = sign_in(other_admin)
    for row in (request_for(make_license(company), colleague), document_request_for(make_document(), colleague)):
        method = client.post if do else client.get
        assert method(url_of(row, do)).status_code == 404
        row.refresh_from_db()
        assert row.is_open
