"""Test that a change of several colleagues does what its preview counted."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.actions import membership
from accounts.actions.closing import close_company
from accounts.models import User
from companies.models import Company
from licenses.models import Grant
from members.actions import bulk_changes
from members.actions.bulk_changes import AT_ONCE, run_changes, start
from members.models import PeopleChange, PeopleChangeLine
from nenconnect.audit.models import AuditEntry
from nenconnect.jobs.work import MAX_ATTEMPTS, TOO_MUCH, WENT_WRONG
from nenconnect.mail.models import OutboxMail
from nenconnect.rules.errors import RuleError
from requests_app.actions.asking import request_license
from requests_app.models import LicenseRequest
from tests.factories import make_admin, make_grants, make_license, make_pending_person, make_person
from tests.members.several_at_once.changes import chosen, done, numbers

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("_english")]
Kind, State, Outcome = PeopleChange.Kind, PeopleChange.State, PeopleChangeLine.Outcome


class TestDoing:
    @pytest.mark.django_db(transaction=True)
    def test_a_change_of_a_few_users_is_done_immediately(self, company: Company, admin: User) -> None:
        people = [make_person(company=company) for _number in range(3)]
        start(chosen(people, Kind.BLOCK, admin), by=admin)
        assert User.objects.filter(is_blocked=True).count() == 3
        assert PeopleChange.objects.get().state == State.DONE

    @pytest.mark.django_db(transaction=True)
    def test_a_change_of_many_users_is_left_to_the_worker(self, company: Company, admin: User) -> None:
        people = [make_person(company=company) for _number in range(AT_ONCE + 10)]
        change = chosen(people, Kind.BLOCK, admin)
        start(change, by=admin)
        assert not User.objects.filter(is_blocked=True).exists()

        run_changes()

        assert User.objects.filter(is_blocked=True).count() == AT_ONCE + 10

    def test_another_worker_finishes_a_half_done_change_of_several_users(
        self, company: Company, admin: User, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(bulk_changes, "BATCH", 25)
        people = [make_person(company=company) for _number in range(60)]
        change = chosen(people, Kind.BLOCK, admin)
        start(change, by=admin)
        run_changes(seconds=-1)
        assert 0 < User.objects.filter(is_blocked=True).count() < 60
        run_changes()
        assert numbers(change) == {(Outcome.DONE, ""): 60}
        assert AuditEntry.objects.filter(verb="blocked").count() == 60

    def test_giving_a_licence_to_several_users_approves_their_open_requests(
        self, company: Company, admin: User
    ) -> None:
        license, asking = make_license(company), make_person(company=company)
        license_request = request_license(license, by=asking)
        done(chosen([asking, make_person(company=company)], Kind.GIVE_LICENSE, admin, license=license), admin)
        assert LicenseRequest.objects.get(pk=license_request.pk).status == "approved"
        assert Grant.objects.filter(license=license).count() == 2

    def test_giving_a_licence_to_several_users_fills_the_seats_in_list_order(
        self, company: Company, admin: User
    ) -> None:
        license = make_license(company, seats=2)
        people = [make_person(company=company) for _number in range(5)]
        change = done(chosen(people, Kind.GIVE_LICENSE, admin, license=license), admin)
        assert set(Grant.objects.values_list("user", flat=True)) == {people[0].pk, people[1].pk}
        assert numbers(change)[(Outcome.REFUSED, "There is no free seat left.")] == 3

    @pytest.mark.parametrize("kind", [Kind.BLOCK, Kind.MAKE_USER, Kind.REMOVE, Kind.DELETE])
    def test_an_admin_cannot_block_demote_remove_or_delete_themselves_in_a_bulk_change(
        self, kind: str, company: Company, admin: User
    ) -> None:
        admins = [admin, make_admin(company), make_admin(company)]
        change = done(chosen(admins, kind, admin), admin)
        assert list(User.objects.active_admins_of(company)) == [admin]
        reason = change.lines.get(outcome=Outcome.REFUSED).reason
        assert reason.startswith("This is you.")

    def test_a_bulk_change_from_a_former_admin_is_refused(self, company: Company, admin: User) -> None:
        other, people = make_admin(company), [make_person(company=company) for _number in range(3)]
        change = chosen(people, Kind.DELETE, admin)
        start(change, by=admin)
        membership.change_role(admin, User.Role.USER, by=other)
        run_changes()
        assert numbers(change) == {(Outcome.REFUSED, "The person who asked for this is no longer an admin."): 3}

    @pytest.mark.parametrize("kind", [Kind.BLOCK, Kind.REMOVE, Kind.DELETE, Kind.GIVE_LICENSE])
    def test_a_bulk_change_at_a_closed_company_is_refused(self, kind: str, company: Company, admin: User) -> None:
        people, license = [make_person(company=company) for _number in range(3)], make_license(company)
        change = chosen(people, kind, admin, license=license)
        start(change, by=admin)
        close_company(company, because="Opgezegd", by=None)

        run_changes()

        reason = f"{company} is closed. NEN Klantenservice can help."
        assert numbers(change) == {(Outcome.REFUSED, reason): 3}
        assert User.objects.filter(company=company, is_blocked=False).count() == 4
        assert not Grant.objects.exists()

    def test_a_bulk_change_that_keeps_crashing_stops_and_keeps_finished_users(
        self, company: Company, admin: User, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(bulk_changes, "BATCH", 25)
        change = chosen([make_person(company=company) for _number in range(40)], Kind.BLOCK, admin)
        start(change, by=admin)
        run_changes(seconds=-1)
        PeopleChange.objects.update(attempts=MAX_ATTEMPTS)

        run_changes()

        assert numbers(change) == {(Outcome.DONE, ""): 25, (Outcome.REFUSED, str(TOO_MUCH)): 15}
        change.refresh_from_db()
        assert change.state == State.DONE

    def test_a_bulk_change_resets_its_failed_attempts_after_a_batch(
        self, company: Company, admin: User, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(bulk_changes, "BATCH", 25)
        change = chosen([make_person(company=company) for _number in range(40)], Kind.BLOCK, admin)
        start(change, by=admin)
        PeopleChange.objects.update(attempts=MAX_ATTEMPTS - 1)
        run_changes()
        assert numbers(change) == {(Outcome.DONE, ""): 40}
        change.refresh_from_db()
        assert change.attempts == 0

    def test_an_unexpected_error_refuses_every_user_of_a_bulk_change(
        self, company: Company, admin: User, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        change = chosen([make_person(company=company) for _number in range(3)], Kind.BLOCK, admin)
        start(change, by=admin)
        monkeypatch.setitem(bulk_changes.ACTS, Kind.BLOCK, lambda row, people, by: 1 / 0)

        run_changes()

        assert numbers(change) == {(Outcome.REFUSED, str(WENT_WRONG)): 3}
        assert not User.objects.filter(is_blocked=True).exists()

    def test_deletion_mails_of_a_bulk_change_are_spread_over_time(
        self, company: Company, admin: User, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        # Over the batches too: the link that a person waits for does not queue behind them all.
        monkeypatch.setattr(bulk_changes, "FEW", 20)
        change = chosen([make_person(company=company) for _number in range(41)], Kind.DELETE, admin)
        start(change, by=admin)
        run_changes()
        mails = OutboxMail.objects.filter(event="account_deleted").order_by("due_at")
        due = list(mails.values_list("due_at", flat=True))
        assert len(due) == 41
        assert due[-1] - due[0] == timedelta(seconds=2)

    def test_registration_mails_of_a_bulk_change_are_spread_over_time(self, company: Company, admin: User) -> None:
        hour_ago = timezone.now() - timedelta(hours=1)
        people = [make_pending_person(company=company, registration_sent_at=hour_ago) for _number in range(41)]
        done(chosen(people, Kind.SEND_REGISTRATION, admin), admin)
        due = list(OutboxMail.objects.order_by("due_at").values_list("due_at", flat=True))
        assert len(due) == 41
        assert due[-1] - due[0] == timedelta(seconds=2)

    def test_a_bulk_change_cannot_be_started_twice(self, company: Company, admin: User) -> None:
        change = chosen([make_person(company=company)], Kind.BLOCK, admin)
        start(change, by=admin)
        with pytest.raises(RuleError):
            start(change, by=admin)

    def test_a_bulk_change_that_gives_a_licence_needs_a_chosen_licence(
        self, company: Company, admin: User
    ) -> None:
        with pytest.raises(RuleError):
            start(chosen([make_person(company=company)], Kind.GIVE_LICENSE, admin), by=admin)

    def test_a_bulk_change_refuses_users_of_another_company(self, admin: User, other_admin: User) -> None:
        change = chosen([other_admin], Kind.BLOCK, admin)  # past the page, which finds members alone
        done(change, admin)
        assert numbers(change) == {(Outcome.REFUSED, "No longer in your company."): 1}
        other_admin.refresh_from_db()
        assert not other_admin.is_blocked


@pytest.mark.parametrize(
    "kind",
    [
        Kind.GIVE_LICENSE,
        Kind.TAKE_LICENSE,
        Kind.SET_LABEL,
        Kind.BLOCK,
        Kind.UNBLOCK,
        Kind.SEND_REGISTRATION,
        Kind.REMOVE,
        Kind.DELETE,
    ],
)
def test_a_bulk_change_needs_as_many_queries_for_30_users_as_for_3(
    kind: str, company: Company, admin: User
) -> None:
    taken = []
    for number in (3, 30):
        license, hour_ago = make_license(company), timezone.now() - timedelta(hours=1)
        make = make_pending_person if kind == Kind.SEND_REGISTRATION else make_person
        people = [
            make(company=company, is_blocked=kind == Kind.UNBLOCK, registration_sent_at=hour_ago)
            for _number in range(number)
        ]
        if kind in {Kind.TAKE_LICENSE, Kind.REMOVE, Kind.DELETE}:
            make_grants(license, *people)
        label = company.label_values.create(name=f"Inkoop {number}")
        change = chosen(people, kind, admin, license=license, label=label)
        with CaptureQueriesContext(connection) as queries:
            done(change, admin)
        assert numbers(change) == {(Outcome.DONE, ""): number}
        taken.append(len(queries))
    assert taken[0] == taken[1]
