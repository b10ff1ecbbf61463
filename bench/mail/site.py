"""Run what sending mail needs: a Postgres that syncs to disk, Redis, workers and a mail server."""

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
from nenconnect.demo.processes import ManagedProgram
from nenconnect.demo.redis_server import with_database_number
from nenconnect.demo.temporary import temporary_services

ROOT = Path(__file__).resolve().parents[2]
OUR_SETTINGS = "nenconnect.settings"
WITH_POST_OFFICE = "bench.post_office_settings"  # our settings plus django-post-office
_SECONDS_TO_START = 60


@dataclass(frozen=True)
class MeasuredQueue:
    """Describe a table of mails: the task that sends them, and the SQL condition of waiting mails."""

    table: str
    task: str
    waiting_condition: str


OUTBOX = MeasuredQueue("mail_outboxmail", "nenconnect.mail.tasks.drain", "status = 'waiting'")
POST_OFFICE = MeasuredQueue("post_office_email", "post_office.tasks.send_queued_mail", "status = 2")


@dataclass(frozen=True)
class WorkerGroup:
    """Hold workers with their own numbered Redis database, so that no other worker takes their tasks."""

    broker: str
    parts: Sequence[ManagedProgram]


@dataclass
class MailSite:
    folder: Path
    environment: dict[str, str]
    sink: Sink

    def run_module(self, module: str, *words: str, settings: str = OUR_SETTINGS) -> str:
        command = [sys.executable, "-m", module, *words]
        environment = self.environment | {"DJANGO_SETTINGS_MODULE": settings}
        result = subprocess.run(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True, check=True)
        return result.stdout

    def rate_of_plain_loop(self, number: int) -> float:
        with psycopg.connect(self.environment["DATABASE_URL"], autocommit=True) as database:
            _restore_queue(database, OUTBOX, number)
        before = self.sink.count()
        seconds = float(self.run_module("bench.mail.bare"))
        return self._mails_taken_since(before) / seconds

    @contextmanager
    def workers(self, number: int, redis_database: int, *, settings: str = OUR_SETTINGS) -> Iterator[WorkerGroup]:
        broker = with_database_number(self.environment["REDIS_URL"], redis_database)
        environment = self.environment | {"REDIS_URL": broker, "DJANGO_SETTINGS_MODULE": settings}
        with ExitStack() as stack:
            parts = [self._worker(environment, f"worker-{redis_database}-{each}") for each in range(number)]
            for part in parts:
                stack.callback(part.stop)
                part.start()
            for part in parts:
                part.wait_until_ready(_SECONDS_TO_START)
            yield WorkerGroup(broker, parts)

    def _worker(self, environment: dict[str, str], name: str) -> ManagedProgram:
        celery = [sys.executable, "-m", "celery", "--app", "nenconnect", "worker", "--concurrency", "1"]
        lean = ["--without-gossip", "--without-mingle", "--without-heartbeat", "--loglevel", "INFO"]
        part = ManagedProgram("Celery worker", [*celery, *lean], self.folder / f"{name}.log", env=environment)
        part.is_ready = lambda: part.has_logged(" ready.")
        return part

    def rate_of_workers(self, queue: MeasuredQueue, workers: WorkerGroup, number: int) -> float:
        before = self.sink.count()
        with psycopg.connect(self.environment["DATABASE_URL"], autocommit=True) as database:
            _restore_queue(database, queue, number)
            started_at = time.monotonic()
            for _each in workers.parts:
                Celery(broker=workers.broker).send_task(queue.task, ignore_result=True)
            while database.execute(
                f"SELECT 1 FROM {queue.table} WHERE {queue.waiting_condition} LIMIT 1"
            ).fetchone():
                time.sleep(0.02)
            seconds = time.monotonic() - started_at
        sent = self._mails_taken_since(before)
        assert sent == number, f"{sent} of {number} mails arrived"
        return sent / seconds

    def _mails_taken_since(self, before: int) -> int:
        time.sleep(0.3)  # the mail server records mails a moment later
        return self.sink.count() - before


def _restore_queue(database: psycopg.Connection, queue: MeasuredQueue, number: int) -> None:
    database.execute(f"TRUNCATE {queue.table} CASCADE")
    database.execute(f"INSERT INTO {queue.table} SELECT * FROM saved_{queue.table} ORDER BY id LIMIT {number}")
    database.execute(f"VACUUM ANALYZE {queue.table}")


@contextmanager
def mail_site(number: int) -> Iterator[MailSite]:
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="nen-bench-", dir="/tmp")))
        folder.chmod(0o711)  # Postgres may run as another account than root and must be able to enter
        sink = stack.enter_context(running_sink(folder))
        database = postgres_part(folder / "postgres", folder / "pg", folder / "postgres.log")
        stack.callback(database.stop)
        database.start()
        database.wait_until_ready(_SECONDS_TO_START)
        overrides = {"DATABASE_URL": database_url(folder / "pg")}
        services = stack.enter_context(temporary_services(overrides))
        environment = os.environ | services | {"EMAIL_URL": sink.url, "LOG_LEVEL": "WARNING"}
        site = MailSite(folder, environment, sink)
        site.run_module("bench.mail.fill", str(number), settings=WITH_POST_OFFICE)
        yield site
