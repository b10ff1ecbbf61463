"""Test signing in and signing out."""

from __future__ import annotations

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.actions.membership import block
from accounts.models import SignInAttempts
from tests.pages.sign_in.links import try_sign_in, without_tokens


def test_a_refused_sign_in_shows_the_same_page_for_every_address(english, colleague, pending, blocked):
    addresses = [colleague.email, pending.email, "onbekend@voorbeeld.example", blocked.email, "geen adres"]
    pages = set()
    for address in addresses:
        page = try_sign_in(english, address, "verkeerd-wachtwoord-1")
        assert page.status_code == 200
        pages.add(without_tokens(page.content).replace(address.encode(), b""))
    assert len(pages) == 1


def test_a_blocked_person_gets_the_same_page_for_a_right_and_a_wrong_password(english, blocked):
    right = try_sign_in(english, blocked.email)
    wrong = try_sign_in(english, blocked.email, "verkeerd-wachtwoord-1")
    assert without_tokens(right.content) == without_tokens(wrong.content)
    assert "_auth_user_id" not in english.session


@pytest.mark.parametrize("address", ["collega@voorbeeld.example", "onbekend@voorbeeld.example"])
def test_the_fourth_wrong_password_shows_the_end_of_the_lock_for_every_address(english, colleague, address):
    for _ in range(3):
        page = try_sign_in(english, address, "verkeerd-wachtwoord-1")
    assert "locked until" not in page.content.decode()
    page = try_sign_in(english, address.upper(), "verkeerd-wachtwoord-1")
    until = timezone.localtime(SignInAttempts.objects.get(address=address).locked_until)
    assert f"locked until {until:%H:%M}" in page.content.decode()
    assert f"locked until {until:%H:%M}" in try_sign_in(english, address).content.decode()  # the right password


def test_next_after_signing_in_leads_to_pages_of_the_site_only(client, colleague):
    assert try_sign_in(client, colleague.email, next="/documenten/")["Location"] == "/documenten/"
    for evil in ("//evil.example", "/\\evil.example", "javascript:alert(1)", "https://evil.example/"):
        client.logout()
        assert try_sign_in(client, colleague.email, next=evil)["Location"] == reverse("home:home")


def test_signing_out_needs_a_post(sign_in, colleague):
    browser = sign_in(colleague)
    assert browser.get(reverse("account_logout")).status_code == 200
    assert "_auth_user_id" in browser.session
    browser.post(reverse("account_logout"))
    assert "_auth_user_id" not in browser.session


def test_blocking_a_person_ends_their_open_session(sign_in, admin, colleague):
    browser = sign_in(colleague)
    assert browser.get(reverse("profile:profile")).status_code == 200
    block(colleague, by=admin)
    response = browser.get(reverse("profile:profile"))
    assert response["Location"].startswith(reverse("account_login"))
