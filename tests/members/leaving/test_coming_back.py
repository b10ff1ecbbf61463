"""Test undoing a departure within a week."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.actions.closing import close_company
from accounts.models import User
from companies.domains import remove_domain
from companies.models import Company, LabelValue
from licenses.models import Grant
from members.actions import departures
from members.actions.deleting import delete_account
from members.actions.departures import run_departures, undo
from members.models import Departure, Leaver
from nenconnect.audit.models import AuditEntry
from nenconnect.mail.models import OutboxMail
from nenconnect.rules.errors import RuleError
from tests.factories import make_grants, make_license, make_pending_person, make_person
from tests.members.leaving.departures import left, outcomes_of, undone

BLOCK, REMOVE = Departure.Kind.BLOCK, Departure.Kind.REMOVE
State, Outcome = Departure.State, Leaver.Outcome


def test_the_reason_why_a_leaver_did_not_return_does_not_name_a_deleted_user(
    admin: User, company: Company
) -> None:
    gone = make_person(company=company, name="Kanarie Zangvogel")
    row = left(gone, kind=REMOVE, by=admin)
    User.objects.filter(pk=gone.pk).update(company=company)
    assert "Kanarie" in outcomes_of(undone(row, by=admin))[0][1]

    delete_account(User.objects.get(pk=gone.pk), by=admin)

    assert outcomes_of(row) == [(Outcome.NOT_BACK, "")]


class TestComingBack:
    def test_undoing_a_removal_restores_role_label_and_licences(self, admin: User, company: Company) -> None:
        label = LabelValue.objects.create(company=company, name="Verkoop")
        until = timezone.localdate() + timedelta(days=10)
        someone = make_person(company=company, label=label, is_mail_rerouted=True)
        license = make_license(company, seats=1)
        make_grants(license, someone, ends_on=until)
        before = User.objects.values("company", "role", "label", "is_mail_rerouted").get(pk=someone.pk)
        row = left(someone, kind=REMOVE, by=admin)

        row = undone(row, by=admin)

        assert (row.state, outcomes_of(row)) == (State.UNDONE, [(Outcome.BACK, "")])
        assert User.objects.values("company", "role", "label", "is_mail_rerouted").get(pk=someone.pk) == before
        assert Grant.objects.get(license=license, user=someone).ends_on == until
        assert AuditEntry.objects.filter(verb="returned_to_company").count() == 1

    def test_undoing_a_removal_at_a_closed_company_restores_no_users(
        self, admin: User, company: Company, colleague: User
    ) -> None:
        row = left(colleague, kind=REMOVE, by=admin)
        undo(row, by=admin)
        close_company(company, because="Opgezegd", by=None)
        run_departures()

        assert outcomes_of(row) == [(Outcome.NOT_BACK, f"{company} is closed. NEN Klantenservice can help.")]
        colleague.refresh_from_db()
        assert colleague.company is None

    def test_undoing_a_departure_unblocks_the_blocked_users(self, admin: User, colleague: User) -> None:
        row = undone(left(colleague, kind=BLOCK, by=admin), by=admin)

        colleague.refresh_from_db()
        assert (outcomes_of(row), colleague.is_active) == ([(Outcome.BACK, "")], True)

    @pytest.mark.parametrize("kind", [BLOCK, REMOVE])
    def test_undoing_a_departure_sends_a_pending_user_a_new_link(
        self, kind: str, admin: User, company: Company
    ) -> None:
        pending = make_pending_person(company=company)

        row = undone(left(pending, kind=kind, by=admin), by=admin)

        pending.refresh_from_db()
        assert (outcomes_of(row), pending.company) == ([(Outcome.BACK, "")], company)
        mail = OutboxMail.objects.get(event="registration_invited", recipient=pending)
        assert mail.key_has(f"round{pending.registration_round}")

    def test_undoing_a_removal_reports_a_licence_whose_seat_was_taken(
        self, admin: User, company: Company, colleague: User
    ) -> None:
        license = make_license(company, name="Bouw", seats=1)
        make_grants(license, colleague)
        row = left(colleague, kind=REMOVE, by=admin)
        make_grants(license, admin)

        undone(row, by=admin)

        colleague.refresh_from_db()
        assert (row.leavers.get().outcome, colleague.company) == (Outcome.BACK, company)
        assert row.leavers.get().reason.startswith("Not “Bouw”: All 1 seats")

    def test_undoing_a_removal_reports_why_a_leaver_cannot_return(
        self, admin: User, company: Company, other_company: Company
    ) -> None:
        names = ("deleted", "elsewhere", "again", "blocked", "staff")
        people = {name: make_person(f"{name}@voorbeeld.example", company=company, name=name) for name in names}
        row = left(*people.values(), kind=REMOVE, by=admin)
        people["deleted"].delete()
        User.objects.filter(pk=people["elsewhere"].pk).update(company=other_company)
        User.objects.filter(pk=people["again"].pk).update(company=company)
        User.objects.filter(pk=people["blocked"].pk).update(is_blocked=True)
        User.objects.filter(pk=people["staff"].pk).update(is_staff=True)

        undone(row, by=admin)

        reasons = {leaver.user.name if leaver.user else "deleted": leaver.reason for leaver in row.leavers.all()}
        assert reasons == {
            "deleted": "The account is deleted.",
            "elsewhere": "This person has joined another company.",
            "again": "again is in your company again already.",
            "blocked": "This address cannot be added. NEN Klantenservice can help.",
            "staff": "This address cannot be added. NEN Klantenservice can help.",
        }
        assert set(row.leavers.values_list("outcome", flat=True)) == {Outcome.NOT_BACK}

    def test_a_leaver_whose_domain_was_removed_cannot_return(
        self, admin: User, company: Company, colleague: User
    ) -> None:
        row = left(colleague, kind=REMOVE, by=admin)
        remove_domain(company.domains.get(), by=admin)

        undone(row, by=admin)

        assert "is not an allowed domain" in row.leavers.get().reason

    def test_a_departure_cannot_be_undone_after_a_week_and_is_then_deleted(
        self, admin: User, colleague: User
    ) -> None:
        row = left(colleague, kind=REMOVE, by=admin)
        Departure.objects.update(created_at=timezone.now() - timedelta(days=6, hours=23))
        departures.forget_departures()
        assert Departure.objects.exists()

        Departure.objects.update(created_at=timezone.now() - timedelta(days=7, minutes=1))
        with pytest.raises(RuleError):
            undo(row, by=admin)
        departures.forget_departures()
        assert not Leaver.objects.exists()

    def test_a_departure_cannot_be_undone_twice(self, admin: User, colleague: User) -> None:
        row = undone(left(colleague, kind=REMOVE, by=admin), by=admin)

        with pytest.raises(RuleError):
            undo(row, by=admin)
