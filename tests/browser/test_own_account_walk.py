"""Test devices, download and deletion in a real browser by keyboard, wide and narrow, with axe."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from accounts.models import User
from companies.models import Company
from tests.browser.walking import Walker, press_enter, sign_in
from tests.factories import PASSWORD, make_admin, make_grants, make_license, make_person

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True), pytest.mark.xdist_group("browser")]


@pytest.fixture
def anna(company: Company, admin: User) -> User:
    user = make_person("anna@voorbeeld.example", company=company, name="Anna de Vries", language="en")
    make_grants(make_license(company), user)
    return user


def walker_at_devices(browser: Browser, site: str, user: User) -> Walker:
    """Sign in and open the page of devices."""
    walker = Walker(browser, site, user.email)
    sign_in(walker.page, user.email, PASSWORD)
    walker.page.goto("/mijn-profiel/apparaten/")
    return walker


def tab_to(page: Page, name: str) -> None:
    """Press Tab until the link or button with this text has the focus."""
    for _press in range(60):
        page.keyboard.press("Tab")
        if name in (page.evaluate("document.activeElement.innerText") or ""):
            return
    raise AssertionError(f"No way to {name!r} by Tab")


def test_a_lost_device_can_be_signed_out_by_keyboard(browser: Browser, live_server: Any, anna: User) -> None:
    lost_device = walker_at_devices(browser, live_server.url, anna)
    this_device = walker_at_devices(browser, live_server.url, anna)
    this_device.checks_page()
    expect(this_device.page.get_by_role("row")).to_have_count(3)

    tab_to(this_device.page, "Sign out there")
    press_enter(this_device.page)
    this_device.checks_page()

    this_device.sees("You are signed out there")
    this_device.sees("You are signed in on no other device.")
    lost_device.page.goto("/mijn-profiel/")
    assert "/inloggen/" in lost_device.page.url
    assert this_device.console_errors == []


def test_a_user_can_download_their_own_data_by_keyboard(
    browser: Browser, live_server: Any, anna: User, tmp_path: Path
) -> None:
    walker = walker_at_devices(browser, live_server.url, anna)
    walker.page.goto("/mijn-profiel/")
    tab_to(walker.page, "Download my data")
    press_enter(walker.page)
    walker.checks_page()

    tab_to(walker.page, "Download my data")
    with walker.page.expect_download() as download:
        walker.page.keyboard.press("Enter")

    download.value.save_as(tmp_path / "data.json")
    assert download.value.suggested_filename.endswith(".json")
    assert json.loads((tmp_path / "data.json").read_text())["account"]["name"] == "Anna de Vries"
    assert walker.console_errors == []


def test_an_account_can_be_deleted_by_keyboard(browser: Browser, live_server: Any, anna: User) -> None:
    walker = walker_at_devices(browser, live_server.url, anna)
    walker.page.goto("/mijn-profiel/")
    tab_to(walker.page, "Delete my account")
    press_enter(walker.page)
    walker.checks_page()
    walker.page.locator("#id_password").focus()
    walker.page.keyboard.type("niet-het-wachtwoord")
    press_enter(walker.page)
    walker.sees("This did not work yet")
    walker.checked_pages.clear()
    walker.checks_page()

    walker.page.locator("#id_password").focus()
    walker.page.keyboard.type(PASSWORD)
    press_enter(walker.page)

    walker.sees("Your account is deleted")
    walker.checks_page()
    assert not User.objects.filter(pk=anna.pk).exists()
    assert walker.console_errors == []


def test_the_only_admin_is_led_to_the_list_of_users_before_deleting_the_account(
    browser: Browser, live_server: Any, company: Company
) -> None:
    walker = walker_at_devices(browser, live_server.url, make_admin(company, language="en"))
    walker.page.goto("/mijn-profiel/account-verwijderen/")
    walker.checks_page()

    walker.clicks("Choose a colleague in the list of users")

    assert walker.page.url.endswith("/mijn-bedrijf/gebruikers/")
