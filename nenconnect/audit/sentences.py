"""Put audit entries into sentences, with the names that people and things have today."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from django.contrib.auth import get_user_model
from django.db import models
from django.utils.dateparse import parse_date
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from nenconnect.audit.details import field_name, field_of, models_by_name
from nenconnect.audit.models import AuditEntry
from nenconnect.audit.origin import AuditOrigin
from nenconnect.audit.verbs import VERBS

# A request goes by the name of what was requested.
BY_RELATED = {"licenserequest": "license", "documentrequest": "document"}
USER = "user"


class AuditReader:
    """Put these entries into words, with one query per model however many entries there are.

    `for_company`: as an admin of that company may read them; NEN's people are „NEN".
    """

    def __init__(self, entries: Sequence[AuditEntry], *, for_company: bool = False) -> None:
        self.for_company = for_company
        self._staff: set[int] = set()
        self._names = {
            name: self._look_up(name, ids) for name, ids in _ids_of(entries, for_company=for_company).items()
        }

    def who(self, entry: AuditEntry) -> str:
        verb = VERBS.get(entry.verb)
        if self.for_company and verb and verb.hides_actor:
            return "–"
        if entry.actor_id is not None:
            return self.name(USER, entry.actor_id)
        return _("A visitor") if entry.origin == AuditOrigin.PAGE else _("The system")

    def sentence(self, entry: AuditEntry) -> str:
        """Return the sentence without a full stop, so that more can follow."""
        verb, who = VERBS.get(entry.verb), self.who(entry)
        if verb is None:
            return f"{who}: {entry.verb}"
        names = {name: self.name(name, pk) for name, pk in entry.subjects.items()} | {"who": who}
        if "domain" in entry.details:
            names["domain"] = entry.details["domain"]
        return str(verb.sentence) % defaultdict(lambda: _("(no longer known)"), names)

    def changes(self, entry: AuditEntry) -> list[str]:
        """Return „plaatsen: van 10 naar 20" per field, or only the field's name if its values are not kept."""
        verb = VERBS.get(entry.verb)
        kept = {} if verb and verb.states_changes else entry.details.get("changes", {})
        model = models_by_name().get(next(iter(entry.subjects), ""))
        changes = [self._change(model, name, *change) for name, change in kept.items()]
        names = [field_name(model, name) for name in entry.details.get("fields", []) if name not in kept]
        return changes + names + _other_details(entry)

    def line(self, entry: AuditEntry) -> str:
        return ": ".join(part for part in (self.sentence(entry), "; ".join(self.changes(entry))) if part) + "."

    def name(self, model_name: str, pk: int) -> str:
        if model_name == USER and self.for_company and pk in self._staff:
            return "NEN"
        name = self._names.get(model_name, {}).get(pk)
        return name or (_("deleted user") if model_name == USER else _("(no longer there)"))

    def _look_up(self, model_name: str, ids: set[int]) -> dict[int, str]:
        model = models_by_name().get(model_name)
        if model is None:
            return {}
        rows = model._default_manager.filter(pk__in=ids)
        if related := BY_RELATED.get(model_name):
            return {row.pk: str(getattr(row, related)) for row in rows.select_related(related)}
        if model_name == USER:
            people = list(rows.values_list("pk", "name", "email", "is_staff"))
            self._staff |= {pk for pk, *_name, is_staff in people if is_staff}
            return {pk: name or email for pk, name, email, _is_staff in people}
        return {row.pk: str(row) for row in rows}

    def _change(self, model: type[models.Model] | None, name: str, before: Any, after: Any) -> str:
        field = field_of(model, name)
        label = field_name(model, name)
        if self.for_company and _is_of_people(field):
            return label  # who of NEN manages the company
        if before in (None, "", []):
            return _("%(field)s: %(after)s") % {"field": label, "after": self._value(field, after)}
        words = {"field": label, "before": self._value(field, before), "after": self._value(field, after)}
        return _("%(field)s: from %(before)s to %(after)s") % words

    def _value(self, field: Any, value: Any) -> str:
        if value in (None, "", []):
            return _("no value")
        if isinstance(value, bool):
            return _("yes") if value else _("no")
        if isinstance(value, list):
            return ", ".join(self._value(getattr(field, "base_field", field), item) for item in value)
        if isinstance(field, models.ForeignKey) and isinstance(value, int):
            return self.name(str(field.related_model._meta.model_name), value)
        choices = dict(getattr(field, "flatchoices", None) or [])
        return str(choices.get(value, _day(value)))


def _ids_of(entries: Iterable[AuditEntry], *, for_company: bool) -> dict[str, set[int]]:
    """Return the ids of all subjects and actors in these entries, by model name.

    `for_company` leaves out the company: it knows its own name.
    """
    ids: dict[str, set[int]] = defaultdict(set)
    for entry in entries:
        if entry.actor_id is not None:
            ids[USER].add(entry.actor_id)
        if entry.company_id is not None and not for_company:
            ids["company"].add(entry.company_id)
        for name, pk in entry.subjects.items():
            ids[name].add(pk)
        model = models_by_name().get(next(iter(entry.subjects), ""))
        for name, change in entry.details.get("changes", {}).items():
            field = field_of(model, name)
            if isinstance(field, models.ForeignKey):
                ids[str(field.related_model._meta.model_name)] |= {pk for pk in change if isinstance(pk, int)}
    return ids


def _is_of_people(field: Any) -> bool:
    return isinstance(field, models.ForeignKey) and field.related_model is get_user_model()


def _day(value: Any) -> Any:
    day: date | None = parse_date(value) if isinstance(value, str) and len(value) == 10 else None
    return date_format(day, "j F Y") if day else value


def _other_details(entry: AuditEntry) -> list[str]:
    details, words = entry.details, list[str]()
    if isinstance(details.get("to"), bool):  # a switch
        words.append(_("now on") if details["to"] else _("now off"))
    if "until" in details or "until_before" in details:
        last = details.get("until")
        words.append(_("until %(day)s") % {"day": _day(last)} if last else _("as long as the licence"))
    if details.get("put_in"):
        words.append(_("%(number)s documents added") % {"number": len(details["put_in"])})
    if details.get("taken_out"):
        words.append(_("%(number)s taken out") % {"number": len(details["taken_out"])})
    if "people" in details:
        number = details["people"]
        words.append(ngettext("%(number)s person", "%(number)s people", number) % {"number": number})
    return words
