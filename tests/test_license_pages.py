"""„Mijn bedrijf – Licenties": what the company has, who has it, and the two switches (R20–R24)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.messages import get_messages
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from companies.models import Company
from licenses.models import Grant
from requests_app.actions.license_requests import request_license
from tests.factories import document, granted, license_for, person

SignIn = Callable[[User], Client]


@pytest.fixture
def as_admin(admin: User, sign_in: SignIn) -> Client:
    """The admin's browser, in English: the words of the pages are then the source strings."""
    User.objects.filter(pk=admin.pk).update(language="en")
    admin.refresh_from_db()
    return sign_in(admin)


def page_of(license: Any) -> str:
    return reverse("company:license", args=[license.pk])


def press(as_admin: Client, button: str, license: Any, query: str = "", **posted: Any) -> str:
    """Presses a button on a licence's page; the message that follows."""
    answer = as_admin.post(reverse(f"company:{button}", args=[license.pk]) + query, posted)
    assert answer.status_code == 302, answer.status_code
    assert answer.headers["Location"] == page_of(license) + query
    return " ".join(str(message) for message in get_messages(answer.wsgi_request))


def test_the_cards_say_what_each_licence_is(as_admin: Client, company: Company, colleague: User) -> None:
    seats = license_for(company, name="Bouw", seats=5, documents=[document(), document()])
    license_for(company, name="Iedereen", is_company_wide=True, is_shown=False)
    granted(seats, person(company=company))
    request_license(seats, by=colleague)

    page = " ".join(as_admin.get(reverse("company:licenses")).content.decode().split())

    for text in ("1 of 5 in use", "Company-wide: everyone has it", "1 open request", "Nobody needs to request it"):
        assert text in page
    assert '<meter class="seats" aria-label="Seats in use" min="0" max="5" value="1">' in page


def test_a_company_without_licences_is_told_whom_to_call(as_admin: Client) -> None:
    page = as_admin.get(reverse("company:licenses")).content.decode()

    assert "no licences yet" in page
    assert "klantenservice@nen.nl" in page


def test_ended_licences_stand_apart(as_admin: Client, company: Company) -> None:
    today = timezone.localdate()
    license_for(company, starts_on=today - timedelta(days=9), ends_on=today - timedelta(days=1))

    answer = as_admin.get(reverse("company:licenses"))

    assert (len(answer.context["current"]), len(answer.context["ended"])) == (0, 1)


def test_only_this_companys_licences_are_listed(as_admin: Client, other_company: Company) -> None:
    license_for(other_company, name="Van een ander")

    assert "Van een ander" not in as_admin.get(reverse("company:licenses")).content.decode()


# The switches ---------------------------------------------------------------------------------------


def test_company_wide_is_switched_only_where_nen_approved(as_admin: Client, company: Company) -> None:
    license = license_for(company)

    assert "NEN must approve it" in as_admin.get(page_of(license)).content.decode()
    assert "NEN has not approved" in press(as_admin, "set_company_wide", license, on="1")
    license.refresh_from_db()
    assert not license.is_company_wide


def test_company_wide_is_not_offered_for_a_licence_with_seats(as_admin: Client, company: Company) -> None:
    license = license_for(company, seats=5, is_company_wide_approved=True)

    page = as_admin.get(page_of(license)).content.decode()

    assert "NEN must remove them first" in page
    assert reverse("company:set_company_wide", args=[license.pk]) not in page


@pytest.mark.parametrize(
    ("terms", "why"),
    [({}, "NEN has not approved"), ({"is_company_wide_approved": True, "seats": 5}, "has no seats")],
)
def test_the_page_of_the_switch_offers_no_button_that_would_be_refused(
    terms: dict[str, Any], why: str, as_admin: Client, company: Company
) -> None:
    place = reverse("company:set_company_wide", args=[license_for(company, **terms).pk])

    answer = as_admin.get(place, follow=True)

    assert why in answer.content.decode()
    assert "Turn company-wide on" not in answer.content.decode()


@pytest.mark.parametrize(("is_shown", "says"), [(True, "nobody can"), (False, "new users can")])
def test_hiding_or_showing_a_company_wide_licence_speaks_of_later(
    is_shown: bool, says: str, as_admin: Client, company: Company
) -> None:
    license = license_for(company, is_company_wide=True, is_shown=is_shown)

    page = as_admin.get(reverse("company:set_shown", args=[license.pk])).content.decode()

    assert f"nobody needs to request it. Once it is not, {says}" in page
    assert "0 colleagues" not in page


