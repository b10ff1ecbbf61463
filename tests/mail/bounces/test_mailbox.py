"""Test the mailbox for returned mail: reading it by command, by IMAP and over TLS (C36)."""

from __future__ import annotations

import io
import os
import socket
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, transaction

from accounts.models import User
from nenconnect.mail import tasks
from nenconnect.mail.bounce_mailbox import MailboxError, fetch_bounces
from nenconnect.mail.bounces import BounceOutcome
from tests.mail.bounces.imap_server import ImapServer, certificate, imap_server, with_tls
from tests.mail.bounces.reports import report, sent_mail, state

__all__ = ["certificate", "imap_server"]

pytestmark = pytest.mark.django_db


class TestCommand:
    @pytest.fixture
    def run_record_bounce(self, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Any:
        """Run the command on these bytes; return its message and its exit code."""

        def run(raw: bytes) -> tuple[str, int]:
            monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(raw)))
            try:
                call_command("record_bounce")
            except CommandError as error:
                return str(error), error.returncode
            return capsys.readouterr().out, 0

        return run

    def test_record_bounce_prints_its_result_in_one_line(self, run_record_bounce: Any, colleague: User) -> None:
        mail = sent_mail(colleague)

        assert run_record_bounce(report(mail)) == (f"recorded: mail {mail.pk}, failed, 5.1.1\n", 0)
        assert run_record_bounce(report(mail)) == (f"known already: mail {mail.pk}, failed, 5.1.1\n", 0)
        assert run_record_bounce(report(mail, action="delayed"))[1] == 0

    def test_record_bounce_exits_with_a_code_for_the_mail_server(self, run_record_bounce: Any) -> None:
        assert run_record_bounce(b"hoi") == (
            "no delivery status message: it reports on no recipient",
            os.EX_DATAERR,
        )
        assert run_record_bounce(report(to="a@b.example"))[1] == os.EX_NOUSER

    def test_record_bounce_asks_for_a_retry_when_the_database_takes_no_change(
        self, run_record_bounce: Any, colleague: User
    ) -> None:
        mail = sent_mail(colleague)
        with a_database_that_takes_no_change():
            assert run_record_bounce(report(mail)) == ("try again later: InternalError", os.EX_TEMPFAIL)

    def test_record_bounce_prints_no_address(self, run_record_bounce: Any, colleague: User) -> None:
        assert colleague.email not in run_record_bounce(report(sent_mail(colleague)))[0]


@contextmanager
def a_database_that_takes_no_change() -> Iterator[None]:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION READ ONLY")
        yield
        transaction.set_rollback(True)


class TestMailbox:
    def test_every_unread_message_of_the_mailbox_is_recorded_and_marked_read(
        self, imap_server: ImapServer, colleague: User, admin: User
    ) -> None:
        mails = [sent_mail(colleague), sent_mail(admin)]
        imap_server.put(*map(report, mails), b"Subject: hoi\r\n\r\nhoi\r\n", report(to="a@b.example"))

        seen = fetch_bounces(imap_server.url)

        assert seen == Counter({BounceOutcome.RECORDED: 2, BounceOutcome.NO_REPORT: 1, BounceOutcome.NOT_OURS: 1})
        assert [state(mail) for mail in mails] == [("failed", True)] * 2
        assert imap_server.unread() == 0
        assert fetch_bounces(imap_server.url).total() == 0

    def test_a_report_that_could_not_be_recorded_stays_unread(
        self, imap_server: ImapServer, colleague: User
    ) -> None:
        mail = sent_mail(colleague)
        imap_server.put(report(mail))

        with pytest.raises(DatabaseError), a_database_that_takes_no_change():
            fetch_bounces(imap_server.url)

        assert imap_server.unread() == 1
        assert fetch_bounces(imap_server.url)[BounceOutcome.RECORDED] == 1
        assert state(mail) == ("failed", True)

    def test_a_report_at_the_start_of_a_huge_message_is_recorded(
        self, imap_server: ImapServer, colleague: User
    ) -> None:
        mail = sent_mail(colleague)
        imap_server.put(report(mail) + b"groot\r\n" * 300_000)

        assert fetch_bounces(imap_server.url)[BounceOutcome.RECORDED] == 1

    def test_the_error_of_a_wrong_mailbox_password_omits_the_password(self, imap_server: ImapServer) -> None:
        url = imap_server.url_at("imap", "127.0.0.1", imap_server.port, password="geheim-en-fout")

        with pytest.raises(MailboxError) as error:
            fetch_bounces(url)

        assert "geheim" not in str(error.value)

    def test_a_missing_mailbox_folder_is_an_error(self, imap_server: ImapServer) -> None:
        with pytest.raises(MailboxError):
            fetch_bounces(imap_server.url.replace("INBOX", "Elders"))

    def test_an_imap_server_that_is_down_is_logged_without_its_password(
        self, imap_server: ImapServer, settings: Any, caplog: pytest.LogCaptureFixture
    ) -> None:
        imap_server.part.stop()
        settings.BOUNCE_IMAP_URL = imap_server.url

        tasks.fetch_bounces()

        assert "cannot be read: ConnectionRefusedError" in caplog.text
        assert "p%40ss" not in caplog.text

    def test_an_imap_server_without_an_answer_times_out(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("nenconnect.mail.bounce_mailbox.TIMEOUT", 0.2)
        with closing(socket.create_server(("127.0.0.1", 0))) as silent, pytest.raises(MailboxError):
            fetch_bounces(f"imap://a:b@127.0.0.1:{silent.getsockname()[1]}/INBOX")

    def test_the_fetch_bounces_task_does_nothing_without_a_mailbox(self) -> None:
        tasks.fetch_bounces()

    def test_the_fetch_bounces_command_prints_how_many_messages_it_read(
        self, imap_server: ImapServer, colleague: User, settings: Any, capsys: pytest.CaptureFixture[str]
    ) -> None:
        with pytest.raises(CommandError, match="BOUNCE_IMAP_URL is not set"):
            call_command("fetch_bounces")
        settings.BOUNCE_IMAP_URL = imap_server.url
        imap_server.put(report(sent_mail(colleague)))

        call_command("fetch_bounces")

        assert capsys.readouterr().out == "1 read: 1 recorded\n"


class TestTlsToTheMailbox:
    def test_an_untrusted_imap_certificate_is_refused(self, imap_server: ImapServer, certificate: Path) -> None:
        with with_tls(imap_server.port, certificate) as port, pytest.raises(MailboxError, match="CERTIFICATE"):
            fetch_bounces(imap_server.url_at("imaps", "localhost", port))

    def test_an_imap_certificate_of_another_host_name_is_refused(
        self, imap_server: ImapServer, certificate: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
        with with_tls(imap_server.port, certificate) as port, pytest.raises(MailboxError, match="CERTIFICATE"):
            fetch_bounces(imap_server.url_at("imaps", "127.0.0.1", port))

    def test_a_mailbox_with_a_trusted_certificate_is_read(
        self, imap_server: ImapServer, certificate: Path, colleague: User, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
        imap_server.put(report(sent_mail(colleague)))

        with with_tls(imap_server.port, certificate) as port:
            seen = fetch_bounces(imap_server.url_at("imaps", "localhost", port))

        assert seen[BounceOutcome.RECORDED] == 1
