"""What a test can run for real: a Celery worker on its database, and the whole demo."""

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
from nenconnect.demo.processes import Part

ROOT = Path(__file__).resolve().parents[1]

# A worker -------------------------------------------------------------------------------------------


def worker_part(folder: Path, *, with_beat: bool = False) -> Part:
    """A Celery worker on the test's database, Redis and mail server. Wants a test with a real database."""
    celery = [sys.executable, "-m", "celery", "--app", "nenconnect", "worker"]
    lean = ["--concurrency", "1", "--without-gossip", "--without-mingle", "--without-heartbeat"]
    beat = ["--beat", "--schedule-filename", str(folder / "beat-schedule")] if with_beat else []
    part = Part(
        name="Celery worker",
        command=[*celery, *lean, *beat, "--loglevel", "INFO"],
        log=folder / "worker.log",
        env=os.environ | {"DATABASE_URL": _test_database_url(), "PYTHONUNBUFFERED": "1"},
    )
    part.is_ready = lambda: part.has_logged(" ready.")
    return part


@pytest.fixture
def celery_worker(transactional_db, smtp_sink, tmp_path) -> Iterator[Part]:
    """A running worker. To kill it: `celery_worker.kill()`; to have it back: `.start()`."""
    celery_app.control.purge()  # what tests before this one asked for
    worker = worker_part(tmp_path)
    worker.start()
    try:
        worker.wait_until_ready(30)
        yield worker
    finally:
        worker.stop()


def _test_database_url() -> str:
    return urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{connection.settings_dict['NAME']}").geturl()


# The demo -------------------------------------------------------------------------------------------


@dataclass
class Demo:
    """The launcher as `make demo` starts it, in a folder and on a port of its own."""

    folder: Path
    port: int
    environment: dict[str, str] = field(default_factory=dict)
    module: str = "nenconnect.demo"
    lines: list[str] = field(default_factory=list)
    _process: subprocess.Popen[str] | None = None
    _is_up: threading.Event = field(default_factory=threading.Event)

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
        """Returns when it says where the site is."""
        process = self.launch()
        self._is_up.clear()
        threading.Thread(target=self._read, args=[process], daemon=True).start()
        assert self._is_up.wait(seconds), "\n".join(self.lines)
        assert process.poll() is None, "\n".join(self.lines)

    def launch(self) -> subprocess.Popen[str]:
        self._process = subprocess.Popen(
            [sys.executable, "-m", self.module],
            cwd=ROOT,
            env=_bare_environment() | {"DEMO_DIR": str(self.folder), "PORT": str(self.port)} | self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        return self._process

    def refused_with(self) -> str:
        """What a start that must fail says."""
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

    def _read(self, process: subprocess.Popen[str]) -> None:
        assert process.stdout is not None
        for line in process.stdout:
            self.lines.append(line.rstrip())
            if "NEN Connect runs at" in line:
                self._is_up.set()
        self._is_up.set()


def _bare_environment() -> dict[str, str]:
    """Ours, without the services and settings of this test run: the demo has to bring its own."""
    settings = ("DATABASE_URL", "REDIS_URL", "EMAIL_URL", "SECRET_KEY", "SITE_URL")
    return {name: value for name, value in os.environ.items() if name not in settings}


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def demo_in(folder: Path, module: str = "nenconnect.demo") -> Iterator[Demo]:
    demo = Demo(folder, free_port(), module=module)
    try:
        yield demo
    finally:
        demo.stop()


@pytest.fixture(scope="session")
def running_demo(tmp_path_factory) -> Iterator[Demo]:
    """The whole demo with a Postgres, a Redis and a mail catcher of its own, for the journey in a browser."""
    with demo_in(tmp_path_factory.mktemp("demo")) as demo:
        demo.start()
        yield demo
