"""Two admins edit one person: the second is told what changed, and keeps what was typed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.actions import details, membership
from accounts.models import User
from companies.models import Company
from tests.factories import make_admin, make_person

pytestmark = pytest.mark.django_db

SignIn = Callable[[User], Client]


@pytest.fixture
def other(company: Company) -> User:
    return make_admin(company, name="Otto Ander")


@pytest.fixture
def page(company: Company, admin: User, colleague: User, sign_in: SignIn) -> Any:
    """Opened before anything else happens: what is typed is sent with what the page held then."""
    User.objects.filter(pk=admin.pk).update(language="en")
    browser, url = sign_in(User.objects.get(pk=admin.pk)), reverse("company:edit_user", args=[colleague.pk])
    form = browser.get(url).context["form"]
    held = {name: form[name].value() for name in form.fields if form[name].value() not in (None, False)}

    def send(**typed: Any) -> Any:
        return browser.post(url, held | typed)

    return send


def test_the_second_is_told_by_whom_and_what_and_keeps_what_was_typed(
    page: Any, colleague: User, other: User
) -> None:
    details.change_details(colleague, by=other, phone="06 11111111")

    answer = page(phone="06 22222222", name="Coen C. Collega")

    text = answer.content.decode()
    assert answer.status_code == 200
    assert "Otto Ander changed this meanwhile: it is “06 11111111” now." in text
    assert 'value="06 22222222"' in text
    assert 'value="Coen C. Collega"' in text
    colleague.refresh_from_db()
    assert (colleague.phone, colleague.name) == ("06 11111111", "Coen Collega")


def test_saving_again_then_goes_through(page: Any, colleague: User, other: User) -> None:
    details.change_details(colleague, by=other, phone="06 11111111")
    again = page(phone="06 22222222").context["form"]

    answer = page(phone="06 22222222", seen=again["seen"].value())

    assert answer.status_code == 302
    colleague.refresh_from_db()
    assert colleague.phone == "06 22222222"


def test_what_the_second_left_alone_is_not_put_back(page: Any, colleague: User, other: User) -> None:
    details.change_details(colleague, by=other, phone="06 11111111", country="BE")

    again = page(name="Coen C. Collega")
    form = again.context["form"]
    assert "Belgium" in again.content.decode()
    page(name="Coen C. Collega", **{name: form[name].value() for name in ("phone", "country", "seen")})

    colleague.refresh_from_db()
    assert (colleague.name, colleague.phone, str(colleague.country)) == ("Coen C. Collega", "06 11111111", "BE")


def test_two_who_want_the_same_are_not_stopped(page: Any, colleague: User, other: User) -> None:
    details.change_details(colleague, by=other, phone="06 11111111")
    assert page(phone="06 11111111").status_code == 302


def test_a_page_that_tells_nothing_seen_is_taken_at_its_word(page: Any, colleague: User) -> None:
    for seen in ("", "geen json", "[]", "7"):
        assert page(phone="06 3", seen=seen).status_code in (200, 302)


def test_the_page_of_somebody_who_left_says_what_may_have_happened_and_no_more(
    company: Company, admin: User, colleague: User, other_admin: User, sign_in: SignIn
) -> None:
    browser = sign_in(admin)
    membership.remove_from_company(colleague, by=admin)
    gone, elsewhere, never = (
        browser.get(reverse("company:user", args=[pk])) for pk in (colleague.pk, other_admin.pk, 987654321)
    )
    assert {answer.status_code for answer in (gone, elsewhere, never)} == {404}
    said = {answer.content.decode().split("<main")[1].split("</main")[0] for answer in (gone, elsewhere, never)}
    assert len(said) == 1
    assert colleague.name not in gone.content.decode()
    assert make_person(company=company).name not in never.content.decode()
