"""Lease long work to one worker at a time.

The rows have `touched_at`. A worker at work touches its row regularly; a row not touched for LEASE is free again,
because its worker died.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, TypeVar

from django.db import models, transaction
from django.utils import timezone

LEASE = timedelta(minutes=5)

Row = TypeVar("Row", bound=models.Model)


@transaction.atomic
def claim(waiting: models.QuerySet[Row], **fields: Any) -> Row | None:
    """Lock, touch and return the first free row, or None. Sets `fields` along with it.

    The returned object has the values from before.
    """
    free = waiting.filter(touched_at__lte=timezone.now() - LEASE)
    row = free.select_for_update(skip_locked=True, of=("self",)).order_by("pk").first()
    if row:
        touch(row, **fields)
    return row


def touch(row: models.Model, **fields: Any) -> None:
    type(row)._default_manager.filter(pk=row.pk).update(touched_at=timezone.now(), **fields)


def release(row: models.Model, **fields: Any) -> None:
    type(row)._default_manager.filter(pk=row.pk).update(touched_at=long_ago(), **fields)


def long_ago() -> datetime:
    return timezone.now() - LEASE
