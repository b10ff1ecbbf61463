"""Change a person's details: name, phone, country, language, label and where mails go (R10, R32)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.actions.labels import check_label
from accounts.actions.membership import check_rerouting, locked_member, locked_members
from accounts.models import User
from accounts.verbs import DETAILS_CHANGED
from companies.models import LabelValue
from nenconnect.audit.actions import new_entry, record_many
from nenconnect.audit.changes import changed_fields
from nenconnect.audit.models import AuditEntry
from nenconnect.bulk.many_rows import update_many
from nenconnect.rules.errors import Refusals, RuleError

DETAIL_FIELDS = ("name", "phone", "country", "is_mail_rerouted", "language", "label")


class ChangedMeanwhile(RuleError):
    """Refuse details that changed while the page was open; `now` has the current values."""

    def __init__(self, now: dict[str, Any]) -> None:
        super().__init__(_("Another person changed this user while you had this page open."))
        self.now = now


def detail_value(user: User, name: str) -> Any:
    """Return a detail as a form keeps it: an id for a label, a code for a country."""
    return plain_detail(getattr(user, name))


def plain_detail(value: Any) -> Any:
    if isinstance(value, bool) or value is None:
        return value
    return value.pk if isinstance(value, LabelValue) else str(value)


@transaction.atomic
def change_details(user: User, *, by: User, seen: dict[str, Any] | None = None, **fields: Any) -> None:
    """Change some of DETAIL_FIELDS; `seen` is what the page showed.

    Raises: ValueError for another field, RuleError for a label that is not in the list, ChangedMeanwhile for one
    that changed since.
    """
    if unknown := set(fields) - set(DETAIL_FIELDS):
        raise ValueError(f"not a detail: {unknown}")
    user = locked_member(user)
    check_label(fields.get("label"), user.company)
    check_rerouting(user.role, is_rerouted=fields.get("is_mail_rerouted", False))
    if seen is not None:
        _check_unchanged_since_shown(user, seen, fields)
    _set_details([user], fields, by=by)


@transaction.atomic
def set_label(people: Sequence[User], label: LabelValue | None, *, by: User) -> Refusals:
    """Set the label of colleagues of one company. Raises RuleError when the label is not in its list."""
    members, refusals = locked_members(people)
    if members:
        check_label(label, members[0].company)
    _set_details(members, {"label": label}, by=by)
    return refusals


def _set_details(people: Sequence[User], fields: dict[str, Any], *, by: User) -> None:
    changing, entries = list[User](), list[AuditEntry]()
    for user in people:
        if changes := changed_fields(user, fields):
            details: dict[str, Any] = {"fields": sorted(changes), "changes": changes}
            entries.append(new_entry(DETAILS_CHANGED, by=by, company_id=user.company_id, about=user, **details))
            changing.append(user)
            for name, value in fields.items():
                setattr(user, name, value)
    update_many(changing, list(fields))
    record_many(entries)


def _check_unchanged_since_shown(user: User, seen: dict[str, Any], new_values: dict[str, Any]) -> None:
    """Raise ChangedMeanwhile, except where both changed a detail to the same value."""
    now = {name: detail_value(user, name) for name in new_values if name in seen}
    changed = {n: value for n, value in now.items() if value not in (seen[n], plain_detail(new_values[n]))}
    if changed:
        raise ChangedMeanwhile(changed)
