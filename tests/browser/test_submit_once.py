"""Test that a double click submits a form once, and that a page which stays open can submit again."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from accounts.models import User
from tests.browser.walking import Walker, sign_in
from tests.factories import PASSWORD

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True), pytest.mark.xdist_group("browser")]


@pytest.fixture
def page(browser: Browser, live_server: Any, colleague: User) -> Page:
    walker = Walker(browser, live_server.url, colleague.email)
    sign_in(walker.page, colleague.email, PASSWORD)
    walker.page.goto("/mijn-profiel/mijn-gegevens/")
    return walker.page


def test_a_double_click_submits_a_form_once(page: Page) -> None:
    page.evaluate("() => { window.sent = 0; document.addEventListener('submit', () => { window.sent += 1; }); }")

    with page.expect_download():
        page.locator("main form button").dblclick(delay=50)

    assert page.evaluate("window.sent") == 1


def test_a_form_that_downloads_a_file_can_be_submitted_again(page: Page) -> None:
    button = page.locator("main form button")
    for _time in range(2):
        with page.expect_download():
            button.click()

        expect(button).to_be_enabled(timeout=5_000)
