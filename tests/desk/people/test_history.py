"""Test the history of a person at NEN's desk."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.actions import details
from accounts.models import User
from companies.models import Company
from members.actions.moving import move_person
from tests.factories import make_admin, make_person, set_staff_roles

pytestmark = pytest.mark.usefixtures("_english")
SignIn = Callable[[User], Client]


def history_url(user: User) -> str:
    return reverse("admin:accounts_user_history", args=[user.pk])


@pytest.fixture
def moved(colleague: User, admin: User, company: Company, other_company: Company, staff: User) -> User:
    # Changed by an admin at one company, and by NEN moved to another, where the admin changed something too.
    details.change_details(colleague, by=admin, phone="06 1")
    move_person(colleague, other_company, by=staff)
    colleague.refresh_from_db()
    details.change_details(colleague, by=make_admin(other_company, name="Olga Bouwer"), phone="06 2")
    return colleague


def test_the_history_of_a_user_shows_events_and_actors_of_every_company(desk: Client, moved: User) -> None:
    page = desk.get(history_url(moved))

    events = {(str(event.what), event.by, event.company) for event in page.context["history"].object_list}
    assert {
        ("Details of a user changed", "Anneke Beheerder", "Voorbeeld BV"),
        ("User moved in from another company", "Nel van NEN", "Bouwbedrijf BV"),
        ("Details of a user changed", "Olga Bouwer", "Bouwbedrijf BV"),
    } <= events
    assert page.context["next"].why in page.content.decode()
    assert history_url(moved) in desk.get(reverse("admin:accounts_user_change", args=[moved.pk])).content.decode()


def test_an_account_manager_sees_only_the_history_from_their_own_companies(
    sign_in: SignIn, moved: User, other_company: Company
) -> None:
    manager = set_staff_roles(make_person("am@nen.example", is_staff=True), "account_manager")
    Company.objects.filter(pk=other_company.pk).update(account_manager=manager)

    page = sign_in(manager).get(history_url(moved))

    events = page.context["history"].object_list
    assert "Olga Bouwer" in {event.by for event in events}
    assert "Anneke Beheerder" not in page.content.decode()
    assert "Voorbeeld BV" not in page.content.decode()


def test_the_history_of_a_user_is_paged_and_needs_no_more_queries_with_more_events(
    desk: Client, colleague: User, admin: User
) -> None:
    def queries(number: int) -> int:
        for index in range(number):
            details.change_details(colleague, by=admin, phone=f"06 {number} {index}")
        with CaptureQueriesContext(connection) as captured:
            desk.get(history_url(colleague))
        return len(captured)

    assert queries(3) == queries(60)
    assert "?page=2" in desk.get(history_url(colleague)).content.decode()


def test_the_history_of_staff_or_an_unknown_user_redirects_to_the_home_page(
    desk: Client, colleague: User, staff: User
) -> None:
    for url in (history_url(staff), history_url(colleague).replace(str(colleague.pk), "999999")):
        assert desk.get(url)["Location"] == reverse("admin:index")
