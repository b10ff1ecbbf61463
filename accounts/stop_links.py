"""Sign and read the links that switch one kind of mail off (R30, R34)."""

from __future__ import annotations

from datetime import timedelta
from enum import StrEnum

from django.core.signing import BadSignature, dumps, loads

from accounts.models import User

# An old mail can lie in a mailbox that another person reads by now (C73). Our own choice.
VALID = timedelta(days=180)


class StopLink(StrEnum):
    REMINDERS = "accounts.reminders"
    NOTICES = "accounts.notices"


def sign_stop_link(kind: StopLink, person: User) -> str:
    return dumps(person.pk, salt=kind)


def person_of_stop_link(kind: StopLink, token: str) -> User | None:
    """Return the person, or None for a token that is wrong, too old, or of a deleted account."""
    try:
        pk = loads(token, salt=kind, max_age=VALID)
    except (BadSignature, ValueError, TypeError):
        return None
    return User.objects.select_related("company").filter(pk=pk).first() if isinstance(pk, int) else None
