"""Test deletion while the same person is changed."""

from __future__ import annotations

from functools import partial
from typing import Any

import pytest
from allauth.usersessions.models import UserSession
from django.http import HttpResponse
from django.test import Client, RequestFactory
from django.urls import reverse

from accounts.actions import membership
from accounts.actions.registering_oneself import register_self
from accounts.models import User
from accounts.sessions import SessionStore
from companies.models import Company
from licenses.models import Grant
from members.actions.deleting import delete_account
from nenconnect.audit.models import AuditEntry
from nenconnect.mail.models import OutboxMail
from nenconnect.rules.errors import RuleError
from pages.profile.devices_middleware import DevicesMiddleware
from requests_app.actions import deciding
from requests_app.actions.asking import request_license
from requests_app.actions.deciding import give_license
from requests_app.models import LicenseRequest
from tests.at_once import run_at_once, slow_writes
from tests.factories import PASSWORD, make_admin, make_grants, make_license
from tests.members.deleting.canary import ADDRESS

pytestmark = pytest.mark.django_db


@pytest.mark.usefixtures("_english")
class TestWithTheRowInHandFromBefore:
    # A person who acts a moment later, with what was read before, is told so and breaks nothing.

    @pytest.fixture
    def gone(self, canary: User, admin: User) -> User:
        delete_account(canary, by=canary)
        return canary

    def test_an_admin_cannot_give_a_licence_to_a_deleted_user(
        self, company: Company, admin: User, gone: User
    ) -> None:
        with pytest.raises(RuleError, match="not in the company"):
            give_license(make_license(company), to=gone, by=admin)

    def test_a_deleted_user_cannot_request_a_licence(self, company: Company, gone: User) -> None:
        with pytest.raises(RuleError, match="Only people of a company"):
            request_license(make_license(company), by=gone)

    @pytest.mark.parametrize("act", [membership.block, membership.remove_from_company])
    def test_an_admin_cannot_block_or_remove_a_deleted_user(self, admin: User, gone: User, act: Any) -> None:
        with pytest.raises(RuleError, match="no longer in this company"):
            act(gone, by=admin)

    def test_deleting_a_deleted_account_does_nothing(self, admin: User, gone: User) -> None:
        delete_account(gone, by=admin)

        assert AuditEntry.objects.filter(verb="user_deleted").count() == 1


@pytest.mark.django_db(transaction=True)
class TestDeletingAtOnce:
    def test_deleting_an_account_twice_at_once_sends_a_single_mail(self, canary: User) -> None:
        with slow_writes("accounts_user"):
            outcomes = run_at_once([lambda: delete_account(canary, by=canary)] * 2)

        assert outcomes == [None, None]
        assert not User.objects.filter(pk=canary.pk).exists()
        assert OutboxMail.objects.filter(event="account_deleted").count() == 1
        assert AuditEntry.objects.filter(verb="user_deleted").count() == 1

    def test_deleting_a_personal_account_twice_at_once_sends_a_single_mail(self, personal: User) -> None:
        with slow_writes("accounts_user"):
            outcomes = run_at_once([lambda: delete_account(personal, by=personal)] * 2)

        assert outcomes == [None, None]
        assert OutboxMail.objects.filter(event="account_deleted").count() == 1

    @pytest.mark.parametrize("table", ["licenses_grant", "requests_app_licenserequest", "accounts_user"])
    def test_approving_a_request_while_the_requester_is_deleted_leaves_no_grant(
        self, company: Company, admin: User, canary: User, table: str
    ) -> None:
        # A person who is first: no dead lock, no access left, and the request is closed.
        license_request = request_license(make_license(company), by=canary)

        with slow_writes(table):
            deleted, approved = run_at_once(
                [lambda: delete_account(canary, by=canary), lambda: deciding.approve(license_request, by=admin)]
            )

        assert deleted is None
        assert approved is None or isinstance(approved, RuleError)
        license_request.refresh_from_db()
        assert (license_request.user, license_request.is_open) == (None, False)
        assert not Grant.objects.exists()
        assert not OutboxMail.objects.filter(event="request_approved").exists()

    def test_giving_a_licence_while_the_user_is_deleted_leaves_no_grant(
        self, company: Company, admin: User, canary: User
    ) -> None:
        license, other = make_license(company), make_license(company)
        make_grants(other, canary)

        with slow_writes("licenses_grant"):
            deleted, given = run_at_once(
                [lambda: delete_account(canary, by=canary), lambda: give_license(license, to=canary, by=admin)]
            )

        assert deleted is None
        assert given is None or isinstance(given, RuleError)
        assert not Grant.objects.exists()

    def test_requesting_a_licence_while_the_account_is_deleted_leaves_no_open_request(
        self, company: Company, admin: User, canary: User
    ) -> None:
        license = make_license(company)

        with slow_writes("accounts_user"):
            deleted, license_request = run_at_once(
                [lambda: delete_account(canary, by=canary), lambda: request_license(license, by=canary)]
            )

        assert deleted is None
        assert isinstance(license_request, LicenseRequest | RuleError)
        assert not LicenseRequest.objects.filter(status="open").exists()

    @pytest.mark.parametrize("act", [membership.block, membership.remove_from_company])
    def test_blocking_or_removing_a_user_during_deletion_gives_at_most_a_refusal(
        self, canary: User, admin: User, act: Any
    ) -> None:
        with slow_writes("accounts_user"):
            deleted, acted = run_at_once(
                [lambda: delete_account(canary, by=canary), lambda: act(canary, by=admin)]
            )

        assert deleted is None or isinstance(deleted, RuleError)
        assert acted is None or isinstance(acted, RuleError)

    def test_two_last_admins_who_delete_themselves_at_once_leave_an_active_admin(
        self, company: Company, admin: User
    ) -> None:
        second = make_admin(company)

        with slow_writes("accounts_user"):
            outcomes = run_at_once([partial(delete_account, who, by=who) for who in (admin, second)])

        assert User.objects.active_admins_of(company).count() == 1
        assert [type(outcome) for outcome in outcomes if outcome is not None] == [RuleError]

    def test_registering_with_an_address_while_its_account_is_deleted_gives_no_error(self, canary: User) -> None:
        with slow_writes("accounts_user"):
            outcomes = run_at_once(
                [lambda: delete_account(canary, by=canary), lambda: register_self(ADDRESS, "Nieuw", language="nl")]
            )

        assert outcomes == [None, None]
        assert not User.objects.filter(pk=canary.pk).exists()

    def test_a_page_requested_before_the_account_was_deleted_still_loads(self, canary: User) -> None:
        # It was let in before the account went; where the person is, is no one's to know.
        request = RequestFactory().get("/")
        request.session = SessionStore()
        request.session.create()
        request.user = User.objects.get(pk=canary.pk)
        delete_account(canary, by=canary)

        answer = DevicesMiddleware(lambda _request: HttpResponse())(request)

        assert answer.status_code == 200
        assert not UserSession.objects.exists()

    def test_signing_in_while_the_account_is_deleted_leaves_no_session(self, canary: User) -> None:
        def sign_in() -> int:
            client = Client()
            client.post(reverse("account_login"), {"login": ADDRESS, "password": PASSWORD})
            return client.get("/hulp/").status_code

        with slow_writes("accounts_user"):
            outcomes = run_at_once([lambda: delete_account(canary, by=canary), sign_in])

        assert outcomes[0] is None
        assert not User.objects.filter(pk=canary.pk).exists()
        assert not UserSession.objects.filter(user_id=canary.pk).exists()
