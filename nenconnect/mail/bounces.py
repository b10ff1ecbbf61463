"""Record mails that a server accepted and returned later, on the mail and on its address (C36)."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from django.db import transaction

from nenconnect.mail.delivery_reports import NoReport, RecipientReport, parse
from nenconnect.mail.models import MailStatus, OutboxMail
from nenconnect.mail.people import people
from nenconnect.text.characters import in_one_line


class BounceOutcome(Enum):
    """Name the outcome of reading one message."""

    RECORDED = "recorded"
    KNOWN = "known already"
    TEMPORARY = "nothing to record"
    NOT_OURS = "not ours"
    NO_REPORT = "no delivery status message"


@dataclass(frozen=True)
class Recorded:
    outcome: BounceOutcome
    line: str  # for a log or a terminal; names no person


def record_bounce(raw: bytes) -> Recorded:
    """Record a bounce of a mail of ours; any other message changes nothing.

    A report is believed only if it has both the Message-ID, half of which is random, and the one recipient.
    """
    try:
        message = parse(raw)
    except NoReport as error:
        return _recorded_as(BounceOutcome.NO_REPORT, str(error))
    mails = OutboxMail.objects.filter(message_id__in=message.message_ids).select_related("recipient")
    for mail in mails:
        if report := message.about(_address_of(mail)):
            return _record_report(mail, report)
    return _recorded_as(BounceOutcome.NOT_OURS, "no mail of this site has its Message-ID and recipient")


def _address_of(mail: OutboxMail) -> str:
    """Return the address that the mail went to.

    A mail that still waits may have been accepted: the server hung up before it said so.
    """
    return mail.sent_to or mail.address or (mail.recipient.get_username() if mail.recipient else "")


def _record_report(mail: OutboxMail, report: RecipientReport) -> Recorded:
    detail = f"mail {mail.pk}, {report.action or 'no action'}, {report.status or 'no status'}"
    if not report.is_final:
        return _recorded_as(BounceOutcome.TEMPORARY, detail)
    if mail.status not in {MailStatus.SENT, MailStatus.WAITING}:
        return _recorded_as(BounceOutcome.KNOWN, detail)
    _save_bounce(mail, report)
    return _recorded_as(BounceOutcome.RECORDED, detail)


@transaction.atomic
def _save_bounce(mail: OutboxMail, report: RecipientReport) -> None:
    """Save the answer on the person first, then on the mail (lock order).

    A mail that waits for its next try keeps its turn.
    """
    answer = " ".join(part for part in (report.status, report.answer) if part)
    if report.is_permanent:
        people().address_refused(_address_of(mail), in_one_line(answer) or "?")
    came_back = {"status": MailStatus.FAILED, "sent_at": None, "reason": answer}
    OutboxMail.objects.filter(pk=mail.pk, status=MailStatus.SENT).update(**came_back)


def _recorded_as(outcome: BounceOutcome, detail: str) -> Recorded:
    return Recorded(outcome, f"{outcome.value}: {detail}")
