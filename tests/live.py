"""Run programs for tests: a Celery worker on the test database, and the whole demo."""

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import psutil
import pytest
from django.db import connection

from nenconnect.celery import app as celery_app
from nenconnect.demo.processes import ManagedProgram

ROOT = Path(__file__).resolve().parents[1]

# A worker -------------------------------------------------------------------------------------------


def worker_part(folder: Path, *, with_beat: bool = False) -> ManagedProgram:
    """Return a Celery worker on the test's database, Redis and mail server.

    The test must commit (`transaction=True`), or the worker sees no rows.
    """
    celery = [sys.executable, "-m", "celery", "--app", "nenconnect", "worker"]
    lean = ["--concurrency", "1", "--without-gossip", "--without-mingle", "--without-heartbeat"]
    beat = ["--beat", "--schedule-filename", str(folder / "beat-schedule")] if with_beat else []
    part = ManagedProgram(
        name="Celery worker",
        command=[*celery, *lean, *beat, "--loglevel", "INFO"],
        log=folder / "worker.log",
        env=os.environ | {"DATABASE_URL": worker_database_url(), "PYTHONUNBUFFERED": "1"},
    )
    part.is_ready = lambda: part.has_logged(" ready.")
    return part


@pytest.fixture
def celery_worker(transactional_db, smtp_sink, tmp_path) -> Iterator[ManagedProgram]:
    """Run a worker; a test may `.kill()` and `.start()` it."""
    celery_app.control.purge()  # tasks of earlier tests
    worker = worker_part(tmp_path)
    worker.start()
    try:
        worker.wait_until_ready(30)
        yield worker
    finally:
        worker.stop()


def worker_database_url() -> str:
    return urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{connection.settings_dict['NAME']}").geturl()


# The demo -------------------------------------------------------------------------------------------


@dataclass
class Demo:
    """Run the launcher as `make demo` starts it, in its own folder and on its own port."""

    folder: Path
    port: int
    environment: dict[str, str] = field(default_factory=dict)
    module: str = "nenconnect.demo"
    lines: list[str] = field(default_factory=list)
    _process: subprocess.Popen[str] | None = None
    _address_printed: threading.Event = field(default_factory=threading.Event)

    @property
    def process(self) -> subprocess.Popen[str]:
        assert self._process is not None
        return self._process

    @property
    def url(self) -> str:
        return f"http://localhost:{self.port}"

    @property
    def mailbox(self) -> Path:
        return self.folder / "mailbox"

    def start(self, seconds: float = 90) -> None:
        """Start the launcher and return when it prints the address of the site."""
        process = self.launch()
        self._address_printed.clear()
        threading.Thread(target=self._collect_output, args=[process], daemon=True).start()
        assert self._address_printed.wait(seconds), "\n".join(self.lines)
        assert process.poll() is None, "\n".join(self.lines)

    def launch(self) -> subprocess.Popen[str]:
        self._process = subprocess.Popen(
            [sys.executable, "-m", self.module],
            cwd=ROOT,
            env=_environment_without_services()
            | {"DEMO_DIR": str(self.folder), "PORT": str(self.port)}
            | self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        return self._process

    def start_error(self) -> str:
        """Return the output of a start that must fail."""
        process = self.launch()
        output, _ = process.communicate(timeout=60)
        assert process.returncode == 1, output
        return output

    def wait_for_line(self, words: str, seconds: float = 20) -> str:
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            for line in self.lines:
                if words in line:
                    return line
            time.sleep(0.05)
        raise AssertionError("\n".join(self.lines))

    def processes(self) -> list[psutil.Process]:
        launcher = psutil.Process(self.process.pid)
        return [launcher, *launcher.children(recursive=True)]

    def stop(self) -> int:
        if self._process is None:
            return 0
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(30)

    def _collect_output(self, process: subprocess.Popen[str]) -> None:
        assert process.stdout is not None
        for line in process.stdout:
            self.lines.append(line.rstrip())
            if "NEN Connect runs at" in line:
                self._address_printed.set()
        self._address_printed.set()


def _environment_without_services() -> dict[str, str]:
    """Return our environment without the services of this test run: the demo must bring its own."""
    settings = ("DATABASE_URL", "REDIS_URL", "EMAIL_URL", "SECRET_KEY", "SITE_URL")
    return {name: value for name, value in os.environ.items() if name not in settings}


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def demo_in_folder(folder: Path, module: str = "nenconnect.demo") -> Iterator[Demo]:
    demo = Demo(folder, free_port(), module=module)
    try:
        yield demo
    finally:
        demo.stop()


@pytest.fixture(scope="session")
def running_demo(tmp_path_factory) -> Iterator[Demo]:
    """Run the whole demo with its own Postgres, Redis and mail catcher, for the browser tests."""
    with demo_in_folder(tmp_path_factory.mktemp("demo")) as demo:
        demo.start()
        yield demo
