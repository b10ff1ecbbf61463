"""The label of people, when the company's list of values changes."""

from __future__ import annotations

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from companies.actions import lock_label_value
from companies.models import Company, LabelValue
from nenconnect.errors import RuleError
from nenconnect.trail.actions import record


@transaction.atomic
def merge_label_values(value: LabelValue, *, into: LabelValue, by: User) -> int:
    """Whoever had `value` has `into` from now on, and `value` is gone. Returns how many people that are.

    Raises RuleError when one of the two is gone.
    """
    value, into = lock_label_value(value), lock_label_value(into)
    if value == into or value.company_id != into.company_id:
        raise RuleError(_("Choose another value."), field="into")
    moved = User.objects.filter(label=value).update(label=into)
    record("label_values_merged", by=by, company_id=into.company_id, about=into, merged=value.pk, people=moved)
    value.delete()
    return moved


@transaction.atomic
def delete_label_value(value: LabelValue, *, by: User) -> int:
    """Whoever had it has none from now on. Returns how many people that are; raises RuleError when it is gone."""
    value = lock_label_value(value)
    lost = User.objects.filter(label=value).update(label=None)
    record("label_value_deleted", by=by, company_id=value.company_id, about=value, people=lost)
    value.delete()
    return lost


def check_label(label: LabelValue | None, company: Company | None) -> None:
    """Of whoever gets it, with the company locked. Raises RuleError when the list does not hold it (any more)."""
    if label and not LabelValue.objects.filter(pk=label.pk, company=company).exists():
        raise RuleError(
            _("“%(name)s” is no longer in the list: somebody changed it meanwhile.") % {"name": label},
            field="label",
        )
