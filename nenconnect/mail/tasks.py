"""Send mail and read returned mail in the workers."""

from __future__ import annotations

import logging
import time

from celery import shared_task
from celery.signals import beat_embedded_init, beat_init
from django.conf import settings

from nenconnect.mail import beat, bounce_mailbox, delivery, queue
from nenconnect.mail.actions import DRAIN_TASK, nudge

logger = logging.getLogger(__name__)

# Far below the time limit, which must not cut off a mail halfway. Beat goes on.
SECONDS = 30


@shared_task(name=DRAIN_TASK, ignore_result=True)
def drain() -> None:
    queue.show_life(queue.WORKER)
    began = time.monotonic()
    delivery.drain(SECONDS)
    if time.monotonic() - began >= SECONDS:
        nudge()  # there may be more: other tasks get their turn in between


@beat_init.connect
@beat_embedded_init.connect
def drain_from_beat_too(**_signal: object) -> None:
    beat.start()


@shared_task(name="nenconnect.mail.tasks.fetch_bounces", ignore_result=True)
def fetch_bounces() -> None:
    """Read the mailbox of returned mails; after an error the next run tries again."""
    if settings.BOUNCE_IMAP_URL is None:
        return
    try:
        bounce_mailbox.fetch_bounces(settings.BOUNCE_IMAP_URL)
    except bounce_mailbox.MailboxError as error:
        logger.warning("The mailbox of returned mails cannot be read: %s", error)
