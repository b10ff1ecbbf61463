"""Record what has happened already, however long the database is down."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable

from django.db import InterfaceError, OperationalError, connection

logger = logging.getLogger(__name__)

SECONDS = 30  # a database restarts in less; well below the lease


def retry_until_saved(write: Callable[[], None]) -> None:
    """Call `write` again until the database is back (C40)."""
    end = time.monotonic() + SECONDS
    while True:
        try:
            write()
        except (OperationalError, InterfaceError):
            if connection.in_atomic_block or connection.is_usable() or time.monotonic() > end:
                raise
            logger.warning("The database is away; trying again")
            connection.close()
            time.sleep(0.5)
        else:
            return
