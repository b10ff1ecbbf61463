"""Test that giving a licence approves the open requests it answers, with one mail each (R23, R28)."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from companies.models import Company
from licenses.actions.granting import remove_colleague
from licenses.models import Document, Grant, License
from nenconnect.audit.models import AuditEntry
from nenconnect.mail.delivery import drain
from nenconnect.mail.models import OutboxMail
from nenconnect.rules.errors import RuleError
from requests_app.actions import approving_documents, deciding
from requests_app.actions.asking import request_document, request_license
from requests_app.actions.deciding import give_license
from requests_app.models import AccessRequest
from tests.at_once import run_at_once, slow_writes
from tests.factories import make_collection, make_document, make_grants, make_license, make_person

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("_english")]

SignIn = Callable[[User], Client]


@pytest.fixture
def as_admin(admin: User, sign_in: SignIn) -> Client:
    # The admin's browser, in English: the words of the pages are then the source strings.
    User.objects.filter(pk=admin.pk).update(language="en")
    return sign_in(admin)


def outcome(license_request: AccessRequest) -> tuple[str, User | None]:
    license_request.refresh_from_db()
    return license_request.status, license_request.decided_by


def approvals() -> list[tuple[str, User | None]]:
    rows = OutboxMail.objects.filter(event__endswith="_approved").order_by("pk")
    return [(row.event, row.recipient) for row in rows]


def shown(answer: Any) -> str:
    # What the page says, on one line and without tags.
    main = answer.content.decode().split("<main")[1].split("</main>")[0]
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", main))


@pytest.mark.parametrize("page", ["licence", "person"])
def test_giving_on_either_page_approves_the_open_request_with_one_mail(
    page: str, as_admin: Client, company: Company, admin: User, colleague: User
) -> None:
    license = make_license(company)
    license_request = request_license(license, by=colleague)
    other = request_license(license, by=make_person(company=company))

    if page == "licence":
        as_admin.post(reverse("company:give", args=[license.pk]), {"user": colleague.pk})
    else:
        as_admin.post(reverse("company:give_license", args=[colleague.pk]), {"license": license.pk})

    assert outcome(license_request) == ("approved", admin)
    assert outcome(other) == ("open", None)
    assert approvals() == [("request_approved", colleague)]


def test_giving_a_licence_without_a_request_sends_no_mail(company: Company, admin: User, colleague: User) -> None:
    give_license(make_license(company), to=colleague, by=admin)

    assert Grant.objects.get().user == colleague
    assert not OutboxMail.objects.exists()


def test_without_a_free_seat_the_request_stays_open(company: Company, admin: User, colleague: User) -> None:
    license_request = request_license(make_license(company, seats=0), by=colleague)

    with pytest.raises(RuleError):
        give_license(license_request.license, to=colleague, by=admin)

    assert outcome(license_request) == ("open", None)
    assert approvals() == []


def test_giving_answers_the_requests_for_documents_that_the_licence_opens(
    company: Company, admin: User, colleague: User
) -> None:
    document, elsewhere, abroad = make_document(), make_document(), make_document(plus_countries=["NL"])
    license = make_license(company, documents=[document, abroad])
    make_collection(company)
    document_request, other, plus = (
        request_document(each, by=colleague) for each in (document, elsewhere, abroad)
    )
    of_another = request_document(document, by=make_person(company=company))
    User.objects.filter(pk=colleague.pk).update(country="FR")

    give_license(license, to=colleague, by=admin)

    assert outcome(document_request) == ("approved", admin)
    assert document_request.license == license
    for still_closed in (other, plus, of_another):
        assert outcome(still_closed) == ("open", None)
    assert approvals() == [("request_approved", colleague)]


def test_a_licence_that_has_not_begun_answers_no_request_for_a_document(
    company: Company, admin: User, colleague: User
) -> None:
    document = make_document()
    make_license(company, documents=[document])
    document_request = request_document(document, by=colleague)
    tomorrow = timezone.localdate() + timedelta(days=1)

    give_license(make_license(company, documents=[document], starts_on=tomorrow), to=colleague, by=admin)

    assert outcome(document_request) == ("open", None)


@pytest.mark.parametrize("first", ["licence", "document"])
def test_approving_a_request_approves_the_other_requests_it_fulfils(
    first: str, company: Company, admin: User, colleague: User
) -> None:
    document = make_document()
    license = make_license(company, documents=[document])
    license_request, document_request = (
        request_license(license, by=colleague),
        request_document(document, by=colleague),
    )

    if first == "licence":
        deciding.approve(license_request, by=admin)
    else:
        approving_documents.approve_document(document_request, license=license, by=admin)

    assert outcome(license_request) == outcome(document_request) == ("approved", admin)
    assert sorted(approvals(), key=str) == [
        ("request_approved", colleague),
        ("request_approved", colleague),
    ]


@pytest.mark.django_db(transaction=True)
def test_giving_and_approving_at_once_approve_the_request_once_with_one_mail(
    company: Company, admin: User, colleague: User
) -> None:
    license = make_license(company)
    license_request = request_license(license, by=colleague)
    give = partial(give_license, license, to=colleague, by=admin)
    approve = partial(deciding.approve, license_request, by=admin)

    with slow_writes("requests_app_licenserequest"):
        outcomes = run_at_once([give, approve, give, approve])

    assert {type(outcome) for outcome in outcomes if outcome} <= {RuleError}
    assert outcome(license_request) == ("approved", admin)
    assert approvals() == [("request_approved", colleague)]
    assert AuditEntry.objects.filter(verb="licenserequest_approved").count() == 1
    assert Grant.objects.count() == 1


def can_read_meanwhile(way: str, document_request: Any) -> License:
    # Access that came around `give_license`: by NEN, or because a licence became everybody's.
    license = make_license(
        document_request.company, documents=[document_request.document], is_company_wide=way == "company-wide"
    )
    if way == "granted":
        make_grants(license, document_request.user)
    return license


@pytest.mark.parametrize("way", ["granted", "company-wide"])
def test_a_request_for_a_document_that_became_readable_is_approved_without_a_choice(
    way: str, as_admin: Client, company: Company, admin: User, colleague: User
) -> None:
    collection = make_collection(company)
    document_request = request_document(make_document(), by=colleague)
    license = can_read_meanwhile(way, document_request)
    grants = Grant.objects.count()
    url = reverse("requests:approve_document", args=[document_request.pk])

    listed = shown(as_admin.get(reverse("requests:document_requests")))
    page = shown(as_admin.get(reverse("requests:document_request", args=[document_request.pk])))
    asking = as_admin.get(url)
    as_admin.post(url)

    assert "Can read this document already" in listed
    assert f"{colleague} can read this document already" in page
    assert "Reject" not in page
    assert 'name="license"' not in asking.content.decode()
    assert outcome(document_request) == ("approved", admin)
    assert document_request.license == license
    assert Grant.objects.count() == grants
    assert not collection.documents.exists()
    assert approvals() == [("request_approved", colleague)]


def test_a_request_of_a_person_who_left_can_be_rejected_and_not_closed_as_readable(
    as_admin: Client, company: Company, admin: User, colleague: User
) -> None:
    document = make_document()
    make_collection(company)
    document_request = request_document(document, by=colleague)
    remove_colleague(colleague, by=admin)
    Document.objects.filter(pk=document.pk).update(is_free=True)

    listed = shown(as_admin.get(reverse("requests:document_requests")))
    page = shown(as_admin.get(reverse("requests:document_request", args=[document_request.pk])))

    for page_text in (listed, page):
        assert "already" not in page_text.replace("Has already", "")
        assert "Reject" in page_text


def test_a_request_for_a_document_that_became_free_is_closed_without_a_licence(
    company: Company, admin: User, colleague: User
) -> None:
    make_collection(company)
    document_request = request_document(make_document(), by=colleague)
    User.objects.update(language="en")
    Document.objects.update(is_free=True)

    approving_documents.approve_document(document_request, license=None, by=admin)

    assert outcome(document_request) == ("approved", admin)
    assert document_request.license is None
    drain()
    assert "You have access to NEN" in mail.outbox[-1].body


def test_a_request_for_an_unreadable_document_needs_a_licence(
    as_admin: Client, company: Company, colleague: User
) -> None:
    make_collection(company)
    document_request = request_document(make_document(), by=colleague)

    listed = shown(as_admin.get(reverse("requests:document_requests")))
    answer = as_admin.post(reverse("requests:approve_document", args=[document_request.pk]))

    assert "Can read this document already" not in listed
    assert answer.status_code == 200
    assert outcome(document_request) == ("open", None)


def test_prolonging_a_lapsed_licence_approves_what_the_person_asked_for_meanwhile(
    as_admin: Client, company: Company, admin: User, colleague: User
) -> None:
    document = make_document()
    license = make_license(company, documents=[document])
    make_grants(license, colleague, ends_on=timezone.localdate() - timedelta(days=1))
    license_request, document_request = (
        request_license(license, by=colleague),
        request_document(document, by=colleague),
    )

    as_admin.post(reverse("company:set_end", args=[license.pk]), {"user": colleague.pk, "ends_on": ""})

    assert outcome(license_request) == outcome(document_request) == ("approved", admin)
    assert approvals() == [("request_approved", colleague), ("request_approved", colleague)]


def test_a_document_put_in_a_collection_answers_its_holders_and_tells_who_else_asked(
    as_admin: Client, company: Company, admin: User, colleague: User
) -> None:
    document, collection, other = make_document(), make_collection(company), make_person(company=company)
    make_grants(collection, colleague)
    license_request, others = request_document(document, by=colleague), request_document(document, by=other)

    for _again in range(2):
        as_admin.post(reverse("company:add_document", args=[collection.pk]), {"document": document.pk})

    assert outcome(license_request) == ("approved", admin)
    assert outcome(others) == ("open", None)
    assert approvals() == [("request_approved", colleague)]
    assert [row.recipient for row in OutboxMail.objects.filter(event="document_added")] == [other]


def test_approving_a_document_for_one_answers_the_holders_of_the_collection_as_well(
    company: Company, admin: User, colleague: User
) -> None:
    document, collection, other = make_document(), make_collection(company), make_person(company=company)
    make_grants(collection, colleague)
    license_request, others = request_document(document, by=colleague), request_document(document, by=other)

    approving_documents.approve_document(others, license=collection, by=admin)

    assert outcome(license_request) == outcome(others) == ("approved", admin)
    assert sorted(approvals(), key=str) == sorted(
        [("request_approved", colleague), ("request_approved", other)], key=str
    )
    assert not OutboxMail.objects.filter(event="document_added").exists()
