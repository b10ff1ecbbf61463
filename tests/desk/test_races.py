"""Test two changes at the same time, at least one of them at NEN's desk.

Each of these really overlaps; without the locks of the actions it fails.
"""

from __future__ import annotations

from typing import Any

import pytest

from accounts.actions import membership
from accounts.actions.closing import close_company
from accounts.actions.registration import NewColleague, add_user
from accounts.models import MoveRequest, User
from companies.actions import delete_company
from companies.models import Company
from licenses.actions import granting, terms
from licenses.models import Grant, License
from members.actions.merging import merge_accounts
from members.actions.moving import move_person
from nenconnect.audit.models import AuditEntry
from nenconnect.mail.models import OutboxMail
from nenconnect.rules.errors import RuleError
from requests_app.actions import deciding
from requests_app.actions.approving_documents import approve_document
from requests_app.actions.asking import request_document, request_license
from requests_app.models import LicenseRequest
from tests.at_once import run_at_once, slow_writes
from tests.factories import (
    make_admin,
    make_collection,
    make_company,
    make_document,
    make_grants,
    make_license,
    make_person,
)

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("_english")]


def refused(outcomes: list[Any]) -> int:
    # How many a rule refused; anything else that went wrong is a mistake of ours.
    errors = [outcome for outcome in outcomes if isinstance(outcome, Exception)]
    assert all(isinstance(error, RuleError) for error in errors), errors
    return len(errors)


class TestMerging:
    def test_merging_two_accounts_into_each_other_at_once_leaves_one_account(
        self, staff: User, company: Company, admin: User
    ) -> None:
        first, other = make_person(company=company), make_person(company=company)
        license = make_license(company)
        make_grants(license, first)

        with slow_writes("accounts_user"):
            outcomes = run_at_once(
                [
                    lambda: merge_accounts(first, stays=other, by=staff),
                    lambda: merge_accounts(other, stays=first, by=staff),
                ]
            )

        assert refused(outcomes) == 1
        closed, stays = (
            User.objects.exclude(merged_into=None).get(),
            User.objects.get(merged_accounts__isnull=False),
        )
        assert {closed.pk, stays.pk} == {first.pk, other.pk}
        assert Grant.objects.get().user == stays
        assert AuditEntry.objects.filter(verb="accounts_merged").count() == 1

    def test_merging_the_last_two_admins_away_at_once_leaves_an_active_admin(
        self, staff: User, company: Company
    ) -> None:
        first, second = make_admin(company), make_admin(company)
        stays = [make_person(company=company), make_person(company=company)]

        with slow_writes("accounts_user"):
            outcomes = run_at_once(
                [
                    lambda: merge_accounts(first, stays=stays[0], by=staff),
                    lambda: merge_accounts(second, stays=stays[1], by=staff),
                ]
            )

        assert refused(outcomes) == 1
        assert User.objects.active_admins_of(company).count() == 1

    def test_a_licence_given_during_a_merge_is_neither_lost_nor_doubled(
        self, staff: User, company: Company, admin: User
    ) -> None:
        closing, stays, license = (
            make_person(company=company),
            make_person(company=company),
            make_license(company, seats=1),
        )

        with slow_writes("licenses_grant"):
            outcomes = run_at_once(
                [
                    lambda: merge_accounts(closing, stays=stays, by=staff),
                    lambda: granting.grant(license, to=closing, by=admin),
                ]
            )

        had_it = not isinstance(outcomes[1], RuleError)
        assert not isinstance(outcomes[0], Exception)
        assert list(Grant.objects.values_list("user", flat=True)) == ([stays.pk] if had_it else [])

    def test_a_request_approved_during_a_merge_moves_to_the_remaining_account(
        self, staff: User, company: Company, admin: User
    ) -> None:
        closing, stays = make_person(company=company), make_person(company=company)
        row = request_license(make_license(company), by=closing)

        with slow_writes("requests_app_licenserequest"):
            outcomes = run_at_once(
                [
                    lambda: merge_accounts(closing, stays=stays, by=staff),
                    lambda: deciding.approve(row, by=admin),
                ]
            )

        assert refused(outcomes) == 0
        row.refresh_from_db()
        assert (row.user, row.status) == (stays, "approved")
        assert Grant.objects.get().user == stays


