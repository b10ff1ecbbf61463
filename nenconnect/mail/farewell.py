"""The last mail to somebody whose account is deleted, and forgetting what the outbox knows of them (C42)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict
from datetime import timedelta
from functools import reduce
from operator import or_
from typing import Any

from django.db import models
from django.db.models import Q
from django.utils import timezone

from nenconnect.mail.actions import new_message_id, nudge_after_commit
from nenconnect.mail.events import known_events
from nenconnect.mail.models import Gone, OutboxMail
from nenconnect.mail.rerouting import ContactPerson, Reader

AT_LATEST = timedelta(days=7)  # then it is dropped, and for whom it was is forgotten
AT_ONCE = 200  # beginnings of keys that one statement looks for


def queue_farewell(event: str, *, pk: int, person: Gone, readers: Sequence[Reader]) -> None:
    """To the person, or to those who read their mails (R32); in the transaction that deletes the account."""
    nobody: Sequence[Reader | None] = [None]
    for reader in readers or nobody:
        OutboxMail.objects.create(
            event=event,
            key=f"{event}:user{pk}:to{reader.pk if reader else pk}",
            about={"gone": asdict(person)},
            message_id=new_message_id(),
            expires_at=timezone.now() + AT_LATEST,
            **_to(reader, person),
        )
    nudge_after_commit()


def _to(reader: Reader | None, person: Gone) -> dict[str, Any]:
    if reader is None:
        return {"address": person.email}
    return {"address": reader.email} if isinstance(reader, ContactPerson) else {"recipient_id": reader.pk}


def forget_person(person: models.Model, *, address: str, things: Iterable[models.Model]) -> None:
    """Deletes the mails to and for the person; of those to others about `things` (requests, say) the text goes."""
    for way in (
        Q(recipient=person.pk),
        Q(on_behalf_of=person.pk),
        Q(address=address) & ~Q(address=""),  # each by an index of its own
        Q(sent_to=address) & ~Q(sent_to=""),
    ):
        OutboxMail.objects.filter(way).delete()
    begin = [
        f"{event}:{thing._meta.model_name}{thing.pk}:" for thing in (person, *things) for event in known_events()
    ]
    for start in range(0, len(begin), AT_ONCE):
        about = reduce(or_, (Q(key__startswith=key) for key in begin[start : start + AT_ONCE]))
        OutboxMail.objects.filter(about).exclude(sent_text="").update(sent_text="")
