"""Test the pages on which an admin decides on a request (R27, R28)."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from companies.models import Company
from licenses.models import License
from nenconnect.mail.models import OutboxMail
from requests_app.actions import asking, deciding
from requests_app.models import DocumentRequest, LicenseRequest
from tests.factories import make_admin, make_collection, make_document, make_grants, make_license, make_person
from tests.pages.requests.request_pages import (
    LISTS,
    document_request_for,
    main_text,
    messages_of,
    request_for,
    url_of,
)


def test_the_page_of_a_request_shows_an_admin_the_requester_seats_and_reason(
    as_admin: Client, company: Company
) -> None:
    requester = make_person(company=company, name="Rita Vraagt")
    make_grants(make_license(company, name="Bouw"), requester)
    license = make_license(company, name="Techniek", seats=5)
    make_grants(license, make_person(company=company))
    row = request_for(license, requester, reason="Voor het project")

    page = main_text(as_admin.get(url_of(row)))

    for text in ("Rita Vraagt", requester.email, "Techniek", "1 of 5 seats in use", "Voor het project", "Bouw"):
        assert text in page


def test_approving_a_request_gives_access_and_returns_to_the_list(as_admin: Client, company: Company) -> None:
    license = make_license(company, name="Techniek")
    row = request_for(license, make_person(company=company, name="Rita Vraagt"))

    answer = as_admin.post(url_of(row, "approve"))

    assert answer["Location"] == reverse(LISTS[0])
    assert "Rita Vraagt can use “Techniek” now" in messages_of(answer)
    assert row.user
    assert License.objects.open_to(row.user).get() == license


def test_the_rejection_form_says_above_each_text_box_who_reads_it(as_admin: Client, company: Company) -> None:
    for row in (
        request_for(make_license(company), make_person(company=company)),
        document_request_for(make_document(), make_person(company=company)),
    ):
        page = as_admin.get(url_of(row, "reject")).content.decode()
        for box, hint in (
            ("note", "Only the person who asked and those who decide read this."),
            ("reason", "Everyone at your company can read this in the list of requests"),
        ):
            assert 0 < page.index(hint) < re.search(rf'<textarea[^>]*id="id_{box}"', page).start()  # type: ignore[union-attr]


def test_colleagues_see_the_reason_of_a_rejection(
    as_admin: Client, as_colleague: Client, company: Company
) -> None:
    row = request_for(make_license(company), make_person(company=company))

    as_admin.post(url_of(row, "reject"), {"reason": "Budget is op"})

    assert "Budget is op" in main_text(as_colleague.get(reverse(LISTS[0])))
    assert "Budget is op" in main_text(as_colleague.get(url_of(row)))


def test_a_rejection_with_a_reason_that_is_too_long_is_refused(as_admin: Client, company: Company) -> None:
    row = request_for(make_license(company), make_person(company=company))

    answer = as_admin.post(url_of(row, "reject"), {"reason": "x" * 1001})

    assert "Use at most 1,000 characters" in main_text(answer)
    row.refresh_from_db()
    assert row.is_open


@pytest.mark.parametrize("second", ["approve", "reject"])
@pytest.mark.parametrize("kind", ["license", "document"])
def test_the_second_admin_sees_who_already_decided_the_request(
    kind: str, second: str, as_admin: Client, company: Company
) -> None:
    collection = make_collection(company, is_shown=False)
    decided_request: LicenseRequest | DocumentRequest
    if kind == "license":
        decided_request = asking.request_license(make_license(company), by=make_person(company=company))
        deciding.reject(decided_request, by=make_admin(company, name="Eerste Beheerder"))
    else:
        decided_request = asking.request_document(make_document(), by=make_person(company=company))
        deciding.reject(decided_request, by=make_admin(company, name="Eerste Beheerder"))
    mails = OutboxMail.objects.count()

    answer = as_admin.post(url_of(decided_request, second), {"license": collection.pk}, follow=True)

    assert answer.status_code == 200
    assert "Eerste Beheerder already decided this on" in main_text(answer)
    assert OutboxMail.objects.count() == mails
    decided_request.refresh_from_db()
    assert decided_request.status == "rejected"


def test_a_decided_request_has_no_decision_buttons(as_admin: Client, company: Company) -> None:
    row = request_for(make_license(company), make_person(company=company), status="approved")

    page = as_admin.get(url_of(row)).content.decode()

    assert url_of(row, "approve") not in page
    assert as_admin.get(url_of(row, "reject"))["Location"] == url_of(row)


def test_the_page_of_a_request_shows_what_prevents_its_approval(as_admin: Client, company: Company) -> None:
    full = make_license(company, seats=1)
    make_grants(full, make_person(company=company))
    ended = make_license(company, ends_on=timezone.localdate() - timedelta(days=1))
    blocked = make_person(company=company, is_blocked=True)

    assert "All seats are in use" in main_text(
        as_admin.get(url_of(request_for(full, make_person(company=company))))
    )
    assert "not valid today" in main_text(as_admin.get(url_of(request_for(ended, make_person(company=company)))))
    gone = request_for(make_license(company), blocked)
    assert "can no longer sign in at your company" in main_text(as_admin.get(url_of(gone)))
    assert "can no longer sign in" in messages_of(as_admin.post(url_of(gone, "approve")))
    gone.refresh_from_db()
    assert gone.is_open


def test_a_requester_who_left_the_company_is_named_without_a_link(as_admin: Client, company: Company) -> None:
    gone = make_person(company=company, name="Weg Gegaan")
    request_for(make_license(company), gone)
    User.objects.filter(pk=gone.pk).update(company=None)

    page = as_admin.get(reverse(LISTS[0])).content.decode()

    assert "Weg Gegaan" in page
    assert "No longer in your company" in page
    assert reverse("company:user", args=[gone.pk]) not in page
