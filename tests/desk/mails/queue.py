from __future__ import annotations

from typing import Any

from django.utils import timezone

from accounts.models import User
from nenconnect.mail.models import OutboxMail

QUEUE = "admin:mail_outboxmail_changelist"


def mail_for(to: User | None, **fields: Any) -> OutboxMail:
    number = OutboxMail.objects.count()
    if fields.get("status") == "sent":
        fields = {"sent_at": timezone.now(), "sent_to": to.email if to else ""} | fields
    defaults = {"event": "account_exists", "key": f"desk{number}", "message_id": f"<{number}@testserver>"}
    return OutboxMail.objects.create(recipient=to, **defaults | fields)


def failed_mail(to: User, **fields: Any) -> OutboxMail:
    return mail_for(to, **{"status": "failed", "reason": "550 5.1.1 No such mailbox", "attempts": 1} | fields)
