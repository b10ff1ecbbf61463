"""Run several functions at the same moment, each in a thread with its own database connection."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from threading import Barrier, Thread
from typing import TypeVar

from django.db import connection

T = TypeVar("T")


def run_at_once(steps: Sequence[Callable[[], T]]) -> list[T | Exception]:
    """Start all steps behind one barrier; return what each returned or raised, in their order."""
    outcomes: dict[int, T | Exception] = {}
    barrier = Barrier(len(steps), timeout=20)

    def run(number: int) -> None:
        try:
            connection.ensure_connection()
            barrier.wait()
            outcomes[number] = steps[number]()
        except Exception as error:
            outcomes[number] = error
        finally:
            connection.close()

    threads = [Thread(target=run, args=[number]) for number in range(len(steps))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return [outcomes[number] for number in range(len(steps))]


@contextmanager
def slow_writes(table: str, seconds: float = 0.1) -> Iterator[None]:
    """Make each write to the table take this many seconds, so that concurrent actions certainly overlap.

    Without a lock, all of them then read before the first has written.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE OR REPLACE FUNCTION test_slow_write() RETURNS trigger LANGUAGE plpgsql AS "
            f"$$ BEGIN PERFORM pg_sleep({seconds}); RETURN NULL; END $$"
        )
        cursor.execute(
            f"CREATE TRIGGER test_slow_write BEFORE INSERT OR UPDATE OR DELETE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION test_slow_write()"
        )
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute(f"DROP TRIGGER test_slow_write ON {table}")
