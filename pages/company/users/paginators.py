"""Read the last page of a long list as fast as the first, or read and count in one query."""

from __future__ import annotations

from typing import Any

from django.core.paginator import Page, Paginator
from django.db import connection
from django.db.models import QuerySet


class TwoEndedPaginator(Paginator):
    """Read a page of ids of a queryset with a total order from the nearer end.

    The database passes over half the list at most, and an index of that order is enough.
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


# MATERIALIZED, as all rows are counted: else Postgres plans to stop after a page and ignores indexes.
_PAGE_AND_COUNT = """
WITH matches AS MATERIALIZED ({rows})
SELECT ARRAY(SELECT pk FROM matches LIMIT %s OFFSET %s), (SELECT count(*) FROM matches)
"""


class CountingPaginator(Paginator):
    """Read a page of ids and count all, in one query."""

    def get_page(self, number: float | str | None) -> Page:
        """Return the last page when the number is too high, and the first when it is no number."""
        text = str(number)
        page_number = max(int(text), 1) if text.isdecimal() and len(text) < 10 else 1
        keys = self._read_ids(page_number)
        if page_number > self.num_pages:
            page_number = self.num_pages
            keys = self._read_ids(page_number)
        return Page(keys, page_number, self)

    def _read_ids(self, number: int) -> list[int]:
        rows: Any = self.object_list
        sql, parameters = rows.values_list("pk").query.sql_with_params()
        first = (number - 1) * self.per_page
        with connection.cursor() as cursor:
            cursor.execute(_PAGE_AND_COUNT.format(rows=sql), [*parameters, self.per_page, first])
            keys, self.count = cursor.fetchone()
        return list(keys)
