"""Mails that come back (C36): read from a message or a mailbox, whatever anybody put in there."""

from __future__ import annotations

import io
import os
import socket
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from accounts.actions.undeliverable import mark_deliverable
from accounts.models import User
from companies.models import Company
from nenconnect.audit.models import AuditEntry
from nenconnect.mail import tasks
from nenconnect.mail.bounce_mailbox import MailboxError, fetch_bounces
from nenconnect.mail.bounces import Outcome, record_bounce
from nenconnect.mail.delivery_reports import LARGEST, NoReport, parse
from nenconnect.mail.models import OutboxMail
from tests.factories import person
from tests.imap_server import ImapServer, certificate, imap_server, with_tls

__all__ = ["certificate", "imap_server"]

pytestmark = pytest.mark.django_db


def sent_mail(to: User, **fields: Any) -> OutboxMail:
    number = OutboxMail.objects.count()
    defaults: dict[str, Any] = {
        "event": "account_exists",
        "key": f"test{number}",
        "recipient": to,
        "message_id": f"<{number}-5f0e@testserver>",
        "status": "sent",
        "sent_at": timezone.now(),
        "sent_to": to.email,
    }
    return OutboxMail.objects.create(**defaults | fields)


def report(
    mail: OutboxMail | None = None,
    *,
    to: str = "",
    recipient: str = "",
    action: str = "failed",
    status: str = "5.1.1",
    answer: str = "smtp; 550 5.1.1 No such mailbox",
    returned: str = "",
    before: str = "",
) -> bytes:
    """As Postfix writes it; each argument puts something of one's own in its place."""
    recipient = recipient or f"Final-Recipient: rfc822; {to or (mail.sent_to if mail else '')}"
    fields = [recipient, f"Action: {action}" if action else "", f"Status: {status}" if status else ""]
    about = "\n".join([field for field in fields if field] + [f"Diagnostic-Code: {answer}"])
    id_line = f"Message-ID: {mail.message_id}" if mail else "Subject: nothing"
    returned = returned or f"Content-Type: message/rfc822\n\n{id_line}\nTo: {to}\n\nHallo\n"
    text = (
        "From: MAILER-DAEMON@mx.example\nTo: noreply@testserver\nSubject: Undelivered\nMIME-Version: 1.0\n"
        f'{before}Content-Type: multipart/report; report-type=delivery-status; boundary="grens"\n\n'
        "--grens\nContent-Type: text/plain\n\nSorry.\n"
        "--grens\nContent-Type: message/delivery-status\n\n"
        f"Reporting-MTA: dns; mx.example\n\n{about}\n\n"
        f"--grens\n{returned}\n--grens--\n"
    )
    return text.replace("\n", "\r\n").encode()


def state(mail: OutboxMail) -> tuple[str, bool]:
    """The row's status, and whether its person is marked."""
    mail.refresh_from_db()
    assert mail.recipient is not None
    person = User.objects.get(pk=mail.recipient_id)
    return mail.status, person.undeliverable_since is not None


