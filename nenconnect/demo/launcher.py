"""Start the services that are missing, print the address of the site, restart what dies, stop all at the end."""

from __future__ import annotations

import errno
import os
import re
import signal
import socket
import sys
import time
import urllib.error
import urllib.request
from contextlib import ExitStack, suppress
from pathlib import Path
from types import FrameType

from nenconnect.demo import DEMO_PASSWORD, SIGN_INS
from nenconnect.demo.folder import DemoFolder
from nenconnect.demo.mail_catcher import listening_socket, smtp_url
from nenconnect.demo.postgres_server import database_url, postgres_part
from nenconnect.demo.processes import ManagedProgram, StartError
from nenconnect.demo.redis_server import redis_part, redis_url
from nenconnect.environment import read, whole_number

ROOT = Path(__file__).resolve().parents[2]

_SECONDS_TO_START = 60
_RESTARTS_ALLOWED = 3  # per part, within the seconds below
_RESTART_WINDOW = 60


class Stopped(Exception):
    """Break off the run after Ctrl-C or TERM, which is not an error."""


class Launcher:
    purpose = "demo"

    def __init__(self, folder: DemoFolder, port: int) -> None:
        self.folder = folder
        self.port = port
        self.address = f"http://localhost:{port}"
        self.environment: dict[str, str] = {}
        self._parts: list[ManagedProgram] = []
        self._restarts: dict[str, list[float]] = {}
        self._stop_requested = False

    def run(self) -> None:
        """Run until Ctrl-C or TERM.

        Raises StartError when something cannot start or keeps stopping.
        """
        self._listen_for_signals()
        self.folder.prepare()
        with ExitStack() as stack:
            stack.enter_context(self.folder.lock())
            if self.folder.end_leftovers():
                _print("  The last start was cut off; ended what it had left running.")
            self.folder.rotate_large_logs()
            web = stack.enter_context(_open_port(self.port))
            sockets = stack.enter_context(self.folder.sockets())
            stack.callback(self._stop_all)
            try:
                self._start_everything(web, sockets, stack)
                self._restart_dead_parts()
            except Stopped:
                _print("\nStopping …")

    def _start_everything(self, web: socket.socket, sockets: Path, stack: ExitStack) -> None:
        _print(f"Starting NEN Connect in {self.folder.path}")
        self.environment = self._make_environment()
        services = self._start_services(sockets, stack)
        self.folder.write_environment(self.environment)
        self._run_to_end("Language files", [sys.executable, "-m", "nenconnect.translations", "compile"])
        self._wait_for(services)
        self._run_to_end("Tables, style sheets, demo data", [sys.executable, "manage.py", "prepare_demo"])
        self._start(self._worker_part())
        self._start(self._web_part(web))
        self._wait_for(self._parts[-2:])
        _print(_welcome(self.address))

    # What runs ---------------------------------------------------------------------------------------

    def _make_environment(self) -> dict[str, str]:
        settings = {
            "DEMO": "true",
            "DEBUG": "false",
            "STAFF_SECOND_STEP": "false",  # trying the demo must not require a phone
            "DEMO_MAILBOX": str(self.folder.mailbox),
            "DOCUMENTS_DIR": str(self.folder.documents),
            "STATIC_DIR": str(self.folder.static),
            "DJANGO_SETTINGS_MODULE": "nenconnect.settings",
            "PYTHONUNBUFFERED": "1",
        }
        defaults = {"SECRET_KEY": self.folder.secret_key(), "SITE_URL": self.address}
        return os.environ | settings | {name: os.environ.get(name) or value for name, value in defaults.items()}

    def _start_services(self, sockets: Path, stack: ExitStack) -> list[ManagedProgram]:
        services = []
        if not self.environment.get("DATABASE_URL"):
            self.environment["DATABASE_URL"] = database_url(sockets / "pg")
            services.append(postgres_part(self.folder.postgres, sockets / "pg", self._log("postgres")))
        if not self.environment.get("REDIS_URL"):
            self.environment["REDIS_URL"] = redis_url(sockets / "redis.sock")
            services.append(redis_part(self.folder.redis, sockets / "redis.sock", self._log("redis")))
        if not self.environment.get("EMAIL_URL"):
            mail = stack.enter_context(listening_socket())
            self.environment["EMAIL_URL"] = smtp_url(mail)
            services.append(self._mail_part(mail))
        for part in services:
            self._start(part)
        return services

    def _mail_part(self, listener: socket.socket) -> ManagedProgram:
        descriptor = str(listener.fileno())
        return ManagedProgram(
            name="Mail catcher",
            command=[sys.executable, "-m", "nenconnect.demo.mail_catcher", descriptor, str(self.folder.mailbox)],
            log=self._log("mail-catcher"),
            pass_fds=[listener.fileno()],
        )

    def _worker_part(self) -> ManagedProgram:
        celery = [sys.executable, "-m", "celery", "--app", "nenconnect", "worker", "--beat"]
        lean = ["--concurrency", "1", "--without-gossip", "--without-mingle", "--without-heartbeat"]
        schedule = ["--schedule-filename", str(self.folder.path / "beat-schedule")]
        worker = ManagedProgram(
            name="Celery worker with beat",
            command=[*celery, *lean, *schedule, "--loglevel", "INFO"],
            log=self._log("worker"),
            env=self.environment,
        )
        worker.is_ready = lambda: worker.has_logged(" ready.")
        return worker

    def _web_part(self, listener: socket.socket) -> ManagedProgram:
        heartbeat = "/dev/shm" if os.access("/dev/shm", os.W_OK) else str(self.folder.path)
        gunicorn = [sys.executable, "-m", "gunicorn", "nenconnect.wsgi", "--preload", "--no-control-socket"]
        size = ["--workers", "1", "--threads", "8", "--timeout", "60", "--graceful-timeout", "2"]
        addresses = ["--bind", f"fd://{listener.fileno()}", "--worker-tmp-dir", heartbeat]
        return ManagedProgram(
            name="Web server",
            command=[*gunicorn, *size, *addresses, "--access-logfile", str(self._log("access"))],
            log=self._log("web"),
            env=self.environment,
            pass_fds=[listener.fileno()],
            is_ready=lambda: is_up(f"http://127.0.0.1:{self.port}/healthz"),
        )

    # How it runs -------------------------------------------------------------------------------------

    def _log(self, name: str) -> Path:
        return self.folder.log / f"{name}.log"

    def _start(self, part: ManagedProgram) -> None:
        if part not in self._parts:
            self._parts.append(part)
        part.start()
        self.folder.record_processes(self._parts)

    def _wait_for(self, parts: list[ManagedProgram]) -> None:
        for part in parts:
            part.wait_until_ready(_SECONDS_TO_START, self._pause)
            _print(f"  {part.name}: ready")

    def _run_to_end(self, name: str, command: list[str]) -> None:
        step = ManagedProgram(name=name, command=command, log=self._log("prepare"), env=self.environment)
        self._start(step)
        while not step.has_ended():
            self._pause(0.03)
        self._parts.remove(step)
        if step.end():
            message = step.last_log_line().removeprefix("CommandError: ")
            names_a_variable = re.match(r"[A-Z_]+: ", message)
            raise StartError(message if names_a_variable else f"{name}: {message} (see {step.log})")
        _print(f"  {name}: ready")

    def _restart_dead_parts(self) -> None:
        while True:
            self._pause(0.5)
            for part in self._parts:
                if part.has_ended():  # people may kill a part to see that no mail is lost
                    self._restart(part)

    def _restart(self, part: ManagedProgram) -> None:
        exit_code = part.end()
        now = time.monotonic()
        recent = [
            restarted_at
            for restarted_at in self._restarts.get(part.name, [])
            if restarted_at > now - _RESTART_WINDOW
        ]
        if len(recent) >= _RESTARTS_ALLOWED:
            raise StartError(f"{part.name} keeps stopping: {part.last_log_line()} (see {part.log})")
        self._restarts[part.name] = [*recent, now]
        _print(f"  {part.name} stopped ({_exit_reason(exit_code)}); starting it again, see {part.log}")
        self._start(part)
        part.wait_until_ready(_SECONDS_TO_START, self._pause)

    def _stop_all(self) -> None:
        # The web server and the worker use the services, so they stop first.
        users = [part for part in self._parts if part.name in ("Web server", "Celery worker with beat")]
        for group in (users, [part for part in self._parts if part not in users]):
            for part in group:
                part.ask_to_quit()
            for part in group:
                part.end()
        self.folder.clear_process_record()

    def _listen_for_signals(self) -> None:
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            if number != signal.SIGHUP or signal.getsignal(number) != signal.SIG_IGN:  # nohup
                signal.signal(number, self._request_stop)

    def _request_stop(self, number: int, frame: FrameType | None) -> None:
        self._stop_requested = True

    def _pause(self, seconds: float) -> None:
        """Sleep, or raise Stopped after a signal.

        No other place acts on a signal, so that no program is started and then left running.
        """
        if self._stop_requested:
            raise Stopped
        time.sleep(seconds)


