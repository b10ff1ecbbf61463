"""A queue of 100,000 mails slows no page down.

python -m bench.mail_pages [WAITING [ROUNDS]]
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from bench.table import Row, print_table
from nenconnect.demo.temporary import temporary_services

ROOT = Path(__file__).resolve().parents[1]
WAITING = 100_000
ROUNDS = 100
MOST = 1.1


def rows(waiting: int = WAITING, rounds: int = ROUNDS) -> Iterator[Row]:
    """The floor is the same page with an empty queue."""
    for page, (empty, full) in measure(waiting, rounds).items():
        yield Row(page, f"{waiting:,} mails waiting", empty, full, "ms", most=MOST)


def measure(waiting: int, rounds: int) -> dict[str, list[float]]:
    """In a Postgres of its own, with tables of nobody else in it."""
    own = {"LOG_LEVEL": "CRITICAL", "METRICS_TOKEN": "only-for-this-measurement"}
    own["DJANGO_SETTINGS_MODULE"] = "nenconnect.settings"
    with temporary_services({}) as services:
        environment = os.environ | services | own
        _run(environment, "manage.py", "collectstatic", "--no-input", "-v0")
        printed = _run(environment, "-m", "bench.mail.page_times", str(waiting), str(rounds))
    found: dict[str, list[float]] = json.loads(printed)
    return found


def _run(environment: dict[str, str], *words: str) -> str:
    command = [sys.executable, *words]
    done = subprocess.run(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True, check=True)
    return done.stdout


if __name__ == "__main__":
    sys.exit(print_table(rows(*map(int, sys.argv[1:]))))
