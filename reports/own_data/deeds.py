"""Collect what the person did and what was done to the person, from the audit and NEN's desk."""

from __future__ import annotations

from django.contrib.admin.models import LogEntry
from django.db.models import Model, Q

from accounts.models import User
from nenconnect.audit.models import AuditEntry
from nenconnect.audit.verbs import verb_in_words
from reports.own_data.sections import Facts

# Details of an audit entry that can be no number of another person.
SHOWN_DETAILS = {"fields", "role", "is_blocked", "is_new", "domain", "with_subdomains", "devices"}


def audit(user: User) -> list[Facts]:
    """Return what the person did and what was done about the person, without naming the others."""
    rows = AuditEntry.objects.filter(Q(actor_id=user.pk) | Q(subjects__user=user.pk)).order_by("pk")
    return [
        {
            "at": entry.at,
            "what": str(verb_in_words(entry.verb)),
            "by_you": entry.actor_id == user.pk,
            "about_you": entry.subjects.get("user") == user.pk,
            "details": {name: value for name, value in entry.details.items() if name in SHOWN_DETAILS},
        }
        for entry in rows
    ]


def desk_log(user: User) -> list[Facts]:
    rows = LogEntry.objects.filter(user=user).select_related("content_type").order_by("pk")
    return [{"at": row.action_time, "what": row.get_action_flag_display(), "kind": _kind(row)} for row in rows]


def _kind(row: LogEntry) -> str:
    model: type[Model] | None = row.content_type.model_class() if row.content_type else None
    return str(model._meta.verbose_name) if model else ""
