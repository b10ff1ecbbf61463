"""Measure the health of mail for /readyz, /metrics and NEN's desk."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from celery import current_app
from django.db.models import Min
from django.utils import timezone
from kombu.exceptions import OperationalError
from redis.exceptions import RedisError

from nenconnect.mail import queue
from nenconnect.mail.models import Heartbeat, MailQueue, MailStatus, OutboxMail

logger = logging.getLogger(__name__)

# Seconds past which something is wrong. Beat asks for a drain every 15; a drain may take some minutes.
LATE_MAIL = 600
LATE_SIGN = 300

_QUICK = {"socket_connect_timeout": 0.5, "socket_timeout": 0.5}  # seconds; who asks has little patience


class Problem(StrEnum):
    """Name a problem as /readyz shows it."""

    PAUSED = "mail queue is paused"
    LATE = "mail is late"
    NO_BEAT = "no sign of beat"
    NO_WORKER = "no sign of worker"


@dataclass(frozen=True)
class MailHealth:
    """Hold ages in seconds; None means that there is no such mail."""

    is_paused: bool
    oldest_unsent: int | None  # since it was written
    oldest_due: int | None  # since it should have gone: a mail that a server put off is not late
    signs_of_life: dict[str, int]

    @property
    def problems(self) -> list[Problem]:
        checks = {
            Problem.PAUSED: self.is_paused,
            Problem.LATE: (self.oldest_due or 0) > LATE_MAIL,
            Problem.NO_BEAT: self._is_silent(queue.BEAT),
            Problem.NO_WORKER: self._is_silent(queue.WORKER),
        }
        return [problem for problem, is_there in checks.items() if is_there]

    def _is_silent(self, name: str) -> bool:
        return self.signs_of_life.get(name, LATE_SIGN + 1) > LATE_SIGN


def mail_health(state: MailQueue | None = None) -> MailHealth:
    """Read the health from small indexes, however long the queue is. Raises DatabaseError."""
    now = timezone.now()
    waiting = OutboxMail.objects.filter(status=MailStatus.WAITING)
    due = waiting.filter(due_at__lte=now).order_by("due_at", "pk").values_list("due_at", flat=True).first()
    return MailHealth(
        is_paused=(state or queue.state()).is_paused,
        oldest_unsent=_age(waiting.aggregate(oldest=Min("created_at"))["oldest"], now),
        oldest_due=_age(due, now),
        signs_of_life={sign.name: _age(sign.at, now) or 0 for sign in Heartbeat.objects.all()},
    )


def redis_answers() -> bool:
    try:
        with current_app.connection(transport_options=_QUICK) as broker:
            channel: Any = broker.default_channel
            return bool(channel.client.ping())
    except (OperationalError, RedisError, OSError) as error:
        logger.warning("Redis does not answer: %s", type(error).__name__)
        return False


def _age(moment: datetime | None, now: datetime) -> int | None:
    return max(0, int((now - moment).total_seconds())) if moment else None
