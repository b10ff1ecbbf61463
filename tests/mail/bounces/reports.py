"""Build the reports that a mail server sends about a mail that failed."""

from __future__ import annotations

from typing import Any

from django.utils import timezone

from accounts.models import User
from nenconnect.mail.models import OutboxMail


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
    """Build a report as Postfix writes it; each argument replaces a part of it."""
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
    """Return the status of the mail, and whether its person is marked as undeliverable."""
    mail.refresh_from_db()
    assert mail.recipient is not None
    person = User.objects.get(pk=mail.recipient_id)
    return mail.status, person.undeliverable_since is not None
