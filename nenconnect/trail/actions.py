from __future__ import annotations

from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.db import models

from nenconnect.trail.models import TrailEntry

Actor = models.Model | AnonymousUser | None


def record(
    verb: str, *, by: Actor, company_id: int | None, about: models.Model | list[models.Model], **details: Any
) -> None:
    """Adds one line to the trail, in the running transaction. `details` hold no names and no addresses."""
    things = about if isinstance(about, list) else [about]
    TrailEntry.objects.create(
        verb=verb,
        actor_id=by.pk if by else None,
        company_id=company_id,
        subjects={str(thing._meta.model_name): thing.pk for thing in things},
        details=details,
    )
