"""Test the sentences of the home page: documents, requests, and the tasks of admins."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from companies.models import Company
from requests_app.models import DocumentRequest, LicenseRequest
from tests.factories import (
    make_admin,
    make_collection,
    make_company,
    make_document,
    make_grants,
    make_license,
    make_move_request,
    make_pending_person,
    make_person,
)

pytestmark = pytest.mark.django_db

SignIn = Callable[[User], Client]
HOME = reverse("home:home")
MOST = 8  # queries


def page_of(browser: Client) -> str:
    return " ".join(browser.get(HOME).content.decode().split())


def english(user: User) -> User:
    user.language = "en"
    user.save()
    return user


def add_decided_request(
    rows: type[LicenseRequest | DocumentRequest], *, by: User, days_ago: int, **fields: Any
) -> None:
    rows.objects.create(
        status="approved", decided_by=by, decided_at=timezone.now() - timedelta(days=days_ago), **fields
    )


def test_the_home_page_explains_nen_connect_to_a_visitor(client: Client) -> None:
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = "en"

    page = page_of(client)

    assert "Read the standards that your company has under licence" in page
    assert f'href="{reverse("sign_in:register")}">Register</a>' in page
    assert f'href="{reverse("account_login")}">Sign in</a>' in page


class TestHomeOfAUser:
    def test_the_home_page_counts_a_users_open_answered_and_possible_requests(
        self, sign_in: SignIn, company: Company, admin: User, colleague: User
    ) -> None:
        requested, answered, long_ago, _free = (make_license(company) for _number in range(4))
        make_license(company, is_shown=False)
        LicenseRequest.objects.create(company=company, user=colleague, license=requested)
        add_decided_request(
            LicenseRequest, by=admin, days_ago=6, company=company, user=colleague, license=answered
        )
        add_decided_request(
            LicenseRequest, by=admin, days_ago=8, company=company, user=colleague, license=long_ago
        )
        add_decided_request(LicenseRequest, by=admin, days_ago=1, company=company, user=admin, license=answered)
        make_collection(company, is_shown=False)
        DocumentRequest.objects.create(company=company, user=colleague, document=make_document())
        add_decided_request(
            DocumentRequest, by=admin, days_ago=2, company=company, user=colleague, document=make_document()
        )

        page = page_of(sign_in(english(colleague)))

        assert "You wait for the answer to <strong>1</strong> licence request." in page
        assert "You wait for the answer to <strong>1</strong> request for a standard." in page
        assert "In the past week <strong>1</strong> licence request of yours was answered." in page
        assert "In the past week <strong>1</strong> request of yours for a standard was answered." in page
        assert "You can ask for <strong>3</strong> more licences of your company." in page

    def test_the_home_page_does_not_count_a_withdrawn_request_as_answered(
        self, sign_in: SignIn, company: Company, colleague: User
    ) -> None:
        LicenseRequest.objects.create(
            company=company,
            user=colleague,
            license=make_license(company),
            status="withdrawn",
            decided_at=timezone.now(),
        )

        assert sign_in(colleague).get(HOME).context["license_answered"] == 0

    def test_the_home_page_of_a_user_without_licences_and_requests_says_so(
        self, sign_in: SignIn, colleague: User
    ) -> None:
        page = page_of(sign_in(english(colleague)))

        assert "You cannot open any documents yet." in page
        assert "You have no open requests." in page

    def test_the_home_page_of_a_colleague_shows_no_tasks_of_admins(
        self, sign_in: SignIn, company: Company, admin: User, colleague: User
    ) -> None:
        make_move_request(
            company, make_person("k@voorbeeld.example", company=make_company("Ernaast"), name="Karel Kanarie")
        )
        make_pending_person(company=company, name="Karel Kanarie", registration_deadline=timezone.localdate())

        browser = sign_in(colleague)

        assert "Kanarie" not in page_of(browser)
        assert "moves_to_decide" not in browser.get(HOME).context


class TestHomeOfAnAdmin:
    def test_the_home_page_of_an_admin_lists_every_kind_of_task(
        self, sign_in: SignIn, company: Company, admin: User, colleague: User
    ) -> None:
        full = make_license(company, seats=1, name="Volle licentie")
        make_grants(full, colleague)
        for _number in range(2):
            LicenseRequest.objects.create(company=company, user=colleague, license=make_license(company))
        DocumentRequest.objects.create(company=company, user=colleague, document=make_document())
        make_pending_person(company=company, name="Traag", registration_deadline=timezone.localdate())
        make_person(company=company, undeliverable_since=timezone.now(), undeliverable_reason="550")
        make_move_request(company)

        page = page_of(sign_in(english(admin)))

        for text in (
            "Your company has one active admin.",
            "<strong>2</strong> licence requests wait for an answer.",
            "<strong>1</strong> request for a standard waits for an answer.",
            "Of “Volle licentie”, 1 of 1 seats are in use.",
            "The registration of Traag expired on",
            "Mail to <strong>1</strong> address does not arrive.",
            "<strong>1</strong> person asks to move to your company.",
        ):
            assert text in page
        assert "Nothing waits for you" not in page

    def test_the_home_page_of_an_admin_without_tasks_says_so(
        self, sign_in: SignIn, company: Company, admin: User
    ) -> None:
        make_admin(company)

        page = page_of(sign_in(english(admin)))

        assert "Nothing waits for you. Well done." in page
        assert "one active admin" not in page

    @pytest.mark.parametrize("fields", [{"is_blocked": True}, {"registered_at": None}])
    def test_the_home_page_does_not_count_an_inactive_admin_as_a_second_admin(
        self, sign_in: SignIn, company: Company, admin: User, fields: dict[str, Any]
    ) -> None:
        make_admin(company, registration_deadline=timezone.localdate() + timedelta(days=20), **fields)

        assert "Your company has one active admin." in page_of(sign_in(english(admin)))

    def test_the_home_page_does_not_count_tasks_of_another_company(
        self, sign_in: SignIn, company: Company, admin: User, other_company: Company, other_admin: User
    ) -> None:
        LicenseRequest.objects.create(company=other_company, user=other_admin, license=make_license(other_company))
        make_move_request(other_company)

        context = sign_in(admin).get(HOME).context

        assert context["license_requests"] == {"own": 0, "all": 0}
        assert context["moves_to_decide"] == 0

    def test_the_home_page_of_an_admin_takes_as_many_queries_for_30_rows_as_for_3(
        self, sign_in: SignIn, company: Company, admin: User
    ) -> None:
        browser = sign_in(admin)
        _fill(company, 3)
        assert _queries(browser) <= MOST  # with what a browser's first page asks once
        few = _queries(browser)
        _fill(company, 27)

        assert _queries(browser) == few


class TestHomeWithoutCompany:
    def test_the_home_page_of_a_personal_account_takes_at_most_eight_queries(
        self, sign_in: SignIn, personal: User
    ) -> None:
        for number in range(5):
            make_company(f"Bedrijf {number}", "bedrijf.example", allows_self_registration=bool(number % 2))

        assert _queries(sign_in(personal)) <= MOST

    def test_the_home_page_of_a_personal_account_without_companies_links_to_help(
        self, sign_in: SignIn, personal: User
    ) -> None:
        assert reverse("home:help") in page_of(sign_in(personal))

    def test_the_home_page_of_staff_links_to_the_desk(self, sign_in: SignIn, staff: User) -> None:
        page = page_of(sign_in(english(staff)))

        assert f'href="{reverse("admin:index")}">To the staff desk</a>' in page


def _fill(company: Company, number: int) -> None:
    for _number in range(number):
        newcomer = make_pending_person(company=company, registration_deadline=timezone.localdate())
        license = make_license(company, seats=1)
        make_grants(license, newcomer)
        LicenseRequest.objects.create(company=company, user=newcomer, license=license)
        DocumentRequest.objects.create(company=company, user=newcomer, document=make_document())
        make_person(company=company, undeliverable_since=timezone.now(), undeliverable_reason="550")
        make_move_request(company)


def _queries(browser: Client) -> int:
    with CaptureQueriesContext(connection) as queries:
        browser.get(HOME)
    return len(queries)
