"""Manage the folder with everything that the demo keeps (DEMO_DIR); one launcher may use it at a time."""

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
from nenconnect.demo.processes import ManagedProgram, StartError, end_processes

_BYTES_NEEDED = 150 * 1024 * 1024  # bytes; an empty Postgres takes 40 MB and its journal grows to 128 MB
_LONGEST_SOCKET_PATH = 100  # bytes; the system's limit is 107 on Linux, 103 on macOS
_LONGEST_SOCKET_NAME = len("/pg/.s.PGSQL.5432")
_LARGEST_LOG = 2 * 1024 * 1024  # bytes


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
        self._process_record = path / "processes.json"

    def prepare(self) -> None:
        """Create the subfolders.

        Raises StartError when the folder cannot be written or has too little space.
        """
        try:
            self.path.mkdir(parents=True, exist_ok=True)
            for private_folder in (self.redis, self.mailbox, self.documents, self.log):
                private_folder.mkdir(mode=0o700, exist_ok=True)
            probe = self.path / ".probe"
            probe.write_bytes(bytes(64 * 1024))
            probe.unlink()
        except OSError as error:
            raise StartError(f"DEMO_DIR: cannot write in {self.path}: {error.strerror}.") from None
        free = shutil.disk_usage(self.path).free
        if free < _BYTES_NEEDED and not self.postgres.exists():
            raise StartError(
                f"DEMO_DIR: only {free // 1024**2} MB free in {self.path}; "
                f"the demo needs {_BYTES_NEEDED // 1024**2} MB."
            )

    @contextmanager
    def lock(self) -> Iterator[None]:
        """Lock the folder for this launcher; the system drops the lock of a launcher that was killed.

        Raises StartError when another launcher has it.
        """
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
        # manage.py in another shell reads these settings.
        settings = {name: environment[name] for name in SETTINGS if name in environment}
        _write_private(self.path / ENVIRONMENT, json.dumps(settings, indent=1))

    @contextmanager
    def sockets(self) -> Iterator[Path]:
        """Yield a folder for sockets, elsewhere when the path of this folder is too long for a socket."""
        self._clear_sockets()
        if len(os.fsencode(self._run)) + _LONGEST_SOCKET_NAME <= _LONGEST_SOCKET_PATH:
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

    def rotate_large_logs(self) -> None:
        for path in self.log.glob("*.log"):
            if path.stat().st_size > _LARGEST_LOG:
                path.rename(path.with_suffix(".log.old"))

    # The processes that run, for the next start after a hard kill ------------------------------------

    def record_processes(self, parts: Sequence[ManagedProgram]) -> None:
        rows = [
            [part.process.pid, psutil.Process(part.process.pid).create_time(), int(part.quit_signal)]
            for part in parts
            if part.process is not None and not part.has_ended()
        ]
        unfinished = self._process_record.with_suffix(".unfinished")
        unfinished.write_text(json.dumps(rows))
        unfinished.rename(self._process_record)

    def clear_process_record(self) -> None:
        with suppress(OSError):
            self._process_record.unlink()

    def end_leftovers(self) -> bool:
        """End the processes that a killed launcher of this folder left running; return whether there were any."""
        has_leftovers = False
        for pid, created, quit_signal in self._recorded_processes():
            processes = [
                process for process in psutil.process_iter() if _is_ours_or_in_its_group(process, pid, created)
            ]
            has_leftovers = has_leftovers or bool(processes)
            end_processes(processes, quit_signal)
        postgres_server.end_postgres_on(self.postgres)
        self.clear_process_record()
        return has_leftovers

    def _recorded_processes(self) -> list[tuple[int, float, int]]:
        try:
            return [(int(pid), float(created), int(sig)) for pid, created, sig in self._read_process_record()]
        except (ValueError, TypeError):
            return []  # the write was interrupted; Linux ended the processes together with their launcher

    def _read_process_record(self) -> list[list[float]]:
        with suppress(FileNotFoundError):
            rows: list[list[float]] = json.loads(self._process_record.read_text())
            return rows
        return []


def _write_private(path: Path, text: str) -> None:
    unfinished = path.with_suffix(".unfinished")
    unfinished.unlink(missing_ok=True)
    with open(unfinished, "x", opener=lambda name, flags: os.open(name, flags, 0o600)) as file:
        file.write(text)
    unfinished.rename(path)


def _is_ours_or_in_its_group(process: psutil.Process, pid: int, created: float) -> bool:
    with suppress(psutil.Error, ProcessLookupError):
        if process.status() == psutil.STATUS_ZOMBIE:
            return False
        # The system reuses process ids, so the start time counts too; the clock may have been adjusted a little.
        if process.pid == pid:
            return abs(process.create_time() - created) < 2
        return os.getpgid(process.pid) == pid and process.create_time() > created - 2
    return False


def _short_folder() -> Path:
    folder = Path(tempfile.mkdtemp(prefix="nen-connect-", dir="/tmp"))
    folder.chmod(0o711)  # Postgres may run as another account than root and must be able to enter
    return folder
