"""Add entries to the audit."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.db import models

from nenconnect.audit.changes import Change, kept_changes
from nenconnect.audit.models import AuditEntry
from nenconnect.audit.origin import current_source
from nenconnect.audit.verbs import Verb
from nenconnect.bulk.many_rows import insert_many

Actor = models.Model | AnonymousUser | None
About = models.Model | list[models.Model]


def record(verb: Verb, *, by: Actor, company_id: int | None, about: About, **details: Any) -> None:
    """Add one entry in the running transaction.

    `details` must hold no names and no addresses. `changes` holds before and after of fields of the first subject,
    as `changed_fields` returns them; fields with typed texts are left out here.
    """
    new_entry(verb, by=by, company_id=company_id, about=about, **details).save()


def record_many(entries: Iterable[AuditEntry]) -> None:
    insert_many(list(entries))


def new_entry(
    verb: Verb,
    *,
    by: Actor,
    company_id: int | None,
    about: About,
    changes: Mapping[str, Change] | None = None,
    **details: Any,
) -> AuditEntry:
    subjects = about if isinstance(about, list) else [about]
    kept = kept_changes(subjects[0], changes) if changes else {}
    source = current_source()
    return AuditEntry(
        verb=verb.name,
        actor_id=by.pk if by else None,
        company_id=company_id,
        subjects={str(subject._meta.model_name): subject.pk for subject in subjects},
        details=details | ({"changes": kept} if kept else {}),
        origin=source.origin,
        network=source.network,
    )
