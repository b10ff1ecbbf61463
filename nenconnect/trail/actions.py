"""Adding lines to the trail."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.db import models

from nenconnect.many_rows import insert_many
from nenconnect.trail.changes import Change, kept_changes
from nenconnect.trail.door import here
from nenconnect.trail.models import TrailEntry

Actor = models.Model | AnonymousUser | None
About = models.Model | list[models.Model]


def record(verb: str, *, by: Actor, company_id: int | None, about: About, **details: Any) -> None:
    """Adds one line to the trail, in the running transaction. `details` hold no names and no addresses.

    `changes`, where there are any, are before and after of the first thing's fields, as `changed_fields` makes
    them; what must not be kept is left out here.
    """
    new_entry(verb, by=by, company_id=company_id, about=about, **details).save()


def record_many(entries: Iterable[TrailEntry]) -> None:
    """The same for entries made by `new_entry`, in one statement."""
    insert_many(list(entries))


def new_entry(
    verb: str,
    *,
    by: Actor,
    company_id: int | None,
    about: About,
    changes: Mapping[str, Change] | None = None,
    **details: Any,
) -> TrailEntry:
    """A line that is not written yet."""
    things = about if isinstance(about, list) else [about]
    kept = kept_changes(things[0], changes) if changes else {}
    origin = here()
    return TrailEntry(
        verb=verb,
        actor_id=by.pk if by else None,
        company_id=company_id,
        subjects={str(thing._meta.model_name): thing.pk for thing in things},
        details=details | ({"changes": kept} if kept else {}),
        door=origin.door,
        network=origin.network,
    )
