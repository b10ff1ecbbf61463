"""A form of NEN's desk that is sent twice is saved once: a double click, or a page that was slow to answer."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from companies.models import Company
from desk.once.models import SentForm
from desk.once.tasks import forget_sent
from licenses.models import License
from tests.at_once import at_once
from tests.desk.desk_form import filled_in
from tests.factories import company_with, license_for, person

pytestmark = pytest.mark.usefixtures("_english")
SignIn = Callable[[User], Client]
ADD = "admin:licenses_license_add"


@pytest.fixture
def desk(sign_in: SignIn, staff: User) -> Client:
    return sign_in(staff)


def new_license(browser: Client, company: Company, **typed: Any) -> dict[str, Any]:
    """The page as it is open in the browser, filled in."""
    terms = {"starts_on": "2050-01-01", "ends_on": "2050-12-31", "kind": License.Kind.PACKAGE}
    page = {name: value for name, value in filled_in(browser, reverse(ADD)).items() if value != [""]}
    return page | {"company": company.pk, "name": "Bouwnormen"} | terms | typed


def test_a_licence_that_is_sent_again_is_there_once_and_the_page_says_so(desk: Client, company: Company) -> None:
    page = new_license(desk, company)

    first, again = (desk.post(reverse(ADD), page) for _time in range(2))

    assert License.objects.count() == 1
    assert first.status_code == again.status_code == 302
    assert first["Location"] == again["Location"]
    said = "Deze pagina is twee keer verstuurd. Alles is één keer opgeslagen."
    assert said in desk.get(again["Location"]).content.decode()


def test_what_was_changed_after_going_back_is_another_one(desk: Client, company: Company) -> None:
    page = new_license(desk, company)

    for name in ("Bouwnormen", "Zorgnormen"):
        desk.post(reverse(ADD), page | {"name": name})

    assert sorted(License.objects.values_list("name", flat=True)) == ["Bouwnormen", "Zorgnormen"]


def test_the_same_once_more_is_a_page_opened_anew(desk: Client, company: Company) -> None:
    for _time in range(2):
        desk.post(reverse(ADD), new_license(desk, company))

    assert License.objects.count() == 2


def test_what_was_refused_may_be_sent_again_as_it_is(desk: Client, company: Company) -> None:
    change = reverse("admin:companies_company_add")
    page = filled_in(desk, change) | {"name": "Nieuw BV", "customer_number": company.customer_number}
    page |= {"contact_person": "An", "contact_phone": "015", "contact_email": "an@nieuw.example"}
    page |= {"admin_name": "An", "admin_email": "an@nieuw.example"}
    assert desk.post(change, page).status_code == 200
    Company.objects.filter(pk=company.pk).update(customer_number="K-ANDERS")

    assert desk.post(change, page).status_code == 302
    assert Company.objects.filter(name="Nieuw BV").count() == 1


def test_what_was_only_looked_at_is_saved_afterwards(desk: Client, company: Company) -> None:
    page = new_license(desk, company)
    assert desk.post(reverse(ADD), page | {"_look": "1"}).status_code == 200

    assert desk.post(reverse(ADD), page).status_code == 302
    assert License.objects.count() == 1


def test_each_of_two_of_staff_saves_their_own(sign_in: SignIn, desk: Client, company: Company) -> None:
    page = new_license(desk, company)
    colleague = sign_in(person("nog-een@nen.example", is_staff=True, is_superuser=True, language="en"))

    for browser in (desk, colleague):
        browser.post(reverse(ADD), page)

    assert License.objects.count() == 2


def test_of_what_was_sent_nothing_is_kept_after_a_day(desk: Client, company: Company) -> None:
    license_for(company)
    desk.post(reverse(ADD), new_license(desk, company))
    forget_sent()
    assert SentForm.objects.exists()

    SentForm.objects.update(sent_at=timezone.now() - timedelta(days=1, minutes=1))
    forget_sent()

    assert not SentForm.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_a_double_click_saves_one_licence(sign_in: SignIn) -> None:
    company = company_with("Voorbeeld BV", "voorbeeld.example")
    member = person("nen@nen.example", is_staff=True, is_superuser=True, language="en")
    browsers = [sign_in(member) for _tab in range(3)]
    page = new_license(browsers[0], company)

    outcomes = at_once([partial(browser.post, reverse(ADD), page) for browser in browsers])

    assert [getattr(one, "status_code", one) for one in outcomes] == [302] * 3
    assert License.objects.count() == 1
