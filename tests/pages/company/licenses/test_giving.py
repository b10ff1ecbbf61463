"""Test giving and taking away a licence on its page (R23, R24)."""

from __future__ import annotations

from datetime import timedelta

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
from tests.factories import make_document, make_grants, make_license, make_person
from tests.pages.company.licenses.license_page import page_of, press


def test_an_admin_searches_a_colleague_and_gives_them_the_licence(
    as_admin: Client, company: Company, colleague: User
) -> None:
    license = make_license(company, name="Bouw")

    matches = as_admin.get(page_of(license), {"give": "coen"}).context["matches"]
    assert [user.pk for user, _gap in matches] == [colleague.pk]

    url = reverse("company:give", args=[license.pk])
    answer = as_admin.post(f"{url}?give=coen", {"user": colleague.pk})
    assert [str(message) for message in get_messages(answer.wsgi_request)] == ["Coen Collega has “Bouw” now."]
    assert answer.headers["Location"] == page_of(license)  # the search is done
    assert list(as_admin.get(page_of(license), {"give": "coen"}).context["matches"]) == []


def test_the_search_to_give_a_licence_lists_at_most_ten_people(as_admin: Client, company: Company) -> None:
    license = make_license(company)
    for _ in range(11):
        make_person(company=company, name="Jan de Vries")

    answer = as_admin.get(page_of(license), {"give": "jan"})

    assert len(answer.context["matches"]) == 10
    assert "There are more" in answer.content.decode()


@pytest.mark.parametrize("stranger", ["other_admin", "personal", "staff"])
def test_people_outside_the_company_cannot_be_searched_or_given_a_licence(
    as_admin: Client, company: Company, stranger: str, request: pytest.FixtureRequest
) -> None:
    user: User = request.getfixturevalue(stranger)
    license = make_license(company)

    assert not as_admin.get(page_of(license), {"give": user.name}).context["matches"]
    for button in ("give", "take_away"):
        answer = as_admin.post(reverse(f"company:{button}", args=[license.pk]), {"user": user.pk})
        assert answer.status_code == 404
    assert not Grant.objects.exists()


@pytest.mark.parametrize("value", ["", "x", "²", "9" * 30])
def test_giving_a_licence_to_an_invalid_person_id_is_a_404(as_admin: Client, company: Company, value: str) -> None:
    url = reverse("company:give", args=[make_license(company).pk])

    assert as_admin.post(url, {"user": value}).status_code == 404


def test_giving_a_full_licence_is_refused_with_its_number_of_seats(
    as_admin: Client, company: Company, colleague: User
) -> None:
    license = make_license(company, name="Bouw", seats=1)
    make_grants(license, make_person(company=company))

    assert "All 1 seats of “Bouw” are in use" in press(as_admin, "give", license, user=colleague.pk)
    assert not Grant.objects.filter(user=colleague).exists()


def test_an_admin_takes_a_licence_away(as_admin: Client, company: Company, colleague: User) -> None:
    license = make_license(company)
    make_grants(license, colleague)

    press(as_admin, "take_away", license, "?q=coen&page=2", user=colleague.pk)

    assert not Grant.objects.exists()


def test_the_people_with_a_licence_can_be_searched_and_paged(as_admin: Client, company: Company) -> None:
    license = make_license(company)
    make_grants(license, make_person(company=company, name="Zoë Zoekmens"))
    make_grants(license, *[make_person(company=company, name="Telmens") for _ in range(29)])

    second = as_admin.get(page_of(license), {"page": "2"}).context["page_obj"]
    matches_on_name = as_admin.get(page_of(license), {"q": "ZOEK zoë"}).context["page_obj"]

    assert (len(second), [grant.user.name for grant in matches_on_name]) == (5, ["Zoë Zoekmens"])
    assert as_admin.get(page_of(license), {"q": "a\x07b", "give": "\x07"}).status_code == 200


def test_the_documents_of_a_licence_are_paged(as_admin: Client, company: Company) -> None:
    license = make_license(company, documents=[make_document() for _ in range(30)])

    answer = as_admin.get(page_of(license), {"show": "documents", "page": "2"})

    assert len(answer.context["page_obj"]) == 5


@pytest.mark.parametrize("name", ["license", "set_company_wide", "set_shown", "give", "take_away"])
def test_the_pages_of_a_licence_of_another_company_are_a_404(
    as_admin: Client, other_company: Company, colleague: User, name: str
) -> None:
    foreign = make_license(other_company)
    url = reverse(f"company:{name}", args=[foreign.pk])

    assert as_admin.get(url).status_code in {404, 405}
    assert as_admin.post(url, {"user": colleague.pk, "on": "0"}).status_code in {404, 405}
    foreign.refresh_from_db()
    assert foreign.is_shown
    assert not Grant.objects.exists()


@pytest.mark.parametrize("show", ["list", "people", "documents"])
def test_the_licence_pages_take_as_many_queries_for_30_rows_as_for_3(
    as_admin: Client, company: Company, show: str
) -> None:
    license = make_license(company)
    url = reverse("company:licenses") if show == "list" else page_of(license)

    def queries(rows: int) -> int:
        for _ in range(rows):
            make_license(company)
            make_grants(license, make_person(company=company))
            license.documents.add(make_document())
        with CaptureQueriesContext(connection) as captured:
            assert as_admin.get(url, {"show": show, "give": "a"}).status_code == 200
        return len(captured)

    assert queries(3) == queries(27)


@pytest.mark.parametrize("day", ["2026-02-31", "0000-00-00", "x"])
def test_the_licence_page_ignores_an_invalid_end_date_in_the_url(
    day: str, as_admin: Client, company: Company
) -> None:
    assert as_admin.get(f"{page_of(make_license(company))}?ends_on={day}&give=a").status_code == 200


def test_giving_a_licence_with_an_end_to_its_holder_leads_to_changing_the_end(
    as_admin: Client, company: Company, colleague: User
) -> None:
    license = make_license(company)
    make_grants(license, colleague)
    posted = {"user": colleague.pk, "ends_on": f"{timezone.localdate() + timedelta(days=3):%Y-%m-%d}"}

    answer = as_admin.post(reverse("company:give", args=[license.pk]), posted)

    assert answer["Location"] == f"{reverse('company:set_end', args=[license.pk])}?user={colleague.pk}"
    assert "already" in str(next(iter(get_messages(answer.wsgi_request))))
    assert Grant.objects.get().ends_on is None


def test_a_blocked_colleague_cannot_be_given_a_licence(as_admin: Client, company: Company) -> None:
    blocked = make_person(company=company, is_blocked=True)

    assert "Blocked" in press(as_admin, "give", make_license(company), user=blocked.pk)
    assert not Grant.objects.exists()
