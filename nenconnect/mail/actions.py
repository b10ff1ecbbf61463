from __future__ import annotations

import uuid
from datetime import timedelta
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser
from django.db import models, transaction
from django.utils import timezone

from nenconnect.mail.models import REROUTED, MailStatus, OutboxMail
from nenconnect.mail.nudge import nudge

LEASE = timedelta(minutes=5)  # above the worker's hard time limit, so a live worker never loses its claim


def queue_mail(
    event: str,
    *,
    to: AbstractBaseUser,
    about: models.Model | list[models.Model] | None = None,
    once_per: str = "",
) -> OutboxMail:
    """Writes the mail into the outbox, in the running transaction; a second call with the same key is no mail.

    `once_per` tells repeated mails about the same thing apart (a link that was renewed, a day).
    """
    things = about if isinstance(about, list) else [about] if about else []
    ids = {str(thing._meta.model_name): thing.pk for thing in things}
    parts = [event, *(f"{name}{pk}" for name, pk in ids.items()), once_per, f"to{to.pk}"]
    mail, is_new = OutboxMail.objects.get_or_create(
        key=":".join(part for part in parts if part),
        defaults={"event": event, "recipient_id": to.pk, "about": ids, "message_id": new_message_id()},
    )
    if is_new:
        _nudge_after_commit()
    return mail


def _nudge_after_commit() -> None:
    """Once per transaction, however many mails it writes: with Redis down each nudge would cost its time-out."""
    if not any(nudge in waiting for waiting in transaction.get_connection().run_on_commit):
        transaction.on_commit(nudge, robust=True)


def new_message_id() -> str:
    return f"<{uuid.uuid4()}@{urlsplit(settings.SITE_URL).hostname}>"


@transaction.atomic
def claim(limit: int) -> list[OutboxMail]:
    """Takes up to `limit` due mails for this worker, for the length of the lease; others skip them (C35)."""
    now = timezone.now()
    ids = list(
        OutboxMail.objects.due(now)
        .select_for_update(skip_locked=True)
        .order_by("due_at", "pk")
        .values_list("pk", flat=True)[:limit]
    )
    token = uuid.uuid4()
    OutboxMail.objects.filter(pk__in=ids).update(claim=token, claimed_until=now + LEASE)
    return list(
        OutboxMail.objects.filter(claim=token).select_related("recipient", "on_behalf_of").order_by("due_at", "pk")
    )


def mark_sent(mail: OutboxMail, *, address: str) -> None:
    _finish(mail, status=MailStatus.SENT, sent_at=timezone.now(), sent_to=address, attempts=mail.attempts + 1)


def mark_failed(mail: OutboxMail, reason: str) -> None:
    _finish(mail, status=MailStatus.FAILED, reason=reason, attempts=mail.attempts + 1)


def mark_suppressed(mail: OutboxMail, reason: str) -> None:
    _finish(mail, status=MailStatus.SUPPRESSED, reason=reason)


def put_back(mail: OutboxMail) -> None:
    """The mail waits on, and the attempt does not count: nothing was wrong with it."""
    _finish(mail)


def postpone(mail: OutboxMail, reason: str, wait: timedelta) -> None:
    _finish(mail, reason=reason, attempts=mail.attempts + 1, due_at=timezone.now() + wait)


@transaction.atomic
def reroute(mail: OutboxMail, to: list[AbstractBaseUser]) -> None:
    """Replaces a mail by one for each of `to`, who read it on behalf of its recipient (R32)."""
    for person in to:
        OutboxMail.objects.get_or_create(
            key=f"{mail.key}:via{person.pk}",
            defaults={
                "event": mail.event,
                "recipient_id": person.pk,
                "on_behalf_of_id": mail.recipient_id,
                "about": mail.about,
                "message_id": new_message_id(),
            },
        )
    mark_suppressed(mail, REROUTED)


@transaction.atomic
def send_again(mail: OutboxMail) -> None:
    """Puts a failed mail back in the queue, as it was (R37)."""
    fresh = {"status": MailStatus.WAITING, "reason": "", "attempts": 0, "due_at": timezone.now()}
    if OutboxMail.objects.filter(pk=mail.pk, status=MailStatus.FAILED).update(**fresh):
        _nudge_after_commit()


def _finish(mail: OutboxMail, **changes: object) -> None:
    """Writes the outcome, unless the claim went to another worker meanwhile."""
    OutboxMail.objects.filter(pk=mail.pk, claim=mail.claim).update(claim=None, claimed_until=None, **changes)
