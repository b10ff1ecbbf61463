"""Test blocking or removing several colleagues who left."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest

from accounts.actions import membership
from accounts.actions.closing import close_company
from accounts.models import User
from companies.models import Company
from licenses.models import Grant
from members.actions import departures
from members.actions.departures import run_departures, start_departure
from members.models import Departure, Leaver
from nenconnect.audit.models import AuditEntry
from nenconnect.jobs.wake_worker import wake_worker
from nenconnect.jobs.work import MAX_ATTEMPTS
from tests.at_once import run_at_once
from tests.factories import make_admin, make_grants, make_license, make_person
from tests.members.leaving.departures import left, outcomes_of, undone

BLOCK, REMOVE = Departure.Kind.BLOCK, Departure.Kind.REMOVE
State, Outcome = Departure.State, Leaver.Outcome


class TestLeaving:
    def test_blocking_several_leavers_together_keeps_their_licences(self, admin: User, company: Company) -> None:
        people = [make_person(company=company) for _number in range(3)]
        make_grants(make_license(company), *people)

        row = left(*people, kind=BLOCK, by=admin)

        assert (row.state, outcomes_of(row)) == (State.DONE, [(Outcome.GONE, "")] * 3)
        assert User.objects.filter(company=company, is_blocked=True).count() == 3
        assert Grant.objects.count() == 3

    def test_removing_several_leavers_together_frees_their_seats(self, admin: User, company: Company) -> None:
        people = [make_person(company=company) for _number in range(3)]
        make_grants(make_license(company), *people)

        left(*people, kind=REMOVE, by=admin)

        assert list(User.objects.members_of(company)) == [admin]
        assert not Grant.objects.exists()
        verbs = list(AuditEntry.objects.order_by("pk").values_list("verb", flat=True))
        assert verbs[0] == "people_left"
        assert verbs.count("removed_from_company") == 3

    @pytest.mark.parametrize("kind", [BLOCK, REMOVE])
    def test_an_admin_cannot_include_themselves_in_a_departure(
        self, kind: str, admin: User, company: Company
    ) -> None:
        make_admin(company)

        row = left(admin, kind=kind, by=admin)

        assert outcomes_of(row)[0][1].startswith("This is you.")
        assert User.objects.active_admins_of(company).filter(pk=admin.pk).exists()

    @pytest.mark.parametrize("kind", [BLOCK, REMOVE])
    def test_a_departure_from_a_blocked_admin_is_refused(self, kind: str, admin: User, company: Company) -> None:
        other, somebody = make_admin(company), make_person(company=company)
        row = start_departure(company, [somebody], kind=kind, by=admin)
        membership.block(admin, by=other)
        run_departures()

        assert outcomes_of(row) == [(Outcome.REFUSED, "The person who asked for this is no longer an admin.")]
        somebody.refresh_from_db()
        assert (somebody.company, somebody.is_blocked) == (company, False)

    @pytest.mark.parametrize("kind", [BLOCK, REMOVE])
    def test_a_departure_at_a_closed_company_is_refused(
        self, kind: str, admin: User, company: Company, colleague: User
    ) -> None:
        row = start_departure(company, [colleague], kind=kind, by=admin)
        close_company(company, because="Opgezegd", by=None)
        run_departures()

        assert outcomes_of(row) == [(Outcome.REFUSED, f"{company} is closed. NEN Klantenservice can help.")]
        colleague.refresh_from_db()
        assert (colleague.company, colleague.is_blocked) == (company, False)

    def test_a_departure_that_keeps_crashing_stops_and_keeps_finished_leavers(
        self, admin: User, company: Company
    ) -> None:
        row = start_departure(
            company, [make_person(company=company) for _number in range(3)], kind=REMOVE, by=admin
        )
        run_departures(seconds=-1)
        Departure.objects.update(attempts=MAX_ATTEMPTS)

        run_departures()

        reason = "This was too much for us at once. Try again with these people, fewer at a time."
        assert Counter(outcomes_of(row)) == {(Outcome.GONE, ""): 1, (Outcome.REFUSED, reason): 2}
        row.refresh_from_db()
        assert (row.state, row.attempts) == (State.DONE, 0)

    def test_a_departure_resets_its_failed_attempts_after_each_finished_leaver(
        self, admin: User, company: Company, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        people = [make_person(company=company) for _number in range(3)]
        row = start_departure(company, people, kind=BLOCK, by=admin)
        Departure.objects.update(attempts=MAX_ATTEMPTS - 1)
        block, blocked = membership.block, list[User]()

        def die_at_the_second(user: User, *, by: User) -> None:
            if blocked:
                raise SystemExit
            blocked.append(user)
            block(user, by=by)

        monkeypatch.setattr(membership, "block", die_at_the_second)
        with pytest.raises(SystemExit):
            run_departures()

        assert row.leavers.filter(outcome=Outcome.GONE).count() == 1
        assert Departure.objects.get().attempts == 0

    def test_a_departure_skips_users_of_another_company(
        self, admin: User, other_admin: User, colleague: User
    ) -> None:
        assert admin.company
        row = left(other_admin, colleague, kind=REMOVE, by=admin)

        assert row.leavers.get().user == colleague
        other_admin.refresh_from_db()
        assert other_admin.company

    def test_undoing_a_departure_keeps_an_earlier_blocked_user_blocked(
        self, admin: User, blocked: User, colleague: User
    ) -> None:
        row = left(blocked, colleague, kind=BLOCK, by=admin)
        assert (Outcome.REFUSED, "Was blocked already.") in outcomes_of(row)

        undone(row, by=admin)

        blocked.refresh_from_db()
        assert blocked.is_blocked

    def test_a_departure_that_runs_out_of_time_continues_in_the_next_task(
        self, admin: User, company: Company
    ) -> None:
        people = [make_person(company=company) for _number in range(3)]
        row = start_departure(company, people, kind=REMOVE, by=admin)
        for gone in (1, 2, 3):
            run_departures(seconds=-1)
            assert row.leavers.filter(outcome=Outcome.GONE).count() == gone
        row.refresh_from_db()
        assert row.state == State.DONE


@pytest.mark.django_db(transaction=True)
class TestLeavingAtOnce:
    def test_ten_workers_at_once_process_a_departure_only_once(self, admin: User, company: Company) -> None:
        people = [make_person(company=company) for _number in range(5)]
        row = start_departure(company, people, kind=REMOVE, by=admin)
        run_at_once([run_departures] * 10)

        assert set(outcomes_of(row)) == {(Outcome.GONE, "")}
        assert AuditEntry.objects.filter(verb="removed_from_company").count() == 5

    def test_two_admins_who_remove_each_other_at_once_leave_an_active_admin(
        self, admin: User, company: Company
    ) -> None:
        other = make_admin(company)
        start_departure(company, [other], kind=REMOVE, by=admin)
        start_departure(company, [admin], kind=REMOVE, by=other)
        run_at_once([run_departures] * 2)

        assert User.objects.active_admins_of(company).count() == 1


def test_a_real_celery_worker_processes_a_departure(celery_worker: Any, company: Company, admin: User) -> None:
    from tests.members.people_import.tables import wait_for

    people = [make_person(company=company) for _number in range(20)]
    row = start_departure(company, people, kind=REMOVE, by=admin)
    wake_worker(departures.TASK)

    wait_for(row, lambda: row.state == State.DONE)  # type: ignore[arg-type]
    assert User.objects.members_of(company).count() == 1
