"""Test that a deputy who leaves loses the role for good, even after coming back (C26)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from functools import partial

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.actions.deputies import name_deputy
from accounts.actions.joining import join
from accounts.actions.membership import block, change_role, unblock
from accounts.models import Deputy, User
from companies.models import Company
from members.actions.departures import run_departures, start_departure, undo
from members.actions.merging import merge_accounts
from members.actions.moving import leave_company, move_person
from members.models import Departure
from nenconnect.audit.models import AuditEntry
from nenconnect.rules.errors import RuleError
from tests.at_once import run_at_once, slow_writes
from tests.factories import make_admin, make_person

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("_english")]
SignIn = Callable[[User], Client]


def stands_in(user: User, admin: User) -> None:
    today = timezone.localdate()
    name_deputy(user, by=admin, first_day=today, last_day=today + timedelta(days=30))


def decides(user: User) -> bool:
    return User.objects.get(pk=user.pk).decides_requests


@pytest.fixture
def second(company: Company, admin: User, colleague: User) -> User:
    # An admin who is away, and the colleague decides for them.
    away = make_admin(company)
    stands_in(colleague, away)
    assert decides(colleague)
    return away


def test_a_deputy_who_leaves_comes_back_as_a_colleague(
    company: Company, admin: User, colleague: User, second: User
) -> None:
    leave_company(colleague, by=admin)
    assert not Deputy.objects.exists()

    back = User.objects.get(pk=colleague.pk)
    join(back, company)

    assert User.objects.get(pk=colleague.pk).company == company
    assert not decides(colleague)
    assert AuditEntry.objects.filter(verb="deputy_ended", actor_id=admin.pk).count() == 1


def test_undoing_a_departure_does_not_restore_the_rights_of_a_deputy(
    company: Company, admin: User, colleague: User, second: User
) -> None:
    departure = start_departure(company, [colleague], kind=Departure.Kind.REMOVE, by=admin)
    run_departures()
    departure.refresh_from_db()
    undo(departure, by=admin)
    run_departures()

    assert User.objects.get(pk=colleague.pk).company == company
    assert not decides(colleague)


def test_moving_to_another_company_ends_the_deputy(
    other_company: Company, colleague: User, second: User, staff: User
) -> None:
    move_person(colleague, other_company, by=staff)
    assert not Deputy.objects.exists()


def test_merging_an_account_does_not_pass_on_the_rights_of_a_deputy(
    company: Company, colleague: User, second: User, staff: User
) -> None:
    stays = make_person(company=company)
    merge_accounts(colleague, stays=stays, by=staff)
    assert not Deputy.objects.exists()
    assert not decides(stays)


def test_a_deputy_ends_when_the_admin_leaves(company: Company, admin: User, colleague: User, second: User) -> None:
    leave_company(second, by=admin)
    join(User.objects.get(pk=second.pk), company)
    change_role(User.objects.get(pk=second.pk), User.Role.ADMIN, by=admin)
    assert not decides(colleague)


def test_a_new_role_of_the_admin_or_the_deputy_ends_the_deputy(
    company: Company, admin: User, colleague: User, second: User
) -> None:
    change_role(second, User.Role.USER, by=admin)
    change_role(User.objects.get(pk=second.pk), User.Role.ADMIN, by=admin)
    assert not decides(colleague)

    stands_in(colleague, User.objects.get(pk=second.pk))
    change_role(User.objects.get(pk=colleague.pk), User.Role.ADMIN, by=admin)
    change_role(User.objects.get(pk=colleague.pk), User.Role.USER, by=admin)
    assert not decides(colleague)


def test_a_deputy_decides_nothing_while_the_admin_or_the_deputy_is_blocked(
    company: Company, admin: User, colleague: User, second: User
) -> None:
    for item in (colleague, second):
        block(User.objects.get(pk=item.pk), by=admin)
        assert not decides(colleague)
        unblock(User.objects.get(pk=item.pk), by=admin)
        assert decides(colleague)


def test_leaving_does_not_log_the_end_of_a_past_deputy_again(
    company: Company, admin: User, colleague: User, second: User
) -> None:
    past = timezone.localdate() - timedelta(days=9)
    Deputy.objects.update(first_day=past, last_day=past, began_at=timezone.now(), ended_at=timezone.now())
    leave_company(colleague, by=admin)
    assert not AuditEntry.objects.filter(verb="deputy_ended").exists()  # which the audit has already


@pytest.mark.django_db(transaction=True)
def test_naming_and_removing_a_person_at_once_leaves_no_deputy_outside_the_company(
    company: Company, admin: User, colleague: User
) -> None:
    second = make_admin(company)
    with slow_writes("accounts_deputy"):
        named, removed = run_at_once(
            [partial(stands_in, colleague, second), partial(leave_company, colleague, by=admin)]
        )
    assert removed is None
    assert named is None or isinstance(named, RuleError)
    assert not Deputy.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_naming_a_deputy_twice_at_once_makes_one_deputy(company: Company, admin: User, colleague: User) -> None:
    with slow_writes("accounts_deputy"):
        outcomes = run_at_once([partial(stands_in, colleague, admin)] * 2)
    assert sum(isinstance(item, RuleError) for item in outcomes) == 1
    assert Deputy.objects.count() == 1


def test_the_list_of_deputies_takes_as_many_queries_for_thirty_as_for_three(
    company: Company, admin: User, sign_in: SignIn
) -> None:
    browser = sign_in(admin)

    def queries(more: int) -> int:
        for _number in range(more):
            stands_in(make_person(company=company), make_admin(company))
        with CaptureQueriesContext(connection) as captured:
            assert browser.get(reverse("company:deputies")).status_code == 200
        return len(captured)

    assert queries(3) == queries(27) <= 8
