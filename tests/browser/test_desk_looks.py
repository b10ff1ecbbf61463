"""Test that the desk pages we wrote ourselves are accessible (axe), wide and on a phone."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser

from nenconnect.demo import DEMO_PASSWORD
from tests.browser.walking import NARROW, WIDE, Walker
from tests.live import Demo

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

PAGES = [
    "",
    "companies/company/",
    "companies/company/add/",
    "companies/company/1/change/",
    "companies/company/?q=bestaatniet",
    "companies/company/1/buiten-de-domeinen/",
    "companies/company/verwijderen/?pk=1",
    "companies/domain/",
    "companies/domain/add/",
    "companies/domain/1/change/",
    "companies/domain/1/weghalen/",
    "accounts/user/",
    "accounts/user/2/change/",
    "accounts/user/2/history/",
    "accounts/user/2/verplaatsen/",
    "accounts/user/2/samenvoegen/",
    "members/peopleimport/",
    "accounts/staffmember/",
    "accounts/staffmember/add/",
    "licenses/license/",
    "licenses/license/add/",
    "licenses/license/1/change/",
    "licenses/license/1/documenten/",
    "licenses/document/",
    "licenses/document/1/lezers/",
    "licenses/grant/",
    "mail/outboxmail/",
    "audit/auditentry/",
]
SELECTIONS_HAVE_LABELS = """() => [...document.querySelectorAll(".select2-selection--single")]
  .every((selection) => selection.getAttribute("aria-labelledby").includes("_label"))"""


def test_the_pages_of_the_desk_are_accessible_wide_and_on_a_phone(browser: Browser, running_demo: Demo) -> None:
    nel = Walker(browser, running_demo.url, "nen@nen.example")
    nel.opens_the_site()
    nel.signs_in(DEMO_PASSWORD)

    for path in PAGES:
        response = nel.page.goto(f"/beheer/{path}")
        assert response is not None
        assert response.status == 200, path
        nel.page.wait_for_function(SELECTIONS_HAVE_LABELS)
        for size in (NARROW, WIDE):
            nel.page.set_viewport_size(size)
            nel.check_at_width(size["width"])

    nel.page.context.close()
