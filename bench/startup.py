"""How long the demo takes to start, from nothing and again, and how much memory it takes when idle.

python -m bench.startup
"""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil

from bench.table import Row, print_table

ROOT = Path(__file__).resolve().parents[1]
MOST_SECONDS = 10
MOST_MEGABYTES = 400
SECONDS_UNTIL_IDLE = 20  # beat has come by, so that every process has its database connection


@contextmanager
def running_demo(folder: Path) -> Iterator[tuple[psutil.Process, float]]:
    """The launcher and the seconds from the command until it says where the site is."""
    port = _free_port()
    own = {"DEMO_DIR": str(folder), "PORT": str(port), "PYTHONUNBUFFERED": "1"}
    given = ("DATABASE_URL", "REDIS_URL", "EMAIL_URL")
    environment = {name: value for name, value in os.environ.items() if name not in given} | own
    began = time.monotonic()
    launcher = subprocess.Popen(
        [sys.executable, "-m", "nenconnect.demo"], cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True
    )
    try:
        _read_until(launcher, "NEN Connect runs at")
        seconds = time.monotonic() - began
        _visit(f"http://localhost:{port}/")
        yield psutil.Process(launcher.pid), seconds
    finally:
        launcher.send_signal(signal.SIGTERM)
        launcher.communicate()


def memory(launcher: psutil.Process) -> list[tuple[str, float]]:
    """Megabytes per process: its own and its share of what several have in common (PSS)."""
    rows = []
    for process in [launcher, *launcher.children(recursive=True)]:
        used = process.memory_full_info()
        rows.append((_name(process), getattr(used, "pss", used.uss) / 1024**2))
    return sorted(rows, key=lambda row: -row[1])


def _name(process: psutil.Process) -> str:
    words = [Path(word).name for word in process.cmdline()]
    known = ("gunicorn", "celery", "nenconnect.demo.mail_catcher", "nenconnect.demo", "redis-server")
    return next((word for word in known if word in words), " ".join(words[:2]))


def _read_until(launcher: subprocess.Popen[str], words: str) -> None:
    assert launcher.stdout is not None
    for line in launcher.stdout:
        if words in line:
            return
    sys.exit("the demo did not start")


def _visit(address: str) -> None:
    try:
        urllib.request.urlopen(address, timeout=30).close()
    except urllib.error.HTTPError as error:
        sys.exit(f"{address} answers {error.code}")


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port: int = probe.getsockname()[1]
        return port


def rows() -> Iterator[Row]:
    """The floor of these is the most that they may take; the first start has no limit."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name, "demo")
        with running_demo(folder) as (_, cold):
            yield Row("start of the demo", "first, .venv made", 0, cold)
        with running_demo(folder) as (launcher, warm):
            time.sleep(SECONDS_UNTIL_IDLE)
            processes = memory(launcher)
    yield Row("start of the demo", "next", MOST_SECONDS, warm)
    total = sum(megabytes for _, megabytes in processes)
    yield Row("memory of the idle demo", f"{len(processes)} processes", MOST_MEGABYTES, total, "MB")
    for work, megabytes in processes:
        yield Row("  of which", work, 0, megabytes, "MB")


if __name__ == "__main__":
    sys.exit(print_table(rows()))
