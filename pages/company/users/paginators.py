"""Two ways to page through a long list: the last page is as near as the first, and counting with the page."""

from __future__ import annotations

from typing import Any

from django.core.paginator import Page, Paginator
from django.db import connection
from django.db.models import QuerySet


class TwoEndedPaginator(Paginator):
    """Of a queryset in a whole order. Reads from the nearer end, and the keys alone.

    The database then passes over half the list at most, and an index of the order answers by itself.
    """

    def __init__(self, rows: QuerySet[Any], per_page: int, *, count: int) -> None:
        super().__init__(rows, per_page)
        self.count = count

    def page(self, number: int | str) -> Page:
        number = self.validate_number(number)
        rows: Any = self.object_list
        first = (number - 1) * self.per_page
        end = min(first + self.per_page, self.count)
        if first <= self.count // 2:
            return Page(list(rows.values_list("pk", flat=True)[first:end]), number, self)
        backwards = rows.reverse().values_list("pk", flat=True)[self.count - end : self.count - first]
        return Page(list(backwards)[::-1], number, self)


# MATERIALIZED, as all have to be found: else Postgres reckons with stopping at a page, and passes by indexes.
_PAGE_AND_COUNT = """
WITH found AS MATERIALIZED ({rows})
SELECT ARRAY(SELECT pk FROM found LIMIT %s OFFSET %s), (SELECT count(*) FROM found)
"""


class CountingPaginator(Paginator):
    """Of a queryset whose size nobody knows: one query reads the keys of a page and counts."""

    def get_page(self, number: float | str | None) -> Page:
        """The last, where the list does not go so far; the first, where that is no number."""
        typed = str(number)
        wanted = max(int(typed), 1) if typed.isdecimal() and len(typed) < 10 else 1
        keys = self._read(wanted)
        if wanted > self.num_pages:
            wanted = self.num_pages
            keys = self._read(wanted)
        return Page(keys, wanted, self)

    def _read(self, number: int) -> list[int]:
        rows: Any = self.object_list
        sql, parameters = rows.values_list("pk").query.sql_with_params()
        first = (number - 1) * self.per_page
        with connection.cursor() as cursor:
            cursor.execute(_PAGE_AND_COUNT.format(rows=sql), [*parameters, self.per_page, first])
            keys, self.count = cursor.fetchone()
        return list(keys)
