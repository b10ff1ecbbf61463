"""Test requesting a licence, and who sees the request (R26, R27, C29, C30, C32)."""

from __future__ import annotations

from functools import partial

import pytest
import time_machine

from accounts.models import User
from companies.models import Company
from nenconnect.mail.models import OutboxMail
from nenconnect.rules.errors import RuleError
from requests_app.actions import asking
from requests_app.actions.asking import request_document, request_license, request_licenses
from requests_app.models import LicenseRequest
from tests.at_once import run_at_once, slow_writes
from tests.factories import (
    make_admin,
    make_collection,
    make_document,
    make_grants,
    make_license,
    make_pending_person,
    make_person,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("_english")]


def mails() -> list[tuple[str, User | None]]:
    return [(mail.event, mail.recipient) for mail in OutboxMail.objects.order_by("pk")]


def has_asked(user: User, company: Company) -> LicenseRequest:
    return request_license(make_license(company), by=user, reason="Voor het project Zuidas")


class TestAskingForALicence:
    def test_a_request_is_confirmed_and_mailed_to_every_active_admin(
        self, company: Company, admin: User, colleague: User, other_admin: User
    ) -> None:
        second = make_admin(company)
        make_admin(company, is_blocked=True)
        make_pending_person(company=company, role=User.Role.ADMIN)

        license_request = has_asked(colleague, company)

        assert (license_request.status, license_request.reason, license_request.company) == (
            "open",
            "Voor het project Zuidas",
            company,
        )
        assert mails()[0] == ("request_sent", colleague)
        assert {recipient for event, recipient in mails() if event == "request_received"} == {
            admin,
            second,
        }
        assert len(mails()) == 3

    def test_a_reason_is_optional(self, company: Company, colleague: User) -> None:
        assert request_license(make_license(company), by=colleague).reason == ""

    def test_a_reason_has_a_thousand_characters_at_most(self, company: Company, colleague: User) -> None:
        assert len(request_license(make_license(company), by=colleague, reason="x" * 1000).reason) == 1000
        with pytest.raises(RuleError) as refused:
            request_license(make_license(company), by=colleague, reason="x" * 1001)
        assert refused.value.field == "reason"

    def test_a_reason_keeps_nothing_that_breaks_a_database_or_a_mail(
        self, company: Company, colleague: User
    ) -> None:
        license_request = request_license(make_license(company), by=colleague, reason=" a\x00b\x0bc\r\nd\u202e ")

        assert license_request.reason == "abc\nd"

    def test_a_second_open_request_is_refused(self, company: Company, colleague: User) -> None:
        license_request = has_asked(colleague, company)

        with pytest.raises(RuleError, match="already requested"):
            request_license(license_request.license, by=colleague)
        assert LicenseRequest.objects.count() == 1

    def test_a_colleague_may_request_the_same_licence(self, company: Company, colleague: User) -> None:
        license_request = has_asked(colleague, company)

        request_license(license_request.license, by=make_person(company=company))

        assert LicenseRequest.objects.pending().count() == 2

    def test_a_licence_that_the_person_has_cannot_be_requested(self, company: Company, colleague: User) -> None:
        license = make_license(company)
        make_grants(license, colleague)

        with pytest.raises(RuleError):
            request_license(license, by=colleague)

    @pytest.mark.parametrize("who", ["personal", "blocked", "pending", "other_admin"])
    def test_others_cannot_ask(self, request: pytest.FixtureRequest, company: Company, who: str) -> None:
        with pytest.raises(RuleError):
            request_license(make_license(company), by=request.getfixturevalue(who))

        assert mails() == []

    def test_several_licences_are_requested_at_once_with_one_reason(
        self, company: Company, admin: User, colleague: User
    ) -> None:
        licenses = [make_license(company) for _number in range(3)]

        license_request = request_licenses(licenses, by=colleague, reason="Alles")

        assert {row.license for row in license_request} == set(licenses)
        assert [row.reason for row in license_request] == ["Alles"] * 3

    def test_when_one_of_several_licences_is_refused_none_is_requested(
        self, company: Company, admin: User, colleague: User
    ) -> None:
        with pytest.raises(RuleError):
            request_licenses([make_license(company), make_license(company, is_shown=False)], by=colleague)

        assert not LicenseRequest.objects.exists()
        assert mails() == []

    def test_a_thousand_requests_are_not_a_thousand_mails(
        self, company: Company, colleague: User, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(asking, "MAX_PER_DAY", 3)
        with time_machine.travel("2027-06-15T12:00:00+02:00", tick=False) as clock:
            has_asked(colleague, company)
            has_asked(colleague, company)
            make_collection(company)
            request_document(make_document(), by=colleague)
            with pytest.raises(RuleError):
                has_asked(colleague, company)
            with pytest.raises(RuleError):
                request_document(make_document(), by=colleague)
            has_asked(make_person(company=company), company)
            clock.shift(24 * 3600 + 1)
            has_asked(colleague, company)

    @pytest.mark.django_db(transaction=True)
    def test_a_button_pressed_eight_times_at_once_asks_once(
        self, company: Company, admin: User, colleague: User
    ) -> None:
        license = make_license(company)

        with slow_writes("requests_app_licenserequest"):
            outcomes = run_at_once([partial(request_license, license, by=colleague)] * 8)

        assert sum(isinstance(outcome, LicenseRequest) for outcome in outcomes) == 1
        assert sum(isinstance(outcome, RuleError) for outcome in outcomes) == 7
        assert len(mails()) == 2


class TestWhoSees:
    def test_a_colleague_sees_the_requests_but_not_the_requesters(
        self, company: Company, admin: User, colleague: User, django_assert_num_queries
    ) -> None:
        has_asked(make_person(company=company), company)
        mine = has_asked(colleague, company)

        with django_assert_num_queries(2):  # one of them whether the colleague is a deputy
            seen = list(LicenseRequest.objects.visible_to(colleague))

        assert {row.pk: row.is_own for row in seen}[mine.pk] is True
        assert all({"user_id", "decided_by_id"} <= row.get_deferred_fields() for row in seen)

    def test_an_admin_sees_the_requesters(
        self, company: Company, admin: User, colleague: User, django_assert_num_queries
    ) -> None:
        has_asked(colleague, company)

        with django_assert_num_queries(1):
            assert [row.user for row in LicenseRequest.objects.visible_to(admin)] == [colleague]

    def test_requests_of_another_company_are_not_visible(
        self, company: Company, colleague: User, other_admin: User, personal: User, staff: User
    ) -> None:
        has_asked(colleague, company)

        for stranger in (other_admin, personal, staff):
            assert not LicenseRequest.objects.visible_to(stranger).exists()
