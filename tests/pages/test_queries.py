"""Test that no page of registering, signing in and „Mijn profiel" takes more than 8 queries.

All queries count: the session, the person, savepoints. The pages are those of the table of test_access.py, which
has every URL; the people and rows too.
"""

from __future__ import annotations

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.models import JoinInvitation, TermsAcceptance, TermsVersion, User
from requests_app.models import LicenseRequest
from tests.factories import PASSWORD, make_company, make_grants, make_license, make_pending_person
from tests.pages.access_cast import _arguments, browsers, things
from tests.pages.access_table import NO_METHOD, NO_METHOD_IN, PEOPLE, TABLE

__all__ = ["browsers", "things"]

pytestmark = pytest.mark.django_db

MOST = 8
# Pages of other journeys: what people read and ask, and how a company is run.
ELSEWHERE = ("company:", "documents:", "requests:", "demo:", "mail_samples:", "healthz", "readyz", "metrics")
# But these belong to signing in for the first time, and to what a company asks of it.
ALSO_HERE = ("requests:license_choice",)


def is_of_this_journey(name: str) -> bool:
    is_settings = name.startswith("company:") and any(
        word in name for word in ("settings", "second", "label", "move")
    )
    return name in ALSO_HERE or is_settings or not name.startswith(ELSEWHERE)


PAGES = sorted(
    name for name, row in TABLE.items() if is_of_this_journey(name) and row.get not in (NO_METHOD, NO_METHOD_IN)
)


@pytest.fixture
def several_of_every_row(company, admin, colleague, personal, other_company):
    """Write several of every row that a page could show."""
    for _number in range(3):
        license = make_license(company, seats=1)
        make_grants(license, colleague)
        LicenseRequest.objects.create(company=company, user=admin, license=make_license(company))
        make_pending_person(company=company, registration_deadline=timezone.localdate())
    for asking in (other_company, make_company("Derde BV", "bedrijf.example")):
        JoinInvitation.objects.create(company=asking, user=personal)
    User.objects.filter(pk=colleague.pk).update(undeliverable_since=timezone.now(), undeliverable_reason="550")


@pytest.fixture
def browsers_after_first_page(browsers, things):
    """Open a first page in each browser: it also notes the sign-in, which the next test counts."""
    for browser in browsers.values():
        browser.get(reverse("profile:profile_mails"))
    return browsers


def queries_of(browser: Client, url: str) -> list[str]:
    with CaptureQueriesContext(connection) as queries:
        browser.get(url)
    return [query["sql"][:200] for query in queries.captured_queries]


@pytest.mark.parametrize("name", PAGES)
def test_each_account_page_takes_at_most_eight_queries(
    name, browsers_after_first_page, things, several_of_every_row
):
    row = TABLE[name]
    url = reverse(name, args=_arguments(things[row.thing]) if row.thing else [])
    taken = {who: queries_of(browsers_after_first_page[who], url) for who in PEOPLE}
    too_many = {who: queries for who, queries in taken.items() if len(queries) > MOST}
    assert not too_many


@pytest.mark.parametrize("page", ["home:home", "profile:profile", "profile:profile_licenses"])
@pytest.mark.parametrize("who", ["personal", "colleague", "admin"])
def test_the_first_page_after_signing_in_takes_at_most_eight_queries(
    who, page, request, things, several_of_every_row
):
    user, browser = request.getfixturevalue(who), Client()
    TermsAcceptance.objects.get_or_create(user=user, version=TermsVersion.objects.current())
    signed_in = browser.post(reverse("account_login"), {"login": user.email, "password": PASSWORD})
    assert signed_in.status_code == 302
    queries = queries_of(browser, reverse(page))
    assert len(queries) <= MOST, queries


def test_the_query_limit_covers_the_account_pages():
    assert {"home:home", "sign_in:register", "account_login", "profile:profile"} <= set(PAGES)
    assert not {"company:users", "documents:documents"} & set(PAGES)
