"""Move labels of people and requests along when the company's list of values changes."""

from __future__ import annotations

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from accounts.models import User
from companies.actions import lock_label_value
from companies.models import Company, LabelKind, LabelValue
from companies.verbs import LABEL_VALUE_DELETED, LABEL_VALUES_MERGED
from nenconnect.audit.actions import record
from nenconnect.rules.errors import RuleError

HOLDERS_IN_TRAIL = {LabelKind.USERS: "people", LabelKind.REQUESTS: "requests"}


def rows_with_value(value: LabelValue) -> list[QuerySet]:
    related = (relation.related_model for relation in LabelValue._meta.related_objects)
    return [model._default_manager.filter(label=value) for model in related]


@transaction.atomic
def merge_label_values(value: LabelValue, *, into: LabelValue, by: User) -> int:
    """Merge `value` into another one and return how many people or requests moved. Raises RuleError."""
    value, into = lock_label_value(value), lock_label_value(into)
    if value == into or (value.company_id, value.kind) != (into.company_id, into.kind):
        raise RuleError(_("Choose another value."), field="into")
    moved = sum(rows.update(label=into) for rows in rows_with_value(value))
    details = {HOLDERS_IN_TRAIL[LabelKind(into.kind)]: moved}
    record(LABEL_VALUES_MERGED, by=by, company_id=into.company_id, about=into, merged=value.pk, **details)
    value.delete()
    return moved


@transaction.atomic
def delete_label_value(value: LabelValue, *, by: User) -> int:
    """Delete the value and return how many people or requests lost it. Raises RuleError when it is gone."""
    value = lock_label_value(value)
    lost = sum(rows.update(label=None) for rows in rows_with_value(value))
    details = {HOLDERS_IN_TRAIL[LabelKind(value.kind)]: lost}
    record(LABEL_VALUE_DELETED, by=by, company_id=value.company_id, about=value, **details)
    value.delete()
    return lost


def check_label(label: LabelValue | None, company: Company | None, kind: str = LabelKind.USERS) -> None:
    """Raise RuleError when the label is not in the list; the caller has locked the company."""
    if label and not LabelValue.objects.filter(pk=label.pk, company=company, kind=kind).exists():
        raise RuleError(
            _("“%(name)s” is no longer in the list. Another person changed the list.") % {"name": label},
            field="label",
        )
