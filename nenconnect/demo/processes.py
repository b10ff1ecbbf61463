"""Start, watch and end the programs of the demo and of the tests."""

from __future__ import annotations

import ctypes
import os
import pwd
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import psutil

_PR_SET_PDEATHSIG = 1
_LIBC = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None


class StartError(Exception):
    """Report in one line a problem that the person who starts the demo can solve."""


def do_nothing() -> None:
    return


def always_ready() -> bool:
    return True


@dataclass(eq=False)
class ManagedProgram:
    """Describe one program: how to start it, how to check that it is ready, and how to end it."""

    name: str
    command: Sequence[str]
    log: Path
    env: Mapping[str, str] | None = None
    quit_signal: signal.Signals = signal.SIGTERM
    account: pwd.struct_passwd | None = None  # the system account it runs as; None means the current user
    pass_fds: Sequence[int] = ()
    before_start: Callable[[], None] = do_nothing
    is_ready: Callable[[], bool] = always_ready
    seconds_to_quit: float = 6
    process: subprocess.Popen[bytes] | None = field(default=None, repr=False)
    _log_before: int = field(default=0, repr=False)  # bytes; everything after it comes from this start

    def start(self) -> None:
        self.before_start()
        with self.log.open("ab") as log:
            self._log_before = log.tell()
            self.process = subprocess.Popen(
                self.command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                cwd="/" if self.account else None,
                env=self.env,
                user=self.account.pw_uid if self.account else None,
                group=self.account.pw_gid if self.account else None,
                extra_groups=[] if self.account else None,
                pass_fds=self.pass_fds,
                start_new_session=True,  # Ctrl-C reaches the launcher only, which ends the parts in order
                preexec_fn=self._die_with_launcher,
            )

    def wait_until_ready(self, seconds: float, pause: Callable[[float], None] = time.sleep) -> None:
        end = time.monotonic() + seconds
        while not self.is_ready():
            if self.has_ended():
                raise StartError(f"{self.name} did not start: {self.last_log_line()} (see {self.log})")
            if time.monotonic() > end:
                raise StartError(f"{self.name} was not ready after {seconds:.0f} seconds (see {self.log})")
            pause(0.03)

    def has_ended(self) -> bool:
        if self.process is None or self.process.returncode is not None:
            return True
        try:  # look without reaping: until end() has cleaned up, the process id must not be reused
            return psutil.Process(self.process.pid).status() == psutil.STATUS_ZOMBIE
        except psutil.NoSuchProcess:
            return True

    def ask_to_quit(self) -> None:
        if self.process is not None and not self.has_ended():
            self.process.send_signal(self.quit_signal)

    def end(self) -> int | None:
        """Wait until the program has quit, kill what it left behind, and return its exit code."""
        if self.process is None:
            return None
        give_up = time.monotonic() + self.seconds_to_quit
        while not self.has_ended() and time.monotonic() < give_up:
            time.sleep(0.02)
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self.process.pid, signal.SIGKILL)
        exit_code = self.process.wait()
        self.process = None
        return exit_code

    def stop(self) -> None:
        self.ask_to_quit()
        self.end()

    def kill(self) -> None:
        if self.process is not None:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.end()

    def has_logged(self, words: str) -> bool:
        return words in self._log_of_this_start()

    def last_log_line(self) -> str:
        lines = self._log_of_this_start().strip().splitlines()
        return lines[-1].strip() if lines else "it logged nothing"

    def _log_of_this_start(self) -> str:
        with suppress(FileNotFoundError), self.log.open("rb") as log:
            log.seek(self._log_before)
            return log.read().decode(errors="replace")
        return ""

    def _die_with_launcher(self) -> None:
        if _LIBC is not None:  # on Linux the parts end when their launcher is killed
            _LIBC.prctl(_PR_SET_PDEATHSIG, int(self.quit_signal))


def end_processes(processes: Sequence[psutil.Process], quit_signal: int, seconds: float = 3) -> None:
    """End these processes and everything they started; kill those that do not quit within `seconds`."""
    family = dict.fromkeys(processes)
    for process in processes:
        with suppress(psutil.Error):
            family |= dict.fromkeys(process.children(recursive=True))
    for process in processes:
        with suppress(psutil.Error):
            process.send_signal(quit_signal)
    _, alive = psutil.wait_procs(family, timeout=seconds)
    for process in alive:
        with suppress(psutil.Error):
            process.kill()
    psutil.wait_procs(alive, timeout=seconds)
