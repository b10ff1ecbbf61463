"""Test how wrong codes lock an account, and the help for people who lost their second step (C16)."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from allauth.mfa.models import Authenticator
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse

from accounts.actions import second_step
from accounts.actions.sign_in import count_attempt, locked_until
from accounts.models import SignInAttempts, User
from companies.models import Company
from nenconnect.audit.models import AuditEntry
from nenconnect.rules.errors import RuleError
from tests.accounts.second_step.steps import (
    WRONG,
    changes_mailed,
    confirm,
    half_way,
    is_in,
    messages_of,
    type_code,
    type_password,
    verbs,
)
from tests.at_once import run_at_once, slow_writes
from tests.factories import PASSWORD, add_authenticator_app, authenticator_code, make_person

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("_english", "_english_pages")]
SignIn = Callable[[User], Client]


class TestLock:
    # One count with the passwords, in Postgres (R35, C16, C18).

    def test_the_fourth_wrong_code_locks_and_the_right_one_is_refused(self, colleague: User) -> None:
        client = half_way(add_authenticator_app(colleague))
        for _time in range(4):
            answer = type_code(client, WRONG)

        assert locked_until(colleague.email) is not None
        assert "locked until" in str(answer.context["form"].errors)
        assert "locked until" in str(type_code(client, authenticator_code()).context["form"].errors)
        assert not is_in(client)

    def test_typing_the_password_again_gives_no_new_guesses(self, colleague: User) -> None:
        # Else a person who knows the password could guess for ever.
        add_authenticator_app(colleague)
        for _time in range(2):
            type_code(half_way(colleague), WRONG)
        client = half_way(colleague)
        for _time in range(2):
            type_code(client, WRONG)

        assert locked_until(colleague.email) is not None

    def test_nor_does_typing_it_again_in_an_open_session(self, colleague: User, sign_in: SignIn) -> None:
        inside = sign_in(add_authenticator_app(colleague))
        client = half_way(colleague)
        for _time in range(3):
            type_code(client, WRONG)
            confirm(inside)
        type_code(client, WRONG)

        assert locked_until(colleague.email) is not None

    def test_wrong_passwords_and_wrong_codes_are_one_count(self, colleague: User) -> None:
        add_authenticator_app(colleague)
        for _time in range(3):
            type_password(Client(), colleague, "een-verkeerd-wachtwoord")
        type_code(half_way(colleague), WRONG)

        assert locked_until(colleague.email) is not None

    def test_the_right_code_begins_a_new_count(self, colleague: User) -> None:
        client = half_way(add_authenticator_app(colleague))
        for _time in range(3):
            type_code(client, WRONG)
        type_code(client, authenticator_code())

        assert is_in(client)
        assert SignInAttempts.objects.get().failures == 0

    def test_the_right_password_alone_leaves_the_count_as_it_was(self, colleague: User) -> None:
        half_way(add_authenticator_app(colleague))

        assert SignInAttempts.objects.get().failures == 0
        type_code(half_way(colleague), WRONG)
        half_way(colleague)
        assert SignInAttempts.objects.get().failures == 1

    def test_the_password_before_a_change_is_counted_too(self, colleague: User, sign_in: SignIn) -> None:
        client = sign_in(add_authenticator_app(colleague))
        for _time in range(4):
            answer = client.post(reverse("account_reauthenticate"), {"password": "een-verkeerd-wachtwoord"})

        assert locked_until(colleague.email) is not None
        assert "locked until" in str(answer.context["form"].errors)
        answer = client.post(reverse("account_reauthenticate"), {"password": PASSWORD})
        assert answer.status_code == 200

    @pytest.mark.django_db(transaction=True)
    def test_of_many_guesses_at_once_four_are_looked_at(self, colleague: User) -> None:
        # With the fifth the right one: it must not be looked at.
        add_authenticator_app(colleague)
        for _time in range(3):
            count_attempt(colleague.email)
        with slow_writes("accounts_signinattempts"):
            results = run_at_once([lambda: second_step.use_code(colleague, WRONG)] * 8)

        assert results == [None] * 8
        assert SignInAttempts.objects.get().failures == 4

    @pytest.mark.django_db(transaction=True)
    def test_one_code_typed_twice_at_once_lets_in_once(self, colleague: User) -> None:
        add_authenticator_app(colleague)
        code = authenticator_code()
        with slow_writes("mfa_authenticator"):
            results = run_at_once([lambda: second_step.use_code(colleague, code)] * 2)

        assert len([row for row in results if row]) == 1


class TestHelp:
    # An admin helps a person who lost the phone.

    def url(self, user: User) -> str:
        return reverse("company:remove_second_step", args=[user.pk])

    def test_an_admin_removes_it_and_the_person_is_out_and_told(
        self, admin: User, colleague: User, sign_in: SignIn
    ) -> None:
        colleague_client, client = sign_in(add_authenticator_app(colleague)), sign_in(admin)
        assert "Remove the second step" in client.get(self.url(colleague)).content.decode()
        assert Authenticator.objects.exists()
        client.post(self.url(colleague))

        assert not Authenticator.objects.exists()
        assert not is_in(colleague_client)
        assert changes_mailed(colleague) == ["taken_away"]
        entry = AuditEntry.objects.get(verb="second_step_taken_away")
        assert (entry.actor_id, entry.company_id) == (admin.pk, admin.company_id)
        type_password(new := Client(), colleague)
        assert is_in(new)

    def test_not_from_nen_staff_who_share_the_company(
        self, company: Company, admin: User, sign_in: SignIn
    ) -> None:
        nen = add_authenticator_app(make_person(company=company, is_staff=True))
        client = sign_in(admin)

        assert client.get(self.url(nen)).status_code == 302
        assert "NEN itself" in messages_of(client.post(self.url(nen)))
        assert Authenticator.objects.filter(user=nen).exists()

    def test_not_from_oneself_past_the_password(self, admin: User, sign_in: SignIn) -> None:
        client = sign_in(add_authenticator_app(admin))

        assert "My profile" in messages_of(client.post(self.url(admin)))
        assert Authenticator.objects.exists()

    def test_not_from_somebody_of_another_company(
        self, other_admin: User, colleague: User, sign_in: SignIn
    ) -> None:
        add_authenticator_app(colleague)

        assert sign_in(other_admin).post(self.url(colleague)).status_code == 404
        User.objects.filter(pk=colleague.pk).update(company=None)
        with pytest.raises(RuleError):
            second_step.take_away(colleague, by=other_admin)

    def test_where_there_is_none_nothing_happens(self, admin: User, colleague: User, sign_in: SignIn) -> None:
        answer = sign_in(admin).post(self.url(colleague))

        assert "no second step" in messages_of(answer)
        assert (changes_mailed(colleague), verbs(colleague)) == ([], [])

    def test_whoever_runs_the_server_helps_nen_staff(self, staff: User) -> None:
        add_authenticator_app(staff)
        call_command("remove_second_step", staff.email.upper())

        assert not Authenticator.objects.exists()
        assert AuditEntry.objects.get(verb="second_step_taken_away").actor_id is None
        with pytest.raises(CommandError, match="no second step"):
            call_command("remove_second_step", staff.email)
        with pytest.raises(CommandError, match="nobody"):
            call_command("remove_second_step", "niemand@nen.example")

    def test_nen_removes_it_at_its_desk_but_not_from_staff(
        self, staff: User, personal: User, sign_in: SignIn
    ) -> None:
        add_authenticator_app(personal)
        other = add_authenticator_app(make_person(is_staff=True))
        sign_in(staff).post(
            reverse("admin:accounts_user_changelist"),
            {"action": "remove_second_step", "_selected_action": [personal.pk, other.pk]},
        )

        assert not Authenticator.objects.filter(user=personal).exists()
        assert Authenticator.objects.filter(user=other).exists()
        assert changes_mailed(personal) == ["taken_away"]
