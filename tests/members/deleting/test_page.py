"""Test the page where a person deletes the account."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.test import Client
from django.urls import reverse

from accounts.models import SignInAttempts, User
from companies.models import Company
from members.actions.deleting import delete_account
from nenconnect.rules.errors import RuleError
from tests.factories import PASSWORD, make_admin
from tests.members.deleting.canary import ADDRESS

SignIn = Callable[[User], Client]
URL = "/mijn-profiel/account-verwijderen/"
pytestmark = pytest.mark.django_db


class TestDeletingPage:
    def test_it_says_what_goes_and_what_stays(self, canary: User, admin: User, sign_in: SignIn) -> None:
        page = sign_in(canary).get(URL).content.decode()

        assert "What goes" in page
        assert "What stays" in page
        assert 'type="password"' in page
        assert User.objects.filter(pk=canary.pk).exists()

    def test_with_the_password_the_account_goes_and_one_is_signed_out_everywhere(
        self, canary: User, admin: User, sign_in: SignIn
    ) -> None:
        here, phone = sign_in(canary), sign_in(canary)
        phone.get("/hulp/")

        answer = here.post(URL, {"password": PASSWORD}, follow=True)

        assert "Your account is deleted" in answer.content.decode() or "verwijderd" in answer.content.decode()
        assert not User.objects.filter(pk=canary.pk).exists()
        for browser in (here, phone):
            assert browser.get("/mijn-profiel/").status_code == 302
        assert not UserSession.objects.filter(user_id=canary.pk).exists()
        assert not [session for session in Session.objects.all() if session.get_decoded().get("_auth_user_id")]

    @pytest.mark.parametrize("password", ["", "verkeerd-wachtwoord", "x" * 5000])
    def test_without_it_nothing_happens(self, canary: User, sign_in: SignIn, password: str) -> None:
        answer = sign_in(canary).post(URL, {"password": password})

        assert answer.status_code == 200
        assert "error-summary" in answer.content.decode()
        assert User.objects.filter(pk=canary.pk).exists()

    def test_guessing_locks_and_then_the_right_one_does_not_help(self, canary: User, sign_in: SignIn) -> None:
        # As at every other door (C18).
        browser = sign_in(canary)
        for _attempt in range(4):
            browser.post(URL, {"password": "verkeerd-wachtwoord"})

        browser.post(URL, {"password": PASSWORD})

        assert User.objects.filter(pk=canary.pk).exists()
        assert SignInAttempts.objects.get(address=ADDRESS).locked_until

    def test_another_site_cannot_send_it(self, canary: User) -> None:
        browser = Client(enforce_csrf_checks=True)
        browser.force_login(canary)

        assert browser.post(URL, {"password": PASSWORD}).status_code == 403
        assert User.objects.filter(pk=canary.pk).exists()

    def test_the_last_admin_is_refused_and_told_the_way_out(self, admin: User, sign_in: SignIn) -> None:
        browser = sign_in(admin)
        User.objects.filter(pk=admin.pk).update(language="en")

        page = browser.get(URL).content.decode()
        answer = browser.post(URL, {"password": PASSWORD})

        assert "Make a colleague admin first" in page
        assert reverse("company:users") in page
        assert 'type="password"' not in page
        assert answer.status_code == 200
        assert User.objects.filter(pk=admin.pk).exists()

    def test_one_of_two_admins_may_go(self, company: Company, admin: User, sign_in: SignIn) -> None:
        make_admin(company)

        sign_in(admin).post(URL, {"password": PASSWORD})

        assert not User.objects.filter(pk=admin.pk).exists()

    def test_nen_staff_is_refused_and_told_whom_to_ask(self, staff: User) -> None:
        with pytest.raises(RuleError, match="NEN Connect"):
            delete_account(staff, by=staff)
        assert User.objects.filter(pk=staff.pk).exists()

    def test_a_personal_account_goes_too(self, personal: User, sign_in: SignIn) -> None:
        sign_in(personal).post(URL, {"password": PASSWORD})

        assert not User.objects.filter(pk=personal.pk).exists()
