"""Test that each page which bench/mail_pages.py times is no redirect: a redirect is quick and proves nothing."""

from __future__ import annotations

import pytest
from django.test import override_settings

from accounts.models import User
from bench.mail.page_times import PageTimesCast, timed_requests
from companies.models import Company
from tests.factories import add_authenticator_app


@override_settings(METRICS_TOKEN="only-for-this-measurement")
@pytest.mark.usefixtures("_english")
def test_every_page_that_the_benchmark_times_answers_with_a_page(
    company: Company, admin: User, colleague: User, staff: User
) -> None:
    for name, request in timed_requests(
        PageTimesCast(company, admin, colleague, add_authenticator_app(staff))
    ).items():
        assert request(), name
