"""Read by gunicorn from the folder it starts in: links of mails stay out of its access log (C14)."""

from __future__ import annotations

import re
from typing import Any

from gunicorn.glogging import Logger

SECRET_PATH = re.compile(r"/(registratie|wachtwoord-herstellen)/[^/?\s]+")


class MaskingLogger(Logger):
    def atoms(self, resp: Any, req: Any, environ: Any, request_time: Any) -> Any:
        atoms: Any = super().atoms(resp, req, environ, request_time)
        for name in ("r", "U", "f"):  # request line, path, referer
            atoms[name] = SECRET_PATH.sub(r"/\1/…", str(atoms[name]))
        return atoms


logger_class = MaskingLogger
