"""Beat sends mail by itself too, without Redis and without a worker (C34).

Its tick asks a worker through Redis. When Redis is away for an hour, or a worker looks alive and hears nothing,
mail goes on all the same, only slower. Not in the worker: that one forks, and a thread beside a fork is asking for
trouble.
"""

from __future__ import annotations

import logging
import threading

from django.conf import settings
from django.db import close_old_connections

from nenconnect.mail import delivery, queue

logger = logging.getLogger(__name__)

EVERY = max(15 / settings.MAIL_HASTE, 3)  # seconds
SECONDS = 30  # one round may take, before it shows life again


def start() -> threading.Thread:
    thread = threading.Thread(target=_go_on, name="outbox", daemon=True)
    thread.start()
    return thread


def _go_on() -> None:
    pause = threading.Event()
    while not pause.wait(EVERY):
        close_old_connections()
        once()
        close_old_connections()


def once() -> None:
    """Whatever goes wrong, such as a database that restarts, is tried again at the next round."""
    try:
        queue.show_life(queue.BEAT)
        delivery.drain(SECONDS)
    except Exception:
        logger.exception("Beat could not drain the outbox")
