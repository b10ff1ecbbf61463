"""Register without an invitation, without revealing whether the address has an account (R16)."""

from __future__ import annotations

from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from accounts import mails
from accounts.actions.registration import NewColleague, lock_or_make_user_at
from accounts.actions.registration_links import (
    MAX_PER_DAY,
    RESEND_PAUSE,
    may_send_link_again,
    send_link,
    was_sent_just_now,
)
from accounts.mails.registration import registrations_asked, registrations_sent, send_registration_asked
from accounts.models import User
from accounts.verbs import REGISTRATION_REQUESTED
from companies.addresses import canonical_address
from nenconnect.audit.actions import record
from nenconnect.links.own_paths import own_path

MAX_NEXT = 500  # characters of the path kept with the registration


@transaction.atomic
def register_self(email: str, name: str, *, language: str, after: str = "") -> None:
    """Mail the registration link, or that there is an account; the caller does not learn which (R16).

    `after` is the page that the first sign-in leads to; the mail carries it to another browser.
    Raises: RuleError for a text that is no address.
    """
    address = canonical_address(email)
    user, is_new = lock_or_make_user_at(address, NewColleague(email=address, name=name, language=language))
    if user.is_blocked:
        return
    if not user.is_pending:
        mails.send_account_exists(user)
    elif is_new or _may_ask_again(user):
        user.registration_next = own_path(after, longest=MAX_NEXT)
        _send_existing_link(user)
        record(REGISTRATION_REQUESTED, by=None, company_id=user.company_id, about=user)


def _may_ask_again(user: User) -> bool:
    if _is_own(user):
        return may_send_link_again(user)
    now = timezone.now()
    day_ago = now - timedelta(days=1)
    if was_sent_just_now(user) or registrations_asked(user, since=now - RESEND_PAUSE):
        return False
    invitations = registrations_asked(user, since=day_ago)
    return invitations + registrations_sent(user, since=day_ago) < MAX_PER_DAY


def _send_existing_link(user: User) -> None:
    """Mail an invited person the existing link; only the inviting company gives a new one (R12)."""
    if _is_own(user):
        send_link(user)
        return
    user.save(update_fields=["registration_next"])
    send_registration_asked(user)


def _is_own(user: User) -> bool:
    return user.registration_origin == User.Origin.SELF
