"""The floor: the same mails, rendered beforehand, through one connection of the standard library.

python -m bench.mail.bare HOST PORT FILE: prints how many seconds it took.
"""

from __future__ import annotations

import pickle
import smtplib
import sys
import time
from pathlib import Path


def main(host: str, port: int, path: Path) -> None:
    mails: list[tuple[str, bytes]] = pickle.loads(path.read_bytes())
    with smtplib.SMTP(host, port) as server:
        began = time.monotonic()
        for address, raw in mails:
            server.sendmail("noreply@testserver", [address], raw)
        print(time.monotonic() - began)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), Path(sys.argv[3]))
