"""Send the last mail about a deleted account, and delete what the outbox holds about the person (C42)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any

from django.db import models
from django.db.models import Q

from nenconnect.mail.actions import new_message_id
from nenconnect.mail.models import THING_OF_KEY, Gone, OutboxMail
from nenconnect.mail.rerouting import ContactPerson, Reader

AT_LATEST = timedelta(days=7)  # then it is dropped, and the person in it is removed


def new_farewells(
    event: str, *, pk: int, person: Gone, readers: Sequence[Reader], due_at: datetime
) -> Iterator[OutboxMail]:
    """Return unsaved farewells for `bulk.queue_mails`: to the person, or to the readers of their mails (R32)."""
    nobody: Sequence[Reader | None] = [None]
    for reader in readers or nobody:
        yield OutboxMail(
            event=event,
            key=f"{event}:user{pk}:to{reader.pk if reader else pk}",
            about={"gone": asdict(person)},
            message_id=new_message_id(),
            due_at=due_at,
            expires_at=due_at + AT_LATEST,
            **_recipient_fields(reader, person),
        )


def _recipient_fields(reader: Reader | None, person: Gone) -> dict[str, Any]:
    if reader is None:
        return {"address": person.email}
    return {"address": reader.email} if isinstance(reader, ContactPerson) else {"recipient_id": reader.pk}


def forget_people(
    people: Sequence[models.Model], *, addresses: Sequence[str], things: Iterable[models.Model]
) -> None:
    """Delete the mails to and for these people, and the text of others' mails about `things` like requests."""
    ids = [person.pk for person in people]
    for way in (
        Q(recipient__in=ids),
        Q(on_behalf_of__in=ids),
        Q(address__in=addresses) & ~Q(address=""),  # each by an index of its own
        Q(sent_to__in=addresses) & ~Q(sent_to=""),
    ):
        OutboxMail.objects.filter(way).delete()
    about = [f"{thing._meta.model_name}{thing.pk}" for thing in (*people, *things)]
    kept = OutboxMail.objects.exclude(sent_text="").alias(thing=THING_OF_KEY)
    kept.filter(thing__in=about).update(sent_text="")
