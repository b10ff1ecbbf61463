"""Test the heartbeats of the mail queue, and sending while the database is away (C40)."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.db import OperationalError, connection
from django.utils import timezone

from accounts.models import User
from nenconnect.mail import actions, beat, delivery, queue
from nenconnect.mail.actions import claim, queue_mail
from nenconnect.mail.delivery import drain
from nenconnect.mail.models import Heartbeat, MailQueue, OutboxMail
from nenconnect.mail.tasks import drain as drain_task
from tests.smtp_sink import SmtpSink

pytestmark = pytest.mark.django_db


def mail_to(user: User) -> OutboxMail:
    return queue_mail("account_exists", to=user, about=user)


class TestSignsOfLife:
    def test_the_drain_task_records_a_heartbeat_of_the_worker(self) -> None:
        drain_task()

        assert timezone.now() - Heartbeat.objects.get(name="worker").at < timedelta(seconds=5)
        assert not Heartbeat.objects.filter(name="beat").exists()

    def test_a_round_of_beat_records_a_heartbeat_and_sends_the_due_mail(
        self, colleague: User, smtp_sink: SmtpSink
    ) -> None:
        mail_to(colleague)

        beat.once()

        assert set(Heartbeat.objects.values_list("name", flat=True)) == {"beat"}
        assert len(smtp_sink.mails()) == 1

    def test_a_failing_drain_does_not_stop_beat(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(delivery, "drain", lambda seconds: 1 / 0)

        beat.once()

    def test_a_heartbeat_is_renewed_after_some_seconds_but_not_at_every_nudge(
        self, django_assert_num_queries
    ) -> None:
        with time_machine.travel(timezone.now(), tick=False) as clock:
            queue.show_life("worker")
            first = Heartbeat.objects.get().at
            clock.shift(2)
            queue.show_life("worker")
            assert Heartbeat.objects.get().at == first
            clock.shift(20)
            queue.show_life("worker")
            assert Heartbeat.objects.get().at == timezone.now()


@pytest.mark.django_db(transaction=True)
class TestDatabaseAway:
    def test_a_sent_mail_is_marked_as_sent_after_the_database_reconnects(
        self, colleague: User, smtp_sink: SmtpSink, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        # Postgres restarts between the server's "250 OK" and our UPDATE (C40).
        mail = mail_to(colleague)
        cut_the_connection_before(monkeypatch, "mark_sent")

        assert drain() == 1

        mail.refresh_from_db()
        assert mail.status == "sent"
        assert len(smtp_sink.mails()) == 1

    def test_a_database_failure_during_the_last_look_frees_the_mail_without_an_attempt(
        self, colleague: User, smtp_sink: SmtpSink, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        mail = mail_to(colleague)
        cut_the_connection_before(monkeypatch, "mark_suppressed")
        OutboxMail.objects.update(expires_at=timezone.now())

        with pytest.raises(OperationalError):
            drain()

        (free,) = claim(20)
        assert (free.pk, free.attempts) == (mail.pk, 0)


def cut_the_connection_before(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    act = getattr(actions, name)
    cuts = iter([True])

    def cut_and_act(*args: object, **fields: object) -> object:
        if next(cuts, False):
            with connection.cursor() as cursor, pytest.raises(OperationalError):
                cursor.execute("SELECT pg_terminate_backend(pg_backend_pid())")
        return act(*args, **fields)

    monkeypatch.setattr(actions, name, cut_and_act)


def test_the_queue_state_is_one_row_that_is_created_at_the_first_pause() -> None:
    assert not queue.state().is_paused
    assert not MailQueue.objects.exists()

    queue.pause("Stop")

    assert MailQueue.objects.get().pk == 1
