"""Mails that were claimed together: what they are about is read once for all of them."""

from __future__ import annotations

from collections import deque
from typing import Any, TypeVar

from django.db import models
from django.utils import timezone

from nenconnect.mail.models import OutboxMail

Row = TypeVar("Row", bound=models.Model)


class Batch:
    """Lives for a moment only (see delivery.FRESH), so that what was read for the last look is no older."""

    def __init__(self, mails: list[OutboxMail]) -> None:
        self.read_at = timezone.now()
        self.waiting = deque(mails)
        self._rows: dict[tuple[str, type[models.Model]], dict[Any, Any]] = {}
        for mail in mails:
            mail.batch = self

    def row_of(self, mail: OutboxMail, rows: models.QuerySet[Row]) -> Row | None:
        asked = (mail.event, rows.model)
        if asked not in self._rows:
            alike = [other.id_of(rows.model) for other in self.waiting if other.event == mail.event]
            self._rows[asked] = rows.in_bulk([pk for pk in alike if pk is not None])
        return self._rows[asked].get(mail.id_of(rows.model))


def row_of(mail: OutboxMail, rows: models.QuerySet[Row]) -> Row | None:
    """The one of `rows` that the mail is about, None where it is gone; mails of one event ask for the same."""
    if isinstance(mail.batch, Batch):
        return mail.batch.row_of(mail, rows)
    return rows.filter(pk=mail.id_of(rows.model)).first()
