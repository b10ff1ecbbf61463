"""What each mail needs to be filled: the apps' mails register it here, by event."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from nenconnect.mail.models import OutboxMail

Context = dict[str, Any]
ContextFunction = Callable[[OutboxMail], Context]
HoursFunction = Callable[[OutboxMail, datetime], datetime]

_contexts: dict[str, ContextFunction] = {}
_hours: dict[str, HoursFunction] = {}
_to_the_person_too: set[str] = set()
_to_one_address: set[str] = set()
_to_an_address: set[str] = set()


class Unwanted(Exception):
    """Raised by a context function: this mail is no longer needed; the text says why (C37)."""


def mail_context(event: str) -> Callable[[ContextFunction], ContextFunction]:
    """Registers the function that looks once more whether the mail is wanted, and fills its templates."""

    def register(function: ContextFunction) -> ContextFunction:
        _contexts[event] = function
        return function

    return register


def mail_hours(event: str) -> Callable[[HoursFunction], HoursFunction]:
    """Registers the function that says from which moment on, after the given one, this mail may be handed out.

    It answers the given moment itself when that is one; other mails go at any hour.
    """

    def register(function: HoursFunction) -> HoursFunction:
        _hours[event] = function
        return function

    return register


def mail_to_the_person_too(event: str) -> None:
    """A warning that rerouting must not keep from the person whom it is for (R32)."""
    _to_the_person_too.add(event)


def is_to_the_person_too(event: str) -> bool:
    return event in _to_the_person_too


def mail_to_one_address(event: str) -> None:
    """For an address that is not the person's user name (yet, or any more): nobody else reads it instead."""
    _to_one_address.add(event)


def is_to_one_address(event: str) -> bool:
    return event in _to_one_address


def mail_to_an_address(event: str) -> None:
    """A mail to somebody without an account; its context says to whom, as `addressee`."""
    _to_an_address.add(event)


def is_to_an_address(event: str) -> bool:
    return event in _to_an_address


def not_before(mail: OutboxMail, now: datetime) -> datetime:
    """`now` itself when the mail may go now."""
    function = _hours.get(mail.event)
    return function(mail, now) if function else now


def context_of(mail: OutboxMail) -> Context:
    """Raises Unwanted, or KeyError for an event that no app knows."""
    return _contexts[mail.event](mail)


def known_events() -> list[str]:
    return sorted(_contexts)
