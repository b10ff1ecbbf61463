"""Test renewing a licence at NEN's desk."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from companies.models import Company
from licenses.actions.terms import renew
from licenses.models import License
from nenconnect.rules.errors import RuleError
from tests.factories import make_grants, make_license, make_person, set_staff_roles

pytestmark = pytest.mark.usefixtures("_english")
SignIn = Callable[[User], Client]


@pytest.mark.parametrize(
    ("ends_on", "until"),
    [
        (date(2050, 12, 31), date(2051, 12, 31)),
        (date(2051, 2, 28), date(2052, 2, 29)),
        (date(2052, 2, 29), date(2053, 2, 28)),
    ],
)
def test_a_licence_is_renewed_for_a_whole_year(company: Company, staff: User, ends_on: date, until: date) -> None:
    license = make_license(company, ends_on=ends_on)

    assert renew(license, by=staff, seen=ends_on) == until


def test_users_keep_their_licence_after_staff_renew_the_licence(
    desk: Client, company: Company, colleague: User
) -> None:
    yesterday = timezone.localdate() - timedelta(days=1)
    license = make_license(company, ends_on=yesterday)
    make_grants(license, colleague)

    answer = desk.post(reverse("admin:licenses_license_renew", args=[license.pk]), {"ends_on": f"{yesterday}"})

    assert answer.status_code == 302
    assert License.objects.open_to(colleague).get() == license


def test_renewing_a_licence_that_ended_long_ago_starts_a_term_today(company: Company, staff: User) -> None:
    today = timezone.localdate()
    license = make_license(company, starts_on=date(2001, 1, 1), ends_on=date(2001, 12, 31))

    renew(license, by=staff, seen=license.ends_on)

    license.refresh_from_db()
    assert license.starts_on == today
    assert license.is_in_term


def test_a_licence_is_not_renewed_twice_from_the_same_page(company: Company, staff: User) -> None:
    license = make_license(company)
    seen = license.ends_on
    until = renew(license, by=staff, seen=seen)

    with pytest.raises(RuleError, match="Another person changed the term"):
        renew(license, by=staff, seen=seen)

    license.refresh_from_db()
    assert license.ends_on == until


def test_content_staff_cannot_renew_a_licence(sign_in: SignIn, company: Company) -> None:
    browser = sign_in(set_staff_roles(make_person(is_staff=True), "content"))
    license = make_license(company)

    browser.post(reverse("admin:licenses_license_renew", args=[license.pk]), {"ends_on": f"{license.ends_on}"})

    assert License.objects.get().ends_on == license.ends_on
