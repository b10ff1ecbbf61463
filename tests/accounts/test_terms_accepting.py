"""Test accepting the terms of use, also while registering."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.actions import terms
from accounts.actions.finishing_registration import finish_registration
from accounts.models import TermsAcceptance, User
from nenconnect.audit.models import AuditEntry
from nenconnect.rules.errors import RuleError
from tests.accounts.terms import ASKED, HOME, accepted
from tests.at_once import run_at_once, slow_writes
from tests.factories import PASSWORD, make_pending_person, make_terms_version, registration_token

pytestmark = pytest.mark.django_db
SignIn = Callable[[User], Client]


class TestAcceptingTerms:
    def test_accepting_an_outdated_page_of_terms_shows_the_newer_version_instead(
        self, sign_in: SignIn, colleague: User
    ) -> None:
        shown = make_terms_version(published_at=timezone.now() - timedelta(days=9))
        browser = sign_in(colleague)
        newer = make_terms_version(text_nl="Nieuwer", text_en="Newer")

        answer = browser.post(ASKED, {"version": shown.pk})

        assert answer.status_code == 200
        assert "Nieuwer" in answer.content.decode()
        assert f'value="{newer.pk}"' in answer.content.decode()
        assert accepted(colleague) == []

    @pytest.mark.parametrize("sent", ["", "x", "-1", "9" * 30])
    def test_accepting_an_invalid_version_of_the_terms_has_no_effect(
        self, sign_in: SignIn, colleague: User, sent: str
    ) -> None:
        make_terms_version()

        assert sign_in(colleague).post(ASKED, {"version": sent}).status_code == 200
        assert accepted(colleague) == []

    def test_an_outdated_version_of_the_terms_cannot_be_accepted(self, colleague: User) -> None:
        older = make_terms_version(published_at=timezone.now() - timedelta(days=9))
        make_terms_version()

        with pytest.raises(RuleError):
            terms.accept(colleague, older)

    @pytest.mark.django_db(transaction=True)
    def test_accepting_the_terms_several_times_at_once_is_stored_once(self, colleague: User) -> None:
        version = make_terms_version()

        with slow_writes("accounts_termsacceptance"):
            outcomes = run_at_once([lambda: terms.accept(colleague, version)] * 3)

        assert outcomes == [None] * 3
        assert TermsAcceptance.objects.count() == 1
        assert AuditEntry.objects.filter(verb="terms_accepted").count() == 1


class TestRegistering:
    FORM = {"company": "none", "password": PASSWORD, "repeat": PASSWORD}

    @pytest.fixture
    def at_the_password(self, client: Client, pending: User) -> Client:
        client.post(reverse("sign_in:registration", args=[registration_token(pending)]))
        return client

    def test_finishing_registration_accepts_the_terms_on_the_page(
        self, at_the_password: Client, pending: User
    ) -> None:
        version = make_terms_version()
        page = at_the_password.get(reverse("sign_in:choose_password")).content.decode()
        assert "Van u alleen." in page

        at_the_password.post(reverse("sign_in:choose_password"), {**self.FORM, "terms": version.pk})

        assert accepted(pending) == [version]
        browser = Client()
        browser.force_login(User.objects.get(pk=pending.pk))
        assert browser.get(HOME).status_code == 200

    @pytest.mark.parametrize("is_first", [True, False])
    def test_terms_published_during_registration_must_be_shown_before_finishing(
        self, at_the_password: Client, pending: User, is_first: bool
    ) -> None:
        shown = None if is_first else make_terms_version(published_at=timezone.now() - timedelta(days=9))
        newer = make_terms_version(text_nl="Nieuwer", text_en="Newer")
        form = self.FORM | ({"terms": shown.pk} if shown else {})

        answer = at_the_password.post(reverse("sign_in:choose_password"), form)

        assert answer.context["form"].has_error("terms")
        page = answer.content.decode()
        assert f'name="terms" value="{newer.pk}"' in page
        assert "Nieuwer" in page
        pending.refresh_from_db()
        assert pending.is_pending
        again = at_the_password.post(reverse("sign_in:choose_password"), {**self.FORM, "terms": newer.pk})
        assert again.status_code == 302
        assert accepted(pending) == [newer]

    def test_registration_cannot_be_finished_with_missing_or_outdated_terms(self, pending: User) -> None:
        older = make_terms_version(published_at=timezone.now() - timedelta(days=9))
        make_terms_version()

        for shown in (None, older):
            with pytest.raises(RuleError):
                finish_registration(registration_token(pending), password=PASSWORD, terms=shown)

    def test_registration_does_not_require_accepting_terms_announced_for_later(
        self, at_the_password: Client, pending: User
    ) -> None:
        make_terms_version(published_at=timezone.now() + timedelta(days=9))

        assert at_the_password.post(reverse("sign_in:choose_password"), self.FORM).status_code == 302
        assert accepted(pending) == []


def test_a_person_who_registers_without_an_invitation_also_accepts_the_terms(client: Client) -> None:
    version, person = make_terms_version(), make_pending_person()
    client.post(reverse("sign_in:registration", args=[registration_token(person)]))

    client.post(reverse("sign_in:choose_password"), {**TestRegistering.FORM, "terms": version.pk})

    assert accepted(person) == [version]
