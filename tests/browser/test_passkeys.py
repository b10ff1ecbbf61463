"""Test passkeys in a real browser, with a virtual authenticator of Chromium that confirms everything."""

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
from tests.factories import (
    PASSWORD,
    add_authenticator_app,
    make_admin,
    make_company,
    make_person,
    recovery_codes_of,
)

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True), pytest.mark.xdist_group("browser")]

AUTHENTICATOR = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


@pytest.fixture
def anna() -> User:
    company = make_company("Voorbeeld BV", "voorbeeld.example")
    make_admin(company)
    return make_person("anna@voorbeeld.example", company=company, language="en")


@pytest.fixture
def site(live_server: Any) -> Iterator[str]:
    """Return the address of the site by its name, because passkeys do not work on an IP address."""
    url = str(live_server.url).replace("127.0.0.1", "localhost")
    with override_settings(SITE_URL=url):
        yield url


@pytest.fixture
def page(browser: Browser, site: str) -> Iterator[Page]:
    """Open a page with a virtual passkey device and fail on console errors, such as those of the CSP."""
    context = browser.new_context(base_url=site, locale="en-GB")
    context.set_default_timeout(10_000)
    context.add_cookies([{"name": "language", "value": "en", "url": site}])
    page, console_errors = context.new_page(), list[str]()
    page.on("console", lambda message: console_errors.append(message.text) if message.type == "error" else None)
    devtools = context.new_cdp_session(page)
    devtools.send("WebAuthn.enable")
    devtools.send("WebAuthn.addVirtualAuthenticator", {"options": AUTHENTICATOR})
    yield page
    context.close()
    assert console_errors == []


def sign_in_with_password(page: Page, user: User) -> None:
    sign_in(page, user.email, PASSWORD)


def set_up_passkey(page: Page, *, without_password: bool = True) -> None:
    page.goto(reverse("mfa_add_webauthn"))
    page.fill("#id_password", PASSWORD)
    click(page.locator("main form").get_by_role("button"))
    page.fill("#id_name", "My laptop")
    page.set_checked("#id_passwordless", without_password)
    check_accessibility(page)
    click(page.locator("#passkey-button"))
    assert urlsplit(page.url).path.endswith("/herstelcodes/")


def sign_out(page: Page) -> None:
    click(page.locator(".site-bar form button"))


def check_accessibility(page: Page) -> None:
    assert Axe().run(page).response["violations"] == []


def test_a_passkey_can_be_set_up_as_the_second_step(page: Page, anna: User) -> None:
    sign_in_with_password(page, anna)
    set_up_passkey(page, without_password=False)
    check_accessibility(page)
    sign_out(page)
    sign_in_with_password(page, anna)
    expect(page.locator("h1")).to_have_text("Second step")
    check_accessibility(page)
    click(page.locator("#passkey-button"))
    assert urlsplit(page.url).path == "/"

    assert page.goto(reverse("mfa_index")) is not None
    expect(page.locator("main")).to_contain_text("My laptop")
    check_accessibility(page)
    assert OutboxMail.objects.filter(event="second_step_changed", recipient=anna).count() == 1


def test_a_passkey_signs_in_a_person_without_a_password(page: Page, anna: User) -> None:
    sign_in_with_password(page, anna)
    set_up_passkey(page)
    sign_out(page)
    page.goto(f"{reverse('account_login')}?next={reverse('documents:documents')}")
    check_accessibility(page)
    click(page.locator("#passkey-button"))

    assert urlsplit(page.url).path == reverse("documents:documents")


def test_a_passkey_does_not_sign_in_a_blocked_or_locked_person(page: Page, anna: User) -> None:
    sign_in_with_password(page, anna)
    set_up_passkey(page)
    sign_out(page)
    for _time in range(4):
        count_attempt(anna.email)
    expect_passkey_refused(page, "locked until")
    membership.block(anna, by=User.objects.get(role="admin"))
    expect_passkey_refused(page, "locked until")
    forget_attempts(anna.email)
    expect_passkey_refused(page, "This passkey was not accepted")


def test_a_person_blocked_between_password_and_passkey_is_not_signed_in(page: Page, anna: User) -> None:
    sign_in_with_password(page, anna)
    set_up_passkey(page)
    sign_out(page)
    sign_in_with_password(page, anna)
    expect(page.locator("#passkey-button")).to_be_visible()
    membership.block(anna, by=User.objects.get(role="admin"))
    click(page.locator("#passkey-button"))

    assert urlsplit(page.url).path == reverse("account_login")
    expect(page.locator("h1")).to_have_text("Sign in")


def test_a_device_without_a_passkey_shows_an_error_on_the_page(page: Page, anna: User) -> None:
    page.goto(reverse("account_login"))
    page.click("#passkey-button")

    expect(page.locator("#passkey-error")).to_be_visible()
    check_accessibility(page)


def test_a_browser_without_passkeys_explains_the_authenticator_app_and_accepts_a_recovery_code(
    browser: Browser, site: str, anna: User
) -> None:
    context = browser.new_context(base_url=site, locale="en-GB", java_script_enabled=False)
    context.add_cookies([{"name": "language", "value": "en", "url": site}])
    page = context.new_page()
    sign_in_with_password(page, anna)
    page.goto(reverse("mfa_add_webauthn"))
    page.fill("#id_password", PASSWORD)
    click(page.locator("main form").get_by_role("button"))

    expect(page.locator("#without-passkey")).to_be_visible()
    expect(page.locator("#passkey-button")).to_be_hidden()
    add_authenticator_app(anna)
    sign_out(page)
    sign_in_with_password(page, anna)
    page.fill("#id_code", recovery_codes_of(anna)[0])
    click(page.locator("main form").first.get_by_role("button"))
    expect(page.locator(".who-name")).to_contain_text(anna.name)
    context.close()


def expect_passkey_refused(page: Page, message: str) -> None:
    page.goto(reverse("account_login"))
    click(page.locator("#passkey-button"))
    expect(page.locator(".messages")).to_contain_text(message)
    assert page.url.endswith(reverse("account_login"))
