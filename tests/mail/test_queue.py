"""Test the queue of mails: pausing, resuming and batches (C36)."""

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
    def test_a_refusal_pauses_the_queue_with_its_reason_start_and_retry_time(
        self, colleague: User, smtp_sink: SmtpSink
    ) -> None:
        mail_to(colleague)
        smtp_sink.reply_to_sender = REFUSES

        drain()

        state = queue.state()
        assert state.is_paused
        assert "Not as you" in state.reason
        assert state.paused_at is not None
        assert state.retry_at is not None
        assert timedelta(seconds=50) < state.retry_at - timezone.now() <= timedelta(minutes=1)

    def test_a_queue_paused_by_a_refusal_sends_nothing_before_the_retry_time(
        self, colleague: User, smtp_sink: SmtpSink
    ) -> None:
        queue.pause_after_refusal("535 wrong password")
        mail_to(colleague)

        assert drain() == 0
        assert smtp_sink.mails() == []

    def test_a_queue_paused_by_a_refusal_resumes_after_a_minute(self, smtp_sink: SmtpSink) -> None:
        for _number in range(3):
            mail_to(make_person())
        queue.pause_after_refusal("535 wrong password")

        with time_machine.travel(timezone.now() + timedelta(seconds=61)):
            assert drain() == 3

        assert not queue.state().is_paused
        assert queue.state().reason == ""

    def test_a_repeated_refusal_keeps_the_start_of_the_pause_and_moves_the_retry_time(
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

    def test_the_mails_claimed_with_a_refused_mail_can_be_claimed_at_once(self, smtp_sink: SmtpSink) -> None:
        written = [mail_to(make_person()) for _number in range(3)]
        smtp_sink.reply_to_sender = REFUSES

        drain()

        assert claim(20) == written


class TestPausedByAPerson:
    def test_a_queue_paused_by_a_person_sends_nothing_until_a_person_resumes(
        self, colleague: User, smtp_sink: SmtpSink
    ) -> None:
        mail_to(colleague)
        queue.pause("The mail server moves tonight")

        with time_machine.travel(timezone.now() + timedelta(days=3)):
            assert drain() == 0

        queue.resume()
        assert drain() == 1

    def test_a_refusal_does_not_give_a_persons_pause_a_retry_time(self) -> None:
        queue.pause("The mail server moves tonight")

        queue.pause_after_refusal("535 wrong password")

        assert queue.state().retry_at is None
        assert queue.state().reason == "The mail server moves tonight"

    def test_a_mail_sent_during_a_persons_pause_does_not_end_the_pause(self) -> None:
        queue.pause("The mail server moves tonight")

        queue.resume_after_success()

        assert queue.state().is_paused

    def test_a_persons_pause_replaces_a_pause_after_a_refusal(self) -> None:
        queue.pause_after_refusal("535 wrong password")

        queue.pause("We are looking into it")

        assert queue.state().retry_at is None

    def test_a_persons_pause_stops_a_worker_in_the_middle_of_a_drain(
        self, smtp_sink: SmtpSink, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(delivery, "BATCH", 2)
        monkeypatch.setattr(delivery, "QUICK", 0)
        for _number in range(6):
            mail_to(make_person())
        once_sent(monkeypatch, lambda: queue.pause("Stop"))

        assert drain() == 2


def once_sent(monkeypatch: pytest.MonkeyPatch, act: Callable[[], object]) -> None:
    """Call this function each time a mail has been sent."""
    mark_sent = actions.mark_sent

    def and_act(mail: OutboxMail, *, address: str, text: str) -> None:
        mark_sent(mail, address=address, text=text)
        act()

    monkeypatch.setattr(actions, "mark_sent", and_act)


class TestBatches:
    def test_a_person_blocked_during_a_slow_batch_gets_no_mail(
        self, smtp_sink: SmtpSink, monkeypatch: pytest.MonkeyPatch
    ) -> None:
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

    def test_a_worker_that_exceeds_its_lease_sends_no_more_of_its_batch(
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

    def test_a_batch_reads_the_people_of_its_mails_once(
        self, smtp_sink: SmtpSink, django_assert_max_num_queries
    ) -> None:
        for _number in range(20):
            mail_to(make_person())

        with django_assert_max_num_queries(20 + 12):  # one for each mail that is marked
            assert drain() == 20

    def test_an_expired_mail_is_dropped(self, colleague: User, smtp_sink: SmtpSink) -> None:
        mail = mail_to(colleague)
        OutboxMail.objects.filter(pk=mail.pk).update(expires_at=timezone.now())

        assert drain() == 0
        mail.refresh_from_db()
        assert mail.status == "suppressed"
