"""Measure how long the demo takes to start, the first time and again, and its memory when idle.

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

from bench.table import Measurement, print_table

ROOT = Path(__file__).resolve().parents[1]
MAX_SECONDS = 10
MAX_MEGABYTES = 400
SECONDS_UNTIL_IDLE = 20  # beat has run, so that every process has a database connection


@contextmanager
def running_demo(folder: Path) -> Iterator[tuple[psutil.Process, float]]:
    port = _free_port()
    settings = {"DEMO_DIR": str(folder), "PORT": str(port), "PYTHONUNBUFFERED": "1"}
    services = ("DATABASE_URL", "REDIS_URL", "EMAIL_URL")
    environment = {name: value for name, value in os.environ.items() if name not in services} | settings
    started_at = time.monotonic()
    launcher = subprocess.Popen(
        [sys.executable, "-m", "nenconnect.demo"], cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True
    )
    try:
        _read_until(launcher, "NEN Connect runs at")
        seconds = time.monotonic() - started_at
        _visit(f"http://localhost:{port}/")
        yield psutil.Process(launcher.pid), seconds
    finally:
        launcher.send_signal(signal.SIGTERM)
        launcher.communicate()


def megabytes_per_process(launcher: psutil.Process) -> list[tuple[str, float]]:
    rows = []
    for process in [launcher, *launcher.children(recursive=True)]:
        info = process.memory_full_info()
        rows.append((_program_name(process), getattr(info, "pss", info.uss) / 1024**2))
    return sorted(rows, key=lambda row: -row[1])


def _program_name(process: psutil.Process) -> str:
    words = [Path(word).name for word in process.cmdline()]
    programs = ("gunicorn", "celery", "nenconnect.demo.mail_catcher", "nenconnect.demo", "redis-server")
    return next((word for word in programs if word in words), " ".join(words[:2]))


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


def measurements() -> Iterator[Measurement]:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name, "demo")
        with running_demo(folder) as (_, cold):
            yield Measurement("start of the demo", "first, .venv made", 0, cold)
        with running_demo(folder) as (launcher, warm):
            time.sleep(SECONDS_UNTIL_IDLE)
            processes = megabytes_per_process(launcher)
    yield Measurement("start of the demo", "next", MAX_SECONDS, warm)
    total = sum(megabytes for _, megabytes in processes)
    yield Measurement("memory of the idle demo", f"{len(processes)} processes", MAX_MEGABYTES, total, "MB")
    for work, megabytes in processes:
        yield Measurement("  of which", work, 0, megabytes, "MB")


if __name__ == "__main__":
    sys.exit(print_table(measurements()))
