"""Where a web server comes in."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable
from typing import Any

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "nenconnect.settings")

Wsgi = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]
CHARSET = re.compile(r";\s*charset\s*=[^;]*", re.IGNORECASE)


def in_utf8(application: Wsgi) -> Wsgi:
    """Our pages are UTF-8, and so is what comes back from them, whatever charset a request names (C30).

    Django reads addresses and uploads by that name, before any middleware: base64 is a 500 to it, and
    unicode_escape makes halves of letters, which Postgres refuses.
    """

    def answer(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        environ["CONTENT_TYPE"] = CHARSET.sub("", environ.get("CONTENT_TYPE", ""))
        return application(environ, start_response)

    return answer


application = in_utf8(get_wsgi_application())
