"""Queue many mails at once, such as reminders."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from itertools import count, islice

from django.db import transaction
from django.utils import timezone

from nenconnect.bulk.many_rows import insert_many
from nenconnect.mail.actions import nudge_after_commit
from nenconnect.mail.models import OutboxMail

BATCH = 500  # rows in one transaction
PER_SECOND = 20


def queue_mails(mails: Iterable[OutboxMail]) -> None:
    """Add mails made by `new_mail` in batches, except those whose key exists already.

    They become due one after the other, so that a single link that a person waits for can pass them.
    """
    waiting, numbers = iter(mails), count()
    while batch := list(islice(waiting, BATCH)):
        keys = [mail.key for mail in batch]
        existing_keys = set(OutboxMail.objects.filter(key__in=keys).values_list("key", flat=True))
        new = [mail for mail in batch if mail.key not in existing_keys]
        for mail, number in zip(new, numbers):  # noqa: B905 -- the numbers have no end
            mail.due_at += timedelta(seconds=number // PER_SECOND)
        _insert_mails(new)


@transaction.atomic
def _insert_mails(mails: list[OutboxMail]) -> None:
    insert_many(mails, ignore_conflicts=True)  # a second run may be as far as this one
    if any(mail.due_at <= timezone.now() for mail in mails):
        nudge_after_commit()  # beat asks for mails that are due later
