"""Test signing in by password and code; each step checks the account again (C16–C19)."""

from __future__ import annotations

import pytest
import time_machine
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.mfa.models import Authenticator
from django.test import Client
from django.urls import reverse

from accounts.actions import membership, second_step
from accounts.actions.password import finish_password_reset
from accounts.actions.sign_in import count_attempt
from accounts.mails.password import reset_tokens
from accounts.models import User
from companies.models import Company
from pages.sign_in.adapter import AccountAdapter
from tests.accounts.second_step.steps import (
    CODE_PAGE,
    SIGN_IN,
    changes_mailed,
    half_way,
    is_in,
    type_code,
    type_password,
    verbs,
)
from tests.factories import PASSWORD, add_authenticator_app, authenticator_code, make_person, recovery_codes_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("_english", "_english_pages")]


class TestSigningIn:
    def test_the_password_alone_does_not_sign_in_a_user_with_a_second_step(self, colleague: User) -> None:
        client = half_way(add_authenticator_app(colleague))

        assert not is_in(client)
        assert "_auth_user_id" not in client.session
        assert User.objects.get(pk=colleague.pk).first_signed_in_at == colleague.first_signed_in_at

    def test_the_code_of_the_authenticator_app_completes_the_sign_in(self, colleague: User) -> None:
        client = half_way(add_authenticator_app(colleague))

        assert type_code(client, authenticator_code()).status_code == 302
        assert is_in(client)

    @pytest.mark.parametrize("later", [-1, 1])
    def test_a_code_of_half_a_minute_earlier_or_later_is_accepted(self, colleague: User, later: int) -> None:
        with time_machine.travel("2027-06-15T12:00:10+02:00", tick=False):
            client = half_way(add_authenticator_app(colleague))
            type_code(client, authenticator_code(later=later))

            assert is_in(client)

    @pytest.mark.parametrize("later", [-2, 2])
    def test_a_code_of_a_minute_earlier_or_later_is_refused(self, colleague: User, later: int) -> None:
        with time_machine.travel("2027-06-15T12:00:10+02:00", tick=False):
            client = half_way(add_authenticator_app(colleague))
            type_code(client, authenticator_code(later=later))

            assert not is_in(client)

    def test_a_used_code_and_an_earlier_code_are_refused(self, colleague: User) -> None:
        with time_machine.travel("2027-06-15T12:00:10+02:00", tick=False):
            type_code(half_way(add_authenticator_app(colleague)), authenticator_code())
            second = half_way(colleague)
            type_code(second, authenticator_code())
            assert not is_in(second)

            type_code(second, authenticator_code(later=-1))  # nor does the one before it
            assert not is_in(second)

    def test_a_recovery_code_signs_in_once_and_its_owner_gets_a_mail(self, colleague: User) -> None:
        code = recovery_codes_of(add_authenticator_app(colleague))[3]
        type_code(first := half_way(colleague), f"{code[:4]} {code[4:]}")
        type_code(second := half_way(colleague), code)

        assert is_in(first)
        assert not is_in(second)
        assert len(recovery_codes_of(colleague)) == 9
        assert changes_mailed(colleague) == ["code_used"]
        assert "recovery_code_used" in verbs(colleague)

    def test_a_code_of_another_user_is_refused(self, colleague: User, admin: User) -> None:
        add_authenticator_app(admin, "KRSXG5CTMVRXEZLUKRSXG5CTMVRXEZLU")
        client = half_way(add_authenticator_app(colleague))

        for code in (authenticator_code("KRSXG5CTMVRXEZLUKRSXG5CTMVRXEZLU"), recovery_codes_of(admin)[0]):
            type_code(client, code)
        assert not is_in(client)

    def test_each_sign_in_step_gives_the_session_a_new_key(self, colleague: User) -> None:
        # C22: a person who planted a session gets neither half-way in nor in.
        add_authenticator_app(colleague)
        client = Client()
        client.get(reverse("sign_in:register_done"))
        client.post(reverse("sign_in:register"), {"name": "x", "email": "x@y.example"})
        planted = client.session.session_key
        type_password(client, colleague)
        half = client.session.session_key
        type_code(client, authenticator_code())

        assert len({planted, half, client.session.session_key}) == 3

    def test_after_the_code_the_user_lands_on_the_page_that_was_asked_for(self, colleague: User) -> None:
        add_authenticator_app(colleague)
        client = Client()
        after = reverse("documents:documents")
        client.post(f"{reverse(SIGN_IN)}?next={after}", {"login": colleague.email, "password": PASSWORD})

        assert type_code(client, authenticator_code())["Location"] == after

    def test_a_user_can_cancel_the_sign_in_before_the_code(self, colleague: User) -> None:
        client = half_way(add_authenticator_app(colleague))
        client.post(reverse("account_logout"), {"next": reverse(SIGN_IN)})

        assert client.get(reverse(SIGN_IN)).status_code == 200
        assert type_code(client, authenticator_code()).status_code == 302
        assert not is_in(client)

    def test_a_user_without_a_second_step_signs_in_with_the_password_alone(self, colleague: User) -> None:
        client = Client()
        type_password(client, colleague)

        assert is_in(client)


