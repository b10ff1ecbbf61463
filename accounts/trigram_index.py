"""Build the index for a search on any part of a name, where the server has pg_trgm."""

from __future__ import annotations

from django.db import ProgrammingError, transaction
from django.db.backends.base.base import BaseDatabaseWrapper

INDEX = "user_searched_trigrams"


def build_index(connection: BaseDatabaseWrapper, *, concurrently: bool = False) -> bool:
    """Build the indexes and return whether they exist; without the extension nothing changes."""
    if not _has_extension("pg_trgm", connection):
        return False
    company = "company_id, " if _has_extension("btree_gin", connection) else ""
    how = "CONCURRENTLY " if concurrently else ""
    with connection.cursor() as cursor:
        cursor.execute(
            f"CREATE INDEX {how}IF NOT EXISTS {INDEX} ON accounts_user USING gin ({company}searched gin_trgm_ops)"
        )
    return True


def drop_index(connection: BaseDatabaseWrapper) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"DROP INDEX IF EXISTS {INDEX}")


def _has_extension(extension: str, connection: BaseDatabaseWrapper) -> bool:
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
    """Tell whether the indexes exist, at each search: a command may build them while the site runs."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT 1 FROM pg_indexes WHERE tablename = 'accounts_user' AND indexname LIKE 'user%trigrams'"
        )
        return cursor.fetchone() is not None
