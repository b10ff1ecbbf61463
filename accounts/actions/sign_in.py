"""The lock after wrong passwords (R35, C16, C17), and what happens at a sign-in."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from accounts.actions.membership import locked_member
from accounts.models import SignInAttempts, User
from accounts.verbs import LOCK_ENDED
from nenconnect.audit.actions import record

ALLOWED_FAILURES = 3  # R35: more than 3 wrong passwords lock the account
LOCK_TIME = timedelta(minutes=30)  # R35


@transaction.atomic
def count_attempt(address: str) -> bool:
    """Counts one password before it is looked at; False when the address is locked and it must not be.

    Many at once queue on the row, so that at most four are looked at. Guessing during a lock does not prolong it.
    """
    SignInAttempts.objects.bulk_create(  # locks the row that is there, so that none is deleted before it is read
        [SignInAttempts(address=address)],
        update_conflicts=True,
        unique_fields=["address"],
        update_fields=["address"],
    )
    attempts = SignInAttempts.objects.select_for_update().get(address=address)
    now = timezone.now()
    if attempts.locked_until and attempts.locked_until > now:
        return False
    if attempts.locked_until:  # that lock has ended: a new count
        attempts.failures, attempts.locked_until = 0, None
    attempts.failures, attempts.last_at = attempts.failures + 1, now
    if attempts.failures > ALLOWED_FAILURES:
        attempts.locked_until = now + LOCK_TIME
    attempts.save()
    return True


def forget_attempts(address: str) -> None:
    """After the right password, or a reset by mail: the count begins anew and a lock ends (C17).

    The row stays: an attempt at this moment may be about to lock it.
    """
    SignInAttempts.objects.filter(address=address).update(failures=0, locked_until=None)


def take_back_attempt(address: str) -> None:
    """After the right password of somebody with a second step: the count goes on until that is right too.

    Else whoever knows the password would begin a new count of codes with it, again and again.
    """
    counted = SignInAttempts.objects.filter(address=address, failures__gt=0)
    counted.update(failures=F("failures") - 1, locked_until=None)


def locked_until(address: str) -> datetime | None:
    return (
        SignInAttempts.objects.filter(address=address, locked_until__gt=timezone.now())
        .values_list("locked_until", flat=True)
        .first()
    )


def may_sign_in(user: User) -> bool:
    """As it is now: neither blocked nor locked."""
    return User.objects.active().filter(pk=user.pk).exists() and locked_until(user.email) is None


@transaction.atomic
def end_lock(user: User, *, by: User) -> None:
    """„Reset nu". Raises RuleError when the person left the company meanwhile."""
    user = locked_member(user)
    forget_attempts(user.email)
    record(LOCK_ENDED, by=by, company_id=user.company_id, about=user)


def note_sign_in(user: User) -> bool:
    """Whether this is the person's first sign-in (R18); the next one is not."""
    return bool(User.objects.filter(pk=user.pk, first_signed_in_at=None).update(first_signed_in_at=timezone.now()))
