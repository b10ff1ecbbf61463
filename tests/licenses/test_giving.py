"""Test giving and taking licences, and the seats that are never exceeded (R23, R24)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from functools import partial

import pytest
from django.utils import timezone

from accounts.actions.finishing_registration import finish_registration
from accounts.actions.registration import NewColleague
from accounts.models import User
from companies.models import Company
from licenses.access import can_open
from licenses.actions import granting, terms
from licenses.models import Grant
from nenconnect.mail.models import OutboxMail
from nenconnect.rules.errors import RuleError
from requests_app.actions.asking import request_license
from requests_app.actions.deciding import approve
from requests_app.models import LicenseRequest
from tests.at_once import run_at_once, slow_writes
from tests.factories import (
    PASSWORD,
    make_document,
    make_grants,
    make_license,
    make_person,
    overview_status,
    registration_token,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("_english")]


class TestGivingAndTaking:
    def test_it_is_given_and_taken(self, company: Company, admin: User, colleague: User) -> None:
        document = make_document()
        license = make_license(company, documents=[document])

        granting.grant(license, to=colleague, by=admin)
        assert can_open(colleague, document)
        assert overview_status(colleague) == User.Status.REGISTERED

        granting.take_away(license, user=colleague, by=admin)
        assert not can_open(colleague, document)

    def test_giving_twice_is_giving_once(self, company: Company, admin: User, colleague: User) -> None:
        license = make_license(company, seats=1)

        assert granting.grant(license, to=colleague, by=admin) == granting.grant(license, to=colleague, by=admin)

    def test_it_is_not_given_to_a_stranger(
        self, company: Company, admin: User, other_admin: User, personal: User
    ) -> None:
        license = make_license(company)

        for stranger in (other_admin, personal):
            with pytest.raises(RuleError):
                granting.grant(license, to=stranger, by=admin)

    def test_it_is_not_given_after_its_end(self, company: Company, admin: User, colleague: User) -> None:
        yesterday = timezone.localdate() - timedelta(days=1)

        with pytest.raises(RuleError):
            granting.grant(make_license(company, ends_on=yesterday), to=colleague, by=admin)

    def test_it_is_given_before_its_beginning(self, company: Company, admin: User, colleague: User) -> None:
        tomorrow = timezone.localdate() + timedelta(days=1)

        assert granting.grant(make_license(company, starts_on=tomorrow), to=colleague, by=admin)

    def test_leaving_the_company_takes_all_its_licences_away(
        self, company: Company, admin: User, colleague: User
    ) -> None:
        document = make_document()
        license = make_license(company, documents=[document], seats=1)
        make_grants(license, colleague)

        granting.remove_colleague(colleague, by=admin)

        colleague.refresh_from_db()
        assert colleague.company is None
        assert not can_open(colleague, document)
        assert not Grant.objects.exists()

    def test_the_last_admin_who_may_not_leave_keeps_the_licences(self, company: Company, admin: User) -> None:
        make_grants(make_license(company), admin)

        with pytest.raises(RuleError):
            granting.remove_colleague(admin, by=admin)

        assert Grant.objects.count() == 1

    def test_a_grant_that_was_left_behind_opens_nothing_in_the_next_company(
        self, company: Company, other_company: Company, colleague: User
    ) -> None:
        document = make_document()
        make_grants(make_license(company, documents=[document]), colleague)

        User.objects.filter(pk=colleague.pk).update(company=other_company)
        colleague.refresh_from_db()

        assert not can_open(colleague, document)
        assert overview_status(colleague) == User.Status.NO_LICENSE


class TestAddingAColleagueWithALicence:
    def test_the_licence_waits_for_the_registration(self, company: Company, admin: User) -> None:
        document = make_document()
        license = make_license(company, documents=[document])
        new = NewColleague(email="nieuw@voorbeeld.example", name="Noor")

        user = granting.add_colleague(company, new, license=license, by=admin)
        assert not can_open(User.objects.get(pk=user.pk), document)

        finish_registration(registration_token(user), password=PASSWORD)
        assert can_open(User.objects.get(pk=user.pk), document)

    def test_giving_a_licence_without_a_free_seat_saves_and_mails_nothing(
        self, company: Company, admin: User, colleague: User
    ) -> None:
        license = make_license(company, seats=1)
        make_grants(license, colleague)

        new = NewColleague(email="nieuw@voorbeeld.example", name="Noor")
        with pytest.raises(RuleError):
            granting.add_colleague(company, new, license=license, by=admin)

        assert not User.objects.filter(email="nieuw@voorbeeld.example").exists()
        assert not OutboxMail.objects.exists()

    def test_the_owner_of_a_personal_account_gets_no_licence_before_joining(
        self, company: Company, admin: User
    ) -> None:
        owner = make_person("jan@voorbeeld.example")

        granting.add_colleague(
            company, NewColleague(email=owner.email, name="Jan"), license=make_license(company), by=admin
        )

        assert not Grant.objects.exists()


class TestSeats:
    def test_the_message_says_how_many_are_in_use(self, company: Company, admin: User, colleague: User) -> None:
        license = make_license(company, seats=1)
        granting.grant(license, to=colleague, by=admin)

        with pytest.raises(RuleError, match="1"):
            granting.grant(license, to=admin, by=admin)

    def test_a_seat_that_was_taken_away_is_free_again(
        self, company: Company, admin: User, colleague: User
    ) -> None:
        license = make_license(company, seats=1)
        granting.grant(license, to=colleague, by=admin)
        granting.take_away(license, user=colleague, by=admin)

        assert granting.grant(license, to=admin, by=admin)

    def test_a_licence_with_zero_seats_cannot_be_given(self, company: Company, admin: User) -> None:
        with pytest.raises(RuleError):
            granting.grant(make_license(company, seats=0), to=admin, by=admin)

    @pytest.mark.django_db(transaction=True)
    def test_twelve_approvals_at_once_fill_two_seats(self, company: Company, admin: User) -> None:
        license = make_license(company, seats=2)
        license_requests = [request_license(license, by=make_person(company=company)) for _number in range(12)]

        with slow_writes("licenses_grant"):
            outcomes = run_at_once([partial(approve, document, by=admin) for document in license_requests])

        assert [type(outcome) for outcome in outcomes if outcome] == [RuleError] * 10
        assert license.grants.count() == 2
        assert LicenseRequest.objects.filter(status="approved").count() == 2
        assert LicenseRequest.objects.pending().count() == 10
        assert OutboxMail.objects.filter(event="request_approved").count() == 2

    @pytest.mark.django_db(transaction=True)
    def test_giving_in_three_ways_at_once_fills_two_seats(self, company: Company, admin: User) -> None:
        license = make_license(company, seats=2)
        license_requests = [request_license(license, by=make_person(company=company)) for _number in range(4)]
        given = [make_person(company=company) for _number in range(4)]

        def add(number: int) -> None:
            new = NewColleague(email=f"nieuw{number}@voorbeeld.example", name="Nieuw")
            granting.add_colleague(company, new, license=license, by=admin)

        def give(user: User) -> None:
            granting.grant(license, to=user, by=admin)

        with slow_writes("licenses_grant"):
            outcomes = run_at_once(
                [
                    *(partial(approve, document, by=admin) for document in license_requests),
                    *(partial(give, user) for user in given),
                    *(partial(add, number) for number in range(4)),
                ]
            )

        assert [type(outcome) for outcome in outcomes if outcome] == [RuleError] * 10
        assert license.grants.count() == 2

    @pytest.mark.django_db(transaction=True)
    def test_taking_and_giving_seats_at_once_never_exceeds_the_seats(
        self, company: Company, admin: User, staff: User
    ) -> None:
        license = make_license(company, seats=5)
        people = [make_person(company=company) for _number in range(5)]

        def give(user: User) -> None:
            granting.grant(license, to=user, by=admin)

        def shrink() -> None:
            terms.change_terms(license, by=staff, seats=2)

        steps: list[Callable[[], object]] = [shrink, *(partial(give, user) for user in people)]

        with slow_writes("licenses_grant"), slow_writes("licenses_license"):
            run_at_once(steps)

        license.refresh_from_db()
        assert license.seats is not None
        assert license.grants.count() <= license.seats
