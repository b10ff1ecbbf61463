"""Test that a change of several colleagues follows the rule of the single action."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from functools import partial

import pytest
from django.db.models import Count
from django.utils import timezone

from accounts.actions import details, membership
from accounts.actions.address_change import ask_address_change
from accounts.actions.labels import delete_label_value
from accounts.models import AddressChange, User
from companies.models import Company
from licenses.actions import granting
from licenses.models import Grant
from members.actions.bulk_changes import start
from members.actions.deleting import delete_accounts
from members.actions.moving import leave_company_together
from members.models import PeopleChange, PeopleChangeLine
from nenconnect.audit.models import AuditEntry
from nenconnect.bulk.many_rows import update_many
from nenconnect.mail.models import OutboxMail
from nenconnect.rules.errors import RuleError
from requests_app.actions.asking import request_document, request_license
from requests_app.actions.several_at_once import give_to_people
from requests_app.models import DocumentRequest, LicenseRequest
from tests.at_once import run_at_once
from tests.factories import make_admin, make_document, make_grants, make_license, make_pending_person, make_person
from tests.members.several_at_once.changes import chosen, done, numbers

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("_english")]
Kind, State, Outcome = PeopleChange.Kind, PeopleChange.State, PeopleChangeLine.Outcome


class TestOneRuleForOneAndForMany:
    # The actions on several, past the preview: what they refuse is beside what they do.

    def test_blocking_several_users_refuses_a_leaver_and_blocks_the_others(
        self, company: Company, admin: User
    ) -> None:
        left, *others = people = [make_person(company=company) for _number in range(3)]
        membership.remove_from_company(left, by=admin)

        refusals = membership.block_many(people, by=admin)

        assert {pk: str(error) for pk, error in refusals.items()} == {
            left.pk: f"{left.name} is no longer in this company."
        }
        assert set(User.objects.filter(is_blocked=True)) == set(others)

    @pytest.mark.parametrize(
        "act",
        [
            membership.block_many,
            lambda people, by: membership.change_roles(people, User.Role.USER, by=by),
            leave_company_together,
            delete_accounts,
        ],
        ids=["block", "make_user", "remove", "delete"],
    )
    def test_a_bulk_change_of_all_admins_keeps_the_last_active_admin(
        self, act: Callable[..., dict[int, RuleError]], company: Company, staff: User
    ) -> None:
        admins = [make_admin(company) for _number in range(3)]
        refusals = act(admins, by=staff)
        assert list(refusals) == [admins[2].pk]
        assert list(User.objects.active_admins_of(company)) == [admins[2]]

    @pytest.mark.parametrize("act", [leave_company_together, delete_accounts])
    def test_a_remaining_admin_replaces_a_contact_person_removed_in_a_bulk_change(
        self, act: Callable[..., dict[int, RuleError]], company: Company, staff: User
    ) -> None:
        contact, going, staying = (make_admin(company) for _number in range(3))
        company.contact_person, company.contact_email = contact.name, contact.email
        company.save()

        act([contact, going], by=staff)

        company.refresh_from_db()
        assert company.contact_email == staying.email

    def test_the_audit_of_a_bulk_label_change_keeps_each_users_old_label(
        self, company: Company, admin: User
    ) -> None:
        value = company.label_values.create(name="Inkoop")
        has_it, has_none = make_person(company=company, label=value), make_person(company=company)
        other = company.label_values.create(name="Verkoop")
        details.set_label([has_it, has_none], other, by=admin)
        changes = AuditEntry.objects.filter(verb="details_changed").order_by("pk")
        assert [item.details["changes"]["label"] for item in changes] == [[value.pk, other.pk], [None, other.pk]]

    def test_blocking_several_users_ends_their_sessions_and_links(self, company: Company, admin: User) -> None:
        hour_ago = timezone.now() - timedelta(hours=1)
        invited = make_pending_person(company=company, registration_sent_at=hour_ago)
        registered = make_person(company=company, registration_sent_at=hour_ago)
        ask_address_change(registered, "anders@voorbeeld.example", by=admin)
        before = {item.pk: item for item in (invited, registered)}

        membership.block_many([invited, registered], by=admin)

        for user in User.objects.filter(pk__in=before):
            assert user.session_round == before[user.pk].session_round + 1
            assert user.registration_round == before[user.pk].registration_round + 1
            assert user.registration_sent_at == (None if user.is_pending else hour_ago)
        assert not AddressChange.objects.exists()

    def test_giving_a_licence_to_several_users_renews_ended_grants_and_keeps_others(
        self, company: Company, admin: User
    ) -> None:
        license, yesterday = make_license(company, seats=3), timezone.localdate() - timedelta(days=1)
        ended, lasting, without = (make_person(company=company) for _number in range(3))
        make_grants(license, ended, lasting)
        Grant.objects.filter(user=ended).update(ends_on=yesterday)
        kept = Grant.objects.get(user=lasting)

        assert granting.grant_many(license, [ended, lasting, without], by=admin) == {}

        assert Grant.objects.lasting().filter(license=license).count() == 3
        assert Grant.objects.get(user=lasting) == kept
        assert AuditEntry.objects.filter(verb="license_granted").count() == 2

    def test_giving_a_licence_to_several_users_mails_each_user_with_a_request(
        self, company: Company, admin: User
    ) -> None:
        requested = make_document()
        license, asking = (
            make_license(company, documents=[requested]),
            [make_person(company=company) for _number in range(3)],
        )
        request_license(license, by=asking[0])
        request_document(requested, by=asking[1])

        assert give_to_people(license, asking, by=admin) == {}

        assert LicenseRequest.objects.get().status == "approved"
        assert DocumentRequest.objects.get().status == "approved"
        origins = dict(Grant.objects.values_list("user", "origin"))
        assert origins == {asking[0].pk: "request", asking[1].pk: "given", asking[2].pk: "given"}
        mails = OutboxMail.objects.filter(event="request_approved").order_by("recipient")
        assert [mail.recipient for mail in mails] == [asking[0], asking[1]]

    def test_a_licence_of_another_company_cannot_be_given_to_several_users(
        self, company: Company, other_company: Company, admin: User
    ) -> None:
        people = [make_person(company=company), make_person(company=company)]
        refusals = granting.grant_many(make_license(other_company), people, by=admin)
        assert set(refusals) == {item.pk for item in people}
        assert not Grant.objects.exists()

    def test_updating_several_users_together_stores_the_right_values_for_each_user(self, company: Company) -> None:
        people = [make_person(company=company) for _number in range(3)]
        value, now = company.label_values.create(name="Inkoop"), timezone.now()
        for item, label, moment in zip(people, [value, None, value], [now, None, now], strict=True):
            item.label, item.registration_sent_at, item.country = label, moment, "BE"
        update_many(people, ["label", "registration_sent_at", "country"])
        for item in people:
            there = User.objects.get(pk=item.pk)
            assert (there.label, there.registration_sent_at) == (item.label, item.registration_sent_at)
            assert str(there.country) == "BE"

    def test_setting_a_deleted_label_on_several_users_is_refused(self, company: Company, admin: User) -> None:
        gone, kept = (company.label_values.create(name=name) for name in ("Inkoop", "Verkoop"))
        people = [make_person(company=company, label=kept) for _number in range(2)]
        change = chosen(people, Kind.SET_LABEL, admin, label=gone)
        delete_label_value(gone, by=admin)
        change.refresh_from_db()

        done(change, admin)

        assert numbers(change) == {(Outcome.REFUSED, "The label is no longer in the list."): 2}
        assert User.objects.filter(label=kept).count() == 2

    def test_a_bulk_change_can_clear_the_label_of_users(self, company: Company, admin: User) -> None:
        labelled = make_person(company=company, label=company.label_values.create(name="Inkoop"))
        done(chosen([labelled], Kind.SET_LABEL, admin, label=None), admin)
        labelled.refresh_from_db()
        assert labelled.label is None


class TestChangeRaces:
    @pytest.mark.django_db(transaction=True)
    def test_two_admins_who_demote_each_other_at_once_leave_an_active_admin(
        self, company: Company, admin: User
    ) -> None:
        other = make_admin(company)
        first, second = chosen([other], Kind.MAKE_USER, admin), chosen([admin], Kind.MAKE_USER, other)
        run_at_once([partial(start, first, by=admin), partial(start, second, by=other)])
        assert User.objects.active_admins_of(company).count() == 1

    @pytest.mark.django_db(transaction=True)
    def test_two_simultaneous_bulk_changes_do_not_exceed_the_seats_of_a_licence(
        self, company: Company, admin: User
    ) -> None:
        other, license = make_admin(company), make_license(company, seats=3)
        changes = [
            (
                chosen(
                    [make_person(company=company) for _number in range(3)], Kind.GIVE_LICENSE, by, license=license
                ),
                by,
            )
            for by in (admin, other)
        ]
        run_at_once([partial(start, change, by=by) for change, by in changes])
        assert Grant.objects.filter(license=license).count() == 3

    @pytest.mark.django_db(transaction=True)
    def test_two_admins_who_block_the_same_users_at_once_block_each_user_once(
        self, company: Company, admin: User
    ) -> None:
        people = [make_person(company=company) for _number in range(15)]
        changes = [(chosen(people, Kind.BLOCK, by), by) for by in (admin, make_admin(company))]
        run_at_once([partial(start, change, by=by) for change, by in changes])
        done_twice = [numbers(change).get((Outcome.DONE, ""), 0) for change, _by in changes]
        assert sum(done_twice) == 15

    @pytest.mark.django_db(transaction=True)
    @pytest.mark.parametrize("kind", [Kind.REMOVE, Kind.DELETE])
    def test_two_admins_who_remove_each_other_in_bulk_leave_an_active_admin(
        self, kind: str, company: Company, admin: User
    ) -> None:
        other, people = make_admin(company), [make_person(company=company) for _number in range(5)]
        first, second = chosen([*people, other], kind, admin), chosen([*people, admin], kind, other)
        run_at_once([partial(start, first, by=admin), partial(start, second, by=other)])
        assert User.objects.active_admins_of(company).count() == 1
        assert not User.objects.filter(company=company, role=User.Role.USER).exists()

    @pytest.mark.django_db(transaction=True)
    @pytest.mark.parametrize("kind", [Kind.REMOVE, Kind.DELETE])
    def test_users_removed_while_getting_a_licence_keep_no_grant(
        self, kind: str, company: Company, admin: User
    ) -> None:
        people = [make_person(company=company) for _number in range(5)]
        license, other = make_license(company), make_admin(company)
        going = chosen(people, kind, admin)
        giving = chosen(people, Kind.GIVE_LICENSE, other, license=license)
        run_at_once([partial(start, going, by=admin), partial(start, giving, by=other)])
        assert not Grant.objects.exists()
        assert not User.objects.filter(company=company, role=User.Role.USER).exists()

    @pytest.mark.django_db(transaction=True)
    def test_users_removed_and_deleted_at_the_same_time_leave_the_company(
        self, company: Company, admin: User
    ) -> None:
        people, other = [make_person(company=company) for _number in range(5)], make_admin(company)
        removing, deleting = chosen(people, Kind.REMOVE, admin), chosen(people, Kind.DELETE, other)
        run_at_once([partial(start, removing, by=admin), partial(start, deleting, by=other)])
        counts = [
            dict(change.lines.values_list("outcome").annotate(Count("pk"))) for change in (removing, deleting)
        ]
        assert sorted(counts, key=str) in ([{"done": 5}, {"refused": 5}], [{"done": 5}, {"done": 5}])
        assert not User.objects.filter(company=company, role=User.Role.USER).exists()

    @pytest.mark.django_db(transaction=True)
    def test_starting_a_bulk_change_twice_at_once_changes_users_once(self, company: Company, admin: User) -> None:
        change = chosen([make_person(company=company) for _number in range(3)], Kind.BLOCK, admin)
        run_at_once([partial(start, change, by=admin)] * 2)
        assert AuditEntry.objects.filter(verb="blocked").count() == 3
        assert AuditEntry.objects.filter(verb="people_changed").count() == 1
