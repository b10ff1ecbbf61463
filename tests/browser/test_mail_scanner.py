"""Test that a mail scanner which runs scripts on the linked pages changes nothing (C8, R34)."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser

from tests.every_mail import links_in_mails, write_every_mail
from tests.every_row import rows_of_every_table


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
def test_opening_every_mailed_link_in_a_browser_with_scripts_changes_nothing(
    live_server, browser: Browser
) -> None:
    link_of_each_kind = {path.split("/")[1]: path for path in links_in_mails(write_every_mail())}
    before = rows_of_every_table()
    page = browser.new_page()
    for path in link_of_each_kind.values():
        page.goto(live_server.url + path)
        page.wait_for_load_state("networkidle")
    page.close()

    assert rows_of_every_table() == before
