"""Delete what was never finished, so that a flood of registrations leaves nothing behind."""

from __future__ import annotations

from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from accounts.models import SignInAttempts, User, UserQuerySet
from accounts.sessions import SessionStore
from accounts.verbs import REGISTRATION_FORGOTTEN
from nenconnect.audit.actions import record
from nenconnect.mail.actions import forget_mails

KEPT_AFTER_DEADLINE = timedelta(days=30)  # so long an old link still tells that its date has passed (R12)
ATTEMPTS_KEPT = timedelta(days=90)  # wrong passwords further apart than this do not add up
BATCH = 500  # people in one transaction


def forget_unfinished_registrations() -> None:
    while _delete_batch():
        pass


def forget_visits() -> None:
    SessionStore.clear_expired()
    SignInAttempts.objects.filter(last_at__lt=timezone.now() - ATTEMPTS_KEPT).delete()


@transaction.atomic
def _delete_batch() -> bool:
    """Delete one batch, except blocked people and people who register again at this moment."""
    people = list(_unfinished_registrations().select_for_update(skip_locked=True).order_by("pk")[:BATCH])
    forget_mails(people)
    for person in people:
        record(REGISTRATION_FORGOTTEN, by=None, company_id=None, about=person)
    User.objects.filter(pk__in=[person.pk for person in people]).delete()
    return bool(people)


def _unfinished_registrations() -> UserQuerySet:
    return User.objects.filter(
        registered_at=None,
        company=None,
        registration_origin=User.Origin.SELF,
        is_blocked=False,
        is_staff=False,
        registration_deadline__lte=timezone.localdate() - KEPT_AFTER_DEADLINE,
    )
