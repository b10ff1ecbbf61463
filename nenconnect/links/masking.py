"""Mask the tokens of mailed links in logs: a token gives access to every reader (C14)."""

from __future__ import annotations

import logging
import re

# tests/cases/test_attacks.py compares these with the paths in the URLconf that have a token (C73).
_PATHS = (
    "aanvraagmails-uitzetten",
    "gebruikersnaam-bevestigen",
    "herinneringen-uitzetten",
    "registratie",
    "wachtwoord-herstellen",
)
_SECRET = re.compile(rf"((?:/|%2f)(?:{'|'.join(_PATHS)})(?:/|%2f))(?:%3a|[^/?&\s\"'%])+", re.IGNORECASE)


def mask(text: str) -> str:
    """Replace the token of a mailed link in this text by „…", in paths and query strings."""
    return _SECRET.sub(r"\1…", text)


class MaskLinks(logging.Filter):
    """Mask tokens in every record of a log handler."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.msg, record.args = mask(record.getMessage()), None
        return True
