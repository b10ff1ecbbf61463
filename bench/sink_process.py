"""Run the mail server of bench/sink.py as a process for the length of a measurement."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from bench.program import Program

_SECONDS_TO_OBEY = 20


class TakenMail(NamedTuple):
    """Hold one mail that the server took; `outcome` is `dropped` when it hung up instead of confirming."""

    message_id: str
    recipient: str
    outcome: str


class Sink:
    def __init__(self, program: Program, port: int, path: Path) -> None:
        self.url = f"smtp://127.0.0.1:{port}"
        self._program = program
        self._path = path

    def order(self, order: str) -> None:
        self._program.send_order(order)
        self._program.wait_until_done(_SECONDS_TO_OBEY)

    def wait_for_paused_client(self, seconds: float) -> int:
        """Wait until the server pauses a conversation as ordered; return the port of the client.

        Raises queue.Empty after so many seconds.
        """
        return int(self._program.output_lines.get(timeout=seconds).removeprefix("held "))

    def taken(self) -> list[TakenMail]:
        """Return the mails taken until a tenth of a second ago, without a line that is half written."""
        lines = self._path.read_text().split("\n")[:-1]
        return [TakenMail(*line.split("\t")) for line in lines]

    def count(self) -> int:
        return self._path.read_bytes().count(b"\n")


@contextmanager
def running_sink(folder: Path) -> Iterator[Sink]:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port: int = probe.getsockname()[1]
    path = folder / "taken.txt"
    with Program(["-m", "bench.sink", str(port), str(path)]) as program:
        yield Sink(program, port, path)