class TestWhatIsRecorded:
    def test_a_permanent_refusal_marks_the_mail_and_the_person(self, colleague: User) -> None:
        mail = sent_mail(colleague)

        assert record_bounce(report(mail)).outcome == Outcome.RECORDED

        assert state(mail) == ("failed", True)
        assert mail.reason == "5.1.1 smtp; 550 5.1.1 No such mailbox"
        colleague.refresh_from_db()
        assert "No such mailbox" in colleague.undeliverable_reason
        assert AuditEntry.objects.get(verb="address_refused").subjects == {"user": colleague.pk}

    def test_a_server_that_gave_up_fails_the_mail_but_says_nothing_of_the_address(self, colleague: User) -> None:
        mail = sent_mail(colleague)

        assert record_bounce(report(mail, status="4.4.7")).outcome == Outcome.RECORDED
        assert state(mail) == ("failed", False)

    @pytest.mark.parametrize("action", ["delayed", "delivered", "relayed", "expanded"])
    def test_any_other_report_changes_nothing(self, colleague: User, action: str) -> None:
        mail = sent_mail(colleague)

        assert record_bounce(report(mail, action=action)).outcome == Outcome.TEMPORARY
        assert state(mail) == ("sent", False)

    def test_a_report_without_status_is_read_from_the_servers_answer(self, colleague: User) -> None:
        mail = sent_mail(colleague)

        record_bounce(report(mail, action="", status=""))

        assert state(mail) == ("failed", True)

    def test_the_same_report_twice_is_once(self, colleague: User) -> None:
        mail = sent_mail(colleague)
        record_bounce(report(mail))
        mark_deliverable(User.objects.get(pk=colleague.pk))

        assert record_bounce(report(mail)).outcome == Outcome.KNOWN
        assert state(mail) == ("failed", False)

    def test_a_mail_that_waits_for_its_next_try_keeps_its_turn(self, colleague: User) -> None:
        """The server had hung up after the text: it was accepted, and comes back."""
        mail = sent_mail(colleague, status="waiting", sent_at=None, sent_to="")

        record_bounce(report(mail, to=colleague.email))

        assert state(mail) == ("waiting", True)

    def test_an_address_that_changed_since_marks_the_mail_alone(self, colleague: User) -> None:
        mail = sent_mail(colleague, sent_to="oud@voorbeeld.example")

        record_bounce(report(mail))

        assert state(mail) == ("failed", False)

    def test_read_for_somebody_else_it_is_the_readers_address_that_is_marked(
        self, colleague: User, admin: User
    ) -> None:
        mail = sent_mail(admin, on_behalf_of=colleague)

        record_bounce(report(mail))

        assert state(mail) == ("failed", True)
        colleague.refresh_from_db()
        assert colleague.undeliverable_since is None


class TestWhoIsBelieved:
    def test_an_unknown_message_id_is_somebody_elses(self, colleague: User) -> None:
        mail = sent_mail(colleague)
        stranger = SimpleNamespace(message_id="<geraden@testserver>", sent_to=colleague.email)

        assert record_bounce(report(stranger)).outcome == Outcome.NOT_OURS  # type: ignore[arg-type]
        assert state(mail) == ("sent", False)

    def test_a_known_message_id_with_another_recipient_is_believed_neither(
        self, colleague: User, admin: User
    ) -> None:
        """Whoever got a mail knows its Message-ID; it says nothing of anybody else."""
        mail, other = sent_mail(colleague), sent_mail(admin)

        assert record_bounce(report(mail, to=admin.email)).outcome == Outcome.NOT_OURS
        assert (state(mail), state(other)) == (("sent", False), ("sent", False))

    def test_of_several_recipients_ours_is_picked(self, colleague: User) -> None:
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
    def test_the_recipient_is_known_in_every_spelling(self, company: Company, written: str) -> None:
        mail = sent_mail(person("jan+test@voorbeeld.example", company=company))

        assert record_bounce(report(mail, recipient=written)).outcome == Outcome.RECORDED

    @pytest.mark.parametrize(
        "returned",
        [
            "Content-Type: text/rfc822-headers\n\nSubject: x\nMessage-Id:\n {id}\n",
            "Content-Type: text/rfc822-headers\nContent-Transfer-Encoding: base64\n\n{base64}\n",
            "Content-Type: message/global\n\nMessage-ID: {id}\n\nHallo\n",
            "Content-Type: message/rfc822\n\nMESSAGE-ID: {id} (rewritten)\n\nHallo\n",
        ],
    )
    def test_the_message_id_is_found_however_the_mail_comes_back(self, colleague: User, returned: str) -> None:
        mail = sent_mail(colleague, message_id="<0-5f0e@testserver>")
        written = returned.format(id=mail.message_id, base64="TWVzc2FnZS1JRDogPDAtNWYwZUB0ZXN0c2VydmVyPgo=")

        assert record_bounce(report(mail, returned=written)).outcome == Outcome.RECORDED

    @pytest.mark.parametrize("header", ["In-Reply-To", "References"])
    def test_where_nothing_comes_back_the_report_itself_says_what_it_answers(
        self, colleague: User, header: str
    ) -> None:
        mail = sent_mail(colleague)
        raw = report(mail, returned="Content-Type: text/plain\n\n-", before=f"{header}: {mail.message_id}\n")

        assert record_bounce(raw).outcome == Outcome.RECORDED


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
    def test_changes_nothing_breaks_nothing(self, colleague: User, name: str) -> None:
        mail = sent_mail(colleague)
        outcome = record_bounce(GARBAGE[name]).outcome

        assert outcome in {Outcome.NO_REPORT, Outcome.NOT_OURS}
        assert state(mail) == ("sent", False)

    def test_an_answer_that_would_break_a_page_or_the_database_is_one_short_line(self, colleague: User) -> None:
        mail = sent_mail(colleague)
        answer = "smtp; 550 <b>\0nee\x1b[31m \u202e\n\u2028 " + "x" * 9000

        record_bounce(report(mail, answer=answer))

        colleague.refresh_from_db()
        assert colleague.undeliverable_reason.startswith("5.1.1 smtp; 550 <b>nee[31m")
        assert len(colleague.undeliverable_reason) <= 500
        assert "\n" not in colleague.undeliverable_reason

    def test_raw_bytes_of_another_charset_do_not_hide_the_report(self, colleague: User) -> None:
        mail = sent_mail(colleague)
        raw = report(mail, answer="smtp; 550 Geen postbus BYTES").replace(b"BYTES", "één €".encode("cp1252"))

        assert record_bounce(raw).outcome == Outcome.RECORDED

    def test_what_comes_back_may_be_huge(self, colleague: User) -> None:
        mail = sent_mail(colleague)
        returned = f"Content-Type: message/rfc822\n\nMessage-ID: {mail.message_id}\n\n" + "groot\n" * 500_000
        raw = report(mail, returned=returned)
        assert len(raw) > 10 * LARGEST

        assert record_bounce(raw).outcome == Outcome.RECORDED

    def test_cut_off_anywhere_it_never_breaks(self, colleague: User) -> None:
        raw = report(sent_mail(colleague))
        for length in range(0, len(raw), 7):
            try:
                parse(raw[:length])
            except NoReport:
                continue


