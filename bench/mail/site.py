"""What mail is measured on: a Postgres that loses nothing, a Redis, workers, a mail server that keeps nothing."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg
from celery import Celery

from bench.sink_process import Sink, running_sink
from nenconnect.demo.postgres_server import database_url, postgres_part
from nenconnect.demo.processes import Part
from nenconnect.demo.redis_server import with_database_number
from nenconnect.demo.temporary import temporary_services

ROOT = Path(__file__).resolve().parents[2]
OURS = "nenconnect.settings"
BOTH = "bench.post_office_settings"  # ours, and django-post-office beside it
_SECONDS_TO_START = 60


@dataclass(frozen=True)
class Queue:
    """A table whose rows are mails, and how one sees that some still wait."""

    table: str
    task: str
    waits: str


OUTBOX = Queue("mail_outboxmail", "nenconnect.mail.tasks.drain", "status = 'waiting'")
POST_OFFICE = Queue("post_office_email", "post_office.tasks.send_queued_mail", "status = 2")


@dataclass(frozen=True)
class Workers:
    """With a numbered database of Redis for themselves, so that they hear of nobody else's work."""

    broker: str
    parts: Sequence[Part]


@dataclass
class MailSite:
    folder: Path
    environment: dict[str, str]
    sink: Sink

    def run(self, module: str, *words: str, settings: str = OURS) -> str:
        """A program of ours, to its end; what it printed."""
        command = [sys.executable, "-m", module, *words]
        environment = self.environment | {"DJANGO_SETTINGS_MODULE": settings}
        done = subprocess.run(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True, check=True)
        return done.stdout

    def bare_loop(self, number: int) -> float:
        """Mails in a second, of the floor (bench/mail/bare.py)."""
        with psycopg.connect(self.environment["DATABASE_URL"], autocommit=True) as database:
            _put_back(database, OUTBOX, number)
        before = self.sink.count()
        seconds = float(self.run("bench.mail.bare"))
        return self._sent_since(before) / seconds

    @contextmanager
    def workers(self, number: int, redis_database: int, *, settings: str = OURS) -> Iterator[Workers]:
        broker = with_database_number(self.environment["REDIS_URL"], redis_database)
        environment = self.environment | {"REDIS_URL": broker, "DJANGO_SETTINGS_MODULE": settings}
        with ExitStack() as stack:
            parts = [self._worker(environment, f"worker-{redis_database}-{each}") for each in range(number)]
            for part in parts:
                stack.callback(part.stop)
                part.start()
            for part in parts:
                part.wait_until_ready(_SECONDS_TO_START)
            yield Workers(broker, parts)

    def _worker(self, environment: dict[str, str], name: str) -> Part:
        celery = [sys.executable, "-m", "celery", "--app", "nenconnect", "worker", "--concurrency", "1"]
        lean = ["--without-gossip", "--without-mingle", "--without-heartbeat", "--loglevel", "INFO"]
        part = Part("Celery worker", [*celery, *lean], self.folder / f"{name}.log", env=environment)
        part.is_ready = lambda: part.has_logged(" ready.")
        return part

    def drained(self, queue: Queue, workers: Workers, number: int) -> float:
        """Mails in a second, from the nudge through Redis until no row waits."""
        before = self.sink.count()
        with psycopg.connect(self.environment["DATABASE_URL"], autocommit=True) as database:
            _put_back(database, queue, number)
            began = time.monotonic()
            for _each in workers.parts:
                Celery(broker=workers.broker).send_task(queue.task, ignore_result=True)
            while database.execute(f"SELECT 1 FROM {queue.table} WHERE {queue.waits} LIMIT 1").fetchone():
                time.sleep(0.02)
            seconds = time.monotonic() - began
        sent = self._sent_since(before)
        assert sent == number, f"{sent} of {number} mails arrived"
        return sent / seconds

    def _sent_since(self, before: int) -> int:
        time.sleep(0.3)  # the sink writes down what it took a moment later
        return self.sink.count() - before


def _put_back(database: psycopg.Connection, queue: Queue, number: int) -> None:
    """The rows as they were at first, in a table as it was at first."""
    database.execute(f"TRUNCATE {queue.table} CASCADE")
    database.execute(f"INSERT INTO {queue.table} SELECT * FROM saved_{queue.table} ORDER BY id LIMIT {number}")
    database.execute(f"VACUUM ANALYZE {queue.table}")


@contextmanager
def mail_site(number: int) -> Iterator[MailSite]:
    """With as many mails waiting in each queue."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="nen-bench-", dir="/tmp")))
        folder.chmod(0o711)  # Postgres has to pass when it runs as another account than root
        sink = stack.enter_context(running_sink(folder))
        database = postgres_part(folder / "postgres", folder / "pg", folder / "postgres.log")
        stack.callback(database.stop)
        database.start()
        database.wait_until_ready(_SECONDS_TO_START)
        given = {"DATABASE_URL": database_url(folder / "pg")}
        services = stack.enter_context(temporary_services(given))
        environment = os.environ | services | {"EMAIL_URL": sink.url, "LOG_LEVEL": "WARNING"}
        site = MailSite(folder, environment, sink)
        site.run("bench.mail.fill", str(number), settings=BOTH)
        yield site
