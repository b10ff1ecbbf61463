"""Test the desk's answers to who may read a document and which licences end when (R25, R37)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from companies.models import Company
from desk.licenses.ending import quarter_of
from licenses.models import Document, License
from tests.factories import make_company, make_document, make_grants, make_license, make_person, set_staff_roles

pytestmark = pytest.mark.usefixtures("_english")
SignIn = Callable[[User], Client]
YESTERDAY = timedelta(days=-1)


@pytest.fixture
def desk(sign_in: SignIn) -> Client:
    return sign_in(
        set_staff_roles(make_person("nieuw@nen.example", is_staff=True, language="en"), "customer_service")
    )


def readers_of(standard: Document, browser: Client) -> Any:
    return browser.get(reverse("admin:licenses_document_readers", args=[standard.pk]))


def test_the_readers_page_of_a_document_lists_licences_with_numbers_of_readers(
    desk: Client, company: Company, admin: User, colleague: User
) -> None:
    standard = make_document()
    make_grants(make_license(company, documents=[standard], name="Gegeven"), colleague)
    make_license(company, documents=[standard], name="Voor iedereen", is_company_wide=True)

    page = readers_of(standard, desk)

    assert [(license.name, license.readers) for license in page.context["licenses"]] == [
        ("Gegeven", 1),
        ("Voor iedereen", 2),
    ]
    assert "2 licences give access to it today" in page.content.decode()


def test_the_readers_page_does_not_count_blocked_pending_or_expired_readers(
    desk: Client, company: Company
) -> None:
    standard, today = make_document(), timezone.localdate()
    license = make_license(company, documents=[standard])
    make_grants(
        license,
        make_person(company=company, is_blocked=True),
        make_person(company=company, registered_at=None, registration_deadline="2999-01-01"),
    )
    make_grants(license, make_person(company=company), ends_on=today + YESTERDAY)

    (listed,) = readers_of(standard, desk).context["licenses"]

    assert not listed.readers


@pytest.mark.parametrize("why", ["ended", "later", "closed", "without it"])
def test_the_readers_page_omits_licences_that_give_no_access_today(
    desk: Client, company: Company, why: str
) -> None:
    standard, today = make_document(), timezone.localdate()
    term = {"ended": {"ends_on": today + YESTERDAY}, "later": {"starts_on": today - YESTERDAY}}.get(why, {})
    make_license(company, documents=[] if why == "without it" else [standard], **term)
    if why == "closed":
        Company.objects.update(closed_at=timezone.now(), closed_because="Opgeheven")

    assert "no one may read it" in readers_of(standard, desk).content.decode()


def test_the_readers_page_mentions_that_everybody_may_read_a_free_document(desk: Client, db: None) -> None:
    assert (
        "everybody with an account may read it" in readers_of(make_document(is_free=True), desk).content.decode()
    )


def test_the_readers_page_shows_an_account_manager_only_their_own_companies(
    sign_in: SignIn, company: Company
) -> None:
    manager = set_staff_roles(make_person("manager@nen.example", is_staff=True, language="en"), "account_manager")
    standard = make_document()
    make_license(company, documents=[standard])

    answer = readers_of(standard, sign_in(manager))
    assert not answer.context["licenses"]
    assert "companies that you manage" in answer.content.decode()

    Company.objects.filter(pk=company.pk).update(account_manager=manager)
    assert len(readers_of(standard, sign_in(manager)).context["licenses"]) == 1


def test_the_readers_page_needs_no_more_queries_with_more_licences(desk: Client, db: None) -> None:
    standard, numbers = make_document(), []
    for more in (3, 27):
        for number in range(more):
            company = make_company(f"b{more}-{number}.example")
            make_grants(make_license(company, documents=[standard]), make_person(company=company))
        with CaptureQueriesContext(
            connection,
        ) as queries:
            readers_of(standard, desk)
        numbers.append(len(queries))

    assert numbers[0] == numbers[1]


def test_the_pages_of_a_document_and_a_licence_link_to_their_readers(
    desk: Client, company: Company, colleague: User
) -> None:
    standard = make_document()
    license = make_license(company, documents=[standard])
    make_grants(license, colleague)

    of_document = desk.get(reverse("admin:licenses_document_change", args=[standard.pk])).content.decode()
    of_license = desk.get(reverse("admin:licenses_license_change", args=[license.pk])).content.decode()
    people = f"{reverse('admin:licenses_grant_changelist')}?license__id__exact={license.pk}"

    assert reverse("admin:licenses_document_readers", args=[standard.pk]) in of_document
    assert people in of_license
    assert people in readers_of(standard, desk).content.decode()
    assert colleague.name in desk.get(people).content.decode()


# Which licences end when ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("day", "quarter"),
    [
        (date(2027, 1, 1), (date(2027, 1, 1), date(2027, 3, 31))),
        (date(2027, 6, 30), (date(2027, 4, 1), date(2027, 6, 30))),
        (date(2027, 8, 15), (date(2027, 7, 1), date(2027, 9, 30))),
        (date(2027, 12, 31), (date(2027, 10, 1), date(2027, 12, 31))),
    ],
)
def test_a_quarter_runs_from_the_first_to_the_last_day_of_three_months(
    day: date, quarter: tuple[date, date]
) -> None:
    assert quarter_of(day) == quarter


@pytest.mark.parametrize("state", ["quarter", "next-quarter", "ended", "later"])
def test_staff_filter_licences_on_the_quarter_in_which_they_end(
    desk: Client, company: Company, state: str
) -> None:
    today = timezone.localdate()
    last = quarter_of(today)[1]
    far: dict[str, Any] = {"starts_on": date(2020, 1, 1), "ends_on": last + timedelta(days=400)}
    terms: dict[str, dict[str, Any]] = {
        "quarter": {"ends_on": last},
        "next-quarter": {"ends_on": last + timedelta(days=1)},
        "ended": {"ends_on": quarter_of(today)[0] + YESTERDAY},
        "later": {"starts_on": today + timedelta(days=1)},
    }
    for name, term in terms.items():
        make_license(company, name=name, **far | term)

    page = desk.get(reverse("admin:licenses_license_changelist"), {"state": state})

    assert [license.name for license in page.context["cl"].result_list] == [state]


# Lists that are empty -------------------------------------------------------------------------------


def test_a_desk_search_without_results_shows_nothing_found(desk: Client, company: Company) -> None:
    for name in ("companies_company", "licenses_license"):
        url = reverse(f"admin:{name}_changelist")
        assert "Nothing found" in desk.get(url, {"q": "bestaatniet"}).content.decode()


def test_an_empty_desk_list_shows_a_message_and_no_link_to_the_whole_list(desk: Client, db: None) -> None:
    page = desk.get(reverse("admin:licenses_license_changelist")).content.decode()

    assert "There is nothing here yet" in page
    assert "Show the whole list" not in page
    assert not License.objects.exists()
