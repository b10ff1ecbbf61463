"""A scanner that runs scripts on the pages of every mail changes nothing (C8, R34)."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser

from tests.every_mail import links_of, write_every_mail
from tests.every_row import everything


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
def test_a_scanner_that_runs_the_scripts_of_the_page_changes_nothing_either(live_server, browser: Browser) -> None:
    one_of_each_kind = {path.split("/")[1]: path for path in links_of(write_every_mail())}
    before = everything()
    page = browser.new_page()
    for path in one_of_each_kind.values():
        page.goto(live_server.url + path)
        page.wait_for_load_state("networkidle")
    page.close()

    assert everything() == before
