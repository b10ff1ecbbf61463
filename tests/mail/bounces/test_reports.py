"""Test reports of failed delivery: which are accepted, and what they change (C36)."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from accounts.actions.undeliverable import mark_deliverable
from accounts.models import User
from companies.models import Company
from nenconnect.audit.models import AuditEntry
from nenconnect.mail.bounces import BounceOutcome, record_bounce
from nenconnect.mail.delivery_reports import LARGEST, NoReport, parse
from tests.factories import make_person
from tests.mail.bounces.reports import report, sent_mail, state

pytestmark = pytest.mark.django_db


class TestRecording:
    def test_a_report_of_permanent_refusal_marks_the_mail_and_the_person(self, colleague: User) -> None:
        mail = sent_mail(colleague)

        assert record_bounce(report(mail)).outcome == BounceOutcome.RECORDED

        assert state(mail) == ("failed", True)
        assert mail.reason == "5.1.1 smtp; 550 5.1.1 No such mailbox"
        colleague.refresh_from_db()
        assert "No such mailbox" in colleague.undeliverable_reason
        assert AuditEntry.objects.get(verb="address_refused").subjects == {"user": colleague.pk}

    def test_a_report_of_giving_up_fails_the_mail_and_leaves_the_person_unmarked(self, colleague: User) -> None:
        mail = sent_mail(colleague)

        assert record_bounce(report(mail, status="4.4.7")).outcome == BounceOutcome.RECORDED
        assert state(mail) == ("failed", False)

    @pytest.mark.parametrize("action", ["delayed", "delivered", "relayed", "expanded"])
    def test_a_report_of_delay_or_delivery_changes_nothing(self, colleague: User, action: str) -> None:
        mail = sent_mail(colleague)

        assert record_bounce(report(mail, action=action)).outcome == BounceOutcome.TEMPORARY
        assert state(mail) == ("sent", False)

    def test_a_report_without_status_uses_the_code_in_the_servers_answer(self, colleague: User) -> None:
        mail = sent_mail(colleague)

        record_bounce(report(mail, action="", status=""))

        assert state(mail) == ("failed", True)

    def test_a_report_that_arrives_twice_is_recorded_once(self, colleague: User) -> None:
        mail = sent_mail(colleague)
        record_bounce(report(mail))
        mark_deliverable(User.objects.get(pk=colleague.pk))

        assert record_bounce(report(mail)).outcome == BounceOutcome.KNOWN
        assert state(mail) == ("failed", False)

    def test_a_report_about_a_waiting_mail_leaves_it_waiting_and_marks_the_person(self, colleague: User) -> None:
        # The server accepted the text and hung up, so we try again; its report comes back first.
        mail = sent_mail(colleague, status="waiting", sent_at=None, sent_to="")

        record_bounce(report(mail, to=colleague.email))

        assert state(mail) == ("waiting", True)

    def test_a_report_for_a_former_address_marks_the_mail_but_not_the_person(self, colleague: User) -> None:
        mail = sent_mail(colleague, sent_to="oud@voorbeeld.example")

        record_bounce(report(mail))

        assert state(mail) == ("failed", False)

    def test_a_report_about_a_rerouted_mail_marks_its_reader(self, colleague: User, admin: User) -> None:
        mail = sent_mail(admin, on_behalf_of=colleague)

        record_bounce(report(mail))

        assert state(mail) == ("failed", True)
        colleague.refresh_from_db()
        assert colleague.undeliverable_since is None


class TestMatchingAReport:
    def test_a_report_with_an_unknown_message_id_is_ignored(self, colleague: User) -> None:
        mail = sent_mail(colleague)
        stranger = SimpleNamespace(message_id="<geraden@testserver>", sent_to=colleague.email)

        assert record_bounce(report(stranger)).outcome == BounceOutcome.NOT_OURS  # type: ignore[arg-type]
        assert state(mail) == ("sent", False)

    def test_a_report_with_our_message_id_but_another_recipient_is_ignored(
        self, colleague: User, admin: User
    ) -> None:
        # Every reader of a mail knows its Message-ID, and must not be able to mark another person.
        mail, other = sent_mail(colleague), sent_mail(admin)

        assert record_bounce(report(mail, to=admin.email)).outcome == BounceOutcome.NOT_OURS
        assert (state(mail), state(other)) == (("sent", False), ("sent", False))

    def test_a_report_with_several_recipients_counts_for_our_recipient_only(self, colleague: User) -> None:
        mail = sent_mail(colleague)
        other = "Final-Recipient: rfc822; ander@elders.example\nAction: failed\nStatus: 5.0.0\n\n"
        ours = f"Final-Recipient: rfc822; {colleague.email}"

        record_bounce(report(mail, recipient=other + ours, action="delayed", status="4.2.0"))

        assert state(mail) == ("sent", False)

    @pytest.mark.parametrize(
        "written",
        [
            "Final-Recipient: rfc822;Jan+Test@Voorbeeld.example",
            "Final-Recipient: RFC822; <jan+test@voorbeeld.example>",
            "Original-Recipient: rfc822;jan+2Btest@voorbeeld.example\nFinal-Recipient: rfc822; jan@intern.example",
            "final-recipient: utf-8; jan+test@voorbeeld.example",
            "Final-Recipient: jan+test@voorbeeld.example",
        ],
    )
    def test_a_reports_recipient_is_recognised_in_every_spelling(self, company: Company, written: str) -> None:
        mail = sent_mail(make_person("jan+test@voorbeeld.example", company=company))

        assert record_bounce(report(mail, recipient=written)).outcome == BounceOutcome.RECORDED

    @pytest.mark.parametrize(
        "returned",
        [
            "Content-Type: text/rfc822-headers\n\nSubject: x\nMessage-Id:\n {id}\n",
            "Content-Type: text/rfc822-headers\nContent-Transfer-Encoding: base64\n\n{base64}\n",
            "Content-Type: message/global\n\nMessage-ID: {id}\n\nHallo\n",
            "Content-Type: message/rfc822\n\nMESSAGE-ID: {id} (rewritten)\n\nHallo\n",
        ],
    )
    def test_the_message_id_is_read_from_every_form_of_returned_mail(self, colleague: User, returned: str) -> None:
        mail = sent_mail(colleague, message_id="<0-5f0e@testserver>")
        written = returned.format(id=mail.message_id, base64="TWVzc2FnZS1JRDogPDAtNWYwZUB0ZXN0c2VydmVyPgo=")

        assert record_bounce(report(mail, returned=written)).outcome == BounceOutcome.RECORDED

    @pytest.mark.parametrize("header", ["In-Reply-To", "References"])
    def test_without_a_returned_mail_the_reports_own_headers_give_the_message_id(
        self, colleague: User, header: str
    ) -> None:
        mail = sent_mail(colleague)
        raw = report(mail, returned="Content-Type: text/plain\n\n-", before=f"{header}: {mail.message_id}\n")

        assert record_bounce(raw).outcome == BounceOutcome.RECORDED


GARBAGE = {
    "nothing": b"",
    "bytes": bytes(range(256)) * 40,
    "NUL": b"\0" * 5000,
    "an answer of a person": b"Subject: Re: hoi\r\n\r\nGroeten\r\n",
    "half a report": report(to="a@b.example")[:300],
    "no recipient": b"Content-Type: message/delivery-status\r\n\r\nStatus: 5.1.1\r\n\r\n",
    "an unknown charset": b"Content-Type: text/plain; charset=klingon\r\nSubject: =?klingon?q?=ff?=\r\n\r\n\xff",
    "messages within messages": b"Content-Type: message/rfc822\r\n\r\n" * 5000,
    "parts within parts": b"".join(
        b'Content-Type: multipart/mixed; boundary="%d"\r\n\r\n--%d\r\n' % (n, n) for n in range(2000)
    ),
    "one long line": b"A" * 5_000_000,
    "blank lines": b"Content-Type: message/delivery-status\r\n\r\n" + b"\r\n" * 2_000_000,
    "a heap of recipients": b"Content-Type: message/delivery-status\r\n\r\n"
    + b"Final-Recipient: rfc822; a@b.example\r\n\r\n" * 100_000,
}


class TestGarbage:
    @pytest.mark.parametrize("name", GARBAGE)
    def test_a_garbage_report_changes_nothing_and_raises_nothing(self, colleague: User, name: str) -> None:
        mail = sent_mail(colleague)
        outcome = record_bounce(GARBAGE[name]).outcome

        assert outcome in {BounceOutcome.NO_REPORT, BounceOutcome.NOT_OURS}
        assert state(mail) == ("sent", False)

    def test_a_dangerous_server_answer_is_saved_as_one_short_clean_line(self, colleague: User) -> None:
        mail = sent_mail(colleague)
        answer = "smtp; 550 <b>\0nee\x1b[31m \u202e\n\u2028 " + "x" * 9000

        record_bounce(report(mail, answer=answer))

        colleague.refresh_from_db()
        assert colleague.undeliverable_reason.startswith("5.1.1 smtp; 550 <b>nee[31m")
        assert len(colleague.undeliverable_reason) <= 500
        assert "\n" not in colleague.undeliverable_reason

    def test_a_report_with_bytes_of_another_charset_is_recorded(self, colleague: User) -> None:
        mail = sent_mail(colleague)
        raw = report(mail, answer="smtp; 550 Geen postbus BYTES").replace(b"BYTES", "één €".encode("cp1252"))

        assert record_bounce(raw).outcome == BounceOutcome.RECORDED

    def test_a_report_with_a_huge_returned_mail_is_recorded(self, colleague: User) -> None:
        mail = sent_mail(colleague)
        returned = f"Content-Type: message/rfc822\n\nMessage-ID: {mail.message_id}\n\n" + "groot\n" * 500_000
        raw = report(mail, returned=returned)
        assert len(raw) > 10 * LARGEST

        assert record_bounce(raw).outcome == BounceOutcome.RECORDED

    def test_a_report_cut_off_at_any_length_raises_nothing_else_than_no_report(self, colleague: User) -> None:
        raw = report(sent_mail(colleague))
        for length in range(0, len(raw), 7):
            try:
                parse(raw[:length])
            except NoReport:
                continue
