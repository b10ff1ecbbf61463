"""Test that the new address of a former colleague is not shown to the old company (C24)."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse

from accounts.actions.moving import ask_to_move, decline_move
from accounts.models import MoveRequest, User
from companies.models import Company
from members.actions.departures import run_departures, start_departure
from members.actions.moving import leave_company
from members.models import Departure
from requests_app.actions.asking import request_license
from requests_app.actions.deciding import approve
from tests.factories import make_admin, make_company, make_grants, make_license, make_person

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("_english")]

SignIn = Callable[[User], Client]
NEW_ADDRESS = "nieuw.adres@elders.example"


@pytest.fixture
def elsewhere(db: None) -> Company:
    return make_company("Elders BV", "elders.example")


def works_elsewhere(user: User, company: Company) -> None:
    User.objects.filter(pk=user.pk).update(company=company, email=NEW_ADDRESS, name="Nieuwe Naam")


def page(browser: Client, name: str, *args: int, **query: str) -> str:
    answer = browser.get(reverse(name, args=args), query)
    assert answer.status_code == 200
    return b"".join(answer).decode()


def test_request_pages_do_not_show_the_new_address_of_a_former_colleague(
    sign_in: SignIn, company: Company, admin: User, colleague: User, elsewhere: Company
) -> None:
    row = request_license(make_license(company), by=colleague)
    approve(row, by=admin)
    browser = sign_in(admin)
    assert colleague.email in page(browser, "requests:license_request", row.pk)
    assert colleague.email in page(browser, "requests:export_license_requests", format="csv", period="all")

    leave_company(colleague, by=admin)
    works_elsewhere(colleague, elsewhere)

    assert NEW_ADDRESS not in page(browser, "requests:license_request", row.pk)
    assert NEW_ADDRESS not in page(browser, "requests:export_license_requests", format="csv", period="all")


def test_the_access_export_does_not_show_the_new_address_of_a_former_colleague(
    sign_in: SignIn, company: Company, admin: User, colleague: User, elsewhere: Company
) -> None:
    make_grants(make_license(company), colleague)
    browser = sign_in(admin)
    assert colleague.email in page(browser, "company:export_access", format="csv")

    leave_company(colleague, by=admin)
    works_elsewhere(colleague, elsewhere)

    assert NEW_ADDRESS not in page(browser, "company:export_access", format="csv")


def test_the_departure_page_does_not_show_the_new_address_of_a_former_colleague(
    sign_in: SignIn, company: Company, admin: User, colleague: User, elsewhere: Company
) -> None:
    row = start_departure(company, [colleague], kind=Departure.Kind.REMOVE, by=admin)
    run_departures()
    works_elsewhere(colleague, elsewhere)
    assert NEW_ADDRESS not in page(sign_in(admin), "company:departure", row.pk)


class TestAMoveThatWasDeclined:
    @pytest.fixture
    def move(self, company: Company, colleague: User) -> MoveRequest:
        south = make_company("Voorbeeld BV", "voorbeeld.example", department="Zuid")
        make_admin(company)
        self.decider = make_admin(south)
        return ask_to_move(colleague, south)

    def test_the_page_of_an_open_move_request_names_the_requester(
        self, sign_in: SignIn, move: MoveRequest
    ) -> None:
        text = page(sign_in(self.decider), "company:move_request", move.pk)
        assert move.user.name in text
        assert move.user.email in text

    def test_the_page_of_a_declined_move_shows_no_new_details_of_the_requester(
        self, sign_in: SignIn, move: MoveRequest, elsewhere: Company, colleague: User
    ) -> None:
        decline_move(move, by=self.decider)
        works_elsewhere(colleague, elsewhere)
        text = page(sign_in(self.decider), "company:move_request", move.pk)
        assert "Nieuwe Naam" not in text
        assert NEW_ADDRESS not in text
        assert "Elders BV" not in text
        assert "Iemand vroeg om over te stappen" in text


def test_the_departure_page_shows_the_address_of_a_blocked_colleague(
    sign_in: SignIn, company: Company, admin: User
) -> None:
    somebody = make_person(company=company)
    row = start_departure(company, [somebody], kind=Departure.Kind.BLOCK, by=admin)
    run_departures()
    assert somebody.email.split("@")[0] in page(sign_in(admin), "company:departure", row.pk)
