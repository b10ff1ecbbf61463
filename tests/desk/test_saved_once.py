"""Test that a form of NEN's desk that is sent twice saves one thing."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from companies.models import Company
from licenses.models import License
from tests.at_once import run_at_once
from tests.desk.desk_form import filled_in
from tests.factories import make_company, make_person

pytestmark = pytest.mark.usefixtures("_english")
SignIn = Callable[[User], Client]
ADD = "admin:licenses_license_add"
ADD_COMPANY = "admin:companies_company_add"


def new_license(browser: Client, company: Company) -> dict[str, Any]:
    # The page as it is open in the browser, filled in.
    terms = {"starts_on": "2050-01-01", "ends_on": "2050-12-31", "kind": License.Kind.PACKAGE}
    page = {name: value for name, value in filled_in(browser, reverse(ADD)).items() if value != [""]}
    return page | {"company": company.pk, "name": "Bouwnormen"} | terms


def new_company(browser: Client) -> dict[str, Any]:
    contact = {"contact_person": "An", "contact_phone": "015", "contact_email": "an@nieuw.example"}
    admin = {"admin_name": "An", "admin_email": "an@nieuw.example"}
    named = {"name": "Nieuw BV", "customer_number": "K-NIEUW"}
    return filled_in(browser, reverse(ADD_COMPANY)) | named | contact | admin


def test_a_second_licence_with_the_same_name_and_first_day_is_refused(
    sign_in: SignIn, staff: User, company: Company
) -> None:
    desk = sign_in(staff)
    page = new_license(desk, company)

    assert desk.post(reverse(ADD), page).status_code == 302
    again = desk.post(reverse(ADD), page)

    assert License.objects.count() == 1
    assert again.status_code == 200
    assert "Er is al een licentie" in again.content.decode()


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("kind", ["licence", "company"])
def test_sending_a_desk_form_several_times_at_once_saves_one_row(sign_in: SignIn, kind: str) -> None:
    company = make_company("Voorbeeld BV", "voorbeeld.example")
    member = make_person("nen@nen.example", is_staff=True, is_superuser=True, language="en")
    browsers = [sign_in(member) for _tab in range(3)]
    add = ADD if kind == "licence" else ADD_COMPANY
    page = new_license(browsers[0], company) if kind == "licence" else new_company(browsers[0])

    outcomes = run_at_once([partial(browser.post, reverse(add), page) for browser in browsers])

    assert sorted(str(getattr(outcome, "status_code", outcome)) for outcome in outcomes) == ["200", "200", "302"]
    assert (License.objects.count(), Company.objects.count()) == ((1, 1) if kind == "licence" else (0, 2))
