"""Test the pages of „Gebruikers" in a real browser: they fit on a phone and axe finds no fault."""

from __future__ import annotations

from typing import Any

import pytest
from django.urls import reverse
from playwright.sync_api import Browser, FilePayload, Page, expect

from accounts.models import User
from companies.models import Company
from members.actions.bulk_changes import AT_ONCE
from members.actions.people_import import run_imports
from tests.browser.walking import Walker, click, sign_in
from tests.factories import PASSWORD, make_grants, make_license, make_person

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True), pytest.mark.xdist_group("browser")]

LONG_NAME = "Wilhelmina-Alexandra van Oldenbarnevelt-Schimmelpenninck van der Oye tot Nijenbeek"
LONG_ADDRESS = f"{'w' * 30}.{'m' * 30}@voorbeeld.example"


@pytest.fixture
def person_with_long_name(company: Company) -> User:
    return make_person(LONG_ADDRESS, company=company, name=LONG_NAME)


@pytest.fixture
def walker(browser: Browser, live_server: Any, admin: User, person_with_long_name: User) -> Walker:
    """Sign in as admin and open the list of users."""
    walker = Walker(browser, live_server.url, admin.email)
    sign_in(walker.page, admin.email, PASSWORD)
    walker.page.goto(reverse("company:users"))
    return walker


def test_several_people_can_be_given_a_licence_and_blocked_after_a_preview(
    walker: Walker, company: Company, person_with_long_name: User
) -> None:
    license = make_license(company, name="Bouw", seats=AT_ONCE)
    walker.page.reload()
    walker.page.get_by_role("checkbox", name=LONG_NAME).check()
    walker.page.get_by_role("checkbox", name="Anneke Beheerder").check()
    walker.page.select_option("#together-kind", "give_license")
    walker.clicks("Bekijk wat er gaat gebeuren")
    walker.page.select_option("#id_license", str(license.pk))
    walker.clicks("Bekijk wat er gaat gebeuren")
    walker.sees("Er is nog niets gebeurd.")
    click(walker.page.locator("form[action*='uitvoeren'] button"))
    walker.checks_page()
    walker.sees("Dit is uitgevoerd.")

    walker.page.goto(reverse("company:users"))
    walker.page.get_by_role("checkbox", name=LONG_NAME).check()
    walker.page.get_by_role("checkbox", name="Anneke Beheerder").check()
    walker.page.select_option("#together-kind", "block")
    walker.clicks("Bekijk wat er gaat gebeuren")
    click(walker.page.locator("form[action*='uitvoeren'] button"))
    walker.checks_page()

    walker.sees("Dit bent u zelf.")
    assert User.objects.get(pk=person_with_long_name.pk).is_blocked
    assert walker.console_errors == []


def test_the_page_of_a_person_and_the_change_of_user_name_fit_on_a_phone(
    walker: Walker, person_with_long_name: User
) -> None:
    walker.clicks(LONG_NAME)
    walker.clicks("Gebruikersnaam wijzigen")
    walker.fills(email="iemand@elders.example")
    click(walker.page.locator("main form button[type=submit]").first)
    walker.checked_pages.clear()
    walker.checks_page()
    walker.fills(email=f"{'n' * 30}.{'m' * 30}@voorbeeld.example")
    click(walker.page.locator("main form button[type=submit]").first)
    walker.checked_pages.clear()
    walker.checks_page()
    walker.sees("Nieuwe gebruikersnaam")
    walker.page.goto(reverse("company:edit_user", args=[person_with_long_name.pk]))
    walker.checks_page()
    assert walker.console_errors == []


def test_a_table_of_people_can_be_uploaded_previewed_and_imported(walker: Walker) -> None:
    lines = ["Gebruikersnaam;Naam", "nieuw@voorbeeld.example;Nieuwe Collega", f"x@elders.example;{LONG_NAME}"]
    walker.page.goto(reverse("company:import_users"))
    walker.checks_page()
    table = FilePayload(name="tabel.csv", mimeType="text/csv", buffer="\r\n".join(lines).encode())
    walker.page.set_input_files("input[type=file]", files=[table])
    click(walker.page.locator("main form button[type=submit]").first)
    run_imports()
    walker.page.reload()
    walker.checked_pages.clear()
    walker.checks_page()
    click(walker.page.locator("form[action*='laden'] button"))
    run_imports()
    walker.page.reload()
    walker.checked_pages.clear()
    walker.checks_page()
    assert User.objects.filter(email="nieuw@voorbeeld.example").exists()
    assert walker.console_errors == []


def test_leavers_are_found_by_their_addresses(walker: Walker) -> None:
    walker.clicks("Vertrokken collega's")
    walker.page.locator("textarea").fill(f"{LONG_ADDRESS}\nonbekend@voorbeeld.example")
    click(walker.page.locator("main form button[type=submit]").first)
    walker.checked_pages.clear()
    walker.checks_page()
    walker.sees(LONG_NAME)
    assert walker.console_errors == []


class TestTooltipWithLicences:
    """Test WCAG 1.4.13: Escape closes the tooltip, and the pointer can move onto it without closing it."""

    @pytest.fixture
    def page(self, walker: Walker, company: Company, person_with_long_name: User) -> Page:
        make_grants(make_license(company, name="Bouw en installatie"), person_with_long_name)
        walker.page.reload()
        return walker.page

    def test_escape_closes_the_tooltip_and_focus_opens_it_again(self, page: Page) -> None:
        tooltip, link = page.locator(".tip").first, page.locator(".tip > a").first
        text = tooltip.get_by_role("tooltip", include_hidden=True)
        expect(text).to_be_hidden()
        link.focus()
        expect(text).to_be_visible()

        page.keyboard.press("Escape")

        expect(text).to_be_hidden()
        expect(link).to_be_focused()
        link.blur()
        link.focus()
        expect(text).to_be_visible()

    def test_the_pointer_can_move_onto_the_tooltip_and_escape_closes_it(self, page: Page) -> None:
        tooltip, link = page.locator(".tip").first, page.locator(".tip > a").first
        text = tooltip.get_by_role("tooltip", include_hidden=True)
        link.hover()
        text.hover()
        expect(text).to_be_visible()

        page.keyboard.press("Escape")

        expect(text).to_be_hidden()
        page.mouse.move(0, 0)
        link.hover()
        expect(text).to_be_visible()
