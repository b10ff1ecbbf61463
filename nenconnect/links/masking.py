"""Mailed links open by themselves whoever has them: no log keeps one (C14)."""

from __future__ import annotations

import logging
import re

_SECRET = re.compile(
    r"((?:/|%2f)(?:registratie|wachtwoord-herstellen|herinneringen-uitzetten|gebruikersnaam-bevestigen)(?:/|%2f))(?:%3a|[^/?&\s\"'%])+",
    re.IGNORECASE,
)


def mask(text: str) -> str:
    """The text with the tokens of mailed links taken out, in a path of its own or inside a query string."""
    return _SECRET.sub(r"\1…", text)


class MaskLinks(logging.Filter):
    """For the handlers of the log."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.msg, record.args = mask(record.getMessage()), None
        return True
