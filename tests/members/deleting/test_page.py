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
    def test_the_deletion_page_explains_what_is_deleted_and_what_is_kept(
        self, canary: User, admin: User, sign_in: SignIn
    ) -> None:
        page = sign_in(canary).get(URL).content.decode()

        assert "What goes" in page
        assert "What stays" in page
        assert 'type="password"' in page
        assert User.objects.filter(pk=canary.pk).exists()

    def test_users_who_delete_their_own_account_are_signed_out_on_every_device(
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
    def test_users_cannot_delete_their_own_account_without_the_right_password(
        self, canary: User, sign_in: SignIn, password: str
    ) -> None:
        answer = sign_in(canary).post(URL, {"password": password})

        assert answer.status_code == 200
        assert "error-summary" in answer.content.decode()
        assert User.objects.filter(pk=canary.pk).exists()

    def test_wrong_passwords_on_the_deletion_page_lock_the_account(self, canary: User, sign_in: SignIn) -> None:
        # As at every other door (C18).
        browser = sign_in(canary)
        for _attempt in range(4):
            browser.post(URL, {"password": "verkeerd-wachtwoord"})

        browser.post(URL, {"password": PASSWORD})

        assert User.objects.filter(pk=canary.pk).exists()
        assert SignInAttempts.objects.get(address=ADDRESS).locked_until

    def test_the_deletion_form_is_protected_against_cross_site_requests(self, canary: User) -> None:
        browser = Client(enforce_csrf_checks=True)
        browser.force_login(canary)

        assert browser.post(URL, {"password": PASSWORD}).status_code == 403
        assert User.objects.filter(pk=canary.pk).exists()

    def test_the_last_admin_cannot_delete_the_account_and_sees_what_to_do_first(
        self, admin: User, sign_in: SignIn
    ) -> None:
        browser = sign_in(admin)
        User.objects.filter(pk=admin.pk).update(language="en")

        page = browser.get(URL).content.decode()
        answer = browser.post(URL, {"password": PASSWORD})

        assert "Make a colleague admin first" in page
        assert reverse("company:users") in page
        assert 'type="password"' not in page
        assert answer.status_code == 200
        assert User.objects.filter(pk=admin.pk).exists()

    def test_an_admin_can_delete_their_own_account_when_another_admin_remains(
        self, company: Company, admin: User, sign_in: SignIn
    ) -> None:
        make_admin(company)

        sign_in(admin).post(URL, {"password": PASSWORD})

        assert not User.objects.filter(pk=admin.pk).exists()

    def test_nen_staff_cannot_delete_their_own_account(self, staff: User) -> None:
        with pytest.raises(RuleError, match="NEN Connect"):
            delete_account(staff, by=staff)
        assert User.objects.filter(pk=staff.pk).exists()

    def test_the_owner_of_a_personal_account_can_delete_the_account(self, personal: User, sign_in: SignIn) -> None:
        sign_in(personal).post(URL, {"password": PASSWORD})

        assert not User.objects.filter(pk=personal.pk).exists()
