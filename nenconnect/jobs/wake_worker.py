"""Ask a worker to start a task at once, before beat does."""

from __future__ import annotations

import logging

from celery import current_app
from kombu.exceptions import OperationalError

logger = logging.getLogger(__name__)


# Seconds: a page waits no longer for a Redis that is down or hangs (C34). A worker has more patience.
_QUICK = {"socket_connect_timeout": 0.3, "socket_timeout": 0.3}
_SECONDS_OF_USE = 60  # by then beat has asked more than once


def wake_worker(task: str) -> None:
    """Queue the task; log and go on when Redis is away, because beat will queue it too (C34).

    Opens a connection of its own: a kept connection could date from before Redis went down.
    """
    try:
        with current_app.connection(transport_options=_QUICK) as connection:
            current_app.send_task(
                task, connection=connection, retry=False, ignore_result=True, expires=_SECONDS_OF_USE
            )
    except OperationalError as error:
        logger.warning("No broker to nudge, %s waits for beat: %s", task, error)