def test_nobody_needs_to_request_a_company_wide_licence(as_admin: Client, company: Company) -> None:
    license = license_for(company, is_company_wide=True)

    for url in (page_of(license), reverse("company:licenses")):
        page = as_admin.get(url).content.decode()
        assert "Nobody needs to request it" in page
        assert "can request it" not in page


@pytest.mark.parametrize("is_company_wide", [False, True])
def test_an_ended_licence_promises_nothing_and_offers_no_switch(
    is_company_wide: bool, as_admin: Client, company: Company
) -> None:
    yesterday = timezone.localdate() - timedelta(days=1)
    license = license_for(company, ends_on=yesterday, is_company_wide=is_company_wide)

    page = as_admin.get(page_of(license)).content.decode()

    assert "This licence has ended" in page
    assert "Give to a colleague" not in page
    for button in ("give", "set_shown", "set_company_wide"):
        assert reverse(f"company:{button}", args=[license.pk]) not in page
    for url in (page_of(license), reverse("company:licenses")):
        page = as_admin.get(url).content.decode()
        for promise in ("can request it", "everyone has it", "can read it", "have it"):
            assert promise not in page


def test_a_company_wide_licence_that_has_not_begun_is_said_to_open_later(
    as_admin: Client, company: Company
) -> None:
    tomorrow = timezone.localdate() + timedelta(days=1)

    page = as_admin.get(page_of(license_for(company, starts_on=tomorrow, is_company_wide=True))).content.decode()

    assert "From its first day everyone at your company can read it" in page
    assert "everyone has it" not in page


def test_company_wide_off_keeps_access_for_whoever_had_it(
    as_admin: Client, company: Company, colleague: User
) -> None:
    license = license_for(company, is_company_wide=True)

    assert "no longer company-wide" in press(as_admin, "set_company_wide", license, on="0")
    license.refresh_from_db()
    assert not license.is_company_wide
    assert Grant.objects.filter(license=license, user=colleague).exists()

    press(as_admin, "set_company_wide", license, on="1")
    license.refresh_from_db()
    assert license.is_company_wide


def test_a_licence_is_hidden_and_shown(as_admin: Client, company: Company) -> None:
    license = license_for(company)

    for on in ("0", "0", "1"):
        press(as_admin, "set_shown", license, on=on)
        license.refresh_from_db()
        assert license.is_shown is (on == "1")


# Giving and taking away -----------------------------------------------------------------------------


def test_a_colleague_is_found_and_given_the_licence(as_admin: Client, company: Company, colleague: User) -> None:
    license = license_for(company, name="Bouw")

    matches = as_admin.get(page_of(license), {"give": "coen"}).context["matches"]
    assert [user.pk for user, _gap in matches] == [colleague.pk]

    url = reverse("company:give", args=[license.pk])
    answer = as_admin.post(f"{url}?give=coen", {"user": colleague.pk})
    assert [str(message) for message in get_messages(answer.wsgi_request)] == ["Coen Collega has “Bouw” now."]
    assert answer.headers["Location"] == page_of(license)  # the search is done
    assert list(as_admin.get(page_of(license), {"give": "coen"}).context["matches"]) == []


def test_at_most_ten_matches_are_listed_and_the_page_says_there_are_more(
    as_admin: Client, company: Company
) -> None:
    license = license_for(company)
    for _ in range(11):
        person(company=company, name="Jan de Vries")

    answer = as_admin.get(page_of(license), {"give": "jan"})

    assert len(answer.context["matches"]) == 10
    assert "There are more" in answer.content.decode()


@pytest.mark.parametrize("stranger", ["other_admin", "personal", "staff"])
def test_people_of_elsewhere_are_neither_found_nor_given_a_licence(
    as_admin: Client, company: Company, stranger: str, request: pytest.FixtureRequest
) -> None:
    user: User = request.getfixturevalue(stranger)
    license = license_for(company)

    assert not as_admin.get(page_of(license), {"give": user.name}).context["matches"]
    for button in ("give", "take_away"):
        answer = as_admin.post(reverse(f"company:{button}", args=[license.pk]), {"user": user.pk})
        assert answer.status_code == 404
    assert not Grant.objects.exists()


