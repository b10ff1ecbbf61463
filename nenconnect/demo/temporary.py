"""Postgres and Redis for as long as a run of tests or one command takes, in a folder that goes away."""

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
from nenconnect.demo.processes import Part
from nenconnect.demo.redis_server import redis_part, redis_url

_SECONDS_TO_START = 30
_PREFIX = "nen-connect-"


@contextmanager
def temporary_services(given: Mapping[str, str] = os.environ) -> Iterator[dict[str, str]]:
    """The environment for settings.py: what `given` has stays, the rest is started and made up.

    Mails go to a port that nobody listens on, unless EMAIL_URL is given.
    """
    with ExitStack() as stack:
        folder = stack.enter_context(_folder())
        (folder / "static").mkdir()
        made_up = _made_up(folder)
        parts = _parts(folder, given, made_up)
        for part in parts:
            stack.callback(part.stop)
            part.start()
        for part in parts:
            part.wait_until_ready(_SECONDS_TO_START)
        yield made_up | {name: given[name] for name in made_up if given.get(name)}


@contextmanager
def _folder() -> Iterator[Path]:
    """Held by a lock, so that the next run can clear away what a run that was killed left behind."""
    for left in Path(_short_folder()).glob(f"{_PREFIX}*/lock"):
        with suppress(OSError), left.open("r+") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            shutil.rmtree(left.parent, ignore_errors=True)
    folder = Path(tempfile.mkdtemp(prefix=_PREFIX, dir=_short_folder()))
    folder.chmod(0o711)  # Postgres has to pass when it runs as another account than root
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        try:
            yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)


def _short_folder() -> str:
    """A socket's path may have 107 bytes, and some machines have a long TMPDIR."""
    usual = tempfile.gettempdir()
    return usual if len(usual) < 60 else "/tmp"


def _parts(folder: Path, given: Mapping[str, str], made_up: dict[str, str]) -> list[Part]:
    parts = []
    if not given.get("DATABASE_URL"):
        made_up["DATABASE_URL"] = database_url(folder / "pg")
        data, log = folder / "postgres", folder / "postgres.log"
        parts.append(postgres_part(data, folder / "pg", log, may_lose_data=True))
    if not given.get("REDIS_URL"):
        made_up["REDIS_URL"] = redis_url(folder / "redis.sock")
        parts.append(redis_part(folder / "redis", folder / "redis.sock", folder / "redis.log"))
    return parts


def _made_up(folder: Path) -> dict[str, str]:
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
