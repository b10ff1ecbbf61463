"""Create a temporary database for a benchmark and fill it with many rows."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager

import django
from django.db import connection, connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import Model

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "nenconnect.settings")
django.setup()


@contextmanager
def temporary_database(name: str, *, like: str = "template1") -> Iterator[BaseDatabaseWrapper]:
    """Create a database on the server of DATABASE_URL and drop it afterwards.

    It is a copy of `like`, to which no connection may be open.
    """
    with connection.cursor() as cursor:
        cursor.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
        cursor.execute(f"CREATE DATABASE {name} TEMPLATE {like}")
    database = connections.create_connection("default")
    options = database.settings_dict["OPTIONS"] | {
        "options": ""
    }  # filling takes longer than the time limit of a page
    database.settings_dict = database.settings_dict | {"NAME": name, "OPTIONS": options}
    try:
        yield database
    finally:
        database.close()
        with connection.cursor() as cursor:
            cursor.execute(f"DROP DATABASE {name} WITH (FORCE)")


@contextmanager
def use_database(database: BaseDatabaseWrapper) -> Iterator[None]:
    previous = connections["default"]
    connections["default"] = database
    try:
        yield
    finally:
        connections["default"] = previous


def insert_copies(sample: Model, number: int, /, **columns: str) -> None:
    """Insert this many copies of the sample in one statement; `columns` are SQL in which `n` counts from 1."""
    meta = sample._meta
    names = [str(field.column) for field in meta.concrete_fields if not field.generated]
    values = [columns.get(name, f"sample.{name}") for name in names]
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {meta.db_table} ({', '.join(names)}) SELECT {', '.join(values)} "
            f"FROM {meta.db_table} sample, generate_series(1, {number}) n WHERE sample.id = {sample.pk}"
        )
