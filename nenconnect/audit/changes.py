"""Before and after of what changed, as far as the trail may keep it.

It is there for ever, and people can ask to be forgotten. What is kept follows from the field, so that nobody has
to remember it: numbers, days, switches, choices and which row. Texts that people type are not, but for the few
named here, which tell of companies and documents.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.db import models

Change = tuple[Any, Any]
# The names of companies, licences and documents are theirs, and no person's.
TEXTS = {
    "companies.company": {"name", "department", "customer_number", "time_zone"},
    "companies.domain": {"name"},
    "licenses.license": {"name"},
    "licenses.document": {"number", "title_nl", "title_en"},
}
KEPT = (
    models.BooleanField,
    models.IntegerField,
    models.DateField,
    models.ForeignKey,
    models.DecimalField,
    models.DurationField,
)


def changed_fields(row: models.Model, fields: Mapping[str, Any]) -> dict[str, Change]:
    """Which of these fields would be another on this row: before and after, by the name of the field."""
    differing = {name: (getattr(row, name), value) for name, value in fields.items()}
    return {name: change for name, change in differing.items() if change[0] != change[1]}


def kept_changes(row: models.Model, changes: Mapping[str, Change]) -> dict[str, list[Any]]:
    """Of these changes what may be kept, ready for JSON."""
    return {
        name: [_plain(before), _plain(after)]
        for name, (before, after) in changes.items()
        if _may_keep(type(row), name)
    }


def _may_keep(model: type[models.Model], name: str) -> bool:
    meta = model._meta
    fields = {field.name: field for field in meta.concrete_fields}
    if name in TEXTS.get(meta.label_lower, set()):
        return True
    field: Any = fields.get(name)
    if field is None:
        return False
    field = getattr(field, "base_field", field)  # of an array, what it holds
    return isinstance(field, KEPT) or bool(field.choices)


def _plain(value: Any) -> Any:
    if isinstance(value, models.Model):
        return value.pk
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, list | tuple):
        return [_plain(one) for one in value]
    return value if value is None or isinstance(value, bool | int) else str(value)
