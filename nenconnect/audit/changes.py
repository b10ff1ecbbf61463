"""Compare a row with its new values, and keep what the audit may keep.

The audit is kept for ever, and people can ask to be forgotten. The kind of field decides: numbers, days, switches,
choices and ids of rows stay. Typed texts are left out, except the few named here, which are about companies and
documents.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.db import models

Change = tuple[Any, Any]
# Names of companies, licences and documents are about no person.
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
    """Return before and after of the fields that would change on this row, by name."""
    differing = {name: (getattr(row, name), value) for name, value in fields.items()}
    return {name: change for name, change in differing.items() if change[0] != change[1]}


def kept_changes(row: models.Model, changes: Mapping[str, Change]) -> dict[str, list[Any]]:
    return {
        name: [_plain_value(before), _plain_value(after)]
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


def _plain_value(value: Any) -> Any:
    if isinstance(value, models.Model):
        return value.pk
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, list | tuple):
        return [_plain_value(item) for item in value]
    return value if value is None or isinstance(value, bool | int) else str(value)
