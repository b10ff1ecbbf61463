"""Queries that Django writes once for each process: that takes it longer than Postgres takes to answer."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from typing import Any

from django.db import connection
from django.db.models import QuerySet


class Prepared:
    """`write` gets a stand-in for each fact, as no row has it, and says what to ask; of that one row is wanted.

    A stand-in differs from all other values in the query, or it would be taken for one of those.
    """

    def __init__(self, write: Callable[..., QuerySet[Any, Any]], **stand_ins: Any) -> None:
        self._write, self._stand_ins = write, stand_ins

    def row(self, **facts: Any) -> tuple[Any, ...] | None:
        sql, parameters = self._written
        given = {stand_in: facts[name] for name, stand_in in self._stand_ins.items()}
        with connection.cursor() as cursor:
            cursor.execute(sql, [given.get(parameter, parameter) for parameter in parameters])
            row: tuple[Any, ...] | None = cursor.fetchone()
        return row

    @cached_property
    def _written(self) -> tuple[str, tuple[Any, ...]]:
        return self._write(**self._stand_ins).query.sql_with_params()
