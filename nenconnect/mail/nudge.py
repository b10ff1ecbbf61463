from __future__ import annotations

import logging

from kombu.exceptions import OperationalError

from nenconnect.celery import app

logger = logging.getLogger(__name__)


def nudge() -> None:
    """Tells a worker that there is mail. Never fails: beat drains the outbox as well (C34)."""
    try:
        app.send_task("nenconnect.mail.tasks.drain", retry=False, ignore_result=True)
    except OperationalError as error:
        logger.warning("No broker to nudge, the mail waits for beat: %s", error)
