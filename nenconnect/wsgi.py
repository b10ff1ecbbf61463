"""Start the site in a web server."""

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
    """Read every request as UTF-8, whatever charset it names: our pages are UTF-8 (C30).

    Django reads addresses and uploads in that charset before any middleware: base64 gives a 500, and
    unicode_escape halves of letters, which Postgres refuses.
    """

    def answer(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        environ["CONTENT_TYPE"] = CHARSET.sub("", environ.get("CONTENT_TYPE", ""))
        return application(environ, start_response)

    return answer


application = in_utf8(get_wsgi_application())
