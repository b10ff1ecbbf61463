"""Test two admins who edit the same person at the same time."""

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
def other_editor(company: Company) -> User:
    return make_admin(company, name="Otto Ander")


@pytest.fixture
def save_form(company: Company, admin: User, colleague: User, sign_in: SignIn) -> Any:
    """Open the edit form before any change; return a function that posts its values with changes."""
    User.objects.filter(pk=admin.pk).update(language="en")
    browser, url = sign_in(User.objects.get(pk=admin.pk)), reverse("company:edit_user", args=[colleague.pk])
    form = browser.get(url).context["form"]
    opened_values = {name: form[name].value() for name in form.fields if form[name].value() not in (None, False)}

    def send(**typed: Any) -> Any:
        return browser.post(url, opened_values | typed)

    return send


def test_the_second_admin_sees_the_change_of_the_first_and_keeps_the_typed_values(
    save_form: Any, colleague: User, other_editor: User
) -> None:
    details.change_details(colleague, by=other_editor, phone="06 11111111")

    answer = save_form(phone="06 22222222", name="Coen C. Collega")

    text = answer.content.decode()
    assert answer.status_code == 200
    assert "Otto Ander changed this meanwhile: it is “06 11111111” now." in text
    assert 'value="06 22222222"' in text
    assert 'value="Coen C. Collega"' in text
    colleague.refresh_from_db()
    assert (colleague.phone, colleague.name) == ("06 11111111", "Coen Collega")


def test_the_second_admin_can_save_after_seeing_the_change_of_the_first(
    save_form: Any, colleague: User, other_editor: User
) -> None:
    details.change_details(colleague, by=other_editor, phone="06 11111111")
    again = save_form(phone="06 22222222").context["form"]

    answer = save_form(phone="06 22222222", seen=again["seen"].value())

    assert answer.status_code == 302
    colleague.refresh_from_db()
    assert colleague.phone == "06 22222222"


def test_a_field_that_the_second_admin_did_not_touch_keeps_the_change_of_the_first(
    save_form: Any, colleague: User, other_editor: User
) -> None:
    details.change_details(colleague, by=other_editor, phone="06 11111111", country="BE")

    again = save_form(name="Coen C. Collega")
    form = again.context["form"]
    assert "Belgium" in again.content.decode()
    save_form(name="Coen C. Collega", **{name: form[name].value() for name in ("phone", "country", "seen")})

    colleague.refresh_from_db()
    assert (colleague.name, colleague.phone, str(colleague.country)) == ("Coen C. Collega", "06 11111111", "BE")


def test_two_admins_with_the_same_change_have_no_conflict(
    save_form: Any, colleague: User, other_editor: User
) -> None:
    details.change_details(colleague, by=other_editor, phone="06 11111111")
    assert save_form(phone="06 11111111").status_code == 302


def test_an_edit_form_with_an_unreadable_seen_field_raises_no_error(save_form: Any, colleague: User) -> None:
    for seen in ("", "geen json", "[]", "7"):
        assert save_form(phone="06 3", seen=seen).status_code in (200, 302)


def test_the_pages_of_removed_foreign_and_unknown_people_are_the_same_404(
    company: Company, admin: User, colleague: User, other_admin: User, sign_in: SignIn
) -> None:
    browser = sign_in(admin)
    membership.remove_from_company(colleague, by=admin)
    gone, elsewhere, never = (
        browser.get(reverse("company:user", args=[pk])) for pk in (colleague.pk, other_admin.pk, 987654321)
    )
    assert {answer.status_code for answer in (gone, elsewhere, never)} == {404}
    main_parts = {
        answer.content.decode().split("<main")[1].split("</main")[0] for answer in (gone, elsewhere, never)
    }
    assert len(main_parts) == 1
    assert colleague.name not in gone.content.decode()
    assert make_person(company=company).name not in never.content.decode()
