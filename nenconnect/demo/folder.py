"""The folder with all that the demo keeps (DEMO_DIR), held by one launcher at a time."""

from __future__ import annotations

import fcntl
import json
import os
import secrets
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

import psutil

from nenconnect.demo import postgres_server
from nenconnect.demo.processes import Part, StartError, end_processes

_ROOM_NEEDED = 150 * 1024 * 1024  # bytes; an empty Postgres is 40 MB, its journal grows to 128 MB
_LONGEST_SOCKET_PATH = 100  # bytes; the system's limit is 107 on Linux, 103 on macOS
_LONGEST_NAME_IN_IT = len("/pg/.s.PGSQL.5432")
_LOG_KEPT = 2 * 1024 * 1024  # bytes


ENVIRONMENT = "environment.json"
SETTINGS = (
    "DATABASE_URL", "REDIS_URL", "EMAIL_URL", "SECRET_KEY", "SITE_URL", "DEMO", "DEBUG", "STAFF_SECOND_STEP",
    "DEMO_MAILBOX", "DOCUMENTS_DIR", "STATIC_DIR",
)  # fmt: skip


class DemoFolder:
    def __init__(self, path: Path) -> None:
        self.path = path
        self.postgres = path / "postgres"
        self.redis = path / "redis"
        self.mailbox = path / "mailbox"
        self.documents = path / "documents"
        self.static = path / "static"
        self.log = path / "log"
        self._run = path / "run"
        self._processes = path / "processes.json"

    def prepare(self) -> None:
        """Raises StartError when nothing can be written here."""
        try:
            self.path.mkdir(parents=True, exist_ok=True)
            for private in (self.redis, self.mailbox, self.documents, self.log):
                private.mkdir(mode=0o700, exist_ok=True)
            probe = self.path / ".probe"
            probe.write_bytes(bytes(64 * 1024))
            probe.unlink()
        except OSError as error:
            raise StartError(f"DEMO_DIR: cannot write in {self.path}: {error.strerror}.") from None
        free = shutil.disk_usage(self.path).free
        if free < _ROOM_NEEDED and not self.postgres.exists():
            raise StartError(
                f"DEMO_DIR: only {free // 1024**2} MB free in {self.path}; "
                f"the demo needs {_ROOM_NEEDED // 1024**2} MB."
            )

    @contextmanager
    def held(self) -> Iterator[None]:
        """One launcher at a time. The system drops the lock of a launcher that was killed."""
        with (self.path / "lock").open("a+") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                raise StartError(
                    f"The demo in {self.path} is running already: stop that one (Ctrl-C) first, "
                    "or choose another DEMO_DIR and PORT."
                ) from None
            yield

    def secret_key(self) -> str:
        path = self.path / "secret-key"
        if not path.exists():
            _write_private(path, secrets.token_urlsafe(60))
        return path.read_text()

    def write_environment(self, environment: dict[str, str]) -> None:
        """Keep the settings of this run, for `manage.py` in another shell."""
        kept = {name: environment[name] for name in SETTINGS if name in environment}
        _write_private(self.path / ENVIRONMENT, json.dumps(kept, indent=1))

    @contextmanager
    def sockets(self) -> Iterator[Path]:
        """A folder for sockets: here, or, when this path is too long for them, a short one elsewhere."""
        self._clear_sockets()
        if len(os.fsencode(self._run)) + _LONGEST_NAME_IN_IT <= _LONGEST_SOCKET_PATH:
            self._run.mkdir()
        else:
            self._run.symlink_to(_short_folder())
        try:
            yield self._run.resolve()
        finally:
            self._clear_sockets()

    def _clear_sockets(self) -> None:
        if self._run.is_symlink():
            shutil.rmtree(self._run.readlink(), ignore_errors=True)
            self._run.unlink()
        shutil.rmtree(self._run, ignore_errors=True)

    def put_old_logs_aside(self) -> None:
        for path in self.log.glob("*.log"):
            if path.stat().st_size > _LOG_KEPT:
                path.rename(path.with_suffix(".log.old"))

    # What was started, for the start after a hard kill -----------------------------------------------

    def remember(self, parts: Sequence[Part]) -> None:
        rows = [
            [part.process.pid, psutil.Process(part.process.pid).create_time(), int(part.quit_signal)]
            for part in parts
            if part.process is not None and not part.has_ended()
        ]
        unfinished = self._processes.with_suffix(".unfinished")
        unfinished.write_text(json.dumps(rows))
        unfinished.rename(self._processes)

    def forget(self) -> None:
        with suppress(OSError):
            self._processes.unlink()

    def end_leftovers(self) -> bool:
        """Ends what a killed launcher of this folder left running; whether there was anything."""
        found = False
        for pid, created, quit_signal in self._remembered():
            processes = [process for process in psutil.process_iter() if _belongs(process, pid, created)]
            found = found or bool(processes)
            end_processes(processes, quit_signal)
        postgres_server.end_leftovers(self.postgres)
        self.forget()
        return found

    def _remembered(self) -> list[tuple[int, float, int]]:
        try:
            return [(int(pid), float(created), int(sig)) for pid, created, sig in self._rows()]
        except (ValueError, TypeError):
            return []  # cut off while it was written: Linux ended the processes with their launcher

    def _rows(self) -> list[list[float]]:
        with suppress(FileNotFoundError):
            rows: list[list[float]] = json.loads(self._processes.read_text())
            return rows
        return []


def _write_private(path: Path, text: str) -> None:
    unfinished = path.with_suffix(".unfinished")
    unfinished.unlink(missing_ok=True)
    with open(unfinished, "x", opener=lambda name, flags: os.open(name, flags, 0o600)) as file:
        file.write(text)
    unfinished.rename(path)


def _belongs(process: psutil.Process, pid: int, created: float) -> bool:
    """Is it the process we started, or one that this left behind in its own process group?

    A process id is given out again, so the time counts too; the clock may have been set a little.
    """
    with suppress(psutil.Error, ProcessLookupError):
        if process.status() == psutil.STATUS_ZOMBIE:
            return False
        if process.pid == pid:
            return abs(process.create_time() - created) < 2
        return os.getpgid(process.pid) == pid and process.create_time() > created - 2
    return False


def _short_folder() -> Path:
    folder = Path(tempfile.mkdtemp(prefix="nen-connect-", dir="/tmp"))
    folder.chmod(0o711)  # Postgres has to pass when it runs as another account than root
    return folder
