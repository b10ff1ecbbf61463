"""Pages of a long list: the last is as near as the first."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import QuerySet
from django.utils.functional import cached_property


class TwoEndedPaginator(Paginator):
    """Of a queryset in a whole order. Reads from the nearer end, and the keys alone.

    The database then passes over half the list at most, and an index of the order answers by itself.
    """

    def __init__(self, rows: QuerySet[Any], per_page: int, *, count: Callable[[], int]) -> None:
        self._count = count
        super().__init__(rows, per_page)

    @cached_property
    def count(self) -> int:
        return self._count()

    def first_page(self) -> Page:
        """One that is not full has everything: then nothing is counted."""
        rows: Any = self.object_list
        keys = list(rows.values_list("pk", flat=True)[: self.per_page])
        if len(keys) < self.per_page:
            self.count = len(keys)
        return Page(keys, 1, self)

    def page(self, number: int | str) -> Page:
        number = self.validate_number(number)
        rows: Any = self.object_list
        first = (number - 1) * self.per_page
        end = min(first + self.per_page, self.count)
        if first <= self.count // 2:
            return Page(list(rows.values_list("pk", flat=True)[first:end]), number, self)
        backwards = rows.reverse().values_list("pk", flat=True)[self.count - end : self.count - first]
        return Page(list(backwards)[::-1], number, self)
