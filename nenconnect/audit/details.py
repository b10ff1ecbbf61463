"""Put the details of audit entries into words: subjects, figures and names of fields."""

from __future__ import annotations

from functools import cache
from typing import Any

from django.apps import apps
from django.db.models import Model
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

DETAIL_IN_WORDS = {
    "how": _("how"),
    "origin": _("how"),
    "until": _("until"),
    "until_before": _("until, before"),
    "role_before": _("role before"),
    "role_after": _("role now"),
    "because": _("reason"),
    "devices": _("devices"),
    "domain": _("domain"),
    "fields": _("changed"),
    "first_day": _("from day"),
    "is_blocked": _("blocked"),
    "is_deputy": _("as deputy"),
    "is_new": _("new account"),
    "is_registered": _("registration finished"),
    "kind": _("kind"),
    "last_day": _("up to and including"),
    "merged": _("merged value"),
    "overruled": _("objections overruled"),
    "people": _("people"),
    "requests": _("requests"),
    "role": _("role"),
    "to": _("now"),
    "values": _("values"),
    "version": _("version"),
    "who": _("people in this group"),
    "with_subdomains": _("with subdomains"),
}


def subjects_in_words(subjects: dict[str, int]) -> str:
    """Return „user 3" for {"user": 3}: the audit keeps numbers only."""
    return ", ".join(f"{_noun(name)} {pk}" for name, pk in subjects.items()) or "–"


def details_in_words(details: dict[str, Any], subjects: dict[str, int]) -> str:
    """Return all details except the changes; a field has the name that it has in the first subject's model."""
    model = models_by_name().get(next(iter(subjects), ""))
    rows = (
        f"{DETAIL_IN_WORDS.get(name, name)}: {_value(model, value)}"
        for name, value in details.items()
        if name != "changes"
    )
    return "; ".join(rows) or "–"


@cache
def models_by_name() -> dict[str, type[Model]]:
    return {str(model._meta.model_name): model for model in apps.get_models()}


def field_of(model: type[Model] | None, name: str) -> Any:
    fields = {field.name: field for field in model._meta.concrete_fields} if model else {}
    return fields.get(name)


def field_name(model: type[Model] | None, name: str) -> str:
    return str(getattr(field_of(model, name), "verbose_name", name.replace("_", " ")))


def _noun(model_name: str) -> str:
    model = models_by_name().get(model_name)
    return str(model._meta.verbose_name) if model else model_name


def _value(model: type[Model] | None, value: Any) -> str:
    if isinstance(value, bool):
        return gettext("yes") if value else gettext("no")
    return ", ".join(field_name(model, str(name)) for name in value) if isinstance(value, list) else str(value)
