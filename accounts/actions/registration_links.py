"""The link to finish registration: for a month, a new one at each sending, and not too often (C11, R12)."""

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
    """The address of somebody who has not finished is another one: it gets a link, and the old one's is dead.

    Part of that change, in its transaction; the pause between two mails was for the old address.
    """
    send_link(user)


def deadline() -> date:
    """One calendar month from today: 31 January gives 28 or 29 February (R12)."""
    return _month_after(timezone.localdate())


@lru_cache(maxsize=10)
def _month_after(day: date) -> date:
    return day + relativedelta(months=1)


def may_send_link_again(user: User) -> bool:
    """What strangers asked for counts against nobody who invites (C11)."""
    since = timezone.now() - timedelta(days=1)
    return may_be_sent_again(user, sent=registrations_sent(user, since=since))


def may_be_sent_again(user: User, *, sent: int) -> bool:
    """`sent` is how many went within a day."""
    return not was_sent_just_now(user) and sent < MAX_PER_DAY


def was_sent_just_now(user: User) -> bool:
    sent_at = user.registration_sent_at
    return sent_at is not None and sent_at > timezone.now() - RESEND_PAUSE


def send_link(user: User) -> None:
    """A new link and a new month; to a blocked person no mail goes out, and none counts as sent."""
    renew_link(user)
    user.save(update_fields=[*LINK_FIELDS, "registration_next"])
    if not user.is_blocked:
        send_registration(user)


def renew_link(user: User) -> None:
    """To a blocked person no mail goes out, and none counts as sent. Saves nothing."""
    user.registration_round += 1
    user.registration_sent_at = None if user.is_blocked else timezone.now()
    user.registration_deadline = deadline()