class TestCommand:
    @pytest.fixture
    def feed(self, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Any:
        """Runs the command on these bytes: what it says, and its exit code."""

        def run(raw: bytes) -> tuple[str, int]:
            monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(raw)))
            try:
                call_command("record_bounce")
            except CommandError as error:
                return str(error), error.returncode
            return capsys.readouterr().out, 0

        return run

    def test_says_what_it_did_in_one_line(self, feed: Any, colleague: User) -> None:
        mail = sent_mail(colleague)

        assert feed(report(mail)) == (f"recorded: mail {mail.pk}, failed, 5.1.1\n", 0)
        assert feed(report(mail)) == (f"known already: mail {mail.pk}, failed, 5.1.1\n", 0)
        assert feed(report(mail, action="delayed"))[1] == 0

    def test_its_exit_code_tells_a_mail_server_what_it_was(self, feed: Any) -> None:
        assert feed(b"hoi") == ("no delivery status message: it reports on no recipient", os.EX_DATAERR)
        assert feed(report(to="a@b.example"))[1] == os.EX_NOUSER

    def test_without_a_database_it_asks_to_come_back(self, feed: Any, colleague: User) -> None:
        mail = sent_mail(colleague)
        with a_database_that_takes_no_change():
            assert feed(report(mail)) == ("try again later: InternalError", os.EX_TEMPFAIL)

    def test_names_no_person(self, feed: Any, colleague: User) -> None:
        assert colleague.email not in feed(report(sent_mail(colleague)))[0]


@contextmanager
def a_database_that_takes_no_change() -> Iterator[None]:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION READ ONLY")
        yield
        transaction.set_rollback(True)


