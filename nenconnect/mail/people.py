"""What the outbox asks of the room that knows people, which registers its answers from above."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from django.core.exceptions import ImproperlyConfigured

Answer = TypeVar("Answer", bound=Callable[..., Any])
_answers: dict[str, Callable[..., Any]] = {}


def answers(question: Callable[..., Any]) -> Callable[[Answer], Answer]:
    """Register the decorated function as the answer to one of the questions below."""

    def register(answer: Answer) -> Answer:
        _answers[question.__name__] = answer
        return answer

    return register


def substitutes(person: Any) -> Sequence[Any]:
    """Return who reads this person's mails instead (R32); empty for the person."""
    found: Sequence[Any] = _answer(substitutes)(person)
    return found


def address_refused(address: str, answer: str) -> None:
    """Note that mail to this address is refused for good; `answer` is the server's reason (C36)."""
    _answer(address_refused)(address, answer)


def address_accepted(person: Any) -> None:
    """Note that a mail to this person's own address was accepted (C36)."""
    _answer(address_accepted)(person)


def _answer(question: Callable[..., Any]) -> Callable[..., Any]:
    try:
        return _answers[question.__name__]
    except KeyError:
        raise ImproperlyConfigured(f"No room answers {question.__name__} of nenconnect.mail.people.") from None
