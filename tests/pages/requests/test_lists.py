"""Test the lists of requests."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import User
from companies.models import Company, LabelKind, LabelValue
from requests_app.models import RequestStatus
from tests.factories import make_document, make_license, make_person
from tests.pages.requests.request_pages import (
    ASK,
    CHOICE,
    LISTS,
    document_request_for,
    main_text,
    request_for,
    rows_of,
)

SignIn = Callable[[User], Client]


def test_the_label_of_a_request_is_shown_to_the_requester_and_admins_only(
    as_admin: Client, colleague: User, company: Company, sign_in: SignIn
) -> None:
    company.request_label = "Project"
    company.save()
    project = LabelValue.objects.create(company=company, kind=LabelKind.REQUESTS, name="Brug bij Kampen")
    row = request_for(make_license(company), colleague, label=project)
    url = reverse("requests:license_request", args=[row.pk])

    for reader, times in [(as_admin, 1), (sign_in(colleague), 1), (sign_in(make_person(company=company)), 0)]:
        assert reader.get(url).content.decode().count("Brug bij Kampen") == times


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", {0, 5, 20}),
        ("period=week", {0, 5}),
        ("period=quarter", {0, 5, 20, 60}),
        ("period=year", {0, 5, 20, 60, 300}),
        ("period=all", {0, 5, 20, 60, 300, 500}),
        ("period=unknown&status=unknown", {0, 5, 20}),
        ("period=week\x00&status=open'--", {0, 5}),
        ("status=rejected", set()),
        ("period=all&status=open", {0, 5, 20, 60, 300, 500}),
    ],
)
def test_the_list_of_requests_shows_the_past_month_unless_another_period_is_chosen(
    query: str, expected: set[int], as_colleague: Client, company: Company
) -> None:
    days = {
        request_for(make_license(company), make_person(company=company), days_ago=n).pk: n
        for n in (0, 5, 20, 60, 300, 500)
    }

    answer = as_colleague.get(f"{reverse(LISTS[0])}?{query.replace(chr(0), '')}")

    assert {days[pk] for pk in rows_of(answer)} == expected


def test_the_status_filter_works_on_both_lists_of_requests(as_colleague: Client, company: Company) -> None:
    for status in RequestStatus.values:
        request_for(make_license(company), make_person(company=company), status=status)
        document_request_for(make_document(), make_person(company=company), status=status)
    for name in LISTS:
        for status in RequestStatus.values:
            rows = as_colleague.get(reverse(name), {"status": status}).context["page_obj"]
            assert [row.status for row in rows] == [status]


def test_admins_see_open_requests_first_and_the_number_of_older_open_requests(
    as_admin: Client, as_colleague: Client, company: Company
) -> None:
    open_one = request_for(make_license(company), make_person(company=company), days_ago=20)
    closed = request_for(make_license(company), make_person(company=company), status="approved")
    old = request_for(make_license(company), make_person(company=company), days_ago=60)

    answer = as_admin.get(reverse(LISTS[0]))

    assert rows_of(answer) == [open_one.pk, closed.pk]
    assert "1 older request still waits for a decision." in main_text(answer)
    assert rows_of(as_admin.get(reverse(LISTS[0]), {"period": "all", "status": "open"})) == [open_one.pk, old.pk]
    assert rows_of(as_colleague.get(reverse(LISTS[0]))) == [closed.pk, open_one.pk]


def test_a_page_of_the_list_has_25_requests(as_colleague: Client, company: Company) -> None:
    license = make_license(company)
    for _number in range(26):
        request_for(license, make_person(company=company))

    assert len(rows_of(as_colleague.get(reverse(LISTS[0])))) == 25
    assert len(rows_of(as_colleague.get(reverse(LISTS[0]), {"page": 2}))) == 1


def test_an_empty_list_of_requests_explains_why_it_is_empty(as_colleague: Client, company: Company) -> None:
    for name in LISTS:
        assert "No one at your company has sent a request yet." in main_text(as_colleague.get(reverse(name)))
    other = make_person(company=company)
    request_for(make_license(company), other, days_ago=60)
    document_request_for(make_document(), other, days_ago=60)
    for name in LISTS:
        assert "There are no requests in this period" in main_text(as_colleague.get(reverse(name)))


@pytest.mark.parametrize("name", LISTS)
@pytest.mark.parametrize("who", ["admin", "colleague"])
def test_a_list_takes_as_many_queries_for_3_as_for_30_requests(
    name: str, who: str, request: pytest.FixtureRequest, sign_in: SignIn, company: Company
) -> None:
    user: User = request.getfixturevalue(who)
    client = sign_in(user)

    def fill(count: int) -> None:
        for number in range(count):
            status = RequestStatus.values[number % 4]
            request_for(make_license(company), make_person(company=company), status=status)
            document_request_for(make_document(), make_person(company=company), status=status)
        request_for(make_license(company), user)
        document_request_for(make_document(), user)

    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert client.get(reverse(name), {"period": "year"}).status_code == 200
        return len(captured)

    fill(2)
    few = queries()
    fill(20)
    assert queries() == few


def test_the_choice_of_licences_takes_as_many_queries_for_30_licences_as_for_3(
    as_colleague: Client, company: Company
) -> None:
    def queries(licenses: int) -> int:
        for _number in range(licenses):
            make_license(company, documents=[make_document()])
            make_license(company, documents=[make_document()], is_company_wide=True)
        with CaptureQueriesContext(connection) as captured:
            as_colleague.get(reverse(CHOICE))
            as_colleague.get(reverse(ASK))
        return len(captured)

    assert queries(3) == queries(27)
