"""Test sending mails again and pausing the queue at NEN's desk (R37)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.messages import get_messages
from django.test import Client
from django.urls import reverse

from accounts.models import User
from desk.mail import queue as desk_pages
from nenconnect.audit.models import AuditEntry
from nenconnect.mail import queue
from nenconnect.mail.delivery import drain
from nenconnect.mail.models import OutboxMail
from tests.desk.mails.queue import QUEUE, failed_mail, mail_for
from tests.smtp_sink import SmtpSink

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("_english")]
SignIn = Callable[[User], Client]


def messages_of(answer: Any) -> str:
    return " ".join(str(message) for message in get_messages(answer.wsgi_request))


class TestSendingMailAgain:
    def test_staff_send_a_failed_mail_again_from_its_page(self, desk: Client, nina: User, colleague: User) -> None:
        mail = failed_mail(colleague)

        answer = desk.post(reverse("admin:mail_outboxmail_send_again", args=[mail.pk]))

        assert messages_of(answer) == "1 failed mail is in the queue again."
        mail.refresh_from_db()
        assert (mail.status, mail.attempts, mail.reason) == ("waiting", 0, "")
        entry = AuditEntry.objects.get(verb="mails_sent_again")
        assert (entry.actor_id, entry.details) == (nina.pk, {"mails": [mail.pk]})

    def test_sending_selected_mails_again_requeues_only_the_failed_mails(
        self, desk: Client, colleague: User
    ) -> None:
        failed = [failed_mail(colleague) for _number in range(3)]
        kept = [mail_for(colleague, status=status) for status in ("sent", "suppressed")]
        chosen = [mail.pk for mail in failed + kept]

        answer = desk.post(reverse(QUEUE), {"action": "send_failed_again", "_selected_action": chosen})

        assert messages_of(answer) == "3 failed mails are in the queue again."
        assert OutboxMail.objects.filter(status="waiting").count() == 3
        assert [OutboxMail.objects.get(pk=mail.pk).status for mail in kept] == ["sent", "suppressed"]

    def test_sending_all_filtered_mails_again_stops_at_the_limit_of_the_list(
        self, desk: Client, colleague: User, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(desk_pages, "MOST", 2)
        mails = [failed_mail(colleague) for _number in range(3)]
        posted = {"action": "send_failed_again", "_selected_action": [mails[0].pk], "select_across": "1"}

        desk.post(reverse(QUEUE) + "?status__exact=failed", posted)

        assert list(OutboxMail.objects.filter(status="failed")) == mails[:1]

    def test_the_send_again_button_appears_only_for_a_failed_mail(self, desk: Client, colleague: User) -> None:
        pages = [
            desk.get(reverse("admin:mail_outboxmail_change", args=[mail.pk])).content.decode()
            for mail in (failed_mail(colleague), mail_for(colleague, status="sent"))
        ]

        assert ["Send again" in page for page in pages] == [True, False]

    def test_a_get_request_does_not_send_a_mail_again_or_pause_the_queue(
        self, desk: Client, colleague: User
    ) -> None:
        mail = failed_mail(colleague)

        assert desk.get(reverse("admin:mail_outboxmail_send_again", args=[mail.pk])).status_code == 405
        assert desk.get(reverse("admin:mail_outboxmail_pause")).status_code == 405
        mail.refresh_from_db()
        assert mail.status == "failed"

    def test_sending_an_unknown_mail_again_gives_404(self, desk: Client) -> None:
        assert desk.post(reverse("admin:mail_outboxmail_send_again", args=[1])).status_code == 404


class TestPausing:
    def pause(self, desk: Client, reason: str = "Nieuwe mailserver") -> Any:
        return desk.post(reverse("admin:mail_outboxmail_pause"), {"reason": reason})

    def test_a_paused_mail_queue_sends_nothing_until_staff_resume_the_queue(
        self, desk: Client, colleague: User, smtp_sink: SmtpSink
    ) -> None:
        mail_for(colleague, about={"user": colleague.pk})

        self.pause(desk)

        assert drain() == 0
        assert "Nieuwe mailserver" in desk.get(reverse(QUEUE)).content.decode()
        desk.post(reverse("admin:mail_outboxmail_resume"))
        assert drain() == 1
        assert "The queue runs." in desk.get(reverse(QUEUE)).content.decode()

    def test_the_audit_keeps_who_paused_the_mail_queue_and_why(self, desk: Client, nina: User) -> None:
        self.pause(desk)
        desk.post(reverse("admin:mail_outboxmail_resume"))
        desk.post(reverse("admin:mail_outboxmail_resume"))

        entries = AuditEntry.objects.order_by("pk").values_list("verb", "actor_id", "details")
        assert list(entries) == [
            ("mail_queue_paused", nina.pk, {"reason": "Nieuwe mailserver"}),
            ("mail_queue_resumed", nina.pk, {}),
        ]

    @pytest.mark.parametrize("reason", ["", "  \n ", "\x00\u202e"])
    def test_pausing_the_mail_queue_requires_a_reason(self, desk: Client, reason: str) -> None:
        assert "Say why" in messages_of(self.pause(desk, reason))
        assert not queue.state().is_paused

    def test_the_reason_for_a_pause_is_cleaned_shortened_and_escaped(self, desk: Client) -> None:
        self.pause(desk, "Een <b>\x00\nreden" + "n" * 900)

        assert queue.state().reason.startswith("Een <b> reden")
        assert len(queue.state().reason) == 500
        assert "Een &lt;b&gt;" in desk.get(reverse(QUEUE)).content.decode()

    def test_after_a_refusal_by_the_mail_server_the_queue_page_announces_a_retry(self, desk: Client) -> None:
        queue.pause_after_refusal("535 wrong password")

        page = desk.get(reverse(QUEUE)).content.decode()

        assert "535 wrong password" in page
        assert "tries again by itself" in page
        assert "Try now" in page

    @pytest.mark.parametrize("name", ["pause", "resume"])
    def test_a_company_admin_cannot_pause_or_resume_the_mail_queue(
        self, admin: User, sign_in: SignIn, name: str
    ) -> None:
        sign_in(admin).post(reverse(f"admin:mail_outboxmail_{name}"), {"reason": "zomaar"})

        assert not queue.state().is_paused
        assert not AuditEntry.objects.exists()
