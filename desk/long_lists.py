"""Let the lists of NEN's desk hold a million rows: nothing counts or sorts them all."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from operator import itemgetter
from typing import Any, ClassVar

from django.contrib import admin
from django.contrib.admin.views.main import ChangeList
from django.core.paginator import Page, Paginator
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils.functional import Promise, cached_property

MOST = 1000  # rows that a list goes through, and that one button acts on


class ShortPaginator(Paginator):
    """Count no further than the pages go; older rows are found by a filter or a search."""

    @cached_property
    def count(self) -> int:
        return min(self._counted, MOST)

    @property
    def has_more(self) -> bool:
        return self._counted > MOST

    def page(self, number: int | str) -> Page:
        rows: Any = self.object_list
        number = self.validate_number(number)
        first = (number - 1) * self.per_page
        if not rows.query.where:
            return Page(rows[first : first + self.per_page], number, self)
        ids = list(rows.values_list("pk", flat=True)[first : first + self.per_page])
        return Page(rows.filter(pk__in=ids), number, self)

    @cached_property
    def _counted(self) -> int:
        rows: Any = self.object_list  # the admin's is a queryset
        return int(rows.order_by()[: MOST + 1].count())


class LongChangeList(ChangeList):
    def get_results(self, request: HttpRequest) -> None:
        """Read the rows of the page without what no column shows; an action reads them whole."""
        if only := getattr(self.model_admin, "shown_fields", ()):
            self.queryset = self.queryset.only(*only)
        super().get_results(request)


class WordsFilter(admin.SimpleListFilter):
    """Filter on the field `parameter_name`; the choices are sorted by their words."""

    words: ClassVar[Mapping[str, str | Promise]]

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return sorted([(value, str(words)) for value, words in self.words.items()], key=itemgetter(1))

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        return queryset.filter(**{str(self.parameter_name): self.value()}) if self.value() else queryset


class LongList(admin.ModelAdmin):
    """Make a list fast; mixed in before other classes, with an `ordering` that has an index."""

    change_list_template = "admin/long_list.html"
    paginator = ShortPaginator
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER
    list_per_page = 50
    list_max_show_all = 0  # there is no „all"
    sortable_by: ClassVar[Any] = ()
    shown_fields: ClassVar[Sequence[str]] = ()  # what the columns show; a row has far more than that

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return LongChangeList


def any_of_searches(rows: QuerySet, ways: Iterable[Q]) -> QuerySet:
    """Combine several searches, each by its own index; in one condition Postgres would read all rows."""
    matches = {pk for way in ways for pk in rows.filter(way).order_by().values_list("pk", flat=True)[:MOST]}
    return rows.filter(pk__in=matches)


def names_of(*people: str) -> list[str]:
    return [f"{person}__{field}" for person in people for field in ("name", "email")]


def first_of(rows: QuerySet) -> list[Any]:
    return list(rows.order_by().values_list("pk", flat=True)[:MOST])
