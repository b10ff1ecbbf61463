"""Tells the app that knows people what mail servers say of an address (C36). The outbox knows addresses only."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.utils.module_loading import import_string

from nenconnect.text.characters import plain_lines

LONGEST = 500  # characters of a mail server's answer that a page shows


def address_is_refused(address: str, answer: str) -> None:
    """Mail to the address is refused for good, and `answer` says why."""
    _told(settings.MAIL_REFUSED)(address, in_one_line(answer) or "?")


def address_is_accepted(recipient: Any) -> None:
    """A mail to this person's own address was accepted."""
    _told(settings.MAIL_ACCEPTED)(recipient)


def in_one_line(answer: str) -> str:
    """A mail server may answer anything, and a page shows it: one line of what can be read."""
    return " ".join(plain_lines(answer).split())[:LONGEST]


def _told(path: str) -> Callable[..., None]:
    found: Callable[..., None] = import_string(path)
    return found
