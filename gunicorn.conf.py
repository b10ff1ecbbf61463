"""Read by gunicorn from the folder it starts in: links of mails stay out of its access log (C14)."""

from __future__ import annotations

from typing import Any

from gunicorn.glogging import Logger

from nenconnect.secret_paths import mask


class MaskingLogger(Logger):
    def atoms(self, resp: Any, req: Any, environ: Any, request_time: Any) -> Any:
        atoms: Any = super().atoms(resp, req, environ, request_time)
        for name in ("r", "U", "q", "f"):  # request line, path, query string, referer
            atoms[name] = mask(str(atoms[name]))
        return atoms


logger_class = MaskingLogger
