"""Long work of which a worker has a lease: one worker each, and taken up again where a worker died halfway.

The rows have `touched_at`. Who holds one touches it now and then; long ago means that nobody holds it.
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
    """The first of the rows that nobody holds, as it was; it is the caller's now, and `fields` are set with it."""
    free = waiting.filter(touched_at__lte=timezone.now() - LEASE)
    found = free.select_for_update(skip_locked=True, of=("self",)).order_by("pk").first()
    if found:
        touch(found, **fields)
    return found


def touch(row: models.Model, **fields: Any) -> None:
    type(row)._default_manager.filter(pk=row.pk).update(touched_at=timezone.now(), **fields)


def let_go(row: models.Model, **fields: Any) -> None:
    type(row)._default_manager.filter(pk=row.pk).update(touched_at=long_ago(), **fields)


def long_ago() -> datetime:
    return timezone.now() - LEASE
