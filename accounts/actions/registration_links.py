"""Send the link to finish registration: for a month, new at each sending, not too often (C11, R12)."""

from __future__ import annotations

from datetime import date, timedelta
from functools import lru_cache

from dateutil.relativedelta import relativedelta
from django.utils import timezone

from accounts.mails.registration import registrations_sent, send_registration
from accounts.models import User

RESEND_PAUSE = timedelta(minutes=3)  # C11
MAX_PER_DAY = 5  # C11: registration mails to one address
LINK_FIELDS = ["registration_round", "registration_sent_at", "registration_deadline"]  # as renew_link fills them


def send_registration_elsewhere(user: User) -> None:
    """Mail a new link to the new address of a pending person, within the transaction of that change.

    The pause between two mails was for the old address.
    """
    send_link(user)


def registration_deadline() -> date:
    """Return one calendar month from today: 31 January gives 28 or 29 February (R12)."""
    return _month_after(timezone.localdate())


@lru_cache(maxsize=10)
def _month_after(day: date) -> date:
    return day + relativedelta(months=1)


def may_send_link_again(user: User) -> bool:
    """Tell whether an admin may send it again; mails that strangers asked for do not count (C11)."""
    since = timezone.now() - timedelta(days=1)
    return is_below_daily_limit(user, sent=registrations_sent(user, since=since))


def is_below_daily_limit(user: User, *, sent: int) -> bool:
    """Tell whether it may be sent again; `sent` is the number of mails within a day."""
    return not was_sent_just_now(user) and sent < MAX_PER_DAY


def was_sent_just_now(user: User) -> bool:
    sent_at = user.registration_sent_at
    return sent_at is not None and sent_at > timezone.now() - RESEND_PAUSE


def send_link(user: User) -> None:
    """Save a new link for a month and mail it, except to a blocked person."""
    renew_link(user)
    user.save(update_fields=[*LINK_FIELDS, "registration_next"])
    if not user.is_blocked:
        send_registration(user)


def renew_link(user: User) -> None:
    """Make a new link; the caller saves. For a blocked person it counts as not sent."""
    user.registration_round += 1
    user.registration_sent_at = None if user.is_blocked else timezone.now()
    user.registration_deadline = registration_deadline()
