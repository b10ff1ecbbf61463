"""Let the app that knows people register functions that the outbox needs: it knows only addresses."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from django.core.checks import CheckMessage, Error
from django.core.exceptions import ImproperlyConfigured


@dataclass(frozen=True)
class People:
    substitutes: Callable[[Any], Sequence[Any]]  # who reads a person's mails instead; empty: the person (R32)
    address_refused: Callable[[str, str], None]  # for good, with the mail server's answer (C36)
    address_accepted: Callable[[Any], None]  # a mail to this person's user name (C36)


_registered: list[People] = []


def register(people: People) -> None:
    _registered[:] = [people]


def people() -> People:
    if not _registered:
        raise ImproperlyConfigured("No app has registered who reads mails instead of others.")
    return _registered[0]


def check_people(**_options: object) -> list[CheckMessage]:
    """Refuse to start without registration: rerouted mails would go to the wrong people."""
    if _registered:
        return []
    return [Error("No app has called nenconnect.mail.people.register.", id="mail.E001")]
