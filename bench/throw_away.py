"""Databases of a benchmark's own, with as many rows as it claims to bear; gone afterwards."""

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
def throw_away_database(name: str, *, like: str = "template1") -> Iterator[BaseDatabaseWrapper]:
    """On the server of DATABASE_URL; `like` another one, which nobody may be connected to."""
    with connection.cursor() as cursor:
        cursor.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
        cursor.execute(f"CREATE DATABASE {name} TEMPLATE {like}")
    database = connections.create_connection("default")
    patient = database.settings_dict["OPTIONS"] | {"options": ""}  # filling takes longer than a page may
    database.settings_dict = database.settings_dict | {"NAME": name, "OPTIONS": patient}
    try:
        yield database
    finally:
        database.close()
        with connection.cursor() as cursor:
            cursor.execute(f"DROP DATABASE {name} WITH (FORCE)")


@contextmanager
def working_in(database: BaseDatabaseWrapper) -> Iterator[None]:
    """What the project's code does goes there."""
    before = connections["default"]
    connections["default"] = database
    try:
        yield
    finally:
        connections["default"] = before


def multiply(sample: Model, number: int, /, **columns: str) -> None:
    """So many rows like the sample, in one statement; `columns` are SQL, in which `n` counts from 1."""
    meta = sample._meta
    names = [str(field.column) for field in meta.concrete_fields if not field.generated]
    values = [columns.get(name, f"sample.{name}") for name in names]
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {meta.db_table} ({', '.join(names)}) SELECT {', '.join(values)} "
            f"FROM {meta.db_table} sample, generate_series(1, {number}) n WHERE sample.id = {sample.pk}"
        )
