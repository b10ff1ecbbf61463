"""A Python program of ours beside a measurement: says "ready", takes orders and says "done" after each."""

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
    """Whatever else it says on standard output stands in `said`. When it ends, an order to it fails."""

    def __init__(
        self, words: list[str], *, environment: Mapping[str, str] | None = None, log: Path | None = None
    ) -> None:
        """`log` takes what it says on standard error."""
        self._log = log.open("ab") if log else None
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
        self.said: queue.Queue[str] = queue.Queue()
        self._answers: queue.Queue[str] = queue.Queue()
        assert self._process.stdin
        assert self._process.stdout
        self._orders = self._process.stdin
        threading.Thread(target=self._listen, args=[self._process.stdout], daemon=True).start()
        self._expect("ready", _SECONDS_TO_START)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def give(self, order: str) -> None:
        """Without waiting for it."""
        self._orders.write(f"{order}\n")

    def wait(self, seconds: float) -> None:
        """Until the order that was given is carried out."""
        self._expect("done", seconds)

    def stop(self) -> None:
        self._process.terminate()
        self._process.wait()
        self._orders.close()
        if self._log:
            self._log.close()

    def _listen(self, output: IO[str]) -> None:
        for line in output:
            (self._answers if line.strip() in ("ready", "done") else self.said).put(line.strip())
        self._answers.put("the end")

    def _expect(self, answer: str, seconds: float) -> None:
        found = self._answers.get(timeout=seconds)
        if found != answer:
            raise RuntimeError(f"{self._process.args!r}: {found} instead of {answer}")
