"""Test the mail queue at NEN's desk: its list, one mail, and the state on top (R37)."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import resolve, reverse
from django.utils import timezone

from accounts.models import User
from desk import long_lists
from nenconnect.mail import queue
from nenconnect.mail.delivery import drain
from nenconnect.mail.events import Unwanted
from nenconnect.mail.models import OutboxMail
from nenconnect.mail.rendering import render
from tests.desk.mails.queue import QUEUE, failed_mail, mail_for
from tests.every_mail import write_every_mail
from tests.factories import make_person
from tests.smtp_sink import SmtpSink

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("_english")]


def listed(desk: Client, **query: str) -> list[OutboxMail]:
    return list(desk.get(reverse(QUEUE), query).context["cl"].result_list)


class TestMailList:
    def test_the_mail_queue_shows_subject_recipient_and_failure_reason(
        self, desk: Client, colleague: User
    ) -> None:
        failed_mail(colleague)

        page = desk.get(reverse(QUEUE)).content.decode()

        for words in ("You have an account already", colleague.email, "550 5.1.1 No such mailbox", "Refused"):
            assert words in page

    def test_the_mail_queue_lists_newest_mails_first_and_ignores_column_sorting(
        self, desk: Client, colleague: User
    ) -> None:
        mails = [mail_for(colleague) for _number in range(3)]

        assert listed(desk) == mails[::-1]
        assert listed(desk, o="1") == mails[::-1]

    def test_the_mail_queue_filters_on_status_event_and_age(self, desk: Client, colleague: User) -> None:
        old = failed_mail(colleague, created_at=timezone.now() - timedelta(days=8))
        new = mail_for(colleague, event="password_reset")

        assert listed(desk, status__exact="failed") == [old]
        assert listed(desk, event="password_reset") == [new]
        assert listed(desk, age="hour") == listed(desk, age="day") == listed(desk, age="week") == [new]
        for age in ("over-hour", "over-day", "over-week"):
            assert listed(desk, age=age) == [old]
        assert len(listed(desk, age="nonsense")) == 2

    @pytest.mark.parametrize("query", ["collega@voorbeeld.example", "COLLEGA@", "coll", " collega@ "])
    def test_searching_the_mail_queue_finds_mails_by_the_start_of_an_address(
        self, desk: Client, colleague: User, admin: User, query: str
    ) -> None:
        mine = [
            mail_for(colleague),
            mail_for(admin, on_behalf_of=colleague),
            mail_for(None, status="sent", sent_to=colleague.email),
            mail_for(None, on_behalf_of=admin, address="collega@voorbeeld.example"),
        ]
        mail_for(admin)

        assert listed(desk, q=query) == mine[::-1]

    def test_searching_the_mail_queue_finds_a_mail_by_its_message_id(self, desk: Client, admin: User) -> None:
        mail = mail_for(admin)

        assert listed(desk, q=mail.message_id) == [mail]
        assert listed(desk, q="niemand@elders.example") == []
        assert listed(desk, q="%") == []

    def test_searching_a_filtered_mail_queue_finds_mails_that_match_both(
        self, desk: Client, colleague: User
    ) -> None:
        mail_for(colleague)
        failed = failed_mail(colleague)

        assert listed(desk, q=colleague.email, status__exact="failed") == [failed]

    def test_the_mail_queue_shows_a_limited_number_of_mails_and_announces_more(
        self, desk: Client, colleague: User, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(long_lists, "MOST", 3)
        for _number in range(3):
            mail_for(colleague)
        assert "There are more" not in desk.get(reverse(QUEUE)).content.decode()

        mail_for(colleague)

        answer = desk.get(reverse(QUEUE))
        assert answer.context["cl"].result_count == 3
        assert "There are more" in answer.content.decode()

    def test_no_query_of_the_mail_queue_scans_the_whole_mail_table(self, desk: Client, colleague: User) -> None:
        # With sequential scans made dear, one that is left has no index to go by.
        for _number in range(3):
            mail_for(colleague)
        queries_to_explain = [
            "",
            "?status__exact=failed",
            "?event=password_reset",
            "?age=hour",
            f"?q={colleague.email}",
        ]
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL enable_seqscan = off")
            for query in queries_to_explain:
                with CaptureQueriesContext(connection) as queries:
                    desk.get(reverse(QUEUE) + query)
                for captured in queries.captured_queries:
                    if "outboxmail" in captured["sql"] and captured["sql"].startswith("SELECT"):
                        cursor.execute(f"EXPLAIN {captured['sql']}")
                        plan = "\n".join(row[0] for row in cursor.fetchall())
                        assert "Seq Scan on mail_outboxmail" not in plan, (captured["sql"], plan)

    def test_the_mail_queue_needs_no_more_queries_with_more_mails(self, desk: Client) -> None:
        numbers = []
        for _more in range(2):
            for _number in range(10):
                failed_mail(make_person())
            with CaptureQueriesContext(connection) as queries:
                desk.get(reverse(QUEUE))
            numbers.append(len(queries))

        assert numbers[0] == numbers[1]


class TestOneMail:
    def page(self, desk: Client, mail: OutboxMail) -> str:
        return desk.get(reverse("admin:mail_outboxmail_change", args=[mail.pk])).content.decode()

    def test_the_page_of_a_sent_mail_shows_the_text_that_was_sent(
        self, desk: Client, colleague: User, smtp_sink: SmtpSink
    ) -> None:
        mail = mail_for(colleague, about={"user": colleague.pk})

        assert "Not sent yet" in self.page(desk, mail)
        drain()

        (received,) = smtp_sink.mails()
        text = received.get_body(("plain",))
        assert text is not None
        assert text.get_content().splitlines()[0] in self.page(desk, mail)

    def test_the_page_of_a_mail_escapes_html_in_the_mail_text(self, desk: Client, colleague: User) -> None:
        mail = mail_for(colleague, status="sent", sent_text="Beste <script>alert(1)</script>", reason="<b>")

        assert "Beste &lt;script&gt;" in self.page(desk, mail)
        assert "<script>alert" not in self.page(desk, mail)

    def test_staff_cannot_change_or_delete_a_mail(self, desk: Client, colleague: User) -> None:
        mail = mail_for(colleague, status="sent")

        desk.post(reverse("admin:mail_outboxmail_change", args=[mail.pk]), {"status": "waiting"})
        desk.post(reverse("admin:mail_outboxmail_delete", args=[mail.pk]), {"post": "yes"})

        mail.refresh_from_db()
        assert mail.status == "sent"

    def test_the_stored_text_of_a_sent_mail_contains_no_secret_link(self, smtp_sink: SmtpSink) -> None:
        # Staff read it: a link for a new password would let them into another account.
        secrets = {mail.pk: secrets_in(mail) for mail in write_every_mail()}
        assert sum(bool(captured) for captured in secrets.values()) >= 5
        OutboxMail.objects.update(due_at=timezone.now())
        drain()

        for mail in OutboxMail.objects.filter(status="sent"):
            assert bool(mail.sent_text.strip()) is (mail.event != "account_deleted"), mail.event
            for secret in secrets.get(mail.pk, []):
                assert secret not in mail.sent_text, mail.event
                assert secret.rpartition(":")[2] not in mail.sent_text, mail.event
            if secrets.get(mail.pk):
                assert "/…/" in mail.sent_text, mail.event


def secrets_in(mail: OutboxMail) -> list[str]:
    # The secret part of the links in this mail: the argument `token` of our URLs.
    try:
        text = str(render(mail).body)
    except Unwanted:
        return []
    paths = [link.removeprefix(settings.SITE_URL) for link in re.findall(rf"{settings.SITE_URL}\S*", text)]
    captured = [resolve(path.partition("?")[0] or "/").kwargs for path in paths]
    return [kwargs["token"] for kwargs in captured if "token" in kwargs]


class TestTheStateOnTop:
    def test_the_mail_queue_shows_oldest_mail_counts_and_worker_status(
        self, desk: Client, colleague: User
    ) -> None:
        mail_for(colleague, created_at=timezone.now() - timedelta(hours=3))
        failed_mail(colleague)
        queue.show_life(queue.WORKER)

        page = " ".join(desk.get(reverse(QUEUE)).content.decode().replace("\xa0", " ").split())

        assert "<dt>Oldest unsent mail</dt> <dd> 3 hours </dd>" in page
        assert '<dt>Waiting</dt> <dd> <a href="?status__exact=waiting">1</a>' in page
        assert '<dt>Failed</dt> <dd> <a href="?status__exact=failed">1</a>' in page
        assert "<dt>Worker</dt> <dd> 0 seconds ago </dd>" in page
        assert "<dt>Beat</dt> <dd> not seen yet </dd>" in page
        assert "is-bad" in page

    def test_the_mail_queue_shows_no_warning_when_all_is_well(self, desk: Client) -> None:
        queue.show_life(queue.WORKER)
        queue.show_life(queue.BEAT)

        page = desk.get(reverse(QUEUE)).content.decode()

        assert "is-bad" not in page
        assert "none" in page
