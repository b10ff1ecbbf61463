"""Test the page of a licence in a real browser: on a phone it fits and axe finds no fault."""

from __future__ import annotations

from typing import Any

import pytest
from django.urls import reverse
from playwright.sync_api import Browser

from accounts.models import User
from companies.models import Company
from tests.browser.walking import Walker, sign_in
from tests.factories import PASSWORD, make_document, make_grants, make_license

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True), pytest.mark.xdist_group("browser")]


def test_the_warning_about_plus_documents_fits_on_a_phone(
    browser: Browser, live_server: Any, company: Company, admin: User, colleague: User
) -> None:
    license = make_license(company, documents=[make_document(plus_countries=["NL"]) for _number in range(8)])
    User.objects.filter(pk=colleague.pk).update(country="")
    make_grants(license, colleague)
    walker = Walker(browser, live_server.url, admin.email)
    sign_in(walker.page, admin.email, PASSWORD)

    walker.page.goto(reverse("company:license", args=[license.pk]))

    walker.sees("8 Plus-documenten blijven dicht")
    walker.checks_page()
    assert walker.console_errors == []
