"""Allow only paths of this site as the next page (C22)."""

from __future__ import annotations

import unicodedata
from urllib.parse import urlencode

from django.utils.http import url_has_allowed_host_and_scheme

MAX_PATH = 2000  # no link of this site is longer


def own_path(raw: object, *, longest: int = MAX_PATH) -> str:
    """Return the path unchanged, or "" if it could lead to another site: `//evil`, `/\\evil`, `javascript:`.

    The full address of this site is refused too: it could lead from https to http.
    """
    path = str(raw or "")
    if not path.startswith("/") or len(path) > longest:
        return ""
    if any(unicodedata.category(letter) in {"Cc", "Cs"} for letter in path):
        return ""  # browsers drop some of them: `/<tab>/evil` is `//evil` to them
    return path if url_has_allowed_host_and_scheme(path, allowed_hosts=None) else ""


def with_next(url: str, path: str) -> str:
    return f"{url}?{urlencode({'next': path})}" if path else url