@pytest.mark.parametrize("value", ["", "x", "²", "9" * 30])
def test_a_posted_person_that_is_none_is_not_found(as_admin: Client, company: Company, value: str) -> None:
    url = reverse("company:give", args=[license_for(company).pk])

    assert as_admin.post(url, {"user": value}).status_code == 404


def test_giving_says_how_many_seats_are_in_use(as_admin: Client, company: Company, colleague: User) -> None:
    license = license_for(company, name="Bouw", seats=1)
    granted(license, person(company=company))

    assert "All 1 seats of “Bouw” are in use" in press(as_admin, "give", license, user=colleague.pk)
    assert not Grant.objects.filter(user=colleague).exists()


def test_a_licence_is_taken_away(as_admin: Client, company: Company, colleague: User) -> None:
    license = license_for(company)
    granted(license, colleague)

    press(as_admin, "take_away", license, "?q=coen&page=2", user=colleague.pk)

    assert not Grant.objects.exists()


def test_who_has_it_is_searched_and_paged(as_admin: Client, company: Company) -> None:
    license = license_for(company)
    granted(license, person(company=company, name="Zoë Zoekmens"))
    granted(license, *[person(company=company, name="Telmens") for _ in range(29)])

    second = as_admin.get(page_of(license), {"page": "2"}).context["page_obj"]
    found = as_admin.get(page_of(license), {"q": "ZOEK zoë"}).context["page_obj"]

    assert (len(second), [grant.user.name for grant in found]) == (5, ["Zoë Zoekmens"])
    assert as_admin.get(page_of(license), {"q": "a\x07b", "give": "\x07"}).status_code == 200


def test_the_documents_are_listed_by_page(as_admin: Client, company: Company) -> None:
    license = license_for(company, documents=[document() for _ in range(30)])

    answer = as_admin.get(page_of(license), {"show": "documents", "page": "2"})

    assert len(answer.context["page_obj"]) == 5


@pytest.mark.parametrize("name", ["license", "set_company_wide", "set_shown", "give", "take_away"])
def test_a_licence_of_another_company_does_not_exist(
    as_admin: Client, other_company: Company, colleague: User, name: str
) -> None:
    foreign = license_for(other_company)
    url = reverse(f"company:{name}", args=[foreign.pk])

    assert as_admin.get(url).status_code in {404, 405}
    assert as_admin.post(url, {"user": colleague.pk, "on": "0"}).status_code in {404, 405}
    foreign.refresh_from_db()
    assert foreign.is_shown
    assert not Grant.objects.exists()


@pytest.mark.parametrize("show", ["list", "people", "documents"])
def test_the_pages_ask_the_database_as_much_at_30_rows_as_at_3(
    as_admin: Client, company: Company, show: str
) -> None:
    license = license_for(company)
    url = reverse("company:licenses") if show == "list" else page_of(license)

    def queries(rows: int) -> int:
        for _ in range(rows):
            license_for(company)
            granted(license, person(company=company))
            license.documents.add(document())
        with CaptureQueriesContext(connection) as asked:
            assert as_admin.get(url, {"show": show, "give": "a"}).status_code == 200
        return len(asked)

    assert queries(3) == queries(27)


@pytest.mark.parametrize("day", ["2026-02-31", "0000-00-00", "x"])
def test_a_day_in_the_address_that_is_none_counts_as_not_said(
    day: str, as_admin: Client, company: Company
) -> None:
    assert as_admin.get(f"{page_of(license_for(company))}?ends_on={day}&give=a").status_code == 200


def test_giving_until_a_day_to_who_has_it_leads_to_changing_the_day(
    as_admin: Client, company: Company, colleague: User
) -> None:
    license = license_for(company)
    granted(license, colleague)
    posted = {"user": colleague.pk, "ends_on": f"{timezone.localdate() + timedelta(days=3):%Y-%m-%d}"}

    answer = as_admin.post(reverse("company:give", args=[license.pk]), posted)

    assert answer["Location"] == f"{reverse('company:set_end', args=[license.pk])}?user={colleague.pk}"
    assert "already" in str(next(iter(get_messages(answer.wsgi_request))))
    assert Grant.objects.get().ends_on is None


def test_a_blocked_colleague_is_given_no_licence_by_a_posted_id_either(as_admin: Client, company: Company) -> None:
    blocked = person(company=company, is_blocked=True)

    assert "Blocked" in press(as_admin, "give", license_for(company), user=blocked.pk)
    assert not Grant.objects.exists()
