"""Configure gunicorn, which reads this file from the folder it starts in.

Tokens of mailed links stay out of its access log (C14), and with METRICS_TOKEN its worker processes count
together (nenconnect/metrics.py).
"""

from __future__ import annotations

import os
import shutil
import tempfile
from itertools import count
from pathlib import Path
from typing import Any

from gunicorn.glogging import Logger

from nenconnect.links.masking import mask


class MaskingLogger(Logger):
    def atoms(self, resp: Any, req: Any, environ: Any, request_time: Any) -> Any:
        atoms: Any = super().atoms(resp, req, environ, request_time)
        for name in ("r", "U", "q", "f"):  # request line, path, query string, referer
            atoms[name] = mask(str(atoms[name]))
        return atoms


logger_class = MaskingLogger

_FOLDER, _OURS = "PROMETHEUS_MULTIPROC_DIR", "nen-connect-metrics-"
if os.environ.get("METRICS_TOKEN") and _FOLDER not in os.environ:
    os.environ[_FOLDER] = tempfile.mkdtemp(prefix=_OURS)


def pre_fork(server: Any, worker: Any) -> None:
    """Give the worker the lowest free number, so that there are never more files than workers."""
    taken = {other.metrics_slot for other in server.WORKERS.values()}
    worker.metrics_slot = next(number for number in count() if number not in taken)


def post_fork(server: Any, worker: Any) -> None:
    os.environ["METRICS_SLOT"] = str(worker.metrics_slot)


def on_exit(server: Any) -> None:
    folder = Path(os.environ.get(_FOLDER, ""))
    if folder.name.startswith(_OURS):
        shutil.rmtree(folder, ignore_errors=True)
