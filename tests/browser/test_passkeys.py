"""Passkeys in a real browser: Chromium brings an authenticator of its own, which says yes to everything."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.test import override_settings
from django.urls import reverse
from playwright.sync_api import Browser, Page, expect

from accounts.actions import membership
from accounts.actions.sign_in import count_attempt, forget_attempts
from accounts.models import User
from nenconnect.mail.models import OutboxMail
from tests.browser.walking import click, sign_in
from tests.factories import PASSWORD, admin_of, company_with, person, recovery_codes_of, with_app

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True), pytest.mark.xdist_group("browser")]

KEY = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


@pytest.fixture
def anna() -> User:
    company = company_with("Voorbeeld BV", "voorbeeld.example")
    admin_of(company)
    return person("anna@voorbeeld.example", company=company, language="en")


@pytest.fixture
def site(live_server: Any) -> Iterator[str]:
    """By the name that passkeys are made for: no number is."""
    url = str(live_server.url).replace("127.0.0.1", "localhost")
    with override_settings(SITE_URL=url):
        yield url


@pytest.fixture
def page(browser: Browser, site: str) -> Iterator[Page]:
    """With a passkey in the machine; fails on whatever the console complains of, such as the CSP."""
    context = browser.new_context(base_url=site, locale="en-GB")
    context.set_default_timeout(10_000)
    context.add_cookies([{"name": "language", "value": "en", "url": site}])
    page, complaints = context.new_page(), list[str]()
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    devtools = context.new_cdp_session(page)
    devtools.send("WebAuthn.enable")
    devtools.send("WebAuthn.addVirtualAuthenticator", {"options": KEY})
    yield page
    context.close()
    assert complaints == []


def types_password(page: Page, user: User) -> None:
    sign_in(page, user.email, PASSWORD)


def sets_up_a_passkey(page: Page, *, without_password: bool = True) -> None:
    page.goto(reverse("mfa_add_webauthn"))
    page.fill("#id_password", PASSWORD)
    click(page.locator("main form").get_by_role("button"))
    page.fill("#id_name", "My laptop")
    page.set_checked("#id_passwordless", without_password)
    looks(page)
    click(page.locator("#passkey-button"))
    assert urlsplit(page.url).path.endswith("/herstelcodes/")


def signs_out(page: Page) -> None:
    click(page.locator(".site-bar form button"))


def looks(page: Page) -> None:
    assert Axe().run(page).response["violations"] == []


def test_a_passkey_is_set_up_and_is_the_second_step(page: Page, anna: User) -> None:
    types_password(page, anna)
    sets_up_a_passkey(page, without_password=False)
    looks(page)
    signs_out(page)
    types_password(page, anna)
    expect(page.locator("h1")).to_have_text("Second step")
    looks(page)
    click(page.locator("#passkey-button"))
    assert urlsplit(page.url).path == "/"

    assert page.goto(reverse("mfa_index")) is not None
    expect(page.locator("main")).to_contain_text("My laptop")
    looks(page)
    assert OutboxMail.objects.filter(event="second_step_changed", recipient=anna).count() == 1


def test_a_passkey_alone_signs_in(page: Page, anna: User) -> None:
    types_password(page, anna)
    sets_up_a_passkey(page)
    signs_out(page)
    page.goto(f"{reverse('account_login')}?next={reverse('documents:documents')}")
    looks(page)
    click(page.locator("#passkey-button"))

    assert urlsplit(page.url).path == reverse("documents:documents")


def test_a_passkey_lets_nobody_in_who_is_blocked_or_locked(page: Page, anna: User) -> None:
    types_password(page, anna)
    sets_up_a_passkey(page)
    signs_out(page)
    for _time in range(4):
        count_attempt(anna.email)
    is_refused(page, "locked until")
    membership.block(anna, by=User.objects.get(role="admin"))
    is_refused(page, "locked until")
    forget_attempts(anna.email)
    is_refused(page, "This passkey was not accepted")


def test_blocked_between_password_and_passkey(page: Page, anna: User) -> None:
    types_password(page, anna)
    sets_up_a_passkey(page)
    signs_out(page)
    types_password(page, anna)
    expect(page.locator("#passkey-button")).to_be_visible()
    membership.block(anna, by=User.objects.get(role="admin"))
    click(page.locator("#passkey-button"))

    assert urlsplit(page.url).path == reverse("account_login")
    expect(page.locator("h1")).to_have_text("Sign in")


def test_a_passkey_that_was_not_there_says_so_on_the_page(page: Page, anna: User) -> None:
    page.goto(reverse("account_login"))
    page.click("#passkey-button")

    expect(page.locator("#passkey-error")).to_be_visible()
    looks(page)


def test_a_browser_without_passkeys_says_what_works_instead(browser: Browser, site: str, anna: User) -> None:
    context = browser.new_context(base_url=site, locale="en-GB", java_script_enabled=False)
    context.add_cookies([{"name": "language", "value": "en", "url": site}])
    page = context.new_page()
    types_password(page, anna)
    page.goto(reverse("mfa_add_webauthn"))
    page.fill("#id_password", PASSWORD)
    click(page.locator("main form").get_by_role("button"))

    expect(page.locator("#without-passkey")).to_be_visible()
    expect(page.locator("#passkey-button")).to_be_hidden()
    with_app(anna)
    signs_out(page)
    types_password(page, anna)
    page.fill("#id_code", recovery_codes_of(anna)[0])
    click(page.locator("main form").first.get_by_role("button"))
    expect(page.locator(".who-name")).to_contain_text(anna.name)
    context.close()


def is_refused(page: Page, words: str) -> None:
    page.goto(reverse("account_login"))
    click(page.locator("#passkey-button"))
    expect(page.locator(".messages")).to_contain_text(words)
    assert page.url.endswith(reverse("account_login"))
