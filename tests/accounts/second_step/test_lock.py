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

    def test_the_fourth_wrong_code_locks_the_account_and_then_the_right_code_is_refused(
        self, colleague: User
    ) -> None:
        client = half_way(add_authenticator_app(colleague))
        for _time in range(4):
            answer = type_code(client, WRONG)

        assert locked_until(colleague.email) is not None
        assert "locked until" in str(answer.context["form"].errors)
        assert "locked until" in str(type_code(client, authenticator_code()).context["form"].errors)
        assert not is_in(client)

    def test_typing_the_password_again_does_not_reset_the_count_of_wrong_codes(self, colleague: User) -> None:
        # Else a person who knows the password could guess for ever.
        add_authenticator_app(colleague)
        for _time in range(2):
            type_code(half_way(colleague), WRONG)
        client = half_way(colleague)
        for _time in range(2):
            type_code(client, WRONG)

        assert locked_until(colleague.email) is not None

    def test_confirming_the_password_in_an_open_session_does_not_reset_wrong_codes(
        self, colleague: User, sign_in: SignIn
    ) -> None:
        inside = sign_in(add_authenticator_app(colleague))
        client = half_way(colleague)
        for _time in range(3):
            type_code(client, WRONG)
            confirm(inside)
        type_code(client, WRONG)

        assert locked_until(colleague.email) is not None

    def test_wrong_passwords_and_wrong_codes_count_together_towards_a_lock(self, colleague: User) -> None:
        add_authenticator_app(colleague)
        for _time in range(3):
            type_password(Client(), colleague, "een-verkeerd-wachtwoord")
        type_code(half_way(colleague), WRONG)

        assert locked_until(colleague.email) is not None

    def test_the_right_code_resets_the_count_of_wrong_codes(self, colleague: User) -> None:
        client = half_way(add_authenticator_app(colleague))
        for _time in range(3):
            type_code(client, WRONG)
        type_code(client, authenticator_code())

        assert is_in(client)
        assert SignInAttempts.objects.get().failures == 0

    def test_the_right_password_without_a_code_does_not_reset_the_count_of_wrong_codes(
        self, colleague: User
    ) -> None:
        half_way(add_authenticator_app(colleague))

        assert SignInAttempts.objects.get().failures == 0
        type_code(half_way(colleague), WRONG)
        half_way(colleague)
        assert SignInAttempts.objects.get().failures == 1

    def test_wrong_passwords_before_a_second_step_change_lock_the_account(
        self, colleague: User, sign_in: SignIn
    ) -> None:
        client = sign_in(add_authenticator_app(colleague))
        for _time in range(4):
            answer = client.post(reverse("account_reauthenticate"), {"password": "een-verkeerd-wachtwoord"})

        assert locked_until(colleague.email) is not None
        assert "locked until" in str(answer.context["form"].errors)
        answer = client.post(reverse("account_reauthenticate"), {"password": PASSWORD})
        assert answer.status_code == 200

    @pytest.mark.django_db(transaction=True)
    def test_simultaneous_wrong_codes_do_not_exceed_four_attempts(self, colleague: User) -> None:
        # With the fifth the right one: it must not be looked at.
        add_authenticator_app(colleague)
        for _time in range(3):
            count_attempt(colleague.email)
        with slow_writes("accounts_signinattempts"):
            results = run_at_once([lambda: second_step.use_code(colleague, WRONG)] * 8)

        assert results == [None] * 8
        assert SignInAttempts.objects.get().failures == 4

    @pytest.mark.django_db(transaction=True)
    def test_a_code_sent_twice_at_the_same_time_is_accepted_only_once(self, colleague: User) -> None:
        add_authenticator_app(colleague)
        code = authenticator_code()
        with slow_writes("mfa_authenticator"):
            results = run_at_once([lambda: second_step.use_code(colleague, code)] * 2)

        assert len([row for row in results if row]) == 1


class TestHelp:
    # An admin helps a person who lost the phone.

    def url(self, user: User) -> str:
        return reverse("company:remove_second_step", args=[user.pk])

    def test_removing_a_users_second_step_signs_out_and_mails_the_user(
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

    def test_a_company_admin_cannot_remove_the_second_step_of_nen_staff(
        self, company: Company, admin: User, sign_in: SignIn
    ) -> None:
        nen = add_authenticator_app(make_person(company=company, is_staff=True))
        client = sign_in(admin)

        assert client.get(self.url(nen)).status_code == 302
        assert "NEN itself" in messages_of(client.post(self.url(nen)))
        assert Authenticator.objects.filter(user=nen).exists()

    def test_an_admin_cannot_remove_their_own_second_step_without_the_password(
        self, admin: User, sign_in: SignIn
    ) -> None:
        client = sign_in(add_authenticator_app(admin))

        assert "My profile" in messages_of(client.post(self.url(admin)))
        assert Authenticator.objects.exists()

    def test_an_admin_cannot_remove_the_second_step_of_a_user_of_another_company(
        self, other_admin: User, colleague: User, sign_in: SignIn
    ) -> None:
        add_authenticator_app(colleague)

        assert sign_in(other_admin).post(self.url(colleague)).status_code == 404
        User.objects.filter(pk=colleague.pk).update(company=None)
        with pytest.raises(RuleError):
            second_step.take_away(colleague, by=other_admin)

    def test_removing_a_missing_second_step_does_nothing(
        self, admin: User, colleague: User, sign_in: SignIn
    ) -> None:
        answer = sign_in(admin).post(self.url(colleague))

        assert "no second step" in messages_of(answer)
        assert (changes_mailed(colleague), verbs(colleague)) == ([], [])

    def test_a_server_command_removes_the_second_step_of_nen_staff(self, staff: User) -> None:
        add_authenticator_app(staff)
        call_command("remove_second_step", staff.email.upper())

        assert not Authenticator.objects.exists()
        assert AuditEntry.objects.get(verb="second_step_taken_away").actor_id is None
        with pytest.raises(CommandError, match="no second step"):
            call_command("remove_second_step", staff.email)
        with pytest.raises(CommandError, match="nobody"):
            call_command("remove_second_step", "niemand@nen.example")

    def test_staff_can_remove_the_second_step_of_users_but_not_of_staff(
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
