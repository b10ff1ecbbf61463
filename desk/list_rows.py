"""The rows of a long list at NEN's desk, cell by cell as Django's own list shows them.

What is the same for every row is worked out once. Django's own list looks for it anew in each cell, takes a
template for each box to tick, and finds the address of each row's page by resolving it: that takes longer than all
else.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import cache
from html import escape
from typing import Any

from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.admin.templatetags.admin_list import result_headers, results
from django.contrib.admin.templatetags.admin_urls import add_preserved_filters
from django.contrib.admin.utils import display_for_field, display_for_value
from django.contrib.admin.views.main import ChangeList
from django.core.exceptions import FieldDoesNotExist
from django.db import models
from django.http import HttpRequest
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext as in_djangos_words

Shown = Callable[[Any], str]  # a row's part of the page, escaped

_NUMBER = "NUMBER"  # stands in an address for that of the row
_TEXT = {models.CharField, models.EmailField, models.TextField}
_OF_FEW_VALUES = {models.BooleanField, models.DateField}


class LongChangeList(ChangeList):
    """`headers` and `rows` are what `admin/long_list.html` shows."""

    def get_results(self, request: HttpRequest) -> None:
        """The rows that are shown are read without what no column shows; those of an action are read whole."""
        if only := getattr(self.model_admin, "shown_fields", ()):
            self.queryset = self.queryset.only(*only)
        super().get_results(request)

    def headers(self) -> list[dict[str, Any]]:
        return list(result_headers(self))

    def rows(self) -> SafeString:
        """A window that another one opened, to choose from, has them as Django does."""
        is_as_django_has_it = self.is_popup or self.to_field
        return _joined("".join(row) for row in (results(self) if is_as_django_has_it else self._rows()))

    def _rows(self) -> Iterator[list[str]]:
        cells = list(_cells(self))
        for row in self.result_list:
            yield [cell(row) for cell in cells]


def _joined(rows: Iterable[str]) -> SafeString:
    """Of HTML that is escaped already."""
    return SafeString("".join([f"<tr>{row}</tr>" for row in rows]))


def _cells(changes: ChangeList) -> Iterator[Shown]:
    links = changes.list_display_links
    is_first = True  # of those that lead to the row's page
    for name in map(str, changes.list_display):
        shown, css = _column(changes, name)
        is_link = links is not None and (name in links or (is_first and not links))
        if is_link:
            yield _link(changes, "th" if is_first else "td", css, shown)
            is_first = False
        else:
            yield _cell(css, shown)


def _cell(css: str, shown: Shown) -> Shown:
    return lambda row: f'<td class="{css}">{shown(row)}</td>'


def _link(changes: ChangeList, tag: str, css: str, shown: Shown) -> Shown:
    begin, end = _address(changes)
    return lambda row: f'<{tag} class="{css}"><a href="{begin}{row.pk}{end}">{shown(row)}</a></{tag}>'


def _address(changes: ChangeList) -> list[str]:
    """Of a row's page: what stands before the row's number, and after it."""
    name = f"admin:{changes.opts.app_label}_{changes.opts.model_name}_change"
    context: Any = {"preserved_filters": changes.preserved_filters, "opts": changes.opts}
    address = add_preserved_filters(context, reverse(name, args=[_NUMBER]))
    return escape(address).split(_NUMBER, 1)


def _column(changes: ChangeList, name: str) -> tuple[Shown, str]:
    """How a column shows a row, and its classes."""
    empty = changes.model_admin.get_empty_value_display()
    if name == "action_checkbox":
        return _box(), "action-checkbox"
    try:
        field: Any = changes.opts.get_field(name)
    except FieldDoesNotExist:
        return _of_method(getattr(changes.model_admin, name), empty), f"field-{name}"
    if isinstance(field, models.ForeignKey):
        return _of_thing(name, empty), f"field-{name} nowrap"
    is_time = isinstance(field, models.DateField | models.TimeField)
    return _of_field(field, empty), f"field-{name}{' nowrap' if is_time else ''}"


def _box() -> Shown:
    """To choose the row for an action."""
    label = in_djangos_words("Select this object for an action - {}")
    tag = f'<input type="checkbox" name="{ACTION_CHECKBOX_NAME}" class="action-select"'
    return lambda row: f'{tag} value="{row.pk}" aria-label="{escape(label.format(row))}">'


def _of_method(method: Callable[[Any], Any], empty: str) -> Shown:
    is_yes_or_no = getattr(method, "boolean", False)
    return lambda row: _escaped(display_for_value(_or_empty(method(row)), empty, is_yes_or_no))


def _of_thing(name: str, empty: str) -> Shown:
    def shown(row: Any) -> str:
        thing = getattr(row, name)
        return escape(empty if thing is None else str(thing))

    return shown


def _of_field(field: Any, empty: str) -> Shown:
    def shown(value: Any) -> str:
        return _escaped(display_for_field(_or_empty(value), field, empty, avoid_link=True))

    in_words: Shown = shown
    if field.choices or type(field) in _OF_FEW_VALUES:
        in_words = cache(shown)
    elif isinstance(field, models.DateTimeField):
        in_words = _by_the_minute(shown)
    elif type(field) in _TEXT:
        return lambda row: escape(_or_empty(getattr(row, field.attname)) or empty)
    return lambda row: in_words(getattr(row, field.attname))


def _by_the_minute(in_words: Callable[[Any], str]) -> Callable[[Any], str]:
    """No list of ours shows seconds, and the rows of a page are often of a few minutes."""
    in_words = cache(in_words)
    return lambda moment: in_words(moment and moment.replace(second=0, microsecond=0))


def _or_empty(value: Any) -> Any:
    """Blanks alone are nothing."""
    return "" if isinstance(value, str) and not value.strip() else value


def _escaped(value: Any) -> str:
    """As Django's conditional_escape, which looks for lazy texts as well: there are none left here."""
    return value if isinstance(value, SafeString) else escape(str(value))
