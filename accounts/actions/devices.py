"""List where a person is signed in and sign out there, from allauth's list beside the sessions."""

from __future__ import annotations

from datetime import timedelta

from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone

from accounts.models import User
from accounts.verbs import DEVICES_SIGNED_OUT
from nenconnect.audit.actions import record

SEEN_EVERY = timedelta(minutes=5)


def record_device_use(user: User, session_key: str, *, ip: str, user_agent: str) -> None:
    """Record that the session is in use; one statement, at most once in five minutes per session."""
    longest = UserSession._meta.get_field("user_agent").max_length
    seen = UserSession(
        user=user, session_key=session_key, ip=ip, user_agent=user_agent[:longest], last_seen_at=timezone.now()
    )
    UserSession.objects.bulk_create(
        [seen],
        update_conflicts=True,
        unique_fields=["session_key"],
        update_fields=["ip", "user_agent", "last_seen_at"],
    )


def devices_of(user: User) -> QuerySet[UserSession]:
    alive = Session.objects.filter(session_key=OuterRef("session_key"), expire_date__gt=timezone.now())
    rows: QuerySet[UserSession] = UserSession.objects.filter(Exists(alive), user=user)
    return rows.order_by("-last_seen_at", "-pk")


@transaction.atomic
def end_devices(devices: QuerySet[UserSession], *, by: User) -> int:
    number = _delete_sessions(devices)
    if number:
        record(DEVICES_SIGNED_OUT, by=by, company_id=by.company_id, about=by, devices=number)
    return number


def end_all_devices(*people: User) -> None:
    """Sign people out everywhere, within the transaction of a new password, a block or a deletion."""
    _delete_sessions(UserSession.objects.filter(user__in=[user.pk for user in people]))


def forget_ended_devices() -> None:
    Session.objects.filter(expire_date__lt=timezone.now()).delete()
    alive = Session.objects.filter(session_key=OuterRef("session_key"))
    UserSession.objects.filter(~Exists(alive)).delete()


def _delete_sessions(devices: QuerySet[UserSession]) -> int:
    keys = list(devices.values_list("session_key", flat=True))
    Session.objects.filter(session_key__in=keys).delete()
    UserSession.objects.filter(session_key__in=keys).delete()
    return len(keys)
