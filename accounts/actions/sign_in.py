"""Lock an address after wrong passwords (R35, C16, C17), and record sign-ins."""

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
    """Count a password before it is checked; return False when the address is locked.

    Attempts at once queue on the row, so that four are checked at most. Guessing does not prolong a lock.
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
    """Reset the count and the lock after the right password, or a reset by mail (C17).

    The row stays: an attempt at this moment may be about to lock it.
    """
    SignInAttempts.objects.filter(address=address).update(failures=0, locked_until=None)


def take_back_attempt(address: str) -> None:
    """Take back one attempt after the right password of a person with a second step.

    A reset would let an attacker who knows the password guess codes without end.
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
    return User.objects.active().filter(pk=user.pk).exists() and locked_until(user.email) is None


@transaction.atomic
def end_lock(user: User, *, by: User) -> None:
    """End the lock. Raises RuleError when the person left the company meanwhile."""
    user = locked_member(user)
    forget_attempts(user.email)
    record(LOCK_ENDED, by=by, company_id=user.company_id, about=user)


def record_sign_in(user: User) -> bool:
    """Record the sign-in and return whether it is the person's first (R18)."""
    return bool(User.objects.filter(pk=user.pk, first_signed_in_at=None).update(first_signed_in_at=timezone.now()))
