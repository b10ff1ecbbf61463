"""Test that a company that has an active admin never loses its last one (R3, C23)."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from threading import Barrier

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.models.deletion import ProtectedError
from django.utils import timezone

from accounts.actions import joining, membership
from accounts.actions.registration import NewColleague, add_user
from accounts.models import User
from companies.models import Company
from licenses.actions.granting import remove_colleague
from members.actions.deleting import delete_account
from nenconnect.rules.errors import RuleError
from tests.at_once import run_at_once, slow_writes
from tests.factories import make_admin, make_company, make_pending_person, make_person

Act = Callable[[User, User], None]

ACTIONS: dict[str, Act] = {
    "demoting": lambda user, by: membership.change_role(user, User.Role.USER, by=by),
    "blocking": lambda user, by: membership.block(user, by=by),
    "removing": lambda user, by: membership.remove_from_company(user, by=by),
    "removing with licences": lambda user, by: remove_colleague(user, by=by),
    "deleting": lambda user, by: delete_account(user, by=by),
}
every_action = pytest.mark.parametrize("act", ACTIONS.values(), ids=ACTIONS)

# Each way in which a row can stop being that of an active admin, past every action.
UPDATES = {
    "role": "UPDATE accounts_user SET role = 'user' WHERE id = %s",
    "company": "UPDATE accounts_user SET company_id = (SELECT id FROM companies_company WHERE id <> company_id "
    "ORDER BY id DESC LIMIT 1) WHERE id = %s",
    "no company": "UPDATE accounts_user SET company_id = NULL, role = 'user' WHERE id = %s",
    "block": "UPDATE accounts_user SET is_blocked = true WHERE id = %s",
    "registration": "UPDATE accounts_user SET registered_at = NULL, registration_deadline = '2027-01-01' "
    "WHERE id = %s",
    "deletion": "DELETE FROM accounts_user WHERE id = %s",
}
every_update = pytest.mark.parametrize("sql", UPDATES.values(), ids=UPDATES)


def execute(sql: str, user: User) -> None:
    # In a transaction of its own: the trigger speaks at the commit.
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql, [user.pk])


class TestActions:
    @pytest.mark.usefixtures("_english")
    @every_action
    def test_the_action_is_refused_for_the_last_active_admin(
        self, company: Company, admin: User, colleague: User, act: Act
    ) -> None:
        for by, refusal in ((admin, "You are the only"), (colleague, "Anneke Beheerder is the only")):
            with pytest.raises(RuleError, match=refusal):
                act(admin, by)

        assert list(User.objects.active_admins_of(company)) == [admin]

    @every_action
    def test_the_action_is_allowed_for_one_of_two_admins(self, company: Company, admin: User, act: Act) -> None:
        second = make_admin(company)

        act(admin, second)

        assert list(User.objects.active_admins_of(company)) == [second]

    @every_action
    def test_a_pending_a_blocked_and_another_companys_admin_do_not_count(
        self, company: Company, admin: User, other_admin: User, act: Act
    ) -> None:
        make_pending_person(company=company, role=User.Role.ADMIN)
        make_admin(company, is_blocked=True)

        with pytest.raises(RuleError):
            act(admin, admin)

    @every_action
    def test_the_action_is_allowed_for_a_pending_admin(self, company: Company, act: Act) -> None:
        first = make_pending_person(company=company, role=User.Role.ADMIN)

        act(first, first)

        assert not User.objects.filter(company=company, role=User.Role.ADMIN, is_blocked=False).exists()

    @every_action
    def test_the_action_is_allowed_for_a_user(
        self, company: Company, admin: User, colleague: User, act: Act
    ) -> None:
        act(colleague, admin)

        assert list(User.objects.active_admins_of(company)) == [admin]

    def test_a_colleague_who_becomes_admin_sets_the_first_free(self, admin: User, colleague: User) -> None:
        membership.change_role(colleague, User.Role.ADMIN, by=admin)
        membership.change_role(admin, User.Role.USER, by=colleague)

        admin.refresh_from_db()
        assert admin.role == User.Role.USER

    def test_the_last_admin_is_refused_even_with_a_stale_row_in_hand(self, company: Company, admin: User) -> None:
        second = make_admin(company)
        stale = User.objects.get(pk=admin.pk)
        membership.block(second, by=admin)

        with pytest.raises(RuleError):
            membership.change_role(stale, User.Role.USER, by=stale)

    def test_an_admin_is_not_pulled_out_by_another_company(
        self, company: Company, admin: User, other_company: Company, other_admin: User
    ) -> None:
        other_company.domains.create(name="voorbeeld.example")

        with pytest.raises(RuleError):
            add_user(other_company, NewColleague(email=admin.email, name="Anneke"), by=other_admin)
        with pytest.raises(RuleError):
            joining.join(admin, other_company)

        admin.refresh_from_db()
        assert admin.company == company


@pytest.mark.django_db(transaction=True)
class TestDatabase:
    @every_update
    def test_the_database_refuses_a_raw_update_of_the_last_active_admin(
        self, company: Company, admin: User, sql: str
    ) -> None:
        make_company("Een ander bedrijf")
        make_pending_person(company=company, role=User.Role.ADMIN)
        make_admin(company, is_blocked=True)

        with pytest.raises(IntegrityError, match="last active admin"):
            execute(sql, admin)

        assert list(User.objects.active_admins_of(company)) == [admin]

    @every_update
    def test_the_database_allows_a_raw_update_of_one_of_two_admins(
        self, company: Company, admin: User, sql: str
    ) -> None:
        make_company("Een ander bedrijf")
        second = make_admin(company)

        execute(sql, admin)

        assert list(User.objects.active_admins_of(company)) == [second]

    @every_update
    def test_the_database_allows_a_raw_update_of_a_person_who_is_no_active_admin(
        self, company: Company, admin: User, sql: str
    ) -> None:
        make_company("Een ander bedrijf")

        execute(sql, make_pending_person(company=company, role=User.Role.ADMIN))
        execute(sql, make_admin(company, is_blocked=True))
        execute(sql, make_person(company=company))

        assert list(User.objects.active_admins_of(company)) == [admin]

    def test_the_database_refuses_an_update_of_all_admins_in_one_statement(
        self, company: Company, admin: User
    ) -> None:
        make_admin(company)

        with pytest.raises(IntegrityError):
            User.objects.filter(company=company).update(is_blocked=True)
        with pytest.raises(IntegrityError):
            User.objects.filter(company=company).delete()

        assert User.objects.active_admins_of(company).count() == 2

    def test_the_database_allows_replacing_the_last_admin_within_one_transaction(
        self, admin: User, colleague: User
    ) -> None:
        # It looks at the commit, so the order does not matter.
        with transaction.atomic():
            User.objects.filter(pk=admin.pk).update(role=User.Role.USER)
            User.objects.filter(pk=colleague.pk).update(role=User.Role.ADMIN)

        colleague.refresh_from_db()
        assert colleague.is_company_admin

    def test_a_company_with_people_is_not_deleted(self, company: Company, admin: User) -> None:
        with pytest.raises(ProtectedError):
            company.delete()


@pytest.mark.django_db(transaction=True)
class TestLastAdminRaces:
    def test_two_admins_demote_each_other_at_once(self, company: Company, admin: User) -> None:
        second = make_admin(company)

        with slow_writes("accounts_user"):
            outcomes = run_at_once(
                [
                    lambda: membership.change_role(second, User.Role.USER, by=admin),
                    lambda: membership.change_role(admin, User.Role.USER, by=second),
                ]
            )

        assert [type(outcome) for outcome in outcomes if outcome] == [RuleError]
        assert User.objects.active_admins_of(company).count() == 1

    def test_many_admins_leave_in_every_way_at_once(self, company: Company, admin: User) -> None:
        acts = list(ACTIONS.values()) * 3
        admins = [admin, *(make_admin(company) for _act in acts[1:])]

        with slow_writes("accounts_user", 0.03):
            outcomes = run_at_once([partial(act, user, user) for act, user in zip(acts, admins, strict=True)])

        assert [outcome for outcome in outcomes if outcome and not isinstance(outcome, RuleError)] == []
        assert sum(outcome is None for outcome in outcomes) == len(acts) - 1
        assert User.objects.active_admins_of(company).count() == 1

    @pytest.mark.parametrize("number", [2, 12])
    def test_one_admin_stays_when_many_raw_updates_commit_at_once(
        self, company: Company, admin: User, number: int
    ) -> None:
        admins = [admin, *(make_admin(company) for _number in range(number - 1))]
        all_have_written = Barrier(number, timeout=20)

        def demote(user: User) -> None:
            with transaction.atomic():
                User.objects.filter(pk=user.pk).update(role=User.Role.USER)
                all_have_written.wait()

        outcomes = run_at_once([partial(demote, user) for user in admins])

        assert [type(outcome) for outcome in outcomes if outcome] == [IntegrityError]
        assert User.objects.active_admins_of(company).count() == 1

    def test_one_admin_stays_when_many_are_blocked_and_deleted_at_once(
        self, company: Company, admin: User
    ) -> None:
        admins = [admin, *(make_admin(company) for _number in range(9))]
        all_have_written = Barrier(10, timeout=20)

        def end(number: int, user: User) -> None:
            with transaction.atomic():
                if number % 2:
                    User.objects.filter(pk=user.pk).delete()
                else:
                    User.objects.filter(pk=user.pk).update(is_blocked=True)
                all_have_written.wait()

        outcomes = run_at_once([partial(end, *numbered) for numbered in enumerate(admins)])

        assert [type(outcome) for outcome in outcomes if outcome] == [IntegrityError]
        assert User.objects.active_admins_of(company).count() == 1


def test_a_first_admin_is_still_to_come_in_a_company_that_nen_has_just_made(company: Company) -> None:
    first = make_pending_person(company=company, role=User.Role.ADMIN)

    assert not User.objects.active_admins_of(company).exists()

    first.registered_at = timezone.now()
    first.save()
    assert list(User.objects.active_admins_of(company)) == [first]
