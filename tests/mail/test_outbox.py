"""Test the outbox: no change without its mail, no mail without its change (R31, C33–C35, C38)."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import timedelta
from threading import Barrier
from typing import Any

import pytest
import time_machine
from celery import current_app
from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone

from accounts import mails
from accounts.actions.password import ask_password_reset
from accounts.mails.password import send_password_reset
from accounts.models import User
from companies.models import Company
from nenconnect.celery import app
from nenconnect.mail import actions
from nenconnect.mail.actions import LEASE, claim, nudge, queue_mail
from nenconnect.mail.models import OutboxMail
from nenconnect.mail.tasks import drain
from tests.at_once import run_at_once
from tests.factories import make_person
from tests.smtp_sink import SmtpSink

pytestmark = pytest.mark.django_db


def write_mails(number: int) -> list[OutboxMail]:
    return [
        queue_mail("account_exists", to=user, about=user) for user in (make_person() for _each in range(number))
    ]


@pytest.mark.django_db(transaction=True)
class TestOutboxTransactions:
    def test_a_change_that_is_rolled_back_leaves_no_mail(self, colleague: User) -> None:
        with transaction.atomic():
            ask_password_reset(colleague.email)
            transaction.set_rollback(True)

        assert not OutboxMail.objects.exists()

    def test_a_committed_change_leaves_a_waiting_mail(self, colleague: User) -> None:
        with transaction.atomic():
            ask_password_reset(colleague.email)

        assert OutboxMail.objects.get().status == "waiting"

    def test_a_rolled_back_savepoint_leaves_no_mail_and_the_outer_change_keeps_its_mail(
        self, colleague: User
    ) -> None:
        with transaction.atomic():
            with transaction.atomic():
                mails.send_account_exists(colleague)
                transaction.set_rollback(True)
            send_password_reset(colleague)
            assert len(connection.run_on_commit) == 1

        assert [mail.event for mail in OutboxMail.objects.all()] == ["password_reset"]

    def test_several_mails_of_one_transaction_nudge_the_worker_once(self) -> None:
        with transaction.atomic():
            write_mails(5)
            assert len(connection.run_on_commit) == 1


class TestKey:
    def test_a_mail_with_the_same_key_is_written_once(self, colleague: User) -> None:
        first = queue_mail("account_exists", to=colleague, about=colleague, once_per="today")
        second = queue_mail("account_exists", to=colleague, about=colleague, once_per="today")

        assert first == second
        assert OutboxMail.objects.count() == 1

    def test_another_day_reader_event_or_subject_makes_another_mail(self, colleague: User, admin: User) -> None:
        queue_mail("account_exists", to=colleague, about=colleague, once_per="today")
        queue_mail("account_exists", to=colleague, about=colleague, once_per="tomorrow")
        queue_mail("account_exists", to=admin, about=colleague, once_per="today")
        queue_mail("account_exists", to=colleague, about=admin, once_per="today")
        queue_mail("password_reset", to=colleague, about=colleague, once_per="today")

        assert OutboxMail.objects.count() == 5
        assert OutboxMail.objects.values("message_id").distinct().count() == 5

    def test_key_has_matches_whole_parts_of_the_key_only(self, colleague: User) -> None:
        mail = queue_mail("account_exists", to=colleague, about=colleague, once_per="round12")

        assert mail.key_has("round12")
        assert not mail.key_has("round1")

    @pytest.mark.django_db(transaction=True)
    def test_concurrent_writes_of_the_same_mail_make_one_row(self, colleague: User) -> None:
        outcomes = run_at_once([lambda: queue_mail("account_exists", to=colleague, about=colleague)] * 6)

        assert {outcome.pk for outcome in outcomes if isinstance(outcome, OutboxMail)} == {
            OutboxMail.objects.get().pk
        }
        assert len([outcome for outcome in outcomes if isinstance(outcome, OutboxMail)]) == 6

    def test_an_outbox_row_holds_ids_and_no_name_address_or_link(self, colleague: User) -> None:
        send_password_reset(colleague)

        row = OutboxMail.objects.values().get()
        assert row["about"] == {"user": colleague.pk}
        everything = str(row)
        assert colleague.email not in everything
        assert colleague.name not in everything
        assert "http" not in everything


class TestClaiming:
    def test_a_claimed_mail_cannot_be_claimed_again(self) -> None:
        write_mails(3)

        assert len(claim(20)) == 3
        assert claim(20) == []

    def test_claim_takes_the_oldest_mails_up_to_the_number_requested(self) -> None:
        written = write_mails(5)

        assert claim(2) == written[:2]
        assert claim(2) == written[2:4]

    def test_a_postponed_mail_is_claimed_only_when_it_is_due(self) -> None:
        (mail,) = write_mails(1)
        actions.postpone(mail, "450 later", timedelta(minutes=5))

        assert claim(20) == []
        with time_machine.travel(timezone.now() + timedelta(minutes=6)):
            assert claim(20) == [mail]

    def test_another_worker_can_claim_a_mail_after_the_lease_ends(self) -> None:
        # The first worker was killed.
        (mail,) = write_mails(1)
        claim(20)

        with time_machine.travel(timezone.now() + LEASE - timedelta(seconds=2)):
            assert claim(20) == []
        with time_machine.travel(timezone.now() + LEASE + timedelta(seconds=2)):
            assert claim(20) == [mail]

    def test_a_worker_that_lost_its_claim_cannot_change_the_mail(self) -> None:
        write_mails(1)
        (lost,) = claim(20)
        with time_machine.travel(timezone.now() + LEASE + timedelta(seconds=2)):
            (taken_over,) = claim(20)
            actions.mark_failed(lost, "550 no")
            actions.postpone(lost, "450 later", timedelta(days=1))
            actions.put_back([lost])

        row = OutboxMail.objects.get()
        assert (row.status, row.attempts, row.claim) == ("waiting", 0, taken_over.claim)

    @pytest.mark.django_db(transaction=True)
    def test_concurrent_workers_claim_different_mails_without_waiting(self) -> None:
        written = write_mails(20)
        all_have_claimed = Barrier(4, timeout=10)

        def take() -> list[OutboxMail]:
            with transaction.atomic():
                claimed = claim(5)
                all_have_claimed.wait()
            return claimed

        outcomes = run_at_once([take] * 4)

        taken = [mail.pk for outcome in outcomes if isinstance(outcome, list) for mail in outcome]
        assert sorted(taken) == sorted(mail.pk for mail in written)

    def test_a_mail_that_is_put_back_is_due_at_once_and_keeps_its_attempts(self) -> None:
        write_mails(1)
        (mail,) = claim(20)

        actions.put_back([mail])

        (again,) = claim(20)
        assert (again.pk, again.attempts) == (mail.pk, 0)

    def test_send_again_makes_a_failed_mail_due_with_the_same_message_id(self) -> None:
        write_mails(1)
        (mail,) = claim(20)
        actions.mark_failed(mail, "550 no such mailbox")
        assert claim(20) == []

        actions.send_again(mail)

        (again,) = claim(20)
        assert (again.pk, again.attempts, again.message_id) == (mail.pk, 0, mail.message_id)

    def test_send_again_leaves_a_sent_mail_alone(self) -> None:
        write_mails(1)
        (mail,) = claim(20)
        actions.mark_sent(mail, address="jan@acme.nl", text="Hello")

        actions.send_again(mail)

        assert OutboxMail.objects.get().status == "sent"
        assert claim(20) == []


@pytest.fixture
def broker_at() -> Iterator[Callable[[str], None]]:
    """Return a function that points Celery at another broker until the test ends."""

    def point(url: str) -> None:
        app.conf.update(broker_url=url, broker_write_url=url)

    yield point
    point(settings.CELERY_BROKER_URL)


@pytest.mark.django_db(transaction=True)
class TestBroker:
    def test_with_redis_down_a_change_with_mails_commits_within_a_second(
        self, company: Company, colleague: User, broker_at, caplog: pytest.LogCaptureFixture
    ) -> None:
        with closing(socket.create_server(("127.0.0.1", 0))) as server:
            port = server.getsockname()[1]
        broker_at(f"redis://127.0.0.1:{port}/0")

        started = time.monotonic()
        with transaction.atomic():
            ask_password_reset(colleague.email)
            write_mails(10)
        took = time.monotonic() - started

        assert took < 1
        assert OutboxMail.objects.count() == 11
        assert "waits for beat" in caplog.text

    def test_with_redis_hanging_a_change_with_a_mail_commits_within_a_second(
        self, colleague: User, broker_at
    ) -> None:
        with closing(socket.create_server(("127.0.0.1", 0))) as server:  # takes the call and says nothing
            broker_at(f"redis://127.0.0.1:{server.getsockname()[1]}/0")

            started = time.monotonic()
            ask_password_reset(colleague.email)
            took = time.monotonic() - started

        assert took < 1
        assert OutboxMail.objects.count() == 1

    def test_a_nudge_puts_the_drain_task_in_redis(self) -> None:
        with app.connection() as broker:
            channel: Any = broker.default_channel
            channel.queue_purge("celery")

            nudge()

            assert channel.basic_get("celery").headers["task"] == "nenconnect.mail.tasks.drain"

    def test_the_drain_task_sends_the_due_mails(self, smtp_sink: SmtpSink) -> None:
        assert current_app.tasks["nenconnect.mail.tasks.drain"].name == drain.name
        written = write_mails(3)

        drain()

        assert len(smtp_sink.mails()) == 3
        assert OutboxMail.objects.filter(status="sent").count() == len(written)

    def test_beat_schedules_the_drain_task(self) -> None:
        assert {entry["task"] for entry in app.conf.beat_schedule.values()} >= {drain.name}
