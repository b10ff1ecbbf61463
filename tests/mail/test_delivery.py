"""Test delivery from the outbox to a mail server in a real SMTP conversation (C35, C36, R33)."""

from __future__ import annotations

import socket
from contextlib import closing
from datetime import timedelta

import pytest
import time_machine
from django.core.management import call_command
from django.utils import timezone

from accounts.models import User
from nenconnect.mail import delivery, queue
from nenconnect.mail.actions import queue_mail
from nenconnect.mail.delivery import WAITS, drain
from nenconnect.mail.models import OutboxMail
from tests.at_once import run_at_once
from tests.factories import make_person
from tests.smtp_sink import SmtpSink, scripted_mail_server

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True, params=["one answer after the other", "server that reads ahead"])
def _kind_of_server(request: pytest.FixtureRequest, smtp_sink: SmtpSink) -> None:
    smtp_sink.reads_ahead = request.param == "server that reads ahead"


def mail_to(user: User) -> OutboxMail:
    return queue_mail("account_exists", to=user, about=user)


def state(mail: OutboxMail) -> tuple[str, int]:
    mail.refresh_from_db()
    return mail.status, mail.attempts


class TestSending:
    def test_a_mail_arrives_with_text_and_html_parts_and_its_headers(
        self, colleague: User, smtp_sink: SmtpSink
    ) -> None:
        mail = mail_to(colleague)

        assert drain() == 1

        (received,) = smtp_sink.mails(colleague.email)
        assert received["To"] == colleague.email
        assert received["Message-ID"] == mail.message_id
        assert received["Auto-Submitted"] == "auto-generated"
        assert received["From"].addresses[0].addr_spec == "noreply@testserver"
        assert [part.get_content_type() for part in received.iter_parts()] == ["text/plain", "text/html"]
        mail.refresh_from_db()
        assert (mail.status, mail.sent_to, mail.claim) == ("sent", colleague.email, None)

    def test_drain_sends_nothing_when_no_mail_is_due(self, smtp_sink: SmtpSink) -> None:
        assert drain() == 0

    def test_the_drain_command_sends_mails_without_celery(
        self, colleague: User, smtp_sink: SmtpSink, capsys: pytest.CaptureFixture[str]
    ) -> None:
        mail_to(colleague)

        call_command("drain_outbox")

        assert len(smtp_sink.mails()) == 1
        assert capsys.readouterr().out == "1 sent\n"

    def test_drain_sends_more_than_one_batch(self, smtp_sink: SmtpSink, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(delivery, "BATCH", 3)
        for _number in range(8):
            mail_to(make_person())

        assert drain() == 8
        assert len(smtp_sink.mails()) == 8

    def test_a_drain_stops_at_its_time_limit_and_the_next_sends_the_rest(
        self, colleague: User, smtp_sink: SmtpSink
    ) -> None:
        mail_to(colleague)

        assert drain(seconds=0) == 0
        assert drain() == 1

    @pytest.mark.django_db(transaction=True)
    def test_four_workers_at_once_send_each_mail_once(
        self, smtp_sink: SmtpSink, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(delivery, "BATCH", 3)
        written = [mail_to(make_person()) for _number in range(30)]

        outcomes = run_at_once([drain] * 4)

        assert sum(sent for sent in outcomes if isinstance(sent, int)) == 30
        assert sorted(mail["Message-ID"] for mail in smtp_sink.mails()) == sorted(
            mail.message_id for mail in written
        )


class TestRefusals:
    def test_a_mail_refused_with_450_is_sent_a_minute_later(self, colleague: User, smtp_sink: SmtpSink) -> None:
        mail = mail_to(colleague)
        smtp_sink.replies[colleague.email] = "450 4.2.1 Mailbox busy"

        assert drain() == 0
        assert state(mail) == ("waiting", 1)
        assert "450 4.2.1 Mailbox busy" in mail.reason
        assert timedelta(seconds=55) < mail.due_at - timezone.now() <= timedelta(minutes=1)
        smtp_sink.replies.clear()
        assert drain() == 0

        with time_machine.travel(timezone.now() + timedelta(seconds=61)):
            assert drain() == 1
        assert state(mail) == ("sent", 2)

    def test_a_mail_refused_with_550_fails_for_good(self, colleague: User, smtp_sink: SmtpSink) -> None:
        mail = mail_to(colleague)
        smtp_sink.replies[colleague.email] = "550 5.1.1 No such mailbox"

        drain()

        assert state(mail) == ("failed", 1)
        assert "550 5.1.1 No such mailbox" in mail.reason
        smtp_sink.replies.clear()
        assert drain() == 0

    def test_the_waits_between_attempts_grow_until_the_mail_fails(
        self, colleague: User, smtp_sink: SmtpSink
    ) -> None:
        mail = mail_to(colleague)
        smtp_sink.replies[colleague.email] = "451 4.3.0 Later"
        waited = []
        with time_machine.travel(timezone.now(), tick=False) as clock:
            for _attempt in range(len(WAITS)):
                drain()
                mail.refresh_from_db()
                waited.append(mail.due_at - timezone.now())
                clock.move_to(mail.due_at)
            assert mail.status == "waiting"
            drain()

        assert waited == WAITS
        assert waited[:4] == [timedelta(minutes=minutes) for minutes in (1, 5, 15, 60)]
        assert state(mail) == ("failed", len(WAITS) + 1)

    @pytest.mark.parametrize("answer", ["450 4.2.1 Busy", "550 5.1.1 Unknown", "421 4.3.2 Closing", "599 What"])
    def test_a_refused_recipient_stops_no_other_mail_of_the_batch(
        self, colleague: User, smtp_sink: SmtpSink, answer: str
    ) -> None:
        before, bad, after = mail_to(make_person()), mail_to(colleague), mail_to(make_person())
        smtp_sink.replies[colleague.email] = answer

        assert drain() == 2

        assert [state(mail)[0] for mail in (before, after)] == ["sent", "sent"]
        assert state(bad)[0] == ("failed" if answer.startswith("5") else "waiting")

    def test_a_mail_that_cannot_be_rendered_stops_no_other_mail(
        self, colleague: User, smtp_sink: SmtpSink
    ) -> None:
        broken = queue_mail("an_event_that_nobody_knows", to=colleague)
        good = mail_to(colleague)

        assert drain() == 1

        assert state(good) == ("sent", 1)
        assert state(broken) == ("waiting", 1)
        assert "an_event_that_nobody_knows" in broken.reason

    def test_a_mail_is_retried_after_the_mail_server_was_down(self, colleague: User, smtp_sink: SmtpSink) -> None:
        mail = mail_to(colleague)
        smtp_sink.stop()

        assert drain() == 0
        assert state(mail) == ("waiting", 1)
        assert "ConnectionRefusedError" in mail.reason

        smtp_sink.start()
        with time_machine.travel(timezone.now() + timedelta(minutes=2)):
            assert drain() == 1

    def test_with_the_mail_server_down_only_the_first_mail_spends_an_attempt(self, smtp_sink: SmtpSink) -> None:
        written = [mail_to(make_person()) for _number in range(3)]
        smtp_sink.stop()

        assert drain() == 0
        assert [state(mail)[1] for mail in written] == [1, 0, 0]

        smtp_sink.start()
        assert drain() == 2

    def test_a_mail_is_retried_after_the_mail_server_gave_no_answer(
        self, colleague: User, smtp_sink: SmtpSink, settings
    ) -> None:
        settings.EMAIL_TIMEOUT = 0.2
        mail = mail_to(colleague)
        with closing(socket.create_server(("127.0.0.1", 0))) as silent:
            settings.EMAIL_PORT = silent.getsockname()[1]
            drain()

        assert state(mail) == ("waiting", 1)

    def test_a_mail_cut_off_after_its_text_is_sent_again_with_the_same_message_id(
        self, colleague: User, smtp_sink: SmtpSink
    ) -> None:
        # The mail may have arrived: a double is better than a loss, and mail programs show it once.
        mail = mail_to(colleague)
        smtp_sink.hangs_up_after_data = True
        assert drain() == 0
        assert state(mail) == ("waiting", 1)

        smtp_sink.hangs_up_after_data = False
        with time_machine.travel(timezone.now() + timedelta(minutes=2)):
            assert drain() == 1

        assert [received["Message-ID"] for received in smtp_sink.mails()] == [mail.message_id] * 2


class TestTheServerRefusesUs:
    @pytest.mark.parametrize("answer", ["530 5.7.0 Sign in first", "550 5.7.1 Not as you", "451 4.7.1 Not now"])
    def test_a_refused_sender_pauses_the_queue_and_spends_no_attempt(
        self, smtp_sink: SmtpSink, answer: str
    ) -> None:
        written = [mail_to(make_person()) for _number in range(3)]
        smtp_sink.reply_to_sender = answer

        assert drain() == 0
        assert [state(mail) for mail in written] == [("waiting", 0)] * 3

        smtp_sink.reply_to_sender = None
        assert drain() == 0
        with time_machine.travel(timezone.now() + timedelta(seconds=61)):
            assert drain() == 3

    @pytest.mark.parametrize("greeting", ["554 5.7.1 You are on a list", "421 4.3.2 Too busy"])
    def test_a_mail_server_that_refuses_at_its_greeting_fails_no_mail(
        self, colleague: User, smtp_sink: SmtpSink, settings, greeting: str
    ) -> None:
        written = [mail_to(make_person()) for _number in range(3)]
        with scripted_mail_server(greeting) as settings.EMAIL_PORT:
            assert drain() == 0

        assert [state(mail) for mail in written] == [("waiting", 0)] * 3

    def test_a_refused_smtp_password_fails_no_mail(self, colleague: User, smtp_sink: SmtpSink, settings) -> None:
        settings.EMAIL_HOST_USER, settings.EMAIL_HOST_PASSWORD = "nen", "wrong"
        mail = mail_to(colleague)
        answers = {"ehlo": "250-localhost\r\n250 AUTH PLAIN", "AUTH": "535 5.7.8 Wrong password"}

        with scripted_mail_server("220 localhost", **answers) as settings.EMAIL_PORT:
            assert drain() == 0

        assert state(mail) == ("waiting", 0)
        assert "Wrong password" in queue.state().reason

    def test_sign_in_required_at_the_recipient_pauses_the_queue(
        self, colleague: User, smtp_sink: SmtpSink
    ) -> None:
        mail = mail_to(colleague)
        smtp_sink.replies[colleague.email] = "530 5.7.1 Sign in first"

        assert drain() == 0
        assert state(mail) == ("waiting", 0)
        assert queue.state().is_paused

    def test_a_mail_that_is_too_large_fails_without_pausing_the_queue(
        self, colleague: User, smtp_sink: SmtpSink
    ) -> None:
        # The server refuses at the sender because of the size of this mail: others need not wait.
        mail = mail_to(colleague)
        smtp_sink.reply_to_sender = "552 5.3.4 Too large"

        assert drain() == 0
        assert state(mail) == ("failed", 1)
        assert not queue.state().is_paused

    def test_failing_encryption_pauses_the_queue_and_spends_no_attempt(
        self, colleague: User, smtp_sink: SmtpSink, settings
    ) -> None:
        settings.EMAIL_USE_TLS = True
        mail = mail_to(colleague)

        assert drain() == 0
        assert state(mail) == ("waiting", 0)
        assert queue.state().is_paused
