"""A mail that was accepted and came back all the same: its row and its address get to know (C36)."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from django.db import transaction

from nenconnect.mail.delivery_reports import NoReport, RecipientReport, parse
from nenconnect.mail.models import MailStatus, OutboxMail
from nenconnect.mail.people import people
from nenconnect.text.characters import in_one_line


class Outcome(Enum):
    """What a message turned out to be."""

    RECORDED = "recorded"
    KNOWN = "known already"
    TEMPORARY = "nothing to record"
    NOT_OURS = "not ours"
    NO_REPORT = "no delivery status message"


@dataclass(frozen=True)
class Recorded:
    outcome: Outcome
    line: str  # for a log or a terminal; names no person


def record_bounce(raw: bytes) -> Recorded:
    """Takes in what a mail server says of a mail of ours; anything else changes nothing.

    Believed is only who knows both the Message-ID, half of which is random, and the one recipient.
    """
    try:
        report = parse(raw)
    except NoReport as error:
        return _said(Outcome.NO_REPORT, str(error))
    mails = OutboxMail.objects.filter(message_id__in=report.message_ids).select_related("recipient")
    for mail in mails:
        if found := report.about(_address_of(mail)):
            return _record(mail, found)
    return _said(Outcome.NOT_OURS, "no mail of this site has its Message-ID and recipient")


def _address_of(mail: OutboxMail) -> str:
    """Where it went. A mail that is still waiting was accepted after all when the server had hung up."""
    return mail.sent_to or mail.address or (mail.recipient.get_username() if mail.recipient else "")


def _record(mail: OutboxMail, found: RecipientReport) -> Recorded:
    what = f"mail {mail.pk}, {found.action or 'no action'}, {found.status or 'no status'}"
    if not found.is_final:
        return _said(Outcome.TEMPORARY, what)
    if mail.status not in {MailStatus.SENT, MailStatus.WAITING}:
        return _said(Outcome.KNOWN, what)
    _write(mail, found)
    return _said(Outcome.RECORDED, what)


@transaction.atomic
def _write(mail: OutboxMail, found: RecipientReport) -> None:
    """The person before the mail, as everywhere. A mail that waits for its next try keeps its turn."""
    answer = " ".join(part for part in (found.status, found.answer) if part)
    if found.is_permanent:
        people().address_refused(_address_of(mail), in_one_line(answer) or "?")
    came_back = {"status": MailStatus.FAILED, "sent_at": None, "reason": answer}
    OutboxMail.objects.filter(pk=mail.pk, status=MailStatus.SENT).update(**came_back)


def _said(outcome: Outcome, detail: str) -> Recorded:
    return Recorded(outcome, f"{outcome.value}: {detail}")
