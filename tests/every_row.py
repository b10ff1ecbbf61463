"""Read all rows of the database, to compare before and after."""

from __future__ import annotations

from django.db import connection


def rows_of_every_table() -> dict[str, list[str]]:
    """Return all rows of all tables, including sessions, as Postgres writes them."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1")
        return {name: rows_of(name) for (name,) in cursor.fetchall()}


def rows_of(table: str) -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(f'SELECT row::text FROM "{table}" AS row ORDER BY 1')
        return [text for (text,) in cursor.fetchall()]
