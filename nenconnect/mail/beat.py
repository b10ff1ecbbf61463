"""Send mail from beat too, without Redis and without a worker (C34).

Beat asks a worker through Redis. When Redis is down for an hour, or a worker is alive but receives nothing, mail
is still sent, only slower. This does not run in the worker: the worker forks, and a thread beside a fork is
dangerous.
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
    try:
        queue.show_life(queue.BEAT)
        delivery.drain(SECONDS)
    except Exception:
        logger.exception("Beat could not drain the outbox")
