"""Send the outbox to the mail server, one mail after the other (C35, C36)."""

from __future__ import annotations

import logging
import time
from datetime import timedelta

from django.conf import settings
from django.db import Error as DatabaseError
from django.db import connection
from django.utils import timezone

from nenconnect.mail import actions, queue
from nenconnect.mail.batch import Batch
from nenconnect.mail.events import Context, To, Unwanted, context_of, is_to, not_before
from nenconnect.mail.message import Letter
from nenconnect.mail.models import OutboxMail
from nenconnect.mail.rendering import render
from nenconnect.mail.rerouting import is_read_by_its_recipient
from nenconnect.mail.retry_while_database_is_down import retry_until_saved
from nenconnect.mail.smtp import CutOff, MailRefused, MailServer, QueueRefused, Unreachable

logger = logging.getLogger(__name__)

BATCH = 20  # mails claimed at first; more while they go quickly, so that a worker that dies holds up little
LARGEST_BATCH = 160
QUICK = 0.25  # seconds that a batch may take and the next be larger
# A batch that takes longer is put back and claimed again: the last look is never older than this.
FRESH = timedelta(seconds=2)
# C36: after the n-th temporary refusal; past the last one the mail has failed.
WAITS = [timedelta(minutes=m) / settings.MAIL_HASTE for m in (1, 5, 15, 60, 240, 720, 1440, 1440)]


def drain(seconds: float = float("inf")) -> int:
    """Send all mail that is due, and return how many were sent.

    Any number of workers may run this at once. After `seconds` it begins no new mail; the next call continues.
    """
    return _Drain(seconds).run()


class _Drain:
    def __init__(self, seconds: float) -> None:
        self.end = time.monotonic() + seconds
        self.server = MailServer()
        self.sent = 0
        self.is_trial = False  # the queue is paused by a refusal; this is the next try

    def run(self) -> int:
        size = BATCH
        try:
            while mails := self._claim_next(size):
                began = time.monotonic()
                self._send_batch(Batch(mails))
                is_quick = time.monotonic() - began < QUICK
                size = min(size * 2, LARGEST_BATCH) if is_quick else BATCH
        except QueueRefused as refusal:
            logger.error("The mail server refuses us, the queue waits: %s", refusal)
            queue.pause_after_refusal(str(refusal))
        except Unreachable as trouble:
            logger.warning("The mail server is out of reach: %s", trouble)
        finally:
            self.server.close()
        return self.sent

    def _claim_next(self, size: int) -> list[OutboxMail]:
        state = queue.state()
        self.is_trial = state.is_paused
        if time.monotonic() >= self.end or not queue.may_send(state):
            return []
        return actions.claim(size)

    def _send_batch(self, batch: Batch) -> None:
        """Send the mails of a batch; return to the queue those for which the last look has become too old."""
        try:
            while batch.waiting and self._is_in_time(batch):
                self._send_one(batch.waiting[0])
                batch.waiting.popleft()
        finally:
            if batch.waiting:
                retry_until_saved(lambda: actions.put_back([*batch.waiting]))

    def _is_in_time(self, batch: Batch) -> bool:
        """Return whether the batch is still fresh, by the wall clock: it goes on while a machine sleeps."""
        is_fresh = batch.read_at <= timezone.now() <= batch.read_at + FRESH
        return is_fresh and time.monotonic() < self.end

    def _send_one(self, mail: OutboxMail) -> None:
        try:
            context = _last_look(mail)
            if context is None:
                return
            letter = render(mail, context)
            self.server.open()
            self.server.send(letter)
        except MailRefused as refusal:
            _handle_refusal(mail, refusal)
        except Unreachable as trouble:
            _postpone(mail, str(trouble))
            raise
        except CutOff as trouble:
            _postpone(mail, str(trouble))
        except QueueRefused:
            raise
        except Exception as error:
            _cannot_be_made(mail, error)
        else:
            self._note_sent(mail, letter)

    def _note_sent(self, mail: OutboxMail, letter: Letter) -> None:
        """Record a mail as sent, with retries: a forgotten success would send it twice."""
        retry_until_saved(lambda: actions.mark_sent(mail, address=letter.to[0], text=letter.text_to_keep))
        self.sent += 1
        if self.is_trial:
            queue.resume_after_success()
            self.is_trial = False


def _last_look(mail: OutboxMail) -> Context | None:
    """Return the context of a mail that should still be sent, else None, with the reason on its row (C37)."""
    now = timezone.now()
    is_nobodys = mail.recipient is None and mail.on_behalf_of is None and mail.gone is None
    if is_nobodys and not (mail.address and is_to(mail.event, To.CONTACT_PERSON)):
        actions.mark_suppressed(mail, "the person is gone")
    elif mail.expires_at and now >= mail.expires_at:
        actions.mark_suppressed(mail, "it came too late to be of use")
    elif (opening := not_before(mail, now)) > now:
        actions.put_off(mail, opening)
    elif is_read_by_its_recipient(mail):
        try:
            return context_of(mail)
        except Unwanted as unwanted:
            actions.mark_suppressed(mail, str(unwanted))
    return None


def _cannot_be_made(mail: OutboxMail, error: Exception) -> None:
    if isinstance(error, DatabaseError) and not connection.is_usable():
        raise error  # about no mail: the drain ends, the next one finds a new connection
    logger.error("Mail %s cannot be made", mail.pk, exc_info=error)
    _postpone(mail, f"{type(error).__name__}: {error}")


def _handle_refusal(mail: OutboxMail, refusal: MailRefused) -> None:
    """Try again later after a 4xx answer; give up after a 5xx, which the person's page then shows."""
    if not refusal.is_for_good:
        _postpone(mail, str(refusal))
    else:
        actions.mark_failed(mail, str(refusal), is_about_address=refusal.is_about_recipient)


def _postpone(mail: OutboxMail, reason: str) -> None:
    if mail.attempts < len(WAITS):
        actions.postpone(mail, reason, WAITS[mail.attempts])
    else:
        actions.mark_failed(mail, reason)