def _open_port(port: int) -> socket.socket:
    """Open the port at once, so that no other program takes it while the rest starts.

    A visitor who comes early waits a moment. Raises StartError.
    """
    try:
        listener = listening_socket(port)
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise StartError(
                f"PORT: {port} is in use by another program; choose another one, such as "
                f"PORT={port + 1 if port < 65535 else 8000}."
            ) from None
        raise StartError(f"PORT: cannot open {port}: {error.strerror}.") from None
    listener.setblocking(True)
    return listener


def is_up(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=5) as response:
            return bool(response.status == 200)
    except urllib.error.HTTPError:
        return False
    except OSError:
        return False


def _print(line: str) -> None:
    with suppress(OSError):  # the terminal may be closed, and the parts must still be stopped
        print(line, flush=True)


def _exit_reason(exit_code: int | None) -> str:
    if exit_code is not None and exit_code < 0:
        return f"signal {-exit_code}"
    return f"exit code {exit_code}"


def _welcome(address: str) -> str:
    people = "\n".join(f"    {email:<32} {role}" for email, role in SIGN_INS.items())
    return f"""
NEN Connect runs at {address}/

  Sign in with one of these; the password is always  {DEMO_PASSWORD}
{people}

  Try first
    1. Open {address}/ and sign in as beheerder@voorbeeld.example: „Aanvragen" has requests that wait for you.
    2. Sign out and register with an address of your own choice that ends in @voorbeeld.example.
    3. Every mail of the demo is at {address}/demo/postvak/ – nothing leaves this machine.

  Ctrl-C stops everything. Logs and data are in the folder above; remove it to start afresh.
"""


def run_launcher(launcher: type[Launcher] = Launcher) -> int:
    folder = Path(os.environ.get("DEMO_DIR") or ROOT / ".demo").expanduser().resolve()
    port = read("PORT", "a port number from 1 to 65535", whole_number(1, 65535), "8000")
    os.chdir(ROOT)
    try:
        launcher(DemoFolder(folder), port).run()
    except StartError as error:
        print(error, file=sys.stderr)
        return 1
    except OSError as error:
        print(f"DEMO_DIR: {folder}: {error.strerror or error}", file=sys.stderr)
        return 1
    return 0
