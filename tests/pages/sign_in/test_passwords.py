"""Test forgotten and changed passwords."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.actions.membership import block
from accounts.mails.password import reset_tokens
from accounts.models import SignInAttempts, User
from nenconnect.audit.models import AuditEntry
from nenconnect.mail.models import OutboxMail
from tests.factories import PASSWORD
from tests.pages.sign_in.links import NEW_PASSWORD, is_dead


def reset_link_for(user: User) -> str:
    return reverse("sign_in:password_reset", args=[f"{user.pk}-{reset_tokens.make_token(user)}"])


# The link of the registration mail ------------------------------------------------------------------


def test_the_page_of_a_dead_reset_link_explains_how_to_get_a_new_link(english, db):
    page = english.get(reverse("sign_in:password_reset", args=["1-geen"]))
    assert is_dead(page)
    text = page.content.decode()
    assert "Ask for a new mail with a link to choose a password." in text
    assert "Was the link broken off in your mail?" in text
    assert "registration mail" not in text


def test_the_forgotten_password_form_of_a_signed_in_person_has_their_address(sign_in, colleague):
    page = sign_in(colleague).get(reverse("sign_in:forgot_password")).content.decode()
    assert f'value="{colleague.email}"' in page
    assert f'href="{reverse("account_change_password")}"' in page


# Passwords ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("account", ["collega", "nieuw", "geblokkeerd", "onbekend"])
def test_a_forgotten_password_gives_the_same_answer_for_every_address(
    client, colleague, pending, blocked, account
):
    response = client.post(reverse("sign_in:forgot_password"), {"email": f"{account}@voorbeeld.example"})
    assert (response.status_code, response["Location"]) == (302, reverse("sign_in:forgot_password_done"))
    assert OutboxMail.objects.filter(event="password_reset").count() == (account == "collega")


def test_opening_the_reset_link_changes_nothing(client, colleague):
    before = list(User.objects.values())
    for method in (client.get, client.head):
        page = method(reset_link_for(colleague))
        assert (page.status_code, is_dead(page)) == (200, False)
    assert list(User.objects.values()) == before


def test_a_password_reset_ends_sessions_and_locks_and_signs_no_one_in(client, sign_in, colleague):
    other_device = sign_in(colleague)
    SignInAttempts.objects.create(
        address=colleague.email, failures=4, locked_until=timezone.now() + timedelta(minutes=20)
    )
    colleague.refresh_from_db()
    link = reset_link_for(colleague)
    assert client.post(link)["Location"] == reverse("sign_in:new_password")
    data = {"password": NEW_PASSWORD, "repeat": NEW_PASSWORD}
    assert client.post(reverse("sign_in:new_password"), data)["Location"] == reverse("account_login")
    assert "_auth_user_id" not in client.session
    assert other_device.get(reverse("profile:profile")).status_code == 302
    assert is_dead(client.get(link))  # once
    assert _signed_in(client, colleague.email, NEW_PASSWORD)


def test_blocking_a_person_ends_the_reset_link_mailed_before(client, admin, colleague):
    link = reset_link_for(colleague)
    block(colleague, by=admin)
    assert is_dead(client.get(link))
    assert is_dead(client.post(link))


def test_changing_the_password_keeps_this_session_and_ends_the_others(sign_in, colleague):
    here, elsewhere = sign_in(colleague), sign_in(colleague)
    data = {"current": PASSWORD, "password": NEW_PASSWORD, "repeat": NEW_PASSWORD}
    assert here.post(reverse("account_change_password"), data).status_code == 302
    assert here.get(reverse("profile:profile")).status_code == 200
    assert elsewhere.get(reverse("profile:profile")).status_code == 302
    assert AuditEntry.objects.filter(verb="password_changed", actor_id=colleague.pk).exists()


def test_wrong_current_passwords_lock_the_account_when_changing_the_password(sign_in, colleague):
    browser = sign_in(colleague)
    data = {"current": "verkeerd-wachtwoord-1", "password": NEW_PASSWORD, "repeat": NEW_PASSWORD}
    for _ in range(4):
        response = browser.post(reverse("account_change_password"), data)
    assert response.context["form"].errors["current"]
    assert SignInAttempts.objects.get(address=colleague.email).locked_until
    data["current"] = PASSWORD
    assert browser.post(reverse("account_change_password"), data).status_code == 200


def _signed_in(client: Client, address: str, password: str) -> bool:
    return client.login(email=address, password=password)
