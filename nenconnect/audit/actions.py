"""Adding lines to the trail."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.db import models

from nenconnect.audit.changes import Change, kept_changes
from nenconnect.audit.models import AuditEntry
from nenconnect.audit.origin import here
from nenconnect.bulk.many_rows import insert_many

Actor = models.Model | AnonymousUser | None
About = models.Model | list[models.Model]


def record(verb: str, *, by: Actor, company_id: int | None, about: About, **details: Any) -> None:
    """Adds one line to the trail, in the running transaction. `details` hold no names and no addresses.

    `changes`, where there are any, are before and after of the first thing's fields, as `changed_fields` makes
    them; what must not be kept is left out here.
    """
    new_entry(verb, by=by, company_id=company_id, about=about, **details).save()


def record_many(entries: Iterable[AuditEntry]) -> None:
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
) -> AuditEntry:
    """A line that is not written yet."""
    things = about if isinstance(about, list) else [about]
    kept = kept_changes(things[0], changes) if changes else {}
    origin = here()
    return AuditEntry(
        verb=verb,
        actor_id=by.pk if by else None,
        company_id=company_id,
        subjects={str(thing._meta.model_name): thing.pk for thing in things},
        details=details | ({"changes": kept} if kept else {}),
        door=origin.door,
        network=origin.network,
    )
