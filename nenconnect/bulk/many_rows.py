"""Write many rows in one statement, where no row is needed back.

Measured: Django's bulk_create takes 1.9 (audit), 2.3 (mails), 3.8 (grants) times as long, bulk_update 3 to 15.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Any, TypeVar

from django.db import connection, models
from django.utils import timezone

T = TypeVar("T")


def in_batches(things: Iterable[T], size: int) -> Iterator[list[T]]:
    rest = iter(things)
    while batch := list(islice(rest, size)):
        yield batch


def insert_many(rows: Sequence[models.Model], *, ignore_conflicts: bool = False) -> None:
    """Insert rows in one statement; they get no pk.

    Of the fields that fill themselves, only `auto_now_add` is filled. A value that all rows share is sent once.
    """
    if not rows:
        return
    meta, quote = type(rows[0])._meta, connection.ops.quote_name
    fields = [field for field in meta.concrete_fields if not (field.primary_key or field.generated)]
    selected, arrays, ones, parameters = list[str](), list[str](), list[str](), list[Any]()
    constants: list[Any] = []
    for place, field in enumerate(fields):
        values, kind = _values_of_field(field, rows), str(field.db_type(connection))
        if arrays and all(value == values[0] for value in values):
            selected.append(f"%s::{kind}")
            constants.append(values[0])
        else:
            selected.append(f"one.c{place}")
            arrays.append(f"%s::{kind}[]")
            ones.append(f"c{place}")
            parameters.append(values)
    sql = (
        f"INSERT INTO {quote(meta.db_table)} ({', '.join(quote(str(field.column)) for field in fields)}) "  # noqa: S608
        f"SELECT {', '.join(selected)} FROM unnest({', '.join(arrays)}) AS one({', '.join(ones)})"
        + (" ON CONFLICT DO NOTHING" if ignore_conflicts else "")
    )
    with connection.cursor() as cursor:
        cursor.execute(sql, [*constants, *parameters])


def update_many(rows: Sequence[models.Model], fields: Sequence[str]) -> None:
    if not rows:
        return
    meta, quote = type(rows[0])._meta, connection.ops.quote_name
    columns: list[Any] = [meta.pk, *(meta.get_field(name) for name in fields)]
    values = [
        [field.get_db_prep_save(getattr(row, field.attname), connection) for row in rows] for field in columns
    ]
    arrays = ", ".join(f"%s::{field.rel_db_type(connection)}[]" for field in columns)
    names = ", ".join(f"c{place}" for place in range(len(columns)))
    changes = ", ".join(f"{quote(field.column)} = one.c{place}" for place, field in enumerate(columns) if place)
    table = quote(meta.db_table)
    sql = (
        f"UPDATE {table} SET {changes} FROM unnest({arrays}) AS one({names}) "  # noqa: S608
        f"WHERE {table}.{quote(columns[0].column)} = one.c0"
    )
    with connection.cursor() as cursor:
        cursor.execute(sql, values)


def _values_of_field(field: models.Field, rows: Sequence[models.Model]) -> list[Any]:
    if getattr(field, "auto_now_add", False):
        return [timezone.now()] * len(rows)
    values = [getattr(row, field.attname) for row in rows]
    if isinstance(field, models.JSONField):
        return [json.dumps(value, cls=field.encoder) for value in values]
    return values
