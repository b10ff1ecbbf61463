"""Who reads a mail: its recipient, or others in their stead (R32). Decided when the mail goes (C37)."""

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

VIA = ":via"  # stands in a key between the mail as it was written and who reads it instead


@dataclass(frozen=True)
class ContactPerson:
    """Reads mail without having an account."""

    name: str
    email: str
    language: str = "nl"

    @property
    def pk(self) -> str:
        """Tells apart in a key; the address itself may be longer than a key."""
        return sha256(self.email.encode()).hexdigest()[:16]


Reader = AbstractBaseUser | ContactPerson


def is_read_by_its_recipient(mail: OutboxMail) -> bool:
    """Whether the row goes as it stands. If not, rows for those who read it instead are in the outbox now.

    Looked at anew for a row that is such a one itself: whoever was an admin then need not be one now.
    """
    person = mail.on_behalf_of or mail.recipient
    if person is None:
        return True  # a farewell: who reads it was decided when the account went
    if is_to(mail.event, To.OTHER_ADDRESS):
        return True
    substitutes: Sequence[Reader] = people().substitutes(person)
    if mail.on_behalf_of is None and is_to(mail.event, To.PERSON_TOO):
        _let_read_along(mail, person, substitutes)
        return True
    if mail.on_behalf_of is None and not substitutes:
        return True
    if mail.on_behalf_of and any(_is_to(mail, reader) for reader in substitutes):
        return True
    reroute(mail, person, list(substitutes) or [person])
    return False


@transaction.atomic
def _let_read_along(mail: OutboxMail, person: AbstractBaseUser, readers: Sequence[Reader]) -> None:
    """The mail itself goes to the person; looking at it a second time writes nothing more."""
    others = [reader for reader in readers if not _has_own(mail.key, person, reader)]
    if new := [reader for reader in others if _write(mail, f"{mail.key}{VIA}{reader.pk}", person, reader)]:
        _record(mail, person, new)


@transaction.atomic
def reroute(mail: OutboxMail, person: AbstractBaseUser, readers: list[Reader]) -> None:
    """Replaces the mail by one for each reader, `person` being whom it is for."""
    written = mail.key.partition(VIA)[0]
    readers = [reader for reader in readers if not _has_own(written, person, reader)]
    for reader in readers:
        _write(mail, f"{written}{VIA}{reader.pk}", person, reader)
    mark_suppressed(mail, REROUTED)
    if readers and person not in readers:
        _record(mail, person, readers)


def _write(mail: OutboxMail, key: str, person: AbstractBaseUser, reader: Reader) -> bool:
    """Whether there was none."""
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
    if not is_new:  # set aside when its reader was none any more, and is one again
        fresh = {"status": MailStatus.WAITING, "reason": "", "due_at": timezone.now()}
        OutboxMail.objects.filter(pk=row.pk, status=MailStatus.SUPPRESSED).update(**fresh)
    nudge_after_commit()
    return is_new


def _has_own(written: str, person: AbstractBaseUser, reader: Reader) -> bool:
    """Whoever gets the same mail anyway, as every admin may and the person of a warning, does not get it twice."""
    own = f"{written.removesuffix(f':to{person.pk}')}:to{reader.pk}"
    alive = [MailStatus.WAITING, MailStatus.SENT]
    return OutboxMail.objects.filter(key=own, status__in=alive).exists()


def _is_to(mail: OutboxMail, reader: Reader) -> bool:
    if isinstance(reader, ContactPerson):
        return mail.address == reader.email
    return bool(mail.recipient_id == reader.pk)


def _record(mail: OutboxMail, person: AbstractBaseUser, readers: list[Reader]) -> None:
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