class TestMailbox:
    """Against a real IMAP server."""

    def test_every_unread_message_is_recorded_and_marked_read(
        self, imap_server: ImapServer, colleague: User, admin: User
    ) -> None:
        mails = [sent_mail(colleague), sent_mail(admin)]
        imap_server.put(*map(report, mails), b"Subject: hoi\r\n\r\nhoi\r\n", report(to="a@b.example"))

        seen = fetch_bounces(imap_server.url)

        assert seen == Counter({Outcome.RECORDED: 2, Outcome.NO_REPORT: 1, Outcome.NOT_OURS: 1})
        assert [state(mail) for mail in mails] == [("failed", True)] * 2
        assert imap_server.unread() == 0
        assert fetch_bounces(imap_server.url).total() == 0

    def test_what_could_not_be_written_stays_unread(self, imap_server: ImapServer, colleague: User) -> None:
        mail = sent_mail(colleague)
        imap_server.put(report(mail))

        with pytest.raises(DatabaseError), a_database_that_takes_no_change():
            fetch_bounces(imap_server.url)

        assert imap_server.unread() == 1
        assert fetch_bounces(imap_server.url)[Outcome.RECORDED] == 1
        assert state(mail) == ("failed", True)

    def test_a_huge_message_is_read_in_part(self, imap_server: ImapServer, colleague: User) -> None:
        mail = sent_mail(colleague)
        imap_server.put(report(mail) + b"groot\r\n" * 300_000)

        assert fetch_bounces(imap_server.url)[Outcome.RECORDED] == 1

    def test_a_wrong_password_is_one_line_without_it(self, imap_server: ImapServer) -> None:
        url = imap_server.url_at("imap", "127.0.0.1", imap_server.port, password="geheim-en-fout")

        with pytest.raises(MailboxError) as error:
            fetch_bounces(url)

        assert "geheim" not in str(error.value)

    def test_a_folder_that_is_not_there_is_said(self, imap_server: ImapServer) -> None:
        with pytest.raises(MailboxError):
            fetch_bounces(imap_server.url.replace("INBOX", "Elders"))

    def test_a_server_that_is_gone_is_tried_the_next_time(
        self, imap_server: ImapServer, settings: Any, caplog: pytest.LogCaptureFixture
    ) -> None:
        imap_server.part.stop()
        settings.BOUNCE_IMAP_URL = imap_server.url

        tasks.fetch_bounces()

        assert "cannot be read: ConnectionRefusedError" in caplog.text
        assert "p%40ss" not in caplog.text

    def test_a_server_that_says_nothing_keeps_nobody(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("nenconnect.mail.bounce_mailbox.TIMEOUT", 0.2)
        with closing(socket.create_server(("127.0.0.1", 0))) as silent, pytest.raises(MailboxError):
            fetch_bounces(f"imap://a:b@127.0.0.1:{silent.getsockname()[1]}/INBOX")

    def test_the_task_does_nothing_without_a_mailbox(self) -> None:
        tasks.fetch_bounces()

    def test_the_command_says_how_many(
        self, imap_server: ImapServer, colleague: User, settings: Any, capsys: pytest.CaptureFixture[str]
    ) -> None:
        with pytest.raises(CommandError, match="BOUNCE_IMAP_URL is not set"):
            call_command("fetch_bounces")
        settings.BOUNCE_IMAP_URL = imap_server.url
        imap_server.put(report(sent_mail(colleague)))

        call_command("fetch_bounces")

        assert capsys.readouterr().out == "1 read: 1 recorded\n"


class TestTlsToTheMailbox:
    def test_a_certificate_that_nobody_trusts_is_refused(self, imap_server: ImapServer, certificate: Path) -> None:
        with with_tls(imap_server.port, certificate) as port, pytest.raises(MailboxError, match="CERTIFICATE"):
            fetch_bounces(imap_server.url_at("imaps", "localhost", port))

    def test_one_of_another_name_is_refused(
        self, imap_server: ImapServer, certificate: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
        with with_tls(imap_server.port, certificate) as port, pytest.raises(MailboxError, match="CERTIFICATE"):
            fetch_bounces(imap_server.url_at("imaps", "127.0.0.1", port))

    def test_a_trusted_one_is_read(
        self, imap_server: ImapServer, certificate: Path, colleague: User, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
        imap_server.put(report(sent_mail(colleague)))

        with with_tls(imap_server.port, certificate) as port:
            seen = fetch_bounces(imap_server.url_at("imaps", "localhost", port))

        assert seen[Outcome.RECORDED] == 1
