from __future__ import annotations

from accounts.models import MoveRequest
from nenconnect.mail.models import OutboxMail


def events() -> list[tuple[str, str]]:
    mails = OutboxMail.objects.select_related("recipient").order_by("pk")
    return [(mail.event, mail.recipient.email) for mail in mails if mail.recipient]


def now(move: MoveRequest) -> MoveRequest:
    return MoveRequest.objects.select_related("user").get(pk=move.pk)
