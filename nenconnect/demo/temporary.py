"""Run Postgres and Redis in a temporary folder for the length of a test run or one command."""

from __future__ import annotations

import fcntl
import os
import secrets
import shutil
import socket
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

from nenconnect.demo.postgres_server import database_url, postgres_part
from nenconnect.demo.processes import ManagedProgram
from nenconnect.demo.redis_server import redis_part, redis_url

_SECONDS_TO_START = 30
_PREFIX = "nen-connect-"


@contextmanager
def temporary_services(overrides: Mapping[str, str] = os.environ) -> Iterator[dict[str, str]]:
    """Start the services that `overrides` does not name and yield the environment for settings.py.

    Without EMAIL_URL in `overrides`, mails go to a port where no server listens.
    """
    with ExitStack() as stack:
        folder = stack.enter_context(_locked_folder())
        (folder / "static").mkdir()
        environment = _default_environment(folder)
        parts = _parts(folder, overrides, environment)
        for part in parts:
            stack.callback(part.stop)
            part.start()
        for part in parts:
            part.wait_until_ready(_SECONDS_TO_START)
        yield environment | {name: overrides[name] for name in environment if overrides.get(name)}


@contextmanager
def _locked_folder() -> Iterator[Path]:
    for old_lock in Path(_short_temporary_folder()).glob(f"{_PREFIX}*/lock"):
        with suppress(OSError), old_lock.open("r+") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            shutil.rmtree(old_lock.parent, ignore_errors=True)
    folder = Path(tempfile.mkdtemp(prefix=_PREFIX, dir=_short_temporary_folder()))
    folder.chmod(0o711)  # Postgres may run as another account than root and must be able to enter
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        try:
            yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)


def _short_temporary_folder() -> str:
    # A socket's path may have 107 bytes, and some machines have a long TMPDIR.
    default = tempfile.gettempdir()
    return default if len(default) < 60 else "/tmp"


def _parts(folder: Path, overrides: Mapping[str, str], environment: dict[str, str]) -> list[ManagedProgram]:
    parts = []
    if not overrides.get("DATABASE_URL"):
        environment["DATABASE_URL"] = database_url(folder / "pg")
        data, log = folder / "postgres", folder / "postgres.log"
        parts.append(postgres_part(data, folder / "pg", log, may_lose_data=True))
    if not overrides.get("REDIS_URL"):
        environment["REDIS_URL"] = redis_url(folder / "redis.sock")
        parts.append(redis_part(folder / "redis", folder / "redis.sock", folder / "redis.log"))
    return parts


def _default_environment(folder: Path) -> dict[str, str]:
    return {
        "DATABASE_URL": "",
        "REDIS_URL": "",
        "EMAIL_URL": f"smtp://127.0.0.1:{_unused_port()}",
        "SECRET_KEY": secrets.token_urlsafe(50),
        "SITE_URL": "http://testserver",
        "DEMO": "true",
        "DEBUG": "false",
        "DOCUMENTS_DIR": str(folder / "documents"),
        "STATIC_DIR": str(folder / "static"),
        "DEMO_MAILBOX": str(folder / "mailbox"),
    }


def _unused_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port: int = probe.getsockname()[1]
        return port
