"""Read what a batch of mails is about once for all of them."""

from __future__ import annotations

from collections import deque
from typing import Any, TypeVar

from django.db import models
from django.utils import timezone

from nenconnect.mail.models import OutboxMail

Row = TypeVar("Row", bound=models.Model)


class Batch:
    """Hold mails that were claimed together.

    Used for a moment only (see delivery.FRESH), so that the last look is recent.
    """

    def __init__(self, mails: list[OutboxMail]) -> None:
        self.read_at = timezone.now()
        self.waiting = deque(mails)
        self._rows: dict[tuple[str, type[models.Model]], dict[Any, Any]] = {}
        for mail in mails:
            mail.batch = self

    def row_of(self, mail: OutboxMail, rows: models.QuerySet[Row]) -> Row | None:
        key = (mail.event, rows.model)
        if key not in self._rows:
            alike = [other.id_of(rows.model) for other in self.waiting if other.event == mail.event]
            self._rows[key] = rows.in_bulk([pk for pk in alike if pk is not None])
        return self._rows[key].get(mail.id_of(rows.model))


def row_of(mail: OutboxMail, rows: models.QuerySet[Row]) -> Row | None:
    """Return the row of `rows` that the mail is about, or None if it was deleted.

    All mails of one event must pass the same queryset.
    """
    if isinstance(mail.batch, Batch):
        return mail.batch.row_of(mail, rows)
    return rows.filter(pk=mail.id_of(rows.model)).first()
