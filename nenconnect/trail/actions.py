from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.db import models

from nenconnect.many_rows import insert_many
from nenconnect.trail.models import TrailEntry

Actor = models.Model | AnonymousUser | None


def record(
    verb: str, *, by: Actor, company_id: int | None, about: models.Model | list[models.Model], **details: Any
) -> None:
    """Adds one line to the trail, in the running transaction. `details` hold no names and no addresses."""
    new_entry(verb, by=by, company_id=company_id, about=about, **details).save()


def record_many(entries: Iterable[TrailEntry]) -> None:
    """The same for entries made by `new_entry`, in one statement."""
    insert_many(list(entries))


def new_entry(
    verb: str, *, by: Actor, company_id: int | None, about: models.Model | list[models.Model], **details: Any
) -> TrailEntry:
    """A line that is not written yet."""
    things = about if isinstance(about, list) else [about]
    return TrailEntry(
        verb=verb,
        actor_id=by.pk if by else None,
        company_id=company_id,
        subjects={str(thing._meta.model_name): thing.pk for thing in things},
        details=details,
    )
