"""The queue of mails: pausing, going on, and batches (C36)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from accounts.models import User
from nenconnect.mail import actions, delivery, queue
from nenconnect.mail.actions import LEASE, claim, queue_mail
from nenconnect.mail.delivery import drain
from nenconnect.mail.models import OutboxMail
from tests.factories import make_person
from tests.smtp_sink import SmtpSink

pytestmark = pytest.mark.django_db
REFUSES = "550 5.7.1 Not as you"


def mail_to(user: User) -> OutboxMail:
    return queue_mail("account_exists", to=user, about=user)


class TestPausedByARefusal:
    def test_it_says_since_when_why_and_when_it_tries_again(self, colleague: User, smtp_sink: SmtpSink) -> None:
        mail_to(colleague)
        smtp_sink.reply_to_sender = REFUSES

        drain()

        state = queue.state()
        assert state.is_paused
        assert "Not as you" in state.reason
        assert state.paused_at is not None
        assert state.retry_at is not None
        assert timedelta(seconds=50) < state.retry_at - timezone.now() <= timedelta(minutes=1)

    def test_until_then_nobody_asks_the_server(self, colleague: User, smtp_sink: SmtpSink) -> None:
        queue.pause_after_refusal("535 wrong password")
        mail_to(colleague)

        assert drain() == 0
        assert smtp_sink.mails() == []

    def test_a_minute_later_it_goes_on_by_itself(self, smtp_sink: SmtpSink) -> None:
        for _number in range(3):
            mail_to(make_person())
        queue.pause_after_refusal("535 wrong password")

        with time_machine.travel(timezone.now() + timedelta(seconds=61)):
            assert drain() == 3

        assert not queue.state().is_paused
        assert queue.state().reason == ""

    def test_while_one_refusal_follows_the_other_it_is_paused_since_the_first(
        self, colleague: User, smtp_sink: SmtpSink
    ) -> None:
        mail_to(colleague)
        smtp_sink.reply_to_sender = REFUSES
        drain()
        first = queue.state()

        with time_machine.travel(timezone.now() + timedelta(seconds=61)):
            drain()
            again = queue.state()

        assert again.paused_at == first.paused_at
        assert again.retry_at is not None
        assert first.retry_at is not None
        assert again.retry_at > first.retry_at

    def test_what_was_claimed_with_the_refused_one_is_free_at_once(self, smtp_sink: SmtpSink) -> None:
        written = [mail_to(make_person()) for _number in range(3)]
        smtp_sink.reply_to_sender = REFUSES

        drain()

        assert claim(20) == written


class TestPausedByAPerson:
    def test_nothing_goes_until_a_person_resumes(self, colleague: User, smtp_sink: SmtpSink) -> None:
        mail_to(colleague)
        queue.pause("The mail server moves tonight")

        with time_machine.travel(timezone.now() + timedelta(days=3)):
            assert drain() == 0

        queue.resume()
        assert drain() == 1

    def test_a_refusal_does_not_turn_it_into_one_that_ends_by_itself(self) -> None:
        queue.pause("The mail server moves tonight")

        queue.pause_after_refusal("535 wrong password")

        assert queue.state().retry_at is None
        assert queue.state().reason == "The mail server moves tonight"

    def test_a_mail_that_was_on_its_way_does_not_end_it(self) -> None:
        queue.pause("The mail server moves tonight")

        queue.resume_after_success()

        assert queue.state().is_paused

    def test_it_takes_over_a_pause_that_a_refusal_began(self) -> None:
        queue.pause_after_refusal("535 wrong password")

        queue.pause("We are looking into it")

        assert queue.state().retry_at is None

    def test_it_stops_a_worker_in_the_middle_of_a_drain(
        self, smtp_sink: SmtpSink, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(delivery, "BATCH", 2)
        monkeypatch.setattr(delivery, "QUICK", 0)
        for _number in range(6):
            mail_to(make_person())
        once_sent(monkeypatch, lambda: queue.pause("Stop"))

        assert drain() == 2


def once_sent(monkeypatch: pytest.MonkeyPatch, act: Callable[[], object]) -> None:
    """Does this when a mail has just been sent."""
    mark_sent = actions.mark_sent

    def and_act(mail: OutboxMail, *, address: str, text: str) -> None:
        mark_sent(mail, address=address, text=text)
        act()

    monkeypatch.setattr(actions, "mark_sent", and_act)


class TestBatches:
    def test_a_batch_that_takes_long_is_looked_at_anew(
        self, smtp_sink: SmtpSink, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Who is blocked while slow mails before theirs are sent gets nothing any more."""
        mail_to(make_person())
        blocked = make_person()
        mail_to(blocked)
        with time_machine.travel(timezone.now()) as clock:

            def blocked_meanwhile() -> None:
                User.objects.filter(pk=blocked.pk).update(is_blocked=True)
                clock.shift(3)

            once_sent(monkeypatch, blocked_meanwhile)
            assert drain() == 1

        assert smtp_sink.mails(blocked.email) == []

    def test_a_worker_that_stood_still_past_its_lease_sends_nothing_of_it(
        self, smtp_sink: SmtpSink, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        mail_to(make_person())
        second = mail_to(make_person())
        with time_machine.travel(timezone.now()) as clock:

            def stand_still() -> None:
                clock.shift(LEASE + timedelta(seconds=1))
                assert claim(20) == [second]  # another worker has it now

            once_sent(monkeypatch, stand_still)
            assert drain() == 1

        second.refresh_from_db()
        assert second.claim is not None

    def test_what_a_batch_is_about_is_read_once(self, smtp_sink: SmtpSink, django_assert_max_num_queries) -> None:
        for _number in range(20):
            mail_to(make_person())

        with django_assert_max_num_queries(20 + 12):  # one for each mail that is marked
            assert drain() == 20

    def test_a_mail_that_expired_is_dropped(self, colleague: User, smtp_sink: SmtpSink) -> None:
        mail = mail_to(colleague)
        OutboxMail.objects.filter(pk=mail.pk).update(expires_at=timezone.now())

        assert drain() == 0
        mail.refresh_from_db()
        assert mail.status == "suppressed"
