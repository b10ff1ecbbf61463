"""Run a Python program beside a measurement; it prints "ready" and then "done" after each order."""

from __future__ import annotations

import queue
import subprocess
import sys
import threading
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import IO, Self

ROOT = Path(__file__).resolve().parents[1]
_SECONDS_TO_START = 60


class Program:
    """Start a program and wait until it is ready; other output lines go to `output_lines`.

    An order to a program that has ended raises RuntimeError.
    """

    def __init__(
        self, words: list[str], *, environment: Mapping[str, str] | None = None, log: Path | None = None
    ) -> None:
        self._log = log.open("ab") if log else None  # for its standard error
        self._process = subprocess.Popen(
            [sys.executable, *words],
            cwd=ROOT,
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._log,
            text=True,
            bufsize=1,
        )
        self.output_lines: queue.Queue[str] = queue.Queue()
        self._answers: queue.Queue[str] = queue.Queue()
        assert self._process.stdin
        assert self._process.stdout
        self._orders = self._process.stdin
        threading.Thread(target=self._sort_output, args=[self._process.stdout], daemon=True).start()
        self._expect("ready", _SECONDS_TO_START)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, error_type: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def send_order(self, order: str) -> None:
        self._orders.write(f"{order}\n")

    def wait_until_done(self, seconds: float) -> None:
        """Wait until the last order is done.

        Raises queue.Empty after so many seconds.
        """
        self._expect("done", seconds)

    def stop(self) -> None:
        self._process.terminate()
        self._process.wait()
        self._orders.close()
        if self._log:
            self._log.close()

    def _sort_output(self, output: IO[str]) -> None:
        for line in output:
            (self._answers if line.strip() in ("ready", "done") else self.output_lines).put(line.strip())
        self._answers.put("the end")

    def _expect(self, answer: str, seconds: float) -> None:
        received = self._answers.get(timeout=seconds)
        if received != answer:
            raise RuntimeError(f"{self._process.args!r}: {received} instead of {answer}")
