"""Run long work in workers, in batches, and continue after a worker stopped or died.

The rows have `touched_at`, and `attempts`: the number of workers since the last saved batch.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from django.db import OperationalError, models
from django.db.models import F
from django.utils import translation
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from nenconnect.jobs import lease
from nenconnect.jobs.wake_worker import wake_worker
from nenconnect.rules.errors import RuleError

MAX_ATTEMPTS = 3  # of workers that each died on the same batch

TOO_MUCH = _("This was too much for us at once. Try again with these people, fewer at a time.")
WENT_WRONG = _("Something went wrong on our side. Try again with these people, or ask for help.")
TABLE_TOO_MUCH = _("This table is too much for us to read. Split it up, and upload the parts one by one.")
TABLE_WENT_WRONG = _("Something went wrong while we read this table. Upload it again, or ask for help.")

logger = logging.getLogger(__name__)

Row = TypeVar("Row", bound=models.Model)


class TimeIsUp(Exception):
    """End a task before the worker's time limit; another task continues the work."""


def stop_when_time_is_up(until: float) -> None:
    if time.monotonic() > until:
        raise TimeIsUp


@dataclass(frozen=True)
class Work(Generic[Row]):
    """Declare long work.

    `go_on` does the rest of a row's work until the given moment (`time.monotonic()`); `fail` ends it with a reason
    in words.
    """

    task: str
    go_on: Callable[[Row, float], None]
    fail: Callable[[Row, str], None]
    asked_by: Callable[[Any], Any] = lambda row: row.created_by
    too_much: Promise = TOO_MUCH
    went_wrong: Promise = WENT_WRONG

    def run(self, waiting: models.QuerySet[Row], *, seconds: float) -> None:
        """Do the waiting rows one after another for at most this many seconds.

        Each row has one worker; a row whose worker died is taken up when its lease has ended.
        """
        until = time.monotonic() + seconds
        while row := lease.claim(waiting.all(), attempts=F("attempts") + 1):
            by = self.asked_by(row)
            with translation.override(by.language if by else "nl"):
                try:
                    self._work_on(row, until)
                except TimeIsUp:
                    lease.release(row, attempts=0)
                    wake_worker(self.task)
                    return

    def _work_on(self, row: Row, until: float) -> None:
        try:
            self._check_attempts(row)
            self.go_on(row, until)
        except TimeIsUp:
            raise
        except OperationalError:  # another process held a lock for long: beat asks again
            lease.release(row, attempts=0)
            raise
        except RuleError as error:
            self.fail(row, str(error))
        except Exception:
            logger.exception("%s %s", row._meta.model_name, row.pk)
            self.fail(row, str(self.went_wrong))

    def _check_attempts(self, row: Any) -> None:
        if row.attempts >= MAX_ATTEMPTS:
            raise RuleError(self.too_much)
