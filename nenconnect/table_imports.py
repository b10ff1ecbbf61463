"""What imports of people and of documents share: a worker reads the table, and goes on where one stopped or died.

The rows have `touched_at` and `created_by`, and `attempts`: of workers, since the last batch that was saved.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from typing import Any, TypeVar

from django.db import OperationalError, models
from django.db.models import F
from django.utils import translation
from django.utils.translation import gettext as _

from nenconnect import lease
from nenconnect.errors import RuleError
from nenconnect.mail.nudge import ask_worker
from nenconnect.trail.door import Door, coming_by

MAX_ATTEMPTS = 3  # of workers that each died on the same batch

logger = logging.getLogger(__name__)

Row = TypeVar("Row", bound=models.Model)


class TimeIsUp(Exception):
    """Another task goes on where this one stopped: no task runs into the worker's time limit."""


def look_at_the_clock(until: float) -> None:
    if time.monotonic() > until:
        raise TimeIsUp


def run(
    waiting: models.QuerySet[Row],
    *,
    task: str,
    go_on: Callable[[Row, float], None],
    fail: Callable[[Row, str], None],
    seconds: float,
) -> None:
    """One worker each; one that a worker left halfway is taken up when its lease has ended."""
    until = time.monotonic() + seconds
    while row := lease.claim(waiting.all(), attempts=F("attempts") + 1):
        with translation.override(_language_of(row)), coming_by(Door.IMPORT):
            try:
                _check_attempts(row)
                go_on(row, until)
            except TimeIsUp:
                lease.let_go(row, attempts=0)
                ask_worker(task)
                return
            except OperationalError:  # a lock that somebody else held for long: beat asks again
                lease.let_go(row, attempts=0)
                raise
            except RuleError as error:
                fail(row, str(error))
            except Exception:
                logger.exception("%s %s", row._meta.model_name, row.pk)
                said = _("Something went wrong while we read this table. Upload it again, or ask for help.")
                fail(row, said)


def _check_attempts(row: Any) -> None:
    if row.attempts >= MAX_ATTEMPTS:
        raise RuleError(_("This table is too much for us to read. Split it up, and upload the parts one by one."))


def _language_of(row: Any) -> str:
    return row.created_by.language if row.created_by else "nl"
