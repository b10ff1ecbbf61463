"""Declare each mail once: its name on pages, its readers, its hours, a sample, and its context.

A mail `x` is a function `x` with `@mail(…)` in an app's mails and a folder templates/mail/x/; nothing else.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from enum import Enum, auto
from typing import TYPE_CHECKING, Any

from django.utils.functional import Promise

if TYPE_CHECKING:
    from nenconnect.mail.models import OutboxMail  # which shows the labels

Context = dict[str, Any]
ContextFunction = Callable[["OutboxMail"], Context]
HoursFunction = Callable[["OutboxMail", datetime], datetime]


class To(Enum):
    """Name the reader of a mail."""

    PERSON = auto()  # or the admins, where the person's mails are rerouted (R32)
    PERSON_TOO = auto()  # a warning: where mails are rerouted, the person gets it as well as the admins (R32)
    ADMINS = auto()  # each admin of the company gets a mail
    OTHER_ADDRESS = auto()  # not the person's user name, so it is never rerouted
    CONTACT_PERSON = auto()  # may have no account; the context says who it is, as `addressee`


@dataclass(frozen=True)
class Declaration:
    label: str | Promise
    context: ContextFunction
    sample: Callable[[], Context]
    to: To
    hours: HoursFunction | None


DECLARATIONS: dict[str, Declaration] = {}
LABELS: dict[str, str | Promise] = {}  # what each mail is called on a page


class Unwanted(Exception):
    """Say why a mail is no longer needed; context functions raise it (C37)."""


def mail(
    *,
    label: str | Promise,
    sample: Callable[[], Context],
    to: To = To.PERSON,
    hours: HoursFunction | None = None,
) -> Callable[[ContextFunction], ContextFunction]:
    """Declare a mail. The function takes the last look, raising Unwanted, and returns what fills the templates.

    `sample` returns the same keys with invented people, and reads nothing from the database.
    `hours` returns the first moment, from the given one on, at which the mail may go; other mails go at any hour.

    Raises: ValueError for a second mail of the same name.
    """

    def register(function: ContextFunction) -> ContextFunction:
        event = function.__name__
        if event in DECLARATIONS:
            raise ValueError(f"there are two mails {event}")
        DECLARATIONS[event] = Declaration(label=label, context=function, sample=sample, to=to, hours=hours)
        LABELS[event] = label
        return function

    return register


def is_to(event: str, to: To) -> bool:
    """Return whether the mail goes to this kind of reader; False for an event that no app declares any longer."""
    return event in DECLARATIONS and DECLARATIONS[event].to == to


def not_before(mail: OutboxMail, now: datetime) -> datetime:
    declaration = DECLARATIONS.get(mail.event)
    return declaration.hours(mail, now) if declaration and declaration.hours else now


def context_of(mail: OutboxMail) -> Context:
    """Return what fills the templates. Raises Unwanted, or KeyError for a mail that no app declares."""
    return DECLARATIONS[mail.event].context(mail)


def known_events() -> list[str]:
    return sorted(DECLARATIONS)
