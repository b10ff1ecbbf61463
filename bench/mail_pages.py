"""Measure that a queue of 100,000 mails slows no page down.

python -m bench.mail_pages [WAITING [ROUNDS]]
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from bench.table import Measurement, print_table
from nenconnect.demo.temporary import temporary_services

ROOT = Path(__file__).resolve().parents[1]
WAITING = 100_000
ROUNDS = 100
MAX_RATIO = 1.1


def measurements(waiting: int = WAITING, rounds: int = ROUNDS) -> Iterator[Measurement]:
    for page, (empty, full) in medians_by_page(waiting, rounds).items():
        yield Measurement(page, f"{waiting:,} mails waiting", empty, full, "ms", max_ratio=MAX_RATIO)


def medians_by_page(waiting: int, rounds: int) -> dict[str, list[float]]:
    settings = {"LOG_LEVEL": "CRITICAL", "METRICS_TOKEN": "only-for-this-measurement"}
    settings["DJANGO_SETTINGS_MODULE"] = "nenconnect.settings"
    with temporary_services({}) as services:
        environment = os.environ | services | settings
        _run(environment, "manage.py", "collectstatic", "--no-input", "-v0")
        printed = _run(environment, "-m", "bench.mail.page_times", str(waiting), str(rounds))
    medians: dict[str, list[float]] = json.loads(printed)
    return medians


def _run(environment: dict[str, str], *words: str) -> str:
    command = [sys.executable, *words]
    result = subprocess.run(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True, check=True)
    return result.stdout


if __name__ == "__main__":
    sys.exit(print_table(measurements(*map(int, sys.argv[1:]))))
