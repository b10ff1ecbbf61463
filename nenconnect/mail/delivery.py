"""From the outbox to the mail server, one mail after the other (C35, C36)."""

from __future__ import annotations

import logging
import smtplib
import time
from datetime import timedelta

from django.conf import settings
from django.core.mail import get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.utils import timezone
from django.utils.module_loading import import_string

from nenconnect.mail import actions
from nenconnect.mail.events import Unwanted
from nenconnect.mail.models import OutboxMail
from nenconnect.mail.rendering import render

logger = logging.getLogger(__name__)

BATCH = 20
# C36: after the n-th temporary refusal; past the last one the mail has failed.
WAITS = [timedelta(minutes=m) for m in (1, 5, 15, 60, 240, 720, 1440, 1440)]
# A mail is not begun when the lease could end while the server is slow to answer.
LEASE_MARGIN = timedelta(minutes=2)


# Not about this mail, whatever the code is: a greeting of 554 must not fail one mail after the other.
_REFUSES_US = (
    smtplib.SMTPSenderRefused,
    smtplib.SMTPAuthenticationError,
    smtplib.SMTPConnectError,
    smtplib.SMTPHeloError,
)


class QueueRefused(Exception):
    """The server refuses us, not this mail: greeting, sign-in or sender. The rest of the queue waits."""


def drain(seconds: float = float("inf")) -> int:
    """Sends all mail that is due; returns how many were sent. Any number of workers may run this at once.

    After `seconds` it begins no new batch; whoever drains next goes on.
    """
    sent = 0
    end = time.monotonic() + seconds
    while time.monotonic() < end and (batch := actions.claim(BATCH)):
        try:
            sent += _send_batch(batch)
        except QueueRefused:
            logger.exception("The mail server refuses us; the queue waits")
            break
    return sent


def _send_batch(batch: list[OutboxMail]) -> int:
    connection = get_connection()
    sent = 0
    try:
        for position, mail in enumerate(batch):
            try:
                sent += _deliver(mail, connection)
            except QueueRefused:
                for waiting in batch[position:]:
                    actions.put_back(waiting)
                raise
    finally:
        _close(connection)
    return sent


def _deliver(mail: OutboxMail, connection: BaseEmailBackend) -> bool:
    """Sends one mail or writes down why not; an error in one mail never stops the next."""
    assert mail.claimed_until is not None
    if timezone.now() > mail.claimed_until - LEASE_MARGIN:
        actions.put_back(mail)
        return False
    try:
        return _look_and_send(mail, connection)
    except smtplib.SMTPRecipientsRefused as error:
        code, text = next(iter(error.recipients.values()))
        if code == 421:  # the server has hung up
            _close(connection)
        _refused(mail, code, text)
    except _REFUSES_US as error:
        raise QueueRefused(str(error)) from error
    except smtplib.SMTPResponseException as error:
        _close(connection)
        _refused(mail, error.smtp_code, error.smtp_error)
    except (smtplib.SMTPException, OSError) as error:
        _close(connection)
        _postpone(mail, f"{type(error).__name__}: {error}")
    except Exception as error:
        logger.exception("Mail %s cannot be made", mail.pk)
        _postpone(mail, f"{type(error).__name__}: {error}")
    return False


def _look_and_send(mail: OutboxMail, connection: BaseEmailBackend) -> bool:
    """The last look (C37): is it still wanted, and who reads it? Then SMTP."""
    if mail.recipient is None:
        actions.mark_suppressed(mail, "the person is gone")
        return False
    substitutes = import_string(settings.MAIL_SUBSTITUTES)(mail.on_behalf_of or mail.recipient)
    if mail.on_behalf_of is None and substitutes:
        actions.reroute(mail, substitutes)
        return False
    if mail.on_behalf_of and mail.recipient not in substitutes:
        actions.mark_suppressed(mail, "the reader is no admin any more")
        return False
    try:
        message = render(mail)
    except Unwanted as unwanted:
        actions.mark_suppressed(mail, str(unwanted))
        return False
    connection.open()  # Django would otherwise open and close one for each mail
    message.connection = connection
    message.send()
    actions.mark_sent(mail, address=message.to[0])
    return True


def _refused(mail: OutboxMail, code: int, text: bytes | str) -> None:
    """4xx: later. 5xx: never; the person's page says so."""
    shown = f"{code} {text.decode(errors='replace') if isinstance(text, bytes) else text}"
    if 500 <= code < 600:
        actions.mark_failed(mail, shown)
    else:
        _postpone(mail, shown)


def _postpone(mail: OutboxMail, reason: str) -> None:
    if mail.attempts < len(WAITS):
        actions.postpone(mail, reason, WAITS[mail.attempts])
    else:
        actions.mark_failed(mail, reason)


def _close(connection: BaseEmailBackend) -> None:
    try:
        connection.close()
    except (smtplib.SMTPException, OSError) as error:
        logger.info("The mail connection was already gone: %s", error)
