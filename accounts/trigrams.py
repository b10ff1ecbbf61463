"""The index for a search on any part of a name or address: where the server has pg_trgm, and never required.

With btree_gin too, the index looks within one company.
"""

from __future__ import annotations

from django.db import ProgrammingError, transaction
from django.db.backends.base.base import BaseDatabaseWrapper

COLUMNS = {"name": "upper(name::text)", "email": "email"}  # as the search compares them


def build_indexes(connection: BaseDatabaseWrapper, *, concurrently: bool = False) -> bool:
    """Whether there is one now. Without the extension, or the right to install it, everything stays as it is."""
    if not _has("pg_trgm", connection):
        return False
    company = "company_id, " if _has("btree_gin", connection) else ""
    how = "CONCURRENTLY " if concurrently else ""
    with connection.cursor() as cursor:
        for column, compared in COLUMNS.items():
            cursor.execute(
                f"CREATE INDEX {how}IF NOT EXISTS user_{column}_trigrams ON accounts_user "
                f"USING gin ({company}{compared} gin_trgm_ops)"
            )
    return True


def drop_indexes(connection: BaseDatabaseWrapper) -> None:
    with connection.cursor() as cursor:
        for column in COLUMNS:
            cursor.execute(f"DROP INDEX IF EXISTS user_{column}_trigrams")


def _has(extension: str, connection: BaseDatabaseWrapper) -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM pg_available_extensions WHERE name = %s", [extension])
        if cursor.fetchone() is None:
            return False
        try:
            with transaction.atomic(using=connection.alias):
                cursor.execute(f"CREATE EXTENSION IF NOT EXISTS {extension}")
        except ProgrammingError:  # no right to
            return False
    return True


def are_built(connection: BaseDatabaseWrapper) -> bool:
    """Asked anew for each search: the command may build them while the site runs."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT 1 FROM pg_indexes WHERE tablename = 'accounts_user' AND indexname LIKE 'user%trigrams'"
        )
        return cursor.fetchone() is not None
