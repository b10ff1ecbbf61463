"""Test „Mijn bedrijf – Licenties": the list and the two switches (R20–R22)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from companies.models import Company
from licenses.models import Grant
from requests_app.actions.asking import request_license
from tests.factories import make_document, make_grants, make_license, make_person
from tests.pages.company.licenses.license_page import page_of, press


def test_the_licence_cards_show_seats_company_wide_and_open_requests(
    as_admin: Client, company: Company, colleague: User
) -> None:
    seats = make_license(company, name="Bouw", seats=5, documents=[make_document(), make_document()])
    make_license(company, name="Iedereen", is_company_wide=True, is_shown=False)
    make_grants(seats, make_person(company=company))
    request_license(seats, by=colleague)

    page = " ".join(as_admin.get(reverse("company:licenses")).content.decode().split())

    for text in ("1 of 5 in use", "Company-wide: everyone has it", "1 open request", "No one needs to request it"):
        assert text in page
    assert '<meter class="seats" aria-label="Seats in use" min="0" max="5" value="1">' in page


def test_a_company_without_licences_is_referred_to_nen(as_admin: Client) -> None:
    page = as_admin.get(reverse("company:licenses")).content.decode()

    assert "no licences yet" in page
    assert "klantenservice@nen.nl" in page


def test_ended_licences_are_listed_separately(as_admin: Client, company: Company) -> None:
    today = timezone.localdate()
    make_license(company, starts_on=today - timedelta(days=9), ends_on=today - timedelta(days=1))

    answer = as_admin.get(reverse("company:licenses"))

    assert (len(answer.context["current"]), len(answer.context["ended"])) == (0, 1)


def test_licences_of_another_company_are_not_listed(as_admin: Client, other_company: Company) -> None:
    make_license(other_company, name="Van een ander")

    assert "Van een ander" not in as_admin.get(reverse("company:licenses")).content.decode()


# The switches ---------------------------------------------------------------------------------------


def test_company_wide_cannot_be_switched_on_without_approval_of_nen(as_admin: Client, company: Company) -> None:
    license = make_license(company)

    assert "NEN must approve it" in as_admin.get(page_of(license)).content.decode()
    assert "NEN has not approved" in press(as_admin, "set_company_wide", license, on="1")
    license.refresh_from_db()
    assert not license.is_company_wide


def test_company_wide_is_not_offered_for_a_licence_with_seats(as_admin: Client, company: Company) -> None:
    license = make_license(company, seats=5, is_company_wide_approved=True)

    page = as_admin.get(page_of(license)).content.decode()

    assert "NEN must remove them first" in page
    assert reverse("company:set_company_wide", args=[license.pk]) not in page


@pytest.mark.parametrize(
    ("terms", "why"),
    [({}, "NEN has not approved"), ({"is_company_wide_approved": True, "seats": 5}, "has no seats")],
)
def test_the_company_wide_page_has_no_button_when_switching_would_be_refused(
    terms: dict[str, Any], why: str, as_admin: Client, company: Company
) -> None:
    place = reverse("company:set_company_wide", args=[make_license(company, **terms).pk])

    answer = as_admin.get(place, follow=True)

    assert why in answer.content.decode()
    assert "Turn company-wide on" not in answer.content.decode()


@pytest.mark.parametrize(("is_shown", "says"), [(True, "no one can"), (False, "new users can")])
def test_hiding_a_company_wide_licence_explains_the_effect_after_company_wide_ends(
    is_shown: bool, says: str, as_admin: Client, company: Company
) -> None:
    license = make_license(company, is_company_wide=True, is_shown=is_shown)

    page = as_admin.get(reverse("company:set_shown", args=[license.pk])).content.decode()

    assert f"no one needs to request it. After that, {says}" in page
    assert "0 colleagues" not in page


def test_the_page_of_a_company_wide_licence_says_that_requests_are_not_needed(
    as_admin: Client, company: Company
) -> None:
    license = make_license(company, is_company_wide=True)

    for url in (page_of(license), reverse("company:licenses")):
        page = as_admin.get(url).content.decode()
        assert "No one needs to request it" in page
        assert "can request it" not in page


@pytest.mark.parametrize("is_company_wide", [False, True])
def test_the_page_of_an_ended_licence_offers_no_giving_and_no_switches(
    is_company_wide: bool, as_admin: Client, company: Company
) -> None:
    yesterday = timezone.localdate() - timedelta(days=1)
    license = make_license(company, ends_on=yesterday, is_company_wide=is_company_wide)

    page = as_admin.get(page_of(license)).content.decode()

    assert "This licence has ended" in page
    assert "Give to a colleague" not in page
    for button in ("give", "set_shown", "set_company_wide"):
        assert reverse(f"company:{button}", args=[license.pk]) not in page
    for url in (page_of(license), reverse("company:licenses")):
        page = as_admin.get(url).content.decode()
        for promise in ("can request it", "everyone has it", "can read it", "have it"):
            assert promise not in page


def test_a_company_wide_licence_that_has_not_started_is_shown_as_opening_later(
    as_admin: Client, company: Company
) -> None:
    tomorrow = timezone.localdate() + timedelta(days=1)

    page = as_admin.get(page_of(make_license(company, starts_on=tomorrow, is_company_wide=True))).content.decode()

    assert "From its first day everyone at your company can read it" in page
    assert "everyone has it" not in page


def test_switching_company_wide_off_keeps_access_for_the_people_who_had_it(
    as_admin: Client, company: Company, colleague: User
) -> None:
    license = make_license(company, is_company_wide=True)

    assert "no longer company-wide" in press(as_admin, "set_company_wide", license, on="0")
    license.refresh_from_db()
    assert not license.is_company_wide
    assert Grant.objects.filter(license=license, user=colleague).exists()

    press(as_admin, "set_company_wide", license, on="1")
    license.refresh_from_db()
    assert license.is_company_wide


def test_an_admin_hides_and_shows_a_licence(as_admin: Client, company: Company) -> None:
    license = make_license(company)

    for on in ("0", "0", "1"):
        press(as_admin, "set_shown", license, on=on)
        license.refresh_from_db()
        assert license.is_shown is (on == "1")
