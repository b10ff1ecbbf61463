"""Run a command with a temporary Postgres and Redis: python -m nenconnect.demo.with_services COMMAND…"""

from __future__ import annotations

import os
import signal
import subprocess
import sys

from nenconnect.demo.processes import StartError
from nenconnect.demo.temporary import temporary_services


def main(command: list[str]) -> int:
    if not command:
        return _print_error("usage: python -m nenconnect.demo.with_services COMMAND…")
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        with temporary_services() as environment:
            return subprocess.run(command, env=os.environ | environment, check=False).returncode
    except (StartError, OSError) as error:
        return _print_error(str(error))
    except KeyboardInterrupt:
        return 130


def _print_error(message: str) -> int:
    print(message, file=sys.stderr)
    return 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
