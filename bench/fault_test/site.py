"""Run the site with all its programs on one machine: Postgres, Redis, workers, beat, a mail server, people.

Each is a real program, which can be killed and started again with the same data. Postgres syncs its journal, as in
production: data that it has confirmed must exist after a kill.
"""

from __future__ import annotations

import os
import queue
import secrets
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Any, LiteralString

import psutil
import psycopg

from bench.program import ROOT, Program
from bench.sink_process import Sink, running_sink
from nenconnect.demo.postgres_server import database_url, postgres_part
from nenconnect.demo.processes import ManagedProgram
from nenconnect.demo.redis_server import redis_part, redis_url

HASTE = 300  # MAIL_HASTE in the settings: retries after 0.2 s, 1 s, 3 s, 12 s, 48 s, …
LEASE = 30  # seconds, with that MAIL_HASTE
_SECONDS_TO_START = _SECONDS_TO_CATCH = 60
_BATCH = 20  # mails that a worker claims at once, at least
_LEAN = ["--concurrency", "1", "--without-gossip", "--without-mingle", "--without-heartbeat"]


class FaultNotCaused(Exception):
    """Report that a fault could not be caused."""


class FaultSite:
    def __init__(self, folder: Path, sink: Sink) -> None:
        self.folder = folder
        self.sink = sink
        self.kills = 0  # of programs that send mail
        self.problems: list[str] = []
        (folder / "static").mkdir()
        self.environment = _environment(folder, sink.url)
        self.postgres = postgres_part(folder / "postgres", folder / "pg", folder / "postgres.log")
        self.redis = redis_part(folder / "redis", folder / "redis.sock", folder / "redis.log")
        self.workers = [self._celery(f"worker{number}", ["worker", *_LEAN]) for number in (1, 2)]
        self.beats = [
            self._celery(name, ["beat", "--schedule", str(folder / name), "--pidfile="])
            for name in ("beat1", "beat2")
        ]
        self.journal = folder / "journal.txt"

    def _celery(self, name: str, words: list[str]) -> ManagedProgram:
        part = ManagedProgram(
            name=name,
            command=[sys.executable, "-m", "celery", "--app", "nenconnect", *words, "--loglevel", "INFO"],
            log=self.folder / f"{name}.log",
            env=self.environment,
        )
        part.is_ready = lambda: part.has_logged(" ready." if "worker" in words else "beat: Starting")
        return part

    @contextmanager
    def running(self, max_changes: int) -> Iterator[None]:
        with ExitStack() as stack:
            for part in (self.postgres, self.redis):
                self._start(part, stack)
            self.wait_for(self.postgres, self.redis)
            self._run("manage.py", "migrate", "--noinput", "--verbosity", "0")
            people = ["-m", "bench.fault_test.writer", str(self.journal), str(max_changes)]
            for part in (*self.workers, self.beats[0]):
                self._start(part, stack)
            stack.callback(self.beats[1].stop)
            log = self.folder / "people.log"
            self.people = stack.enter_context(Program(people, environment=self.environment, log=log))
            self.wait_for(*self.workers, self.beats[0])
            yield

    def _start(self, part: ManagedProgram, stack: ExitStack) -> None:
        stack.callback(part.kill if part in self.workers else part.stop)
        part.start()

    def _run(self, *words: str) -> None:
        subprocess.run([sys.executable, *words], cwd=ROOT, env=self.environment, check=True)

    def wait_for(self, *parts: ManagedProgram) -> None:
        for part in parts:
            part.wait_until_ready(_SECONDS_TO_START)

    # Observations -------------------------------------------------------------------------------------

    def connection(self) -> psycopg.Connection:
        return psycopg.connect(self.environment["DATABASE_URL"], autocommit=True)

    def number_of(self, question: LiteralString, *values: Any) -> int:
        with self.connection() as connection:
            row = connection.execute(question, values).fetchone()
        return int(row[0]) if row else 0

    def waiting(self) -> int:
        return self.number_of("SELECT count(*) FROM mail_outboxmail WHERE status = 'waiting'")

    def check(self, *, happen: Callable[[], bool], within: float, else_say: str) -> None:
        end = time.monotonic() + within
        while not happen():
            if time.monotonic() > end:
                self.problems.append(else_say)
                return
            time.sleep(0.2)

    def check_mail_goes_on(self, *, within: float, although: str) -> None:
        before = self.sink.count()
        self.check(
            happen=lambda: self.sink.count() > before,
            within=within,
            else_say=f"no mail came through within {within:.0f} s although {although}",
        )

    # Faults -------------------------------------------------------------------------------------------

    def stop_mail_server_until_waiting(self, mails: int) -> None:
        self.sink.order("refuse")
        self.check(happen=lambda: self.waiting() >= mails, within=60, else_say=f"no {mails} mails were written")

    def catch_worker_in_mail(self, stage: str, number: int) -> ManagedProgram:
        """Return a worker that waits for the mail server's answer at the given mail of its batch.

        Raises NotHappened.
        """
        self.stop_mail_server_until_waiting(number + _BATCH)
        self.sink.order("accept")
        end = time.monotonic() + _SECONDS_TO_CATCH
        while time.monotonic() < end:
            with suppress(queue.Empty):
                self.sink.order(f"hold {stage} {number}")
                port = self.sink.wait_for_paused_client(seconds=10)
                for worker in self.workers:
                    if port in _ports_of(worker):
                        return worker
                self.sink.order("go on")  # the client was beat, not a worker
        raise FaultNotCaused("no worker sends mail")

    def kill_and_restart(self, worker: ManagedProgram) -> None:
        worker.kill()
        self.kills += 1
        self.sink.order("go on")
        worker.start()

    def send_signal(self, worker: ManagedProgram, number: signal.Signals) -> None:
        assert worker.process is not None
        os.killpg(worker.process.pid, number)

    def kill_postgres(self) -> None:
        assert self.postgres.process is not None
        self.postgres.process.send_signal(signal.SIGQUIT)  # as `pg_ctl stop -m immediate` does
        self.postgres.end()

    def start(self, part: ManagedProgram) -> None:
        part.start()
        self.wait_for(part)


def _ports_of(part: ManagedProgram) -> set[int]:
    if part.process is None:
        return set()
    ports: set[int] = set()
    with suppress(psutil.Error):
        started = psutil.Process(part.process.pid)
        for process in (started, *started.children(recursive=True)):
            ports |= {connection.laddr.port for connection in process.net_connections("tcp")}
    return ports


def _environment(folder: Path, email_url: str) -> dict[str, str]:
    settings = {
        "DATABASE_URL": database_url(folder / "pg"),
        "REDIS_URL": redis_url(folder / "redis.sock"),
        "EMAIL_URL": email_url,
        "MAIL_HASTE": str(HASTE),
        "SECRET_KEY": secrets.token_urlsafe(50),
        "SITE_URL": "http://localhost",
        "DEMO": "true",
        "DEBUG": "false",
        "DOCUMENTS_DIR": str(folder / "documents"),
        "STATIC_DIR": str(folder / "static"),
        "DEMO_MAILBOX": str(folder / "mailbox"),
        "DJANGO_SETTINGS_MODULE": "nenconnect.settings",
        "PYTHONUNBUFFERED": "1",
    }
    return os.environ | settings


@contextmanager
def site_in(folder: Path, max_changes: int) -> Iterator[FaultSite]:
    """Run the site in a folder with a path short enough for sockets, which the account of Postgres may enter."""
    with running_sink(folder) as sink:
        site = FaultSite(folder, sink)
        with site.running(max_changes):
            yield site
