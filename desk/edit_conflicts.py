"""Show staff what another member of staff changed while the page was open, and lose nothing."""

from __future__ import annotations

from datetime import date
from typing import Any, ClassVar, cast

from django import forms
from django.db import connection
from django.http import HttpRequest
from django.utils.formats import date_format
from django.utils.translation import gettext

from desk.action_admin import ActionForm


def is_saving(request: HttpRequest) -> bool:
    """Tell whether to lock the page's row: only where the request saves."""
    return request.method == "POST" and connection.in_atomic_block


class SeenForm(ActionForm):
    """Send along what the page showed; the caller locks the row before the form reads it."""

    watched: ClassVar[tuple[str, ...]] = ()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in self._watched_fields():
            sent = self.add_initial_prefix(name) in self.data
            self.fields[name].show_hidden_initial = bool(self.instance.pk) and (sent or not self.is_bound)

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean()
        if cleaned is None or not self.instance.pk:
            return cleaned
        for name in self._watched_fields():
            if name not in self.changed_data:
                cleaned[name] = getattr(self.instance, name)
            elif name in cleaned and self._was_changed_meanwhile(name, cleaned[name]):
                self._ask_once_more(name)
        return cleaned

    def _watched_fields(self) -> list[str]:
        return [name for name in self.watched if name in self.fields]

    def _was_changed_meanwhile(self, name: str, typed: Any) -> bool:
        bound, field = self[name], self.fields[name]
        if not field.show_hidden_initial:
            return False
        sent = field.hidden_widget().value_from_datadict(self.data, self.files, bound.html_initial_name)
        seen = field.to_python(sent)
        now = field.prepare_value(getattr(self.instance, name))
        return now not in (field.prepare_value(seen), field.prepare_value(typed))

    def _ask_once_more(self, name: str) -> None:
        field, now = self.fields[name], getattr(self.instance, name)
        text = gettext("Another person changed this to “%(now)s”. Save again to replace it with your value.")
        self.add_error(name, text % {"now": _in_words(field, now)})
        self.answer_with(self[name].html_initial_name, field.prepare_value(now))


def _in_words(field: forms.Field, value: Any) -> str:
    if isinstance(value, bool):
        return gettext("yes") if value else gettext("no")
    if isinstance(value, date):
        return date_format(value, "j F Y")
    if value in (None, "", []):
        return "–"
    has_words = isinstance(field, forms.TypedChoiceField | forms.MultipleChoiceField)
    words = dict(cast(Any, field).choices) if has_words else {}
    return ", ".join(str(words.get(item, item)) for item in (value if isinstance(value, list) else [value]))
