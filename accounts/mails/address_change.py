"""Declare the mails about a new user name, to the new and the old address."""

from __future__ import annotations

from datetime import datetime

from django.core.signing import Signer
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts import mail_cast
from accounts.mails.rerouting import person_of
from accounts.models import AddressChange, User
from nenconnect.mail.actions import queue_mail, queue_mail_to_address
from nenconnect.mail.events import Context, To, Unwanted, mail
from nenconnect.mail.models import OutboxMail

ADDRESS_SALT = "accounts.address_change"


def send_address_change_asked(change: AddressChange) -> None:
    """Mail the link to the new address only, as it proves the mailbox."""
    queue_mail_to_address(
        "address_change_asked",
        address=change.address,
        person=change.user,
        about=change.user,
        once_per=f"change{change.pk}round{change.round}",
    )


def send_address_changing(change: AddressChange) -> None:
    """Warn the present address, so that its reader can still say that it is wrong."""
    queue_mail("address_changing", to=change.user, about=change.user, once_per=f"change{change.pk}")


def send_address_changed(user: User, *, old: str) -> None:
    once_per = f"{timezone.now():%Y%m%d%H%M%S%f}"
    queue_mail_to_address("address_changed", address=old, person=user, about=user, once_per=once_per)


def address_changes_sent(user: User, *, since: datetime) -> int:
    sent = OutboxMail.objects.filter(on_behalf_of=user, event="address_change_asked", created_at__gte=since)
    return sent.count()


@mail(
    label=_("Confirm the new user name"),
    to=To.OTHER_ADDRESS,
    sample=lambda: mail_cast.about_address_change() | {"link": mail_cast.link("profile:confirm_address")},
)
def address_change_asked(mail: OutboxMail) -> Context:
    person = person_of(mail)
    change = _address_change(person)
    if not mail.key_has(f"change{change.pk}round{change.round}"):
        raise Unwanted("a newer link replaces this one")
    token = Signer(salt=ADDRESS_SALT).sign_object([change.pk, change.round])
    link = reverse("profile:confirm_address", args=[token])
    return {"person": person, "change": change, "link": link}


@mail(label=_("User name about to change"), to=To.PERSON_TOO, sample=mail_cast.about_address_change)
def address_changing(mail: OutboxMail) -> Context:
    person = person_of(mail)
    change = _address_change(person)
    if not mail.key_has(f"change{change.pk}"):
        raise Unwanted("another change replaces this one")
    return {"person": person, "change": change}


def _address_change(person: User) -> AddressChange:
    change = AddressChange.objects.select_related("user__company").filter(user=person).first()
    if change is None:
        raise Unwanted("the change was confirmed or taken back")
    if not person.is_active:
        raise Unwanted("the account is not active")
    if change.has_expired:
        raise Unwanted("its time has passed")
    return change


@mail(
    label=_("User name changed"),
    to=To.OTHER_ADDRESS,
    sample=lambda: mail_cast.about_person() | {"old": f"oud.{mail_cast.ADDRESS}", "at": timezone.now()},
)
def address_changed(mail: OutboxMail) -> Context:
    return {"person": person_of(mail), "old": mail.address, "at": mail.created_at}
