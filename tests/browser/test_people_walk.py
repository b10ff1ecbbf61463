"""„Gebruikers" in a real browser: its pages fit a phone and axe minds nothing; the tip goes with Escape."""

from __future__ import annotations

from typing import Any

import pytest
from django.urls import reverse
from playwright.sync_api import Browser, FilePayload, Page, expect

from accounts.models import User
from companies.models import Company
from members.actions.bulk_changes import AT_ONCE
from members.actions.people_import import run_imports
from tests.browser.walking import Person, click, sign_in
from tests.factories import PASSWORD, granted, license_for, person

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True), pytest.mark.xdist_group("browser")]

LONG_NAME = "Wilhelmina-Alexandra van Oldenbarnevelt-Schimmelpenninck van der Oye tot Nijenbeek"
LONG_ADDRESS = f"{'w' * 30}.{'m' * 30}@voorbeeld.example"


@pytest.fixture
def long_one(company: Company) -> User:
    return person(LONG_ADDRESS, company=company, name=LONG_NAME)


@pytest.fixture
def walker(browser: Browser, live_server: Any, admin: User, long_one: User) -> Person:
    """At the list of users."""
    walker = Person(browser, live_server.url, admin.email)
    sign_in(walker.page, admin.email, PASSWORD)
    walker.page.goto(reverse("company:users"))
    return walker


def test_several_at_once_is_looked_at_and_done(walker: Person, company: Company, long_one: User) -> None:
    license = license_for(company, name="Bouw", seats=AT_ONCE)
    walker.page.reload()
    walker.page.get_by_role("checkbox", name=LONG_NAME).check()
    walker.page.get_by_role("checkbox", name="Anneke Beheerder").check()
    walker.page.select_option("#together-kind", "give_license")
    walker.clicks("Bekijk wat er gaat gebeuren")
    walker.page.select_option("#id_license", str(license.pk))
    walker.clicks("Bekijk wat er gaat gebeuren")
    walker.sees("Er is nog niets gebeurd.")
    click(walker.page.locator("form[action*='uitvoeren'] button"))
    walker.looks()
    walker.sees("Dit is uitgevoerd.")

    walker.page.goto(reverse("company:users"))
    walker.page.get_by_role("checkbox", name=LONG_NAME).check()
    walker.page.get_by_role("checkbox", name="Anneke Beheerder").check()
    walker.page.select_option("#together-kind", "block")
    walker.clicks("Bekijk wat er gaat gebeuren")
    click(walker.page.locator("form[action*='uitvoeren'] button"))
    walker.looks()

    walker.sees("Dit bent u zelf.")
    assert User.objects.get(pk=long_one.pk).is_blocked
    assert walker.complaints == []


def test_a_persons_page_and_the_change_of_the_user_name(walker: Person, long_one: User) -> None:
    walker.clicks(LONG_NAME)
    walker.clicks("Gebruikersnaam wijzigen")
    walker.fills(email="iemand@elders.example")
    click(walker.page.locator("main form button[type=submit]").first)
    walker.seen.clear()
    walker.looks()
    walker.fills(email=f"{'n' * 30}.{'m' * 30}@voorbeeld.example")
    click(walker.page.locator("main form button[type=submit]").first)
    walker.seen.clear()
    walker.looks()
    walker.sees("Nieuwe gebruikersnaam")
    walker.page.goto(reverse("company:edit_user", args=[long_one.pk]))
    walker.looks()
    assert walker.complaints == []


def test_a_table_is_uploaded_looked_at_and_imported(walker: Person) -> None:
    lines = ["Gebruikersnaam;Naam", "nieuw@voorbeeld.example;Nieuwe Collega", f"x@elders.example;{LONG_NAME}"]
    walker.page.goto(reverse("company:import_users"))
    walker.looks()
    table = FilePayload(name="tabel.csv", mimeType="text/csv", buffer="\r\n".join(lines).encode())
    walker.page.set_input_files("input[type=file]", files=[table])
    click(walker.page.locator("main form button[type=submit]").first)
    run_imports()
    walker.page.reload()
    walker.seen.clear()
    walker.looks()
    click(walker.page.locator("form[action*='laden'] button"))
    run_imports()
    walker.page.reload()
    walker.seen.clear()
    walker.looks()
    assert User.objects.filter(email="nieuw@voorbeeld.example").exists()
    assert walker.complaints == []


def test_leavers_are_found_and_blocked(walker: Person) -> None:
    walker.clicks("Vertrokken collega's")
    walker.page.locator("textarea").fill(f"{LONG_ADDRESS}\nonbekend@voorbeeld.example")
    click(walker.page.locator("main form button[type=submit]").first)
    walker.seen.clear()
    walker.looks()
    walker.sees(LONG_NAME)
    assert walker.complaints == []


class TestTheTipWithTheLicences:
    """WCAG 1.4.13: it can be put away, the pointer can go onto it, and it stays until one leaves."""

    @pytest.fixture
    def page(self, walker: Person, company: Company, long_one: User) -> Page:
        granted(license_for(company, name="Bouw en installatie"), long_one)
        walker.page.reload()
        return walker.page

    def test_escape_puts_it_away_and_it_comes_anew(self, page: Page) -> None:
        tip, link = page.locator(".tip").first, page.locator(".tip > a").first
        text = tip.get_by_role("tooltip", include_hidden=True)
        expect(text).to_be_hidden()
        link.focus()
        expect(text).to_be_visible()

        page.keyboard.press("Escape")

        expect(text).to_be_hidden()
        expect(link).to_be_focused()
        link.blur()
        link.focus()
        expect(text).to_be_visible()

    def test_the_pointer_goes_onto_it_and_escape_puts_it_away_too(self, page: Page) -> None:
        tip, link = page.locator(".tip").first, page.locator(".tip > a").first
        text = tip.get_by_role("tooltip", include_hidden=True)
        link.hover()
        text.hover()
        expect(text).to_be_visible()

        page.keyboard.press("Escape")

        expect(text).to_be_hidden()
        page.mouse.move(0, 0)
        link.hover()
        expect(text).to_be_visible()
