"""Record how a person came in: by a mailed link, a password, a second step or a passkey."""

from __future__ import annotations

from allauth.account.authentication import get_authentication_records
from django.http import HttpRequest

from accounts.actions.arrivals import record_arrival
from accounts.models import Arrival, User
from accounts.second_step import has_second_step

Door = Arrival.Door


def note_link_used(request: HttpRequest, user: User, door: str) -> None:
    """Record that this person pressed the button behind a mailed link.

    A mail scanner opens the link but presses no button.
    """
    record_arrival(user, door, user_agent=_user_agent(request))


def note_signed_in(request: HttpRequest, user: User) -> None:
    """Record a sign-in with the strongest step that it took."""
    records = get_authentication_records(request)
    door = Door.SECOND_STEP if has_second_step(user) else Door.PASSWORD
    if any(record.get("passwordless") for record in records):
        door = Door.PASSKEY
    record_arrival(user, door, user_agent=_user_agent(request))


def _user_agent(request: HttpRequest) -> str:
    return request.headers.get("User-Agent", "").replace("\x00", "")[:400]
