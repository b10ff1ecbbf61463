"""Test two decisions about one move at the same time."""

from __future__ import annotations

from functools import partial

import pytest

from accounts.actions import membership
from accounts.actions.moving import ask_to_move, decline_move, withdraw_move
from accounts.models import MoveRequest, User
from companies.models import Company
from licenses.models import Grant
from members.actions.moving import accept_move
from nenconnect.rules.errors import RuleError
from requests_app.actions import deciding
from requests_app.models import LicenseRequest
from tests.at_once import run_at_once, slow_writes
from tests.factories import make_admin, make_license, make_move_request, make_person
from tests.members.moving.moves import events, now

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("_english")]
Status = MoveRequest.Status


@pytest.mark.django_db(transaction=True)
class TestMoveRaces:
    def test_two_simultaneous_decisions_on_a_move_result_in_a_single_decision(
        self, move: MoveRequest, south: Company, south_admin: User
    ) -> None:
        second = make_admin(south)

        with slow_writes("accounts_moverequest"):
            outcomes = run_at_once(
                [lambda: accept_move(move, by=south_admin), lambda: decline_move(move, by=second)]
            )

        assert [type(outcome) for outcome in outcomes if outcome] == [RuleError]
        decided = {"move_accepted", "move_declined"} & {event for event, _to in events()}
        assert len(decided) == 1

    def test_accepting_the_moves_of_the_last_two_admins_at_once_leaves_an_active_admin(
        self, north: Company, admin: User, south: Company, south_admin: User
    ) -> None:
        moves = [make_move_request(south, admin), make_move_request(south, make_admin(north))]

        with slow_writes("accounts_user"):
            outcomes = run_at_once([partial(accept_move, move, by=south_admin) for move in moves])

        assert [type(outcome) for outcome in outcomes if outcome] == [RuleError]
        assert User.objects.active_admins_of(north).count() == 1

    def test_two_users_who_swap_companies_at_once_cause_no_deadlock(
        self, north: Company, admin: User, south: Company, south_admin: User, colleague: User
    ) -> None:
        there, back = make_move_request(south, colleague), make_move_request(north, make_person(company=south))

        with slow_writes("accounts_user"):
            outcomes = run_at_once(
                [lambda: accept_move(there, by=south_admin), lambda: accept_move(back, by=admin)] * 2
            )

        assert sorted(str(type(outcome).__name__) for outcome in outcomes) == ["NoneType"] * 2 + ["RuleError"] * 2
        assert (now(there).user.company, now(back).user.company) == (south, north)

    def test_sending_a_move_request_several_times_at_once_creates_a_single_request(
        self, north: Company, south: Company, south_admin: User, colleague: User
    ) -> None:
        with slow_writes("accounts_moverequest"):
            outcomes = run_at_once([lambda: ask_to_move(colleague, south)] * 4)

        assert sum(isinstance(outcome, RuleError) for outcome in outcomes) == 3
        assert MoveRequest.objects.count() == 1

    def test_requesting_a_move_while_being_blocked_causes_no_deadlock(
        self, north: Company, admin: User, south: Company, south_admin: User, colleague: User
    ) -> None:
        # The company before the person, as everywhere: the other way round the two would wait for each
        # other.
        with slow_writes("accounts_moverequest"):
            license_request, is_blocked = run_at_once(
                [lambda: ask_to_move(colleague, south), lambda: membership.block(colleague, by=admin)]
            )

        assert isinstance(license_request, MoveRequest | RuleError)
        assert is_blocked is None

    def test_a_move_is_either_withdrawn_or_accepted_when_both_happen_at_once(
        self, move: MoveRequest, north: Company, south: Company, south_admin: User, colleague: User
    ) -> None:
        with slow_writes("accounts_moverequest"):
            outcomes = run_at_once([lambda: withdraw_move(colleague), lambda: accept_move(move, by=south_admin)])

        assert [type(outcome) for outcome in outcomes if outcome] == [RuleError]
        is_accepted = now(move).status == Status.ACCEPTED
        assert (now(move).user.company == south) is is_accepted

    def test_a_licence_approved_during_a_move_does_not_follow_the_user(
        self, move: MoveRequest, north: Company, admin: User, south_admin: User, colleague: User
    ) -> None:
        license_request = LicenseRequest.objects.create(company=north, user=colleague, license=make_license(north))

        with slow_writes("licenses_grant"):
            run_at_once(
                [lambda: deciding.approve(license_request, by=admin), lambda: accept_move(move, by=south_admin)]
            )

        assert now(move).status == Status.ACCEPTED
        assert not Grant.objects.exists()
        assert not LicenseRequest.objects.filter(status="open").exists()
