"""Empty the database after a test that really commits, in a fraction of the time that Django's flush takes.

Flush truncates every table and makes permissions and content types anew; a test fills a handful of tables.
What migrations put in (groups, permissions, content types) stays, as in production.
"""

from __future__ import annotations

import threading
import time
from typing import Any

from django.core.signals import request_finished, request_started
from django.db import connection, transaction
from django.test import TransactionTestCase

KEPT = {"django_migrations", "django_content_type", "auth_permission", "auth_group", "auth_group_permissions"}
NEVER_DELETED = {"audit_auditentry", "accounts_termsversion"}  # triggers refuse to delete their rows
LAST = "accounts_statuschange"  # triggers fill it while others are emptied
SECONDS_FOR_AN_ANSWER = 10
_answering: set[threading.Thread] = set()  # threads of the live server that are at work on a request


def _begin(**_signal: Any) -> None:
    _answering.add(threading.current_thread())


def _end(**_signal: Any) -> None:
    _answering.discard(threading.current_thread())


request_started.connect(_begin)
request_finished.connect(_end)


def wait_for_answers() -> None:
    """Wait until the live server is at rest: a request that a test left behind writes to the next one's tables."""
    end = time.monotonic() + SECONDS_FOR_AN_ANSWER
    while any(thread.is_alive() for thread in _answering - {threading.current_thread()}):
        assert time.monotonic() < end, "A request of this test is still being answered."
        time.sleep(0.01)
    _answering.clear()


def empty_tables(test_case: TransactionTestCase) -> None:
    """Delete the rows of every table that has any; foreign keys are looked at when all are gone."""
    wait_for_answers()
    with transaction.atomic(), connection.cursor() as cursor:
        tables = set(connection.introspection.table_names(cursor)) - KEPT
        cursor.execute(
            " UNION ALL ".join(f"SELECT '{table}' WHERE EXISTS (SELECT FROM {table})" for table in tables)
        )
        filled = {table for (table,) in cursor.fetchall()} | {LAST}
        if refusing := filled & NEVER_DELETED:
            cursor.execute(f"TRUNCATE {', '.join(refusing)} CASCADE")
        deleted = sorted(filled - NEVER_DELETED, key=lambda table: table == LAST)
        cursor.execute("; ".join(f"DELETE FROM {table}" for table in deleted))
