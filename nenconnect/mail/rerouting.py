"""Decide who reads a mail, its recipient or others instead, at the moment it is sent (R32, C37)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256

from django.contrib.auth.base_user import AbstractBaseUser
from django.db import transaction
from django.utils import timezone

from nenconnect.audit.actions import record
from nenconnect.mail.actions import mark_suppressed, new_message_id, nudge_after_commit
from nenconnect.mail.events import To, is_to
from nenconnect.mail.models import REROUTED, MailStatus, OutboxMail
from nenconnect.mail.people import people
from nenconnect.mail.verbs import MAIL_REROUTED

VIA = ":via"  # in a key: between the original mail and its other reader


@dataclass(frozen=True)
class ContactPerson:
    """Hold a contact person, who gets mail without an account."""

    name: str
    email: str
    language: str = "nl"

    @property
    def pk(self) -> str:
        """Return a short hash for the key of a mail: the address may be longer than a key."""
        return sha256(self.email.encode()).hexdigest()[:16]


Reader = AbstractBaseUser | ContactPerson


def is_read_by_its_recipient(mail: OutboxMail) -> bool:
    """Return whether the recipient reads this mail; if not, queue a mail for each other reader first.

    A rerouted mail is checked again, because its reader may no longer be an admin.
    """
    person = mail.on_behalf_of or mail.recipient
    if person is None:
        return True  # a farewell: who reads it was decided when the account went
    if is_to(mail.event, To.OTHER_ADDRESS):
        return True
    substitutes: Sequence[Reader] = people().substitutes(person)
    if mail.on_behalf_of is None and is_to(mail.event, To.PERSON_TOO):
        _queue_copies(mail, person, substitutes)
        return True
    if mail.on_behalf_of is None and not substitutes:
        return True
    if mail.on_behalf_of and any(_is_to(mail, reader) for reader in substitutes):
        return True
    reroute(mail, person, list(substitutes) or [person])
    return False


@transaction.atomic
def _queue_copies(mail: OutboxMail, person: AbstractBaseUser, readers: Sequence[Reader]) -> None:
    """Queue a copy for each reader beside the person; a second call adds nothing."""
    others = [reader for reader in readers if not _has_own(mail.key, person, reader)]
    if new := [
        reader for reader in others if _queue_for_reader(mail, f"{mail.key}{VIA}{reader.pk}", person, reader)
    ]:
        _record_rerouting(mail, person, new)


@transaction.atomic
def reroute(mail: OutboxMail, person: AbstractBaseUser, readers: list[Reader]) -> None:
    """Replace the mail to this person by one for each reader."""
    written = mail.key.partition(VIA)[0]
    readers = [reader for reader in readers if not _has_own(written, person, reader)]
    for reader in readers:
        _queue_for_reader(mail, f"{written}{VIA}{reader.pk}", person, reader)
    mark_suppressed(mail, REROUTED)
    if readers and person not in readers:
        _record_rerouting(mail, person, readers)


def _queue_for_reader(mail: OutboxMail, key: str, person: AbstractBaseUser, reader: Reader) -> bool:
    who = {"address": reader.email} if isinstance(reader, ContactPerson) else {"recipient_id": reader.pk}
    copied = {name: getattr(mail, name) for name in ("event", "about", "due_at", "expires_at")}
    row, is_new = OutboxMail.objects.get_or_create(
        key=key,
        defaults={
            **who,
            **copied,
            "on_behalf_of_id": None if reader == person else person.pk,
            "message_id": new_message_id(),
        },
    )
    if not is_new:  # suppressed while this reader had lost the role, and has it again
        fresh = {"status": MailStatus.WAITING, "reason": "", "due_at": timezone.now()}
        OutboxMail.objects.filter(pk=row.pk, status=MailStatus.SUPPRESSED).update(**fresh)
    nudge_after_commit()
    return is_new


def _has_own(written: str, person: AbstractBaseUser, reader: Reader) -> bool:
    """Return whether the reader gets the same mail anyway, as admins and the person of a warning can."""
    key = f"{written.removesuffix(f':to{person.pk}')}:to{reader.pk}"
    alive = [MailStatus.WAITING, MailStatus.SENT]
    return OutboxMail.objects.filter(key=key, status__in=alive).exists()


def _is_to(mail: OutboxMail, reader: Reader) -> bool:
    if isinstance(reader, ContactPerson):
        return mail.address == reader.email
    return bool(mail.recipient_id == reader.pk)


def _record_rerouting(mail: OutboxMail, person: AbstractBaseUser, readers: list[Reader]) -> None:
    """Record who got the mail: a link for a new password is worth as much as the account it opens."""
    accounts = [reader.pk for reader in readers if not isinstance(reader, ContactPerson)]
    record(
        MAIL_REROUTED,
        by=None,
        company_id=getattr(person, "company_id", None),
        about=person,
        event=mail.event,
        to=accounts,
        is_to_contact_person=len(accounts) < len(readers),
    )