class TestEachStepLooksAgain:
    # C19: what changes after the password counts at the code.

    def test_a_user_blocked_between_password_and_code_is_not_signed_in(self, colleague: User, admin: User) -> None:
        client = half_way(add_authenticator_app(colleague))
        membership.block(colleague, by=admin)

        assert client.get(reverse(CODE_PAGE))["Location"] == reverse(SIGN_IN)
        type_code(client, authenticator_code())
        assert not is_in(client)

    def test_a_user_blocked_and_unblocked_before_the_code_must_start_over(
        self, colleague: User, admin: User
    ) -> None:
        client = half_way(add_authenticator_app(colleague))
        membership.block(colleague, by=admin)
        membership.unblock(colleague, by=admin)
        type_code(client, authenticator_code())

        assert not is_in(client)

    def test_a_user_blocked_directly_in_the_database_cannot_continue_to_the_code(self, colleague: User) -> None:
        client = half_way(add_authenticator_app(colleague))
        User.objects.filter(pk=colleague.pk).update(is_blocked=True)

        assert client.get(reverse(CODE_PAGE))["Location"] == reverse(SIGN_IN)

    @pytest.mark.parametrize("why", ["blocked", "locked"])
    def test_the_final_sign_in_check_refuses_a_blocked_or_locked_user(self, colleague: User, why: str) -> None:
        if why == "blocked":
            User.objects.filter(pk=colleague.pk).update(is_blocked=True)
        else:
            for _time in range(4):
                count_attempt(colleague.email)
        request = Client().get(reverse(SIGN_IN)).wsgi_request

        with pytest.raises(ImmediateHttpResponse):
            AccountAdapter().login(request, colleague)
        assert request.user.is_anonymous

    def test_resetting_the_password_ends_a_sign_in_that_waits_for_the_code(self, colleague: User) -> None:
        client = half_way(add_authenticator_app(colleague))
        token = f"{colleague.pk}-{reset_tokens.make_token(colleague)}"
        finish_password_reset(token, password="een-heel-ander-wachtwoord-8")
        type_code(client, authenticator_code())

        assert not is_in(client)

    def test_deleting_a_user_before_the_code_causes_no_error(self, company: Company, admin: User) -> None:
        leaving = add_authenticator_app(make_person(company=company))
        client = half_way(leaving)
        Authenticator.objects.filter(user=leaving).delete()
        User.objects.filter(pk=leaving.pk).delete()

        assert client.get(reverse(CODE_PAGE)).status_code == 302
        assert type_code(client, authenticator_code()).status_code == 302

    def test_removing_the_second_step_before_the_code_requires_the_password_again(
        self, colleague: User, admin: User
    ) -> None:
        client = half_way(add_authenticator_app(colleague))
        second_step.take_away(colleague, by=admin)

        assert client.get(reverse(CODE_PAGE))["Location"] == reverse(SIGN_IN)
        assert not is_in(client)

    def test_a_sign_in_that_waits_for_the_code_expires_after_15_minutes(self, colleague: User) -> None:
        with time_machine.travel("2027-06-15T12:00:10+02:00", tick=False) as clock:
            client = half_way(add_authenticator_app(colleague))
            clock.shift(15 * 60 + 1)
            type_code(client, authenticator_code())

            assert not is_in(client)
