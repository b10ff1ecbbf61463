"""Devices, download and deletion in a real browser: wide, narrow, by keyboard, and with nothing that axe minds."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from accounts.models import User
from companies.models import Company
from tests.browser.walking import Person, press_enter, sign_in
from tests.factories import PASSWORD, admin_of, granted, license_for, person

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True), pytest.mark.xdist_group("browser")]


@pytest.fixture
def anna(company: Company, admin: User) -> User:
    user = person("anna@voorbeeld.example", company=company, name="Anna de Vries", language="en")
    granted(license_for(company), user)
    return user


def signed_in(browser: Browser, site: str, user: User) -> Person:
    """At the page of devices."""
    walker = Person(browser, site, user.email)
    sign_in(walker.page, user.email, PASSWORD)
    walker.page.goto("/mijn-profiel/apparaten/")
    return walker


def tab_to(page: Page, name: str) -> None:
    """With the keyboard alone: the link or button that says this has the focus."""
    for _press in range(60):
        page.keyboard.press("Tab")
        if name in (page.evaluate("document.activeElement.innerText") or ""):
            return
    raise AssertionError(f"No way to {name!r} by Tab")


def test_a_lost_device_is_signed_out_by_keyboard(browser: Browser, live_server: Any, anna: User) -> None:
    lost = signed_in(browser, live_server.url, anna)
    here = signed_in(browser, live_server.url, anna)
    here.looks()
    expect(here.page.get_by_role("row")).to_have_count(3)

    tab_to(here.page, "Sign out there")
    press_enter(here.page)
    here.looks()

    here.sees("You are signed out there")
    here.sees("You are signed in on no other device.")
    lost.page.goto("/mijn-profiel/")
    assert "/inloggen/" in lost.page.url
    assert here.complaints == []


def test_the_file_comes_by_keyboard(browser: Browser, live_server: Any, anna: User, tmp_path: Path) -> None:
    walker = signed_in(browser, live_server.url, anna)
    walker.page.goto("/mijn-profiel/")
    tab_to(walker.page, "Download my data")
    press_enter(walker.page)
    walker.looks()

    tab_to(walker.page, "Download my data")
    with walker.page.expect_download() as download:
        walker.page.keyboard.press("Enter")

    download.value.save_as(tmp_path / "data.json")
    assert download.value.suggested_filename.endswith(".json")
    assert json.loads((tmp_path / "data.json").read_text())["account"]["name"] == "Anna de Vries"
    assert walker.complaints == []


def test_an_account_is_deleted_by_keyboard(browser: Browser, live_server: Any, anna: User) -> None:
    walker = signed_in(browser, live_server.url, anna)
    walker.page.goto("/mijn-profiel/")
    tab_to(walker.page, "Delete my account")
    press_enter(walker.page)
    walker.looks()
    walker.page.locator("#id_password").focus()
    walker.page.keyboard.type("niet-het-wachtwoord")
    press_enter(walker.page)
    walker.sees("This did not work yet")
    walker.seen.clear()
    walker.looks()

    walker.page.locator("#id_password").focus()
    walker.page.keyboard.type(PASSWORD)
    press_enter(walker.page)

    walker.sees("Your account is deleted")
    walker.looks()
    assert not User.objects.filter(pk=anna.pk).exists()
    assert walker.complaints == []


def test_the_only_admin_reads_the_way_out(browser: Browser, live_server: Any, company: Company) -> None:
    walker = signed_in(browser, live_server.url, admin_of(company, language="en"))
    walker.page.goto("/mijn-profiel/account-verwijderen/")
    walker.looks()

    walker.clicks("Choose a colleague in the list of users")

    assert walker.page.url.endswith("/mijn-bedrijf/gebruikers/")
