"""Pause and resume the queue, and record when worker and beat were last active (C36)."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from nenconnect.mail.actions import nudge_after_commit
from nenconnect.mail.models import Heartbeat, MailQueue

# After this the queue tries a server that refused us again by itself.
RETRY = timedelta(minutes=1)
_RUNS = {"is_paused": False, "reason": "", "paused_at": None, "retry_at": None}

WORKER = "worker"  # has heard through Redis that there may be mail; beat says so every 15 seconds
BEAT = "beat"  # has gone round
# Seconds: who is seen more often than this is written down less often.
_PULSE = timedelta(seconds=5)


def state() -> MailQueue:
    return MailQueue.objects.filter(pk=1).first() or MailQueue(pk=1)


def may_send(queue: MailQueue, now: datetime | None = None) -> bool:
    """Return whether the queue runs, or its pause after a refusal is long enough ago to try again."""
    return not queue.is_paused or (queue.retry_at is not None and queue.retry_at <= (now or timezone.now()))


@transaction.atomic
def pause(reason: str) -> None:
    _save_pause(reason, retry_at=None)


@transaction.atomic
def pause_after_refusal(reason: str) -> None:
    """Pause because the mail server refused a worker, and try again later; a person's pause stays as it is."""
    queue = _locked_queue()
    if not queue.is_paused or queue.retry_at is not None:
        _save_pause(reason, retry_at=timezone.now() + RETRY / settings.MAIL_HASTE)


def resume() -> None:
    with transaction.atomic():
        MailQueue.objects.filter(pk=1).update(**_RUNS)
        nudge_after_commit()


def resume_after_success() -> None:
    """End a pause after a refusal, because a worker could send; a person's pause stays."""
    MailQueue.objects.filter(pk=1, retry_at__isnull=False).update(**_RUNS)


def show_life(name: str) -> None:
    now = timezone.now()
    if not Heartbeat.objects.filter(Q(at__lt=now - _PULSE) | Q(at__gt=now), name=name).update(at=now):
        Heartbeat.objects.bulk_create([Heartbeat(name=name, at=now)], ignore_conflicts=True)


def _locked_queue() -> MailQueue:
    MailQueue.objects.bulk_create([MailQueue(pk=1)], ignore_conflicts=True)
    return MailQueue.objects.select_for_update().get(pk=1)


def _save_pause(reason: str, *, retry_at: datetime | None) -> None:
    """Pause; `paused_at` stays the moment of the first refusal while others follow."""
    queue = _locked_queue()
    queue.is_paused, queue.reason, queue.retry_at = True, reason, retry_at
    queue.paused_at = queue.paused_at or timezone.now()
    queue.save()
