"""Where a page leads next: only ever to a path of our own (C22)."""

from __future__ import annotations

import unicodedata
from urllib.parse import urlencode

from django.utils.http import url_has_allowed_host_and_scheme

MAX_PATH = 2000  # longer ones are nobody's link


def own_path(raw: object, *, longest: int = MAX_PATH) -> str:
    """The path as it came, or nothing where it could lead elsewhere: `//evil`, `/\\evil`, `javascript:`.

    Not even our own host in full, which could lead from https to http.
    """
    path = str(raw or "")
    if not path.startswith("/") or len(path) > longest:
        return ""
    if any(unicodedata.category(letter) in {"Cc", "Cs"} for letter in path):
        return ""  # browsers drop some of them: `/<tab>/evil` is `//evil` to them
    return path if url_has_allowed_host_and_scheme(path, allowed_hosts=None) else ""


def with_next(url: str, path: str) -> str:
    """The address with where to go on from there; as it is where that is nowhere."""
    return f"{url}?{urlencode({'next': path})}" if path else url
