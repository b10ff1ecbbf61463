"""Names of requesters: for admins only (C29)."""

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
    request_for,
    rows_of,
    said,
    url_of,
)

SignIn = Callable[[User], Client]
CANARY = 987654321


@pytest.fixture
def canary(company: Company) -> User:
    """A requester whose name, address and number are like no other."""
    return make_person("kanarie.q7x@voorbeeld.example", company=company, name="Kanarie Vogelzang", pk=CANARY)


@pytest.fixture
def asked_by_the_canary(canary: User, admin: User, company: Company) -> list[LicenseRequest | DocumentRequest]:
    """Requests of both kinds in every status; the last document was asked for by the colleague as well."""
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
    """The traces of the canary in a page or mail: name, address, number."""
    traces = ("kanarie", "vogelzang", "q7x@", str(CANARY), "987.654.321", "987,654,321")
    return [trace for trace in traces if trace in text.lower()]


def test_no_page_tells_a_colleague_who_asked(
    as_colleague: Client, asked_by_the_canary: list[Any], colleague: User, company: Company
) -> None:
    urls = [f"{reverse(name)}?period={period}" for name in LISTS for period in ("week", "month", "year", "all")]
    urls += [url_of(row) for row in asked_by_the_canary]
    urls += [url_of(row, do) for row in asked_by_the_canary for do in ("approve", "reject")]
    urls += [reverse(name) for name in (CHOICE, ASK, "home:home", "profile:profile", "documents:documents")]
    for row in asked_by_the_canary:
        if isinstance(row, DocumentRequest):
            urls += [reverse("documents:document", args=[row.document_id])]
            urls += [reverse("requests:request_document", args=[row.document_id])]
    for url in urls:
        answer = as_colleague.get(url)
        headers = "".join(f"{name}: {value}" for name, value in answer.items())
        assert leaks(answer.content.decode() + headers) == [], url


def test_no_answer_to_a_colleagues_button_tells_who_asked(
    as_colleague: Client, asked_by_the_canary: list[Any]
) -> None:
    for row in asked_by_the_canary:
        for do in ("approve", "reject", "withdraw"):
            answer = as_colleague.post(url_of(row, do), {"reason": "x", "license": "1"}, follow=True)
            assert leaks(answer.content.decode() + said(answer)) == [], (do, row)
        row.refresh_from_db()
    assert [row.status for row in asked_by_the_canary[::2]] == RequestStatus.values


def test_no_mail_tells_a_colleague_who_asked(canary: User, colleague: User, admin: User, company: Company) -> None:
    license, one, collection = make_license(company), make_document(), make_collection(company)
    document_request_for(one, colleague, status="rejected", days_ago=200)
    deciding.approve(asking.request_license(license, by=canary, reason="Piep"), by=admin)
    wanted = asking.request_document(one, by=canary, reason="Piep")
    approving_documents.approve_document(wanted, license=collection, by=admin)
    drain()

    to_colleague = [message for message in mail.outbox if message.to == [colleague.email]]
    assert [one.event for one in OutboxMail.objects.filter(recipient=colleague)] == ["document_added"]
    assert len(to_colleague) == 1
    assert leaks(str(to_colleague[0].message())) == []
    assert leaks("".join(str(message.message()) for message in mail.outbox if message.to == [admin.email]))


def test_admins_see_who_asked_and_colleagues_load_no_name(
    as_admin: Client, admin: User, colleague: User, asked_by_the_canary: list[Any]
) -> None:
    for row in asked_by_the_canary:
        assert leaks(as_admin.get(url_of(row)).content.decode())
    for name in LISTS:
        assert leaks(as_admin.get(reverse(name)).content.decode())
    for model in (LicenseRequest, DocumentRequest):
        for seen in model.objects.visible_to(colleague):
            assert seen.get_deferred_fields() == {"user_id", "decided_by_id", "rejection_note"}


def test_c29_the_rows_of_a_colleagues_list_carry_no_name(
    as_colleague: Client, asked_by_the_canary: list[Any]
) -> None:
    for name in LISTS:
        rows = as_colleague.get(reverse(name)).context["page_obj"].object_list
        assert rows
        for row in rows:
            assert {"user_id", "decided_by_id", "rejection_note"} <= row.get_deferred_fields()


def test_the_order_of_a_list_does_not_follow_the_names(as_colleague: Client, company: Company) -> None:
    license = make_license(company)
    rows = [request_for(license, make_person(company=company, name=name), days_ago=days) for name, days in
            (("Bea", 3), ("Adam", 2), ("Cas", 1))]  # fmt: skip

    assert rows_of(as_colleague.get(reverse(LISTS[0]))) == [row.pk for row in reversed(rows)]


def test_ones_own_request_is_marked_for_oneself_and_can_be_withdrawn(
    as_colleague: Client, colleague: User, company: Company
) -> None:
    own = request_for(make_license(company), colleague)
    other = request_for(make_license(company), make_person(company=company))

    page = as_colleague.get(reverse(LISTS[0])).content.decode()
    answer = as_colleague.post(url_of(own, "withdraw"))

    assert page.count("Your own request") == 1
    assert url_of(own, "withdraw") in page
    assert url_of(other, "withdraw") not in page
    assert said(answer) == "You have withdrawn your request. You can request the licence again later."
    own.refresh_from_db()
    assert own.status == "withdrawn"


def test_somebody_elses_request_is_not_withdrawn(as_colleague: Client, company: Company) -> None:
    row = request_for(make_license(company), make_person(company=company))

    answer = as_colleague.post(url_of(row, "withdraw"))

    assert "Only the person who asked" in said(answer)
    row.refresh_from_db()
    assert row.is_open


@pytest.mark.parametrize("do", ["", "approve", "reject", "withdraw"])
def test_a_request_of_another_company_does_not_exist(
    do: str, other_admin: User, sign_in: SignIn, colleague: User, company: Company
) -> None:
    client = sign_in(other_admin)
    for row in (request_for(make_license(company), colleague), document_request_for(make_document(), colleague)):
        method = client.post if do else client.get
        assert method(url_of(row, do)).status_code == 404
        row.refresh_from_db()
        assert row.is_open
