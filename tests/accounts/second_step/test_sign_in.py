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
    def test_the_password_alone_leads_to_the_code_and_not_in(self, colleague: User) -> None:
        client = half_way(add_authenticator_app(colleague))

        assert not is_in(client)
        assert "_auth_user_id" not in client.session
        assert User.objects.get(pk=colleague.pk).first_signed_in_at == colleague.first_signed_in_at

    def test_the_code_of_the_app_lets_in(self, colleague: User) -> None:
        client = half_way(add_authenticator_app(colleague))

        assert type_code(client, authenticator_code()).status_code == 302
        assert is_in(client)

    @pytest.mark.parametrize("later", [-1, 1])
    def test_a_clock_that_is_half_a_minute_off_is_no_trouble(self, colleague: User, later: int) -> None:
        with time_machine.travel("2027-06-15T12:00:10+02:00", tick=False):
            client = half_way(add_authenticator_app(colleague))
            type_code(client, authenticator_code(later=later))

            assert is_in(client)

    @pytest.mark.parametrize("later", [-2, 2])
    def test_an_older_or_later_code_does_not_work(self, colleague: User, later: int) -> None:
        with time_machine.travel("2027-06-15T12:00:10+02:00", tick=False):
            client = half_way(add_authenticator_app(colleague))
            type_code(client, authenticator_code(later=later))

            assert not is_in(client)

    def test_no_code_works_twice_whichever_process_saw_it_first(self, colleague: User) -> None:
        with time_machine.travel("2027-06-15T12:00:10+02:00", tick=False):
            type_code(half_way(add_authenticator_app(colleague)), authenticator_code())
            second = half_way(colleague)
            type_code(second, authenticator_code())
            assert not is_in(second)

            type_code(second, authenticator_code(later=-1))  # nor does the one before it
            assert not is_in(second)

    def test_a_recovery_code_lets_in_once_and_the_owner_is_told(self, colleague: User) -> None:
        code = recovery_codes_of(add_authenticator_app(colleague))[3]
        type_code(first := half_way(colleague), f"{code[:4]} {code[4:]}")
        type_code(second := half_way(colleague), code)

        assert is_in(first)
        assert not is_in(second)
        assert len(recovery_codes_of(colleague)) == 9
        assert changes_mailed(colleague) == ["code_used"]
        assert "recovery_code_used" in verbs(colleague)

    def test_somebody_elses_code_does_not_work(self, colleague: User, admin: User) -> None:
        add_authenticator_app(admin, "KRSXG5CTMVRXEZLUKRSXG5CTMVRXEZLU")
        client = half_way(add_authenticator_app(colleague))

        for code in (authenticator_code("KRSXG5CTMVRXEZLUKRSXG5CTMVRXEZLU"), recovery_codes_of(admin)[0]):
            type_code(client, code)
        assert not is_in(client)

    def test_the_session_has_another_key_at_each_step(self, colleague: User) -> None:
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

    def test_the_page_that_led_here_is_where_one_lands(self, colleague: User) -> None:
        add_authenticator_app(colleague)
        client = Client()
        after = reverse("documents:documents")
        client.post(f"{reverse(SIGN_IN)}?next={after}", {"login": colleague.email, "password": PASSWORD})

        assert type_code(client, authenticator_code())["Location"] == after

    def test_one_can_stop_half_way(self, colleague: User) -> None:
        client = half_way(add_authenticator_app(colleague))
        client.post(reverse("account_logout"), {"next": reverse(SIGN_IN)})

        assert client.get(reverse(SIGN_IN)).status_code == 200
        assert type_code(client, authenticator_code()).status_code == 302
        assert not is_in(client)

    def test_without_a_second_step_nothing_is_asked(self, colleague: User) -> None:
        client = Client()
        type_password(client, colleague)

        assert is_in(client)


class TestEachStepLooksAgain:
    # C19: what changes after the password counts at the code.

    def test_blocked_half_way_is_out(self, colleague: User, admin: User) -> None:
        client = half_way(add_authenticator_app(colleague))
        membership.block(colleague, by=admin)

        assert client.get(reverse(CODE_PAGE))["Location"] == reverse(SIGN_IN)
        type_code(client, authenticator_code())
        assert not is_in(client)

    def test_blocked_and_unblocked_half_way_begins_anew(self, colleague: User, admin: User) -> None:
        client = half_way(add_authenticator_app(colleague))
        membership.block(colleague, by=admin)
        membership.unblock(colleague, by=admin)
        type_code(client, authenticator_code())

        assert not is_in(client)

    def test_blocked_in_whatever_way_is_out(self, colleague: User) -> None:
        client = half_way(add_authenticator_app(colleague))
        User.objects.filter(pk=colleague.pk).update(is_blocked=True)

        assert client.get(reverse(CODE_PAGE))["Location"] == reverse(SIGN_IN)

    @pytest.mark.parametrize("why", ["blocked", "locked"])
    def test_the_last_moment_looks_once_more_whichever_door_leads_there(self, colleague: User, why: str) -> None:
        if why == "blocked":
            User.objects.filter(pk=colleague.pk).update(is_blocked=True)
        else:
            for _time in range(4):
                count_attempt(colleague.email)
        request = Client().get(reverse(SIGN_IN)).wsgi_request

        with pytest.raises(ImmediateHttpResponse):
            AccountAdapter().login(request, colleague)
        assert request.user.is_anonymous

    def test_a_new_password_ends_what_began_with_the_old_one(self, colleague: User) -> None:
        client = half_way(add_authenticator_app(colleague))
        token = f"{colleague.pk}-{reset_tokens.make_token(colleague)}"
        finish_password_reset(token, password="een-heel-ander-wachtwoord-8")
        type_code(client, authenticator_code())

        assert not is_in(client)

    def test_deleted_half_way_is_no_error(self, company: Company, admin: User) -> None:
        leaving = add_authenticator_app(make_person(company=company))
        client = half_way(leaving)
        Authenticator.objects.filter(user=leaving).delete()
        User.objects.filter(pk=leaving.pk).delete()

        assert client.get(reverse(CODE_PAGE)).status_code == 302
        assert type_code(client, authenticator_code()).status_code == 302

    def test_second_step_taken_away_half_way_asks_for_the_password_again(
        self, colleague: User, admin: User
    ) -> None:
        client = half_way(add_authenticator_app(colleague))
        second_step.take_away(colleague, by=admin)

        assert client.get(reverse(CODE_PAGE))["Location"] == reverse(SIGN_IN)
        assert not is_in(client)

    def test_half_way_ends_by_itself_after_a_quarter_of_an_hour(self, colleague: User) -> None:
        with time_machine.travel("2027-06-15T12:00:10+02:00", tick=False) as clock:
            client = half_way(add_authenticator_app(colleague))
            clock.shift(15 * 60 + 1)
            type_code(client, authenticator_code())

            assert not is_in(client)
