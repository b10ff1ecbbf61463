"""The mail server of bench/sink.py as a process of its own, for as long as a measurement takes."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from bench.program import Program

_SECONDS_TO_OBEY = 20


class Taken(NamedTuple):
    """One mail that the server took; `outcome` is `dropped` where it hung up instead of saying so."""

    message_id: str
    recipient: str
    outcome: str


class Sink:
    def __init__(self, program: Program, port: int, path: Path) -> None:
        self.url = f"smtp://127.0.0.1:{port}"
        self._program = program
        self._path = path

    def tell(self, order: str) -> None:
        """One of the orders that bench/sink.py knows; returns when it is obeyed."""
        self._program.give(order)
        self._program.wait(_SECONDS_TO_OBEY)

    def held(self, seconds: float) -> int:
        """Waits until it holds a conversation, as it was told to; the port of the client. Raises queue.Empty."""
        return int(self._program.said.get(timeout=seconds).removeprefix("held "))

    def taken(self) -> list[Taken]:
        """What it took until a tenth of a second ago; a line that is only half there does not count."""
        lines = self._path.read_text().split("\n")[:-1]
        return [Taken(*line.split("\t")) for line in lines]

    def count(self) -> int:
        return self._path.read_bytes().count(b"\n")


@contextmanager
def running_sink(folder: Path) -> Iterator[Sink]:
    """In a good mood, on a free port; what it takes it writes down in `folder`."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port: int = probe.getsockname()[1]
    path = folder / "taken.txt"
    with Program(["-m", "bench.sink", str(port), str(path)]) as program:
        yield Sink(program, port, path)
