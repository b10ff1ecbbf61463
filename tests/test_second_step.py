"""The second step at sign-in: who has it, who must have it, and that no door goes past it (C16–C19)."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest
import time_machine
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.mfa.models import Authenticator
from allauth.mfa.webauthn.internal.auth import STATE_SESSION_KEY
from django.conf import settings
from django.contrib.messages import get_messages
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from django.test import Client, override_settings
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.actions import membership, second_step
from accounts.actions.password import finish_password_reset
from accounts.actions.sign_in import count_attempt, locked_until
from accounts.mails.password import reset_tokens
from accounts.mails.second_step import SECOND_STEP_CHANGES
from accounts.models import SignInAttempts, User
from companies import actions as companies
from companies.models import Company
from nenconnect.audit.models import AuditEntry
from nenconnect.mail.models import OutboxMail
from nenconnect.mail.rendering import render
from nenconnect.rules.errors import RuleError
from pages.sign_in.adapter import AccountAdapter
from tests.at_once import at_once, slow_writes
from tests.factories import PASSWORD, TOTP_SECRET, code_of, person, recovery_codes_of, with_app
from tests.soft_key import SoftKey, no_key

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("_english", "_english_pages")]

SignIn = Callable[[User], Client]
CODE_PAGE, SIGN_IN, SECURITY = "mfa_authenticate", "account_login", "mfa_index"
PASSKEY = "mfa_login_webauthn"
WRONG = "000000"


@pytest.fixture
def _english_pages() -> Iterator[None]:
    with override_settings(LANGUAGES=[("en", "English")], LANGUAGE_CODE="en"):
        yield


def type_password(client: Client, user: User, password: str = PASSWORD) -> Any:
    return client.post(reverse(SIGN_IN), {"login": user.email, "password": password})


def type_code(client: Client, code: str) -> Any:
    return client.post(reverse(CODE_PAGE), {"code": code})


def half_way(user: User) -> Client:
    """A browser where the password was right and the second step is asked."""
    client = Client()
    answer = type_password(client, user)
    assert answer.status_code == 302, answer.context["form"].errors
    assert answer["Location"] == reverse(CODE_PAGE)
    return client


def is_in(client: Client) -> bool:
    return client.get(reverse("profile:profile")).status_code == 200


def confirm(client: Client) -> Client:
    """With the password typed again, so that the second step may be changed."""
    answer = client.post(reverse("account_reauthenticate"), {"password": PASSWORD})
    assert answer.status_code == 302
    return client


def changes_mailed(user: User) -> list[str]:
    mails = OutboxMail.objects.filter(event="second_step_changed", recipient=user).order_by("pk")
    return [next(word for word in SECOND_STEP_CHANGES if mail.key_has(word)) for mail in mails]


def verbs(user: User) -> list[str]:
    about = AuditEntry.objects.filter(subjects__user=user.pk).order_by("pk")
    return list(about.values_list("verb", flat=True))


def ask(company: Company, who: str = "everyone", *, days: int = 0) -> None:
    day = timezone.localdate() + timedelta(days=days)
    Company.objects.filter(pk=company.pk).update(second_step_for=who, second_step_from=day)


def said(answer: Any) -> str:
    return " ".join(str(message) for message in get_messages(answer.wsgi_request))


class TestSigningIn:
    def test_the_password_alone_leads_to_the_code_and_not_in(self, colleague: User) -> None:
        client = half_way(with_app(colleague))

        assert not is_in(client)
        assert "_auth_user_id" not in client.session
        assert User.objects.get(pk=colleague.pk).first_signed_in_at == colleague.first_signed_in_at

    def test_the_code_of_the_app_lets_in(self, colleague: User) -> None:
        client = half_way(with_app(colleague))

        assert type_code(client, code_of()).status_code == 302
        assert is_in(client)

    @pytest.mark.parametrize("later", [-1, 1])
    def test_a_clock_that_is_half_a_minute_off_is_no_trouble(self, colleague: User, later: int) -> None:
        with time_machine.travel("2027-06-15T12:00:10+02:00", tick=False):
            client = half_way(with_app(colleague))
            type_code(client, code_of(later=later))

            assert is_in(client)

    @pytest.mark.parametrize("later", [-2, 2])
    def test_an_older_or_later_code_does_not_work(self, colleague: User, later: int) -> None:
        with time_machine.travel("2027-06-15T12:00:10+02:00", tick=False):
            client = half_way(with_app(colleague))
            type_code(client, code_of(later=later))

            assert not is_in(client)

    def test_no_code_works_twice_whichever_process_saw_it_first(self, colleague: User) -> None:
        with time_machine.travel("2027-06-15T12:00:10+02:00", tick=False):
            type_code(half_way(with_app(colleague)), code_of())
            second = half_way(colleague)
            type_code(second, code_of())
            assert not is_in(second)

            type_code(second, code_of(later=-1))  # nor does the one before it
            assert not is_in(second)

    def test_a_recovery_code_lets_in_once_and_the_owner_is_told(self, colleague: User) -> None:
        code = recovery_codes_of(with_app(colleague))[3]
        type_code(first := half_way(colleague), f"{code[:4]} {code[4:]}")
        type_code(second := half_way(colleague), code)

        assert is_in(first)
        assert not is_in(second)
        assert len(recovery_codes_of(colleague)) == 9
        assert changes_mailed(colleague) == ["code_used"]
        assert "recovery_code_used" in verbs(colleague)

    def test_somebody_elses_code_does_not_work(self, colleague: User, admin: User) -> None:
        with_app(admin, "KRSXG5CTMVRXEZLUKRSXG5CTMVRXEZLU")
        client = half_way(with_app(colleague))

        for code in (code_of("KRSXG5CTMVRXEZLUKRSXG5CTMVRXEZLU"), recovery_codes_of(admin)[0]):
            type_code(client, code)
        assert not is_in(client)

    def test_the_session_has_another_key_at_each_step(self, colleague: User) -> None:
        """C22: whoever planted a session gets neither half-way in nor in."""
        with_app(colleague)
        client = Client()
        client.get(reverse("sign_in:register_done"))
        client.post(reverse("sign_in:register"), {"name": "x", "email": "x@y.example"})
        planted = client.session.session_key
        type_password(client, colleague)
        half = client.session.session_key
        type_code(client, code_of())

        assert len({planted, half, client.session.session_key}) == 3

    def test_the_page_that_led_here_is_where_one_lands(self, colleague: User) -> None:
        with_app(colleague)
        client = Client()
        after = reverse("documents:documents")
        client.post(f"{reverse(SIGN_IN)}?next={after}", {"login": colleague.email, "password": PASSWORD})

        assert type_code(client, code_of())["Location"] == after

    def test_one_can_stop_half_way(self, colleague: User) -> None:
        client = half_way(with_app(colleague))
        client.post(reverse("account_logout"), {"next": reverse(SIGN_IN)})

        assert client.get(reverse(SIGN_IN)).status_code == 200
        assert type_code(client, code_of()).status_code == 302
        assert not is_in(client)

    def test_without_a_second_step_nothing_is_asked(self, colleague: User) -> None:
        client = Client()
        type_password(client, colleague)

        assert is_in(client)


class TestLock:
    """One count with the passwords, in Postgres (R35, C16, C18)."""

    def test_the_fourth_wrong_code_locks_and_the_right_one_is_refused(self, colleague: User) -> None:
        client = half_way(with_app(colleague))
        for _time in range(4):
            answer = type_code(client, WRONG)

        assert locked_until(colleague.email) is not None
        assert "locked until" in str(answer.context["form"].errors)
        assert "locked until" in str(type_code(client, code_of()).context["form"].errors)
        assert not is_in(client)

    def test_typing_the_password_again_gives_no_new_guesses(self, colleague: User) -> None:
        """Else whoever knows the password could guess for ever."""
        with_app(colleague)
        for _time in range(2):
            type_code(half_way(colleague), WRONG)
        client = half_way(colleague)
        for _time in range(2):
            type_code(client, WRONG)

        assert locked_until(colleague.email) is not None

    def test_nor_does_typing_it_again_in_an_open_session(self, colleague: User, sign_in: SignIn) -> None:
        inside = sign_in(with_app(colleague))
        client = half_way(colleague)
        for _time in range(3):
            type_code(client, WRONG)
            confirm(inside)
        type_code(client, WRONG)

        assert locked_until(colleague.email) is not None

    def test_wrong_passwords_and_wrong_codes_are_one_count(self, colleague: User) -> None:
        with_app(colleague)
        for _time in range(3):
            type_password(Client(), colleague, "een-verkeerd-wachtwoord")
        type_code(half_way(colleague), WRONG)

        assert locked_until(colleague.email) is not None

    def test_the_right_code_begins_a_new_count(self, colleague: User) -> None:
        client = half_way(with_app(colleague))
        for _time in range(3):
            type_code(client, WRONG)
        type_code(client, code_of())

        assert is_in(client)
        assert SignInAttempts.objects.get().failures == 0

    def test_the_right_password_alone_leaves_the_count_as_it_was(self, colleague: User) -> None:
        half_way(with_app(colleague))

        assert SignInAttempts.objects.get().failures == 0
        type_code(half_way(colleague), WRONG)
        half_way(colleague)
        assert SignInAttempts.objects.get().failures == 1

    def test_the_password_before_a_change_is_counted_too(self, colleague: User, sign_in: SignIn) -> None:
        client = sign_in(with_app(colleague))
        for _time in range(4):
            answer = client.post(reverse("account_reauthenticate"), {"password": "een-verkeerd-wachtwoord"})

        assert locked_until(colleague.email) is not None
        assert "locked until" in str(answer.context["form"].errors)
        answer = client.post(reverse("account_reauthenticate"), {"password": PASSWORD})
        assert answer.status_code == 200

    @pytest.mark.django_db(transaction=True)
    def test_of_many_guesses_at_once_four_are_looked_at(self, colleague: User) -> None:
        """With the fifth the right one: it must not be looked at any more."""
        with_app(colleague)
        for _time in range(3):
            count_attempt(colleague.email)
        with slow_writes("accounts_signinattempts"):
            results = at_once([lambda: second_step.use_code(colleague, WRONG)] * 8)

        assert results == [None] * 8
        assert SignInAttempts.objects.get().failures == 4

    @pytest.mark.django_db(transaction=True)
    def test_one_code_typed_twice_at_once_lets_in_once(self, colleague: User) -> None:
        with_app(colleague)
        code = code_of()
        with slow_writes("mfa_authenticator"):
            results = at_once([lambda: second_step.use_code(colleague, code)] * 2)

        assert len([row for row in results if row]) == 1


class TestEachStepLooksAgain:
    """C19: what changes after the password counts at the code."""

    def test_blocked_half_way_is_out(self, colleague: User, admin: User) -> None:
        client = half_way(with_app(colleague))
        membership.block(colleague, by=admin)

        assert client.get(reverse(CODE_PAGE))["Location"] == reverse(SIGN_IN)
        type_code(client, code_of())
        assert not is_in(client)

    def test_blocked_and_unblocked_half_way_begins_anew(self, colleague: User, admin: User) -> None:
        client = half_way(with_app(colleague))
        membership.block(colleague, by=admin)
        membership.unblock(colleague, by=admin)
        type_code(client, code_of())

        assert not is_in(client)

    def test_blocked_in_whatever_way_is_out(self, colleague: User) -> None:
        client = half_way(with_app(colleague))
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
        client = half_way(with_app(colleague))
        token = f"{colleague.pk}-{reset_tokens.make_token(colleague)}"
        finish_password_reset(token, password="een-heel-ander-wachtwoord-8")
        type_code(client, code_of())

        assert not is_in(client)

    def test_deleted_half_way_is_no_error(self, company: Company, admin: User) -> None:
        leaving = with_app(person(company=company))
        client = half_way(leaving)
        Authenticator.objects.filter(user=leaving).delete()
        User.objects.filter(pk=leaving.pk).delete()

        assert client.get(reverse(CODE_PAGE)).status_code == 302
        assert type_code(client, code_of()).status_code == 302

    def test_second_step_taken_away_half_way_asks_for_the_password_again(
        self, colleague: User, admin: User
    ) -> None:
        client = half_way(with_app(colleague))
        second_step.take_away(colleague, by=admin)

        assert client.get(reverse(CODE_PAGE))["Location"] == reverse(SIGN_IN)
        assert not is_in(client)

    def test_half_way_ends_by_itself_after_a_quarter_of_an_hour(self, colleague: User) -> None:
        with time_machine.travel("2027-06-15T12:00:10+02:00", tick=False) as clock:
            client = half_way(with_app(colleague))
            clock.shift(15 * 60 + 1)
            type_code(client, code_of())

            assert not is_in(client)


class TestSettingUp:
    def test_an_app_is_set_up_by_its_first_code(self, colleague: User, sign_in: SignIn) -> None:
        client = confirm(sign_in(colleague))
        page = client.get(reverse("mfa_activate_totp"))
        secret = page.context["form"].secret
        answer = client.post(reverse("mfa_activate_totp"), {"code": code_of(secret)})

        assert answer["Location"] == reverse("mfa_view_recovery_codes")
        assert page.context["secret"].replace(" ", "") == secret
        assert "data:image/svg+xml;base64," in page.content.decode()
        assert page["Cache-Control"] == "no-store"
        shown = client.get(reverse("mfa_view_recovery_codes")).context["codes"]
        assert [code.replace(" ", "") for code in shown] == recovery_codes_of(colleague)
        assert verbs(colleague) == ["second_step_added"]
        assert changes_mailed(colleague) == ["app_added"]
        type_code(new := half_way(colleague), code_of(secret, later=1))
        assert is_in(new)

    def test_the_code_that_set_it_up_is_used(self, colleague: User, sign_in: SignIn) -> None:
        client = confirm(sign_in(colleague))
        secret = client.get(reverse("mfa_activate_totp")).context["form"].secret
        code = code_of(secret)
        client.post(reverse("mfa_activate_totp"), {"code": code})
        type_code(new := half_way(colleague), code)

        assert not is_in(new)

    def test_a_wrong_code_sets_nothing_up_and_the_same_secret_stays(
        self, colleague: User, sign_in: SignIn
    ) -> None:
        client = confirm(sign_in(colleague))
        secret = client.get(reverse("mfa_activate_totp")).context["form"].secret
        answer = client.post(reverse("mfa_activate_totp"), {"code": WRONG})

        assert answer.context["form"].secret == secret
        assert not Authenticator.objects.exists()
        assert locked_until(colleague.email) is None

    def test_what_stands_in_the_database_gives_nobody_a_code(self, colleague: User) -> None:
        with_app(colleague)
        stored = json.dumps(list(Authenticator.objects.values_list("data", flat=True)))

        assert TOTP_SECRET not in stored
        assert not any(code in stored for code in recovery_codes_of(colleague))

    def test_after_a_new_secret_key_the_old_one_still_opens_it(self, colleague: User) -> None:
        with_app(colleague)
        new = "een-nieuwe-sleutel-" * 4
        with override_settings(SECRET_KEY=new, SECRET_KEY_FALLBACKS=[]):
            assert second_step.use_code(colleague, code_of()) is None
        with override_settings(SECRET_KEY=new, SECRET_KEY_FALLBACKS=[settings.SECRET_KEY]):
            assert second_step.use_code(colleague, code_of())

    def test_the_code_that_phones_scan_names_the_site_and_not_the_host_header(
        self, colleague: User, sign_in: SignIn
    ) -> None:
        client = confirm(sign_in(colleague))
        url = client.get(reverse("mfa_activate_totp"), headers={"host": "127.0.0.1"}).context["totp_url"]

        assert "issuer=NEN%20Connect" in url
        assert "127.0.0.1" not in url

    def test_other_sessions_end_with_the_first_second_step_and_this_one_goes_on(
        self, colleague: User, sign_in: SignIn
    ) -> None:
        other, here = sign_in(colleague), confirm(sign_in(colleague))
        secret = here.get(reverse("mfa_activate_totp")).context["form"].secret
        here.post(reverse("mfa_activate_totp"), {"code": code_of(secret)})

        assert is_in(here)
        assert not is_in(other)

    def test_a_second_app_is_refused(self, colleague: User) -> None:
        second_step.add_app(colleague, secret=TOTP_SECRET)
        with pytest.raises(RuleError, match="already"):
            second_step.add_app(colleague, secret=TOTP_SECRET)

    @pytest.mark.parametrize(
        "name",
        [
            "mfa_activate_totp",
            "mfa_add_webauthn",
            "mfa_view_recovery_codes",
            "mfa_download_recovery_codes",
            "mfa_generate_recovery_codes",
        ],
    )
    def test_nothing_of_it_is_seen_or_changed_without_the_password_again(
        self, colleague: User, sign_in: SignIn, name: str
    ) -> None:
        client = sign_in(with_app(colleague))
        before = list(Authenticator.objects.values())
        for answer in (client.get(reverse(name)), client.post(reverse(name), {"code": code_of()})):
            assert answer.status_code == 405 or answer["Location"].startswith(reverse("account_reauthenticate"))

        assert list(Authenticator.objects.values()) == before

    def test_the_password_holds_for_five_minutes(self, colleague: User, sign_in: SignIn) -> None:
        with time_machine.travel("2027-06-15T12:00:10+02:00", tick=False) as clock:
            client = confirm(sign_in(with_app(colleague)))
            assert client.get(reverse("mfa_view_recovery_codes")).status_code == 200
            clock.shift(5 * 60 + 1)
            assert client.get(reverse("mfa_view_recovery_codes")).status_code == 302

    def test_what_was_sent_goes_on_after_the_password(self, colleague: User, sign_in: SignIn) -> None:
        client = sign_in(with_app(colleague))
        before = recovery_codes_of(colleague)
        url = client.post(reverse("mfa_generate_recovery_codes"))["Location"]
        client.post(url, {"password": PASSWORD})

        assert recovery_codes_of(colleague) != before


class TestChanging:
    def test_removing_asks_first_and_takes_the_recovery_codes_along(
        self, colleague: User, sign_in: SignIn
    ) -> None:
        client = confirm(sign_in(with_app(colleague)))
        url = reverse("mfa_remove_webauthn", args=[Authenticator.objects.get(type="totp").pk])

        assert "your only second step" in client.get(url).content.decode()
        assert Authenticator.objects.count() == 2
        client.post(url)
        assert not Authenticator.objects.exists()
        assert verbs(colleague) == ["second_step_removed"]
        assert changes_mailed(colleague) == ["app_removed"]

    def test_one_cannot_remove_what_is_somebody_elses(self, colleague: User, admin: User, sign_in: SignIn) -> None:
        with_app(admin)
        client = confirm(sign_in(with_app(colleague)))
        row = Authenticator.objects.get(user=admin, type="totp")

        assert client.post(reverse("mfa_remove_webauthn", args=[row.pk])).status_code == 404
        second_step.remove(colleague, row)
        assert Authenticator.objects.filter(pk=row.pk).exists()

    def test_recovery_codes_are_no_second_step_to_remove(self, colleague: User, sign_in: SignIn) -> None:
        client = confirm(sign_in(with_app(colleague)))
        row = Authenticator.objects.get(type="recovery_codes")

        assert client.post(reverse("mfa_remove_webauthn", args=[row.pk])).status_code == 404

    def test_whoever_must_have_one_cannot_remove_the_last(
        self, company: Company, colleague: User, sign_in: SignIn
    ) -> None:
        ask(company)
        client = confirm(sign_in(with_app(colleague)))
        url = reverse("mfa_remove_webauthn", args=[Authenticator.objects.get(type="totp").pk])

        assert "Add another one first" in client.get(url).content.decode()
        client.post(url)
        assert Authenticator.objects.filter(type="totp").exists()

    def test_new_recovery_codes_end_the_old_ones(self, colleague: User, sign_in: SignIn) -> None:
        client = confirm(sign_in(with_app(colleague)))
        old = recovery_codes_of(colleague)
        client.post(reverse("mfa_generate_recovery_codes"))
        type_code(guest := half_way(colleague), old[0])

        assert not set(old) & set(recovery_codes_of(colleague))
        assert not is_in(guest)
        assert changes_mailed(colleague) == ["codes_made"]
        assert verbs(colleague) == ["recovery_codes_made"]

    def test_without_a_second_step_there_are_no_codes_to_make(self, colleague: User, sign_in: SignIn) -> None:
        client = confirm(sign_in(colleague))
        client.post(reverse("mfa_generate_recovery_codes"))

        assert not Authenticator.objects.exists()
        assert client.get(reverse("mfa_view_recovery_codes")).status_code == 404

    def test_the_codes_can_be_had_as_text(self, colleague: User, sign_in: SignIn) -> None:
        answer = confirm(sign_in(with_app(colleague))).get(reverse("mfa_download_recovery_codes"))

        assert answer["Content-Type"].startswith("text/plain")
        assert "attachment" in answer["Content-Disposition"]
        assert answer["Cache-Control"] == "no-store"
        assert all(code in answer.content.decode().replace(" ", "") for code in recovery_codes_of(colleague))

    def test_no_mail_without_its_change_and_no_change_without_its_mail(self, colleague: User) -> None:
        with transaction.atomic():
            second_step.add_app(colleague, secret=TOTP_SECRET)
            transaction.set_rollback(True)

        assert not Authenticator.objects.exists()
        assert changes_mailed(colleague) == []

    @pytest.mark.parametrize("language", ["nl", "en"])
    def test_the_mail_says_what_changed_and_when(self, colleague: User, language: str) -> None:
        User.objects.update(language=language)
        second_step.add_app(colleague, secret=TOTP_SECRET)
        mail = OutboxMail.objects.select_related("recipient").get(event="second_step_changed")
        text = str(render(mail).body)

        assert reverse(SECURITY) in text
        assert f"{timezone.localtime(mail.created_at):%H:%M}" in text
        assert TOTP_SECRET not in text


class TestHelp:
    """An admin helps somebody who lost the phone."""

    def url(self, user: User) -> str:
        return reverse("company:remove_second_step", args=[user.pk])

    def test_an_admin_removes_it_and_the_person_is_out_and_told(
        self, admin: User, colleague: User, sign_in: SignIn
    ) -> None:
        theirs, client = sign_in(with_app(colleague)), sign_in(admin)
        assert "Remove the second step" in client.get(self.url(colleague)).content.decode()
        assert Authenticator.objects.exists()
        client.post(self.url(colleague))

        assert not Authenticator.objects.exists()
        assert not is_in(theirs)
        assert changes_mailed(colleague) == ["taken_away"]
        entry = AuditEntry.objects.get(verb="second_step_taken_away")
        assert (entry.actor_id, entry.company_id) == (admin.pk, admin.company_id)
        type_password(new := Client(), colleague)
        assert is_in(new)

    def test_not_from_nen_staff_who_share_the_company(
        self, company: Company, admin: User, sign_in: SignIn
    ) -> None:
        nen = with_app(person(company=company, is_staff=True))
        client = sign_in(admin)

        assert client.get(self.url(nen)).status_code == 302
        assert "NEN itself" in said(client.post(self.url(nen)))
        assert Authenticator.objects.filter(user=nen).exists()

    def test_not_from_oneself_past_the_password(self, admin: User, sign_in: SignIn) -> None:
        client = sign_in(with_app(admin))

        assert "My profile" in said(client.post(self.url(admin)))
        assert Authenticator.objects.exists()

    def test_not_from_somebody_of_another_company(
        self, other_admin: User, colleague: User, sign_in: SignIn
    ) -> None:
        with_app(colleague)

        assert sign_in(other_admin).post(self.url(colleague)).status_code == 404
        User.objects.filter(pk=colleague.pk).update(company=None)
        with pytest.raises(RuleError):
            second_step.take_away(colleague, by=other_admin)

    def test_where_there_is_none_nothing_happens(self, admin: User, colleague: User, sign_in: SignIn) -> None:
        answer = sign_in(admin).post(self.url(colleague))

        assert "no second step" in said(answer)
        assert (changes_mailed(colleague), verbs(colleague)) == ([], [])

    def test_whoever_runs_the_server_helps_nen_staff(self, staff: User) -> None:
        with_app(staff)
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
        with_app(personal)
        other = with_app(person(is_staff=True))
        sign_in(staff).post(
            reverse("admin:accounts_user_changelist"),
            {"action": "remove_second_step", "_selected_action": [personal.pk, other.pk]},
        )

        assert not Authenticator.objects.filter(user=personal).exists()
        assert Authenticator.objects.filter(user=other).exists()
        assert changes_mailed(personal) == ["taken_away"]


class TestMust:
    """Whoever must have a second step and has none does nothing else first."""

    def test_from_the_day_on_everything_leads_to_setting_it_up(
        self, company: Company, colleague: User, sign_in: SignIn
    ) -> None:
        ask(company)
        client = sign_in(colleague)

        for name in ("home:home", "profile:profile", "documents:documents", "account_change_password"):
            assert client.get(reverse(name))["Location"] == reverse(SECURITY), name
        assert client.post(reverse("profile:profile"), {"name": "Nieuw"})["Location"] == reverse(SECURITY)
        assert User.objects.get(pk=colleague.pk).name == colleague.name

    def test_language_help_and_signing_out_stay_open(
        self, company: Company, colleague: User, sign_in: SignIn
    ) -> None:
        ask(company)
        client = sign_in(colleague)

        for name in ("home:help", "home:privacy", "sign_in:terms", "account_logout", SECURITY):
            assert client.get(reverse(name)).status_code == 200, name
        client.post(reverse("home:language"), {"language": "en"})
        assert User.objects.get(pk=colleague.pk).language == "en"
        client.post(reverse("account_logout"))
        assert "_auth_user_id" not in client.session

    def test_with_it_set_up_one_goes_on_to_where_one_was_going(
        self, company: Company, colleague: User, sign_in: SignIn
    ) -> None:
        ask(company)
        client = sign_in(colleague)
        client.get(reverse("documents:documents"))
        secret = confirm(client).get(reverse("mfa_activate_totp")).context["form"].secret
        after = client.post(reverse("mfa_activate_totp"), {"code": code_of(secret)})["Location"]

        assert f'href="{reverse("documents:documents")}"' in client.get(after).content.decode()
        assert is_in(client)

    def test_until_the_day_nothing_is_in_the_way_and_the_home_page_says_it_is_coming(
        self, company: Company, colleague: User, sign_in: SignIn
    ) -> None:
        ask(company, days=1)
        client = sign_in(colleague)

        assert is_in(client)
        assert "asks for a second step" in client.get(reverse("home:home")).content.decode()
        with_app(colleague)
        assert "asks for a second step" not in client.get(reverse("home:home")).content.decode()

    def test_only_admins_where_only_admins_are_asked(
        self, company: Company, admin: User, colleague: User, sign_in: SignIn
    ) -> None:
        ask(company, "admins")

        assert is_in(sign_in(colleague))
        assert not is_in(sign_in(admin))
        assert is_in(sign_in(with_app(admin)))

    def test_another_company_and_no_company_are_not_asked(
        self, company: Company, other_admin: User, personal: User, sign_in: SignIn
    ) -> None:
        ask(company)

        assert is_in(sign_in(other_admin))
        assert is_in(sign_in(personal))

    def test_recovery_codes_alone_are_no_second_step(
        self, company: Company, colleague: User, sign_in: SignIn
    ) -> None:
        ask(company)
        with_app(colleague)
        Authenticator.objects.filter(type="totp").delete()

        assert not is_in(sign_in(colleague))

    def test_nen_staff_always_and_nothing_of_the_desk_opens_before(self, staff: User) -> None:
        client = Client()
        type_password(client, staff)

        for name in ("admin:index", "admin:login", "admin:accounts_user_changelist", "admin:jsi18n"):
            answer = client.get(reverse(name))
            assert answer.status_code == 302, name
            follow = client.get(answer["Location"])
            assert answer["Location"] == reverse(SECURITY) or follow["Location"] == reverse(SECURITY), name
        answer = client.post(reverse("admin:accounts_user_changelist"), {"action": "block"})
        assert answer["Location"] == reverse(SECURITY)
        assert client.get(reverse("mail_samples:samples"))["Location"] == reverse(SECURITY)

    def test_nen_staff_come_in_by_the_code(self, staff: User) -> None:
        client = half_way(with_app(staff))
        assert client.get(reverse("admin:index")).status_code == 302
        type_code(client, code_of())

        assert client.get(reverse("admin:index")).status_code == 200

    @override_settings(STAFF_SECOND_STEP=False)
    def test_the_demo_goes_without(self, staff: User) -> None:
        type_password(client := Client(), staff)

        assert client.get(reverse("admin:index")).status_code == 200

    def test_it_costs_a_page_no_query(self, company: Company, colleague: User, sign_in: SignIn) -> None:
        client = sign_in(with_app(colleague))
        is_in(client)
        with CaptureQueriesContext(connection) as before:
            is_in(client)
        ask(company)
        with CaptureQueriesContext(connection) as after:
            is_in(client)

        assert len(after) == len(before)


class TestACompanyAsks:
    def test_the_page_says_who_has_it_and_who_must_still(
        self, company: Company, admin: User, colleague: User, blocked: User, pending: User, sign_in: SignIn
    ) -> None:
        with_app(colleague)
        client = sign_in(admin)

        assert client.get(reverse("company:settings")).context["second_step"] == {
            "total": 2,
            "have": 1,
            "miss": 1,
        }
        people = reverse("company:second_step_people")
        assert list(client.get(people, {"has": "no"}).context["page_obj"]) == [admin]
        assert list(client.get(people, {"has": "yes"}).context["page_obj"]) == [colleague]
        assert len(client.get(people).context["page_obj"]) == 2

    def test_the_numbers_are_of_those_who_are_asked(
        self, company: Company, admin: User, colleague: User, sign_in: SignIn
    ) -> None:
        ask(company, "admins", days=30)

        assert sign_in(admin).get(reverse("company:settings")).context["second_step"]["total"] == 1

    def test_an_admin_asks_it_of_everyone_from_a_day_on(
        self, company: Company, admin: User, sign_in: SignIn
    ) -> None:
        day = timezone.localdate() + timedelta(days=14)
        sign_in(admin).post(reverse("company:set_second_step"), {"who": "everyone", "first_day": day.isoformat()})
        company.refresh_from_db()

        assert (company.second_step_for, company.second_step_from) == ("everyone", day)
        entry = AuditEntry.objects.get(verb="second_step_required")
        assert entry.details["who"] == "everyone"
        assert entry.details["changes"]["second_step_from"] == [None, day.isoformat()]

    def test_nobody_needs_no_day(self, company: Company, admin: User, sign_in: SignIn) -> None:
        ask(company, days=5)
        with_app(admin)
        sign_in(admin).post(reverse("company:set_second_step"), {"who": "nobody", "first_day": "2020-01-01"})
        company.refresh_from_db()

        assert (company.second_step_for, company.second_step_from) == ("nobody", None)

    @pytest.mark.parametrize(
        ("days", "words"), [(-1, "in the past"), (367, "within a year"), (None, "Choose the day")]
    )
    def test_a_day_that_shuts_people_out_without_notice_is_refused(
        self, company: Company, admin: User, sign_in: SignIn, days: int | None, words: str
    ) -> None:
        day = "" if days is None else (timezone.localdate() + timedelta(days=days)).isoformat()
        answer = sign_in(admin).post(reverse("company:set_second_step"), {"who": "everyone", "first_day": day})
        company.refresh_from_db()

        assert words in str(answer.context["form"].errors["first_day"])
        assert company.second_step_for == "nobody"

    def test_what_stands_already_may_be_saved_again_after_its_day(self, company: Company, admin: User) -> None:
        ask(company, days=-10)
        company.refresh_from_db()
        companies.set_second_step(company, "everyone", first_day=company.second_step_from, by=admin)

        assert not AuditEntry.objects.exists()
        with pytest.raises(RuleError):
            companies.set_second_step(company, "admins", first_day=company.second_step_from, by=admin)

    def test_the_list_takes_as_many_queries_for_thirty_as_for_three(
        self, company: Company, admin: User, sign_in: SignIn
    ) -> None:
        client = sign_in(admin)
        url = reverse("company:second_step_people")
        client.get(url)
        with CaptureQueriesContext(connection) as few:
            client.get(url)
        for _number in range(29):
            with_app(person(company=company))
        with CaptureQueriesContext(connection) as many:
            client.get(url)

        assert len(many) == len(few) <= 8


class TestPasskeyForms:
    """What is no passkey; the real ones are in tests/test_passkeys.py."""

    NO_PASSKEYS = (
        "",
        "{}",
        "[]",
        "null",
        "1" * 5000,
        "[" * 20_000,
        '{"response": []}',
        '{"response": {}}',
        '{"response": {"userHandle": null}}',
        '{"response": {"userHandle": 7}}',
        '{"response": {"userHandle": "MQ"}}',
        '{"id": "x", "rawId": "x", "type": "public-key", "response": {"userHandle": "MQ"}}',
        '{"id": "AA", "rawId": "AA", "type": "public-key", "response": {"clientDataJSON": "AA", '
        '"authenticatorData": "AA", "signature": "AA", "userHandle": "MQ", "attestationObject": "AA"}}',
        '{"response": {"userHandle": "\\u0000"}}',
        '{"response": {}, "x": "' + "y" * 60_000 + '"}',
    )

    @pytest.mark.parametrize("credential", NO_PASSKEYS, ids=range(len(NO_PASSKEYS)))
    def test_what_is_no_passkey_gets_nobody_in_and_is_no_error(
        self, colleague: User, sign_in: SignIn, credential: str
    ) -> None:
        sent = {"credential": credential}
        client = half_way(with_app(colleague))
        assert client.get(reverse(CODE_PAGE)).status_code == 200
        assert client.post(reverse(CODE_PAGE), sent).status_code == 200
        assert not is_in(client)

        guest = Client()
        guest.get(reverse("mfa_login_webauthn"), headers={"accept": "application/json"})
        assert guest.post(reverse("mfa_login_webauthn"), sent)["Location"] == reverse(SIGN_IN)
        assert not is_in(guest)

        inside = confirm(sign_in(colleague))
        inside.get(reverse("mfa_add_webauthn"))
        assert inside.post(reverse("mfa_add_webauthn"), {"name": "x", **sent}).status_code == 200
        assert not Authenticator.objects.filter(type="webauthn").exists()

    def test_what_the_browser_is_asked_names_nobody_and_our_own_site(self, colleague: User) -> None:
        answer = Client().get(
            reverse("mfa_login_webauthn"), headers={"accept": "application/json", "host": "127.0.0.1"}
        )
        options = answer.json()["request_options"]["publicKey"]

        assert options["rpId"] == urlsplit(settings.SITE_URL).hostname != "127.0.0.1"
        assert options["userVerification"] == "required"
        assert not options.get("allowCredentials")

    @pytest.mark.parametrize(
        "made_up",
        [
            {"said": b"\0" * 32 + b"\x81" + b"\0" * 4 + b"\x81" * 30_000},
            {"said": b"\0" * 32 + b"\x81" + b"\0" * 4 + b"\x19\x01"},
            {"said": b"\0" * 32 + b"\x81" + b"\0" * 4 + b"\xa1\x80\x00"},
            {"said": b"\0" * 32 + b"\xc1" + b"\0" * 30},
            {"client_data": b"[" * 30_000},
            {"client_data": b"[1]"},
            {"client_data": b"{}"},
        ],
        ids=range(7),
    )
    def test_bytes_that_no_key_sends_are_no_error_at_either_door(
        self, colleague: User, made_up: dict[str, bytes]
    ) -> None:
        sent = {"credential": no_key(colleague, **made_up)}
        challenge_without_password(guest := Client())
        assert guest.post(reverse(PASSKEY), sent)["Location"] == reverse(SIGN_IN)

        client = half_way(with_app(colleague))
        client.get(reverse(CODE_PAGE))
        assert client.post(reverse(CODE_PAGE), sent).status_code == 200
        assert not is_in(guest)
        assert not is_in(client)


def with_key(user: User, *, passwordless: bool = True) -> SoftKey:
    key = SoftKey()
    second_step.add_key(user, name="Key", credential=key.registration(), passwordless=passwordless)
    user.refresh_from_db()
    return key


def challenge_without_password(client: Client) -> str:
    answer = client.get(reverse(PASSKEY), headers={"accept": "application/json"})
    return str(answer.json()["request_options"]["publicKey"]["challenge"])


def challenge_of_second_step(client: Client) -> str:
    page = client.get(reverse(CODE_PAGE))
    return str(page.context["js_data"]["request_options"]["publicKey"]["challenge"])


def sign_in_by_key(client: Client, credential: str) -> str:
    """What was said of it, if it was refused."""
    answer = client.post(reverse(PASSKEY), {"credential": credential})
    return "" if is_in(client) else said(answer)


class TestPasskeyAlone:
    """Both steps at once: a key that is only touched, or that its owner keeps for after the password, is not."""

    @pytest.fixture(autouse=True)
    def _site_that_has_keys(self) -> Iterator[None]:
        with override_settings(SITE_URL="https://connect.example"):
            yield

    def test_with_finger_face_or_pin_it_signs_in(self, colleague: User) -> None:
        key, client = with_key(colleague), Client()
        challenge = challenge_without_password(client)

        assert sign_in_by_key(client, key.assertion(challenge, colleague, verified=True)) == ""
        assert is_in(client)

    def test_a_key_that_is_only_touched_does_not(self, colleague: User) -> None:
        key, client = with_key(colleague), Client()
        challenge = challenge_without_password(client)

        assert "not accepted" in sign_in_by_key(client, key.assertion(challenge, colleague, verified=False))

    @pytest.mark.parametrize("verified", [False, True])
    @pytest.mark.parametrize("how", ["at once", "timeout", "abort"])
    def test_a_stolen_key_does_not_sign_what_somebody_elses_second_step_asked(
        self, colleague: User, personal: User, how: str, verified: bool
    ) -> None:
        key = with_key(colleague)
        thief = half_way(with_app(personal))
        challenge = challenge_of_second_step(thief)
        if how == "abort":
            User.objects.filter(pk=personal.pk).update(is_blocked=True)
            thief.get(reverse(CODE_PAGE))
        with time_machine.travel(timezone.now() + timedelta(minutes=16 if how == "timeout" else 0)):
            sign_in_by_key(thief, key.assertion(challenge, colleague, verified=verified))
            assert not is_in(thief)

    def test_what_the_second_step_asked_goes_when_the_quarter_of_an_hour_is_over(self, personal: User) -> None:
        client = half_way(with_app(personal))
        challenge_of_second_step(client)
        assert STATE_SESSION_KEY in client.session
        with time_machine.travel(timezone.now() + timedelta(minutes=16)):
            client.get(reverse(CODE_PAGE))
        assert STATE_SESSION_KEY not in client.session

    def test_nor_does_the_second_step_take_what_the_other_door_asked(self, colleague: User) -> None:
        key = with_key(colleague)
        challenge = challenge_without_password(client := Client())
        assert type_password(client, colleague)["Location"] == reverse(CODE_PAGE)
        client.post(reverse(CODE_PAGE), {"credential": key.assertion(challenge, colleague, verified=True)})

        assert not is_in(client)

    def test_a_key_for_after_the_password_does_not_sign_in_alone_and_says_so(self, colleague: User) -> None:
        key, client = with_key(colleague, passwordless=False), Client()
        challenge = challenge_without_password(client)
        refusal = sign_in_by_key(client, key.assertion(challenge, colleague, verified=True))

        assert "only after your password" in refusal
        client = half_way(colleague)
        touched = key.assertion(challenge_of_second_step(client), colleague, verified=False)
        client.post(reverse(CODE_PAGE), {"credential": touched})
        assert is_in(client)

    @pytest.mark.parametrize("ticked", [True, False])
    def test_the_choice_on_the_page_is_kept(self, colleague: User, sign_in: SignIn, ticked: bool) -> None:
        inside = confirm(sign_in(colleague))
        page = inside.get(reverse("mfa_add_webauthn"))
        asked = page.context["js_data"]["creation_options"]["publicKey"]["challenge"]
        sent = {"name": "x", "credential": json.dumps((key := SoftKey()).registration(asked))}
        inside.post(reverse("mfa_add_webauthn"), sent | ({"passwordless": "on"} if ticked else {}))
        challenge = challenge_without_password(client := Client())
        sign_in_by_key(client, key.assertion(challenge, colleague, verified=True))

        assert is_in(client) is ticked
