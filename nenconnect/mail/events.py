"""What each mail needs to be filled: the apps' mails.py register it here, by event."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from nenconnect.mail.models import OutboxMail

Context = dict[str, Any]
ContextFunction = Callable[[OutboxMail], Context]

_contexts: dict[str, ContextFunction] = {}


class Unwanted(Exception):
    """Raised by a context function: this mail is no longer needed; the text says why (C37)."""


def mail_context(event: str) -> Callable[[ContextFunction], ContextFunction]:
    """Registers the function that looks once more whether the mail is wanted, and fills its templates."""

    def register(function: ContextFunction) -> ContextFunction:
        _contexts[event] = function
        return function

    return register


def context_of(mail: OutboxMail) -> Context:
    """Raises Unwanted, or KeyError for an event that no app knows."""
    return _contexts[mail.event](mail)


def known_events() -> list[str]:
    return sorted(_contexts)
