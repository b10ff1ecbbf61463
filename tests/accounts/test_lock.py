"""Test that wrong passwords lock an address for 30 minutes (R35, C16–C18), and how a person gets in again."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from functools import partial

import pytest
import time_machine
from django.contrib.auth import authenticate
from django.contrib.auth.hashers import MD5PasswordHasher, make_password
from django.utils import timezone

from accounts.actions.password import ask_password_reset, finish_password_reset
from accounts.actions.sign_in import count_attempt, end_lock, locked_until
from accounts.mails.password import reset_tokens
from accounts.models import SignInAttempts, User
from nenconnect.audit.models import AuditEntry
from nenconnect.mail.models import OutboxMail
from tests.at_once import run_at_once, slow_writes
from tests.factories import PASSWORD, overview_status

pytestmark = pytest.mark.django_db

WRONG = "een-verkeerd-wachtwoord"


def try_password(address: str, password: str = WRONG) -> User | None:
    user = authenticate(None, email=address, password=password)
    assert user is None or isinstance(user, User)
    return user


def lock(address: str) -> None:
    for _time in range(4):
        assert try_password(address) is None


def reset_link(user: User) -> str:
    return f"{user.pk}-{reset_tokens.make_token(user)}"


class TestLocking:
    def test_three_wrong_passwords_do_not_lock(self, colleague: User) -> None:
        for _time in range(3):
            try_password(colleague.email)

        assert locked_until(colleague.email) is None
        assert try_password(colleague.email, PASSWORD) == colleague

    def test_the_fourth_wrong_password_locks_the_address_for_30_minutes(self, colleague: User) -> None:
        with time_machine.travel("2027-06-15T12:00:00+02:00", tick=False) as clock:
            for _time in range(4):
                clock.shift(60)
                try_password(colleague.email)

            assert locked_until(colleague.email) == timezone.now() + timedelta(minutes=30)
            assert try_password(colleague.email, PASSWORD) is None
            assert overview_status(colleague) == User.Status.LOCKED
            clock.shift(30 * 60 - 1)
            assert try_password(colleague.email, PASSWORD) is None
            clock.shift(1)
            assert overview_status(colleague) == User.Status.NO_LICENSE
            assert try_password(colleague.email, PASSWORD) == colleague

    def test_the_right_password_resets_the_count_of_wrong_passwords(self, colleague: User) -> None:
        for password in (WRONG, WRONG, WRONG, PASSWORD, WRONG, WRONG, WRONG):
            try_password(colleague.email, password)

        assert locked_until(colleague.email) is None

    def test_the_right_password_on_the_fourth_attempt_signs_in(self, colleague: User) -> None:
        for _time in range(3):
            try_password(colleague.email)

        assert try_password(colleague.email, PASSWORD) == colleague
        assert locked_until(colleague.email) is None

    def test_wrong_passwords_on_different_days_add_up_to_a_lock(self, colleague: User) -> None:
        with time_machine.travel("2027-06-15T12:00:00+02:00", tick=False) as clock:
            for _time in range(4):
                try_password(colleague.email)
                clock.shift(24 * 3600)

            assert SignInAttempts.objects.get().locked_until is not None

    def test_wrong_passwords_during_a_lock_do_not_extend_the_lock(self, colleague: User) -> None:
        with time_machine.travel("2027-06-15T12:00:00+02:00", tick=False) as clock:
            lock(colleague.email)
            until = locked_until(colleague.email)
            for _time in range(10):
                clock.shift(120)
                try_password(colleague.email)

            assert locked_until(colleague.email) == until

    def test_after_a_lock_ends_four_more_wrong_passwords_are_needed_for_a_new_lock(self, colleague: User) -> None:
        with time_machine.travel("2027-06-15T12:00:00+02:00", tick=False) as clock:
            lock(colleague.email)
            clock.shift(31 * 60)
            for _time in range(3):
                try_password(colleague.email)
            assert locked_until(colleague.email) is None

            try_password(colleague.email)

            assert locked_until(colleague.email) == timezone.now() + timedelta(minutes=30)

    @pytest.mark.parametrize(
        "variant",
        [
            "COLLEGA@voorbeeld.example",
            "collega@VOORBEELD.example",
            "  collega@voorbeeld.example ",
            "Collega@Voorbeeld.Example",
        ],
    )
    def test_all_spellings_of_an_address_share_the_count_of_wrong_passwords(
        self, colleague: User, variant: str
    ) -> None:
        for address in (colleague.email, variant, colleague.email, variant):
            try_password(address)

        assert locked_until(colleague.email)
        assert try_password(variant, PASSWORD) is None
        assert SignInAttempts.objects.count() == 1

    def test_the_lock_of_an_address_does_not_affect_another_user(self, colleague: User, admin: User) -> None:
        lock(colleague.email)

        assert try_password(admin.email, PASSWORD) == admin

    def test_an_unknown_address_is_locked_after_four_wrong_passwords(self, db: None) -> None:
        lock("niemand@voorbeeld.example")

        assert locked_until("niemand@voorbeeld.example")

    def test_signing_in_with_an_invalid_address_is_not_counted_and_causes_no_error(self, db: None) -> None:
        for typed in ("", "jan", '"jan"@acme.nl', "a@b@c.nl", "\x00@acme.nl", "x" * 10_000 + "@acme.nl"):
            assert try_password(typed) is None

        assert not SignInAttempts.objects.exists()

    @pytest.mark.parametrize("who", ["pending", "blocked"])
    def test_a_pending_or_blocked_user_cannot_sign_in_with_the_right_password(
        self, request: pytest.FixtureRequest, who: str
    ) -> None:
        user: User = request.getfixturevalue(who)
        user.set_password(PASSWORD)
        user.save()

        assert try_password(user.email, PASSWORD) is None


class CountingHasher(MD5PasswordHasher):
    # Tells how many passwords were looked at.

    algorithm = "counting"
    looked_at: list[str] = []

    def verify(self, password: str, encoded: str) -> bool:
        self.looked_at.append(password)
        return super().verify(password, encoded)


@pytest.mark.django_db(transaction=True)
class TestManyAtOnce:
    @pytest.fixture
    def looked_at(self, settings) -> Iterator[list[str]]:
        settings.PASSWORD_HASHERS = [f"{__name__}.CountingHasher"]
        CountingHasher.looked_at.clear()
        yield CountingHasher.looked_at
        CountingHasher.looked_at.clear()

    def test_of_fifty_simultaneous_wrong_passwords_only_four_are_checked(
        self, colleague: User, looked_at: list[str]
    ) -> None:
        User.objects.filter(pk=colleague.pk).update(password=make_password(PASSWORD))
        guesses = [f"{WRONG}-{number}" for number in range(50)]

        outcomes = run_at_once([partial(try_password, colleague.email, guess) for guess in guesses])

        assert outcomes == [None] * 50
        assert len(looked_at) == 4
        assert locked_until(colleague.email)

    def test_the_right_password_among_simultaneous_wrong_passwords_causes_no_error(
        self, colleague: User, looked_at: list[str]
    ) -> None:
        # A person who is right begins a new count; so does no one else, and no attempt fails on the
        # vanished count.
        User.objects.filter(pk=colleague.pk).update(password=make_password(PASSWORD))
        guesses = [WRONG] * 49
        guesses.insert(25, PASSWORD)

        outcomes = run_at_once([partial(try_password, colleague.email, guess) for guess in guesses])

        assert [outcome for outcome in outcomes if isinstance(outcome, Exception)] == []
        rounds = 1 + looked_at.count(PASSWORD)
        assert len(looked_at) <= 4 * rounds

    def test_a_slow_database_still_allows_only_four_sign_in_attempts(self, db: None) -> None:
        with slow_writes("accounts_signinattempts", 0.02):
            outcomes = run_at_once([partial(count_attempt, "jan@acme.nl")] * 12)

        assert outcomes.count(True) == 4
        assert outcomes.count(False) == 8

    def test_simultaneous_right_and_wrong_passwords_cause_no_error(self, colleague: User) -> None:
        for _round in range(5):
            guesses = [PASSWORD, WRONG] * 4
            outcomes = run_at_once([partial(try_password, colleague.email, guess) for guess in guesses])
            assert [outcome for outcome in outcomes if isinstance(outcome, Exception)] == []
            end_lock(colleague, by=colleague)


class TestGettingInAgain:
    def test_an_admin_can_end_the_lock_of_a_user(self, colleague: User, admin: User) -> None:
        lock(colleague.email)

        end_lock(colleague, by=admin)

        assert try_password(colleague.email, PASSWORD) == colleague
        assert AuditEntry.objects.get(verb="lock_ended").actor_id == admin.pk

    def test_resetting_the_password_by_mail_ends_the_lock(self, colleague: User) -> None:
        lock(colleague.email)

        finish_password_reset(reset_link(colleague), password="een-gloednieuw-wachtwoord")

        assert try_password(colleague.email, "een-gloednieuw-wachtwoord") == colleague

    def test_a_locked_user_can_request_a_password_reset(self, colleague: User) -> None:
        lock(colleague.email)

        ask_password_reset(colleague.email.upper())

        assert [mail.event for mail in OutboxMail.objects.all()] == ["password_reset"]

    def test_requesting_a_password_reset_again_within_a_minute_sends_one_mail(self, colleague: User) -> None:
        with time_machine.travel("2027-06-15T12:00:10+02:00", tick=False):
            for _time in range(5):
                ask_password_reset(colleague.email)

        assert OutboxMail.objects.count() == 1

    @pytest.mark.parametrize("who", ["pending", "blocked"])
    def test_a_pending_or_blocked_user_gets_no_password_reset_link(
        self, request: pytest.FixtureRequest, who: str
    ) -> None:
        ask_password_reset(request.getfixturevalue(who).email)

        assert not OutboxMail.objects.exists()

    def test_requesting_a_password_reset_for_an_unknown_address_does_nothing(self, db: None) -> None:
        ask_password_reset("niemand@voorbeeld.example")

        assert not OutboxMail.objects.exists()
        assert not AuditEntry.objects.exists()
