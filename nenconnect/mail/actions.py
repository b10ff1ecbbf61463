"""Change the state of mails: queue, claim, mark as sent or failed, put off (C33, C35)."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser
from django.db import models, transaction
from django.utils import timezone

from nenconnect.jobs.wake_worker import wake_worker
from nenconnect.mail.models import Gone, MailStatus, OutboxMail
from nenconnect.mail.people import people
from nenconnect.text.characters import in_one_line

DRAIN_TASK = "nenconnect.mail.tasks.drain"
# Longer than a batch and a mail on which the mail server takes its time at every step can last.
LEASE = timedelta(seconds=15 * settings.EMAIL_TIMEOUT)


def queue_mail(
    event: str,
    *,
    to: AbstractBaseUser,
    about: models.Model | list[models.Model] | None = None,
    once_per: str = "",
) -> OutboxMail:
    """Add a mail to the outbox, in the running transaction; a second call with the same key adds nothing.

    `once_per` tells repeated mails about the same thing apart (a renewed link, a day).
    """
    new = new_mail(event, to_id=to.pk, about=about, once_per=once_per)
    fields = ("event", "recipient_id", "about", "message_id")
    mail, is_new = OutboxMail.objects.get_or_create(
        key=new.key, defaults={name: getattr(new, name) for name in fields}
    )
    if is_new:
        nudge_after_commit()
    return mail


def queue_mail_to_address(
    event: str, *, address: str, person: AbstractBaseUser, about: models.Model, once_per: str
) -> None:
    """Queue a mail to another address of this person than their user name (see mail_to_one_address)."""
    new = new_mail(event, to_id=person.pk, about=about, once_per=once_per)
    new.recipient_id, new.on_behalf_of_id, new.address = None, person.pk, address
    new.save()
    nudge_after_commit()


def forget_mails(people: Sequence[models.Model]) -> None:
    """Delete the ended mails of people who are about to be deleted, because those hold their address."""
    ended = OutboxMail.objects.exclude(status=MailStatus.WAITING)
    ended.filter(recipient__in=[person.pk for person in people]).delete()


def new_mail(
    event: str,
    *,
    to_id: int | None,
    about: models.Model | list[models.Model] | None = None,
    once_per: str = "",
    **fields: Any,
) -> OutboxMail:
    """Return an unsaved mail, for `bulk.queue_mails`.

    `to_id` None: the address is given in `fields`.
    """
    things = about if isinstance(about, list) else [about] if about else []
    ids = {str(thing._meta.model_name): thing.pk for thing in things}
    to = "address" if to_id is None else to_id
    parts = [event, *(f"{name}{pk}" for name, pk in ids.items()), once_per, f"to{to}"]
    return OutboxMail(
        event=event,
        key=":".join(part for part in parts if part),
        recipient_id=to_id,
        about=ids,
        message_id=new_message_id(),
        **fields,
    )


def nudge() -> None:
    wake_worker(DRAIN_TASK)


def nudge_after_commit() -> None:
    """Nudge once per transaction: while Redis is down each nudge takes its whole time-out."""
    if not any(nudge in waiting for waiting in transaction.get_connection().run_on_commit):
        transaction.on_commit(nudge, robust=True)


def new_message_id() -> str:
    return f"<{uuid.uuid4()}@{urlsplit(settings.SITE_URL).hostname}>"


@transaction.atomic
def claim(limit: int) -> list[OutboxMail]:
    """Reserve up to `limit` due mails for this worker until the lease ends; other workers skip them (C35)."""
    now = timezone.now()
    due = OutboxMail.objects.due(now).select_related("recipient", "on_behalf_of").order_by("due_at", "pk")
    mails = list(due.select_for_update(skip_locked=True, of=("self",))[:limit])
    token, until = uuid.uuid4(), now + LEASE
    OutboxMail.objects.filter(pk__in=[mail.pk for mail in mails]).update(claim=token, claimed_until=until)
    for mail in mails:
        mail.claim, mail.claimed_until = token, until
    return mails


def mark_sent(mail: OutboxMail, *, address: str, text: str) -> None:
    """Record that the mail server accepted the mail.

    `text` is what the reader got, without links that give access.
    """
    sent = {"status": MailStatus.SENT, "sent_at": timezone.now(), "sent_to": address, "reason": ""}
    kept = {} if mail.gone else {"sent_text": text}
    _save_outcome(mail, attempts=mail.attempts + 1, **sent, **kept)
    if mail.recipient is not None and not mail.address:
        people().address_accepted(mail.recipient)


@transaction.atomic
def mark_failed(mail: OutboxMail, reason: str, *, is_about_address: bool = False) -> None:
    _save_outcome(mail, status=MailStatus.FAILED, reason=reason, attempts=mail.attempts + 1)
    address = mail.address or (mail.recipient.get_username() if mail.recipient else "")
    if is_about_address and address:
        people().address_refused(address, in_one_line(reason) or "?")


def mark_suppressed(mail: OutboxMail, reason: str) -> None:
    _save_outcome(mail, status=MailStatus.SUPPRESSED, reason=reason)


def put_back(mails: list[OutboxMail]) -> None:
    """Return mails of one claim to the queue; the attempt does not count, because nothing was wrong with them."""
    ids = [mail.pk for mail in mails]
    OutboxMail.objects.filter(pk__in=ids, claim=mails[0].claim).update(claim=None, claimed_until=None)


def put_off(mail: OutboxMail, until: datetime) -> None:
    """Delay a mail until a better moment; the attempt does not count."""
    _save_outcome(mail, due_at=until)


def postpone(mail: OutboxMail, reason: str, wait: timedelta) -> None:
    _save_outcome(mail, reason=reason, attempts=mail.attempts + 1, due_at=timezone.now() + wait)


@transaction.atomic
def send_again(mail: OutboxMail) -> None:
    """Put a failed mail back in the queue, with a new set of attempts (R37)."""
    fresh = {"status": MailStatus.WAITING, "reason": "", "attempts": 0, "due_at": timezone.now()}
    if OutboxMail.objects.filter(pk=mail.pk, status=MailStatus.FAILED).update(**fresh):
        nudge_after_commit()


def _save_outcome(mail: OutboxMail, **changes: object) -> None:
    """Save the outcome, unless another worker has claimed the mail meanwhile."""
    if "reason" in changes:
        changes["reason"] = in_one_line(str(changes["reason"]))  # a mail server may answer anything, NUL too
    if mail.gone and "status" in changes:
        changes |= _fields_without_deleted_person(mail.gone, mail, changes)
    OutboxMail.objects.filter(pk=mail.pk, claim=mail.claim).update(claim=None, claimed_until=None, **changes)


def _fields_without_deleted_person(gone: Gone, mail: OutboxMail, changes: dict[str, object]) -> dict[str, object]:
    """Return the fields that remove the deleted person from a farewell that is sent or has failed (C42).

    The address of another reader stays.
    """
    left = {"reason": str(changes.get("reason", "")).replace(gone.email, "…")}
    if mail.address == gone.email:
        left |= {"address": "", "sent_to": ""}
    return {"about": {}, **left}