class TestMoving:
    def test_moving_a_user_to_two_companies_at_once_moves_the_user_to_one_company(
        self, staff: User, company: Company, admin: User
    ) -> None:
        moving = make_person(company=company)
        to = [make_company("Noord BV"), make_company("Zuid BV")]

        with slow_writes("accounts_user"):
            outcomes = run_at_once(
                [lambda: move_person(moving, to[0], by=staff), lambda: move_person(moving, to[1], by=staff)]
            )

        assert refused(outcomes) == 1
        moving.refresh_from_db()
        assert moving.company == to[0 if outcomes[0] is None else 1]
        assert list(MoveRequest.objects.values_list("status", flat=True)) == ["accepted"]
        assert AuditEntry.objects.filter(verb="moved_in").count() == 1

    def test_moving_the_last_two_admins_at_once_leaves_an_active_admin(
        self, staff: User, company: Company, other_company: Company
    ) -> None:
        admins = [make_admin(company), make_admin(company)]

        with slow_writes("accounts_user"):
            outcomes = run_at_once(
                [
                    lambda: move_person(admins[0], other_company, by=staff),
                    lambda: move_person(admins[1], other_company, by=staff),
                ]
            )

        assert refused(outcomes) == 1
        assert User.objects.active_admins_of(company).count() == 1

    def test_a_licence_given_during_a_move_does_not_follow_the_user(
        self, staff: User, company: Company, admin: User, other_company: Company
    ) -> None:
        moving, license = make_person(company=company), make_license(company)

        with slow_writes("licenses_grant"):
            run_at_once(
                [
                    lambda: move_person(moving, other_company, by=staff),
                    lambda: granting.grant(license, to=moving, by=admin),
                ]
            )

        moving.refresh_from_db()
        assert moving.company == other_company
        assert not Grant.objects.exists()

    def test_a_user_cannot_be_moved_and_blocked_at_the_same_time(
        self, staff: User, company: Company, admin: User, other_company: Company
    ) -> None:
        moving = make_person(company=company)

        with slow_writes("accounts_user"):
            outcomes = run_at_once(
                [
                    lambda: move_person(moving, other_company, by=staff),
                    lambda: membership.block(moving, by=staff),
                ]
            )

        assert refused(outcomes) == 1
        moving.refresh_from_db()
        assert moving.is_blocked is (outcomes[1] is None)
        assert moving.company == (other_company if outcomes[0] is None else company)


def test_a_company_is_not_deleted_while_a_user_is_added(staff: User) -> None:
    company = make_company("Leeg BV", "leeg.example")
    new = NewColleague(email="eerste@leeg.example", name="Eerste", role="admin")

    with slow_writes("accounts_user"):
        outcomes = run_at_once(
            [
                lambda: add_user(company, new, by=staff, origin=User.Origin.NEN),
                lambda: delete_company(company, by=staff),
            ]
        )

    came_in = isinstance(outcomes[0], User)
    assert Company.objects.exists() is came_in
    assert User.objects.filter(company=company).exists() is came_in
    assert AuditEntry.objects.filter(verb="company_deleted").exists() is not came_in


def test_a_request_cannot_be_approved_after_its_company_closes(
    staff: User, company: Company, admin: User, colleague: User
) -> None:
    # The second of the two sees what the first did: never an approval after the closing.
    row = request_license(make_license(company), by=colleague)

    with slow_writes("companies_company"):
        outcomes = run_at_once(
            [
                lambda: close_company(company, because="Opgezegd", by=staff),
                lambda: deciding.approve(row, by=admin),
            ]
        )

    assert outcomes[0] is None
    order = list(
        AuditEntry.objects.filter(verb__in=["company_closed", "license_granted"])
        .order_by("pk")
        .values_list("verb", flat=True)
    )
    gave_it = outcomes[1] is None
    assert order == (["license_granted", "company_closed"] if gave_it else ["company_closed"])
    assert LicenseRequest.objects.get().is_open is not gave_it


def test_closing_a_company_twice_at_once_closes_the_company_only_once(
    staff: User, company: Company, admin: User
) -> None:
    with slow_writes("companies_company"):
        outcomes = run_at_once(
            [
                lambda: close_company(company, because="Opgezegd", by=staff),
                lambda: close_company(company, because="Failliet", by=staff),
            ]
        )

    assert refused(outcomes) == 1
    assert AuditEntry.objects.filter(verb="company_closed").count() == 1
    assert OutboxMail.objects.filter(event="company_closed").count() == 1


def test_removing_documents_keeps_a_document_approved_at_the_same_time(
    staff: User, company: Company, admin: User, colleague: User
) -> None:
    # What staff did not see being added, they do not take out; what they took out, is out.
    license, standard, requested = make_collection(company), make_document(), make_document()
    license.documents.add(standard)
    row = request_document(requested, by=colleague)

    with slow_writes("licenses_license_documents"):
        outcomes = run_at_once(
            [
                lambda: terms.set_documents(license, [], by=staff, seen=[standard]),
                lambda: approve_document(row, license=license, by=admin),
            ]
        )

    assert refused(outcomes) == 0
    assert list(License.objects.get(pk=license.pk).documents.all()) == [requested]


def test_adding_two_documents_at_once_does_not_exceed_the_maximum_of_a_collection(
    staff: User, company: Company
) -> None:
    license, licensed = make_collection(company, max_documents=2), make_document()
    license.documents.add(licensed)
    first, other = make_document(), make_document()

    with slow_writes("licenses_license_documents"):
        outcomes = run_at_once(
            [
                lambda: terms.set_documents(license, [licensed, first], by=staff, seen=[licensed]),
                lambda: terms.set_documents(license, [licensed, other], by=staff, seen=[licensed]),
            ]
        )

    assert refused(outcomes) == 1
    assert License.objects.get(pk=license.pk).documents.count() == 2
