"""Run the demo's services and data with a site and a worker that reload when code changes (`make run`)."""

from __future__ import annotations

import socket
import sys

from nenconnect.demo.launcher import Launcher, is_up, run_launcher
from nenconnect.demo.processes import ManagedProgram
from nenconnect.translations import ROOMS

WATCHED_FOLDERS = [*ROOMS, "locale"]


class DevelopmentLauncher(Launcher):
    purpose = "development"

    def _make_environment(self) -> dict[str, str]:
        return super()._make_environment() | {"DEBUG": "true"}

    def _worker_part(self) -> ManagedProgram:
        worker = super()._worker_part()
        worker.command = [
            sys.executable,
            "-m",
            "watchfiles",
            "--filter",
            "python",
            " ".join(worker.command),
            *WATCHED_FOLDERS,
        ]
        return worker

    def _web_part(self, listener: socket.socket) -> ManagedProgram:
        listener.close()  # runserver opens the port itself, and again after each reload
        return ManagedProgram(
            name="Web server",
            command=[sys.executable, "manage.py", "runserver", f"127.0.0.1:{self.port}"],
            log=self._log("web"),
            env=self.environment,
            is_ready=lambda: is_up(f"http://127.0.0.1:{self.port}/healthz"),
        )


if __name__ == "__main__":
    sys.exit(run_launcher(DevelopmentLauncher))
