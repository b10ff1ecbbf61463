"""A filter of NEN's desk with as many choices as there are mails or verbs, sorted by what they are called."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from html import escape
from typing import Any, ClassVar
from urllib.parse import quote

from django.contrib import admin
from django.contrib.admin.views.main import ChangeList
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.functional import Promise
from django.utils.safestring import SafeString
from django.utils.translation import get_language
from django.utils.translation import gettext as in_djangos_words

_VALUE = "VALUE"  # stands in an address for that of a choice


class LongFilter(admin.SimpleListFilter):
    """On the field `parameter_name`. Looks as Django's own does, which puts together each address anew."""

    template = "admin/long_filter.html"
    parameter_name: str
    words: ClassVar[Mapping[str, str | Promise]]

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return self._sorted(get_language())

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.filter(**{self.parameter_name: self.value()}) if self.value() else queryset

    def choices(self, changelist: ChangeList) -> Iterator[Any]:
        """One piece of HTML, which has them all."""
        everything = changelist.get_query_string(remove=[self.parameter_name])
        links = [_link(everything, str(in_djangos_words("All")), is_chosen=self.value() is None)]
        begin, end = changelist.get_query_string({self.parameter_name: _VALUE}).split(_VALUE, 1)
        for value, words in self.lookup_choices:
            links.append(_link(f"{begin}{quote(value)}{end}", str(words), is_chosen=self.value() == value))
        yield SafeString("".join(links))

    @classmethod
    @cache
    def _sorted(cls, _language: str | None) -> list[tuple[str, str]]:
        return sorted([(value, str(words)) for value, words in cls.words.items()], key=lambda one: one[1])


def _link(address: str, words: str, *, is_chosen: bool) -> str:
    css = ' class="selected"' if is_chosen else ""
    return f'<li{css}><a href="{escape(address)}">{escape(words)}</a></li>'
