"""Declare the mails about an account; the other mails are in a module by subject."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts import mail_cast
from accounts.actions.undeliverable import mark_deliverable, mark_undeliverable
from accounts.mails import (  # noqa: F401 -- each declares its mails (nenconnect/mail/apps.py)
    address_change,
    deputies,
    domains,
    joining,
    password,
    registration,
    second_step,
)
from accounts.mails.rerouting import person_of, substitutes
from accounts.models import User
from nenconnect.mail import people
from nenconnect.mail.actions import queue_mail
from nenconnect.mail.batch import row_of
from nenconnect.mail.bulk import queue_mails
from nenconnect.mail.events import Context, To, Unwanted, mail
from nenconnect.mail.farewell import new_farewells
from nenconnect.mail.models import Gone, OutboxMail

people.register(
    people.People(substitutes=substitutes, address_refused=mark_undeliverable, address_accepted=mark_deliverable)
)


def send_account_exists(user: User) -> None:
    """Mail the owner of an address that was registered again, at most once an hour."""
    queue_mail("account_exists", to=user, about=user, once_per=f"{timezone.now():%Y%m%d%H}")


def send_accounts_merged(closed: User, *, stays: User) -> None:
    for address in (stays, closed):
        queue_mail("accounts_merged", to=address, about=closed)


def send_accounts_deleted(people: Iterable[User], *, due_at: datetime) -> None:
    """Mail a farewell (C42) to each person or the reader of their mails, one after the other from `due_at`.

    In the transaction that deletes the accounts, before they are deleted.
    """
    queue_mails(mail for user in people for mail in _farewells(user, due_at))


def _farewells(user: User, due_at: datetime) -> Iterator[OutboxMail]:
    gone = Gone(name=user.name, email=user.email, language=user.language)
    return new_farewells("account_deleted", pk=user.pk, person=gone, readers=substitutes(user), due_at=due_at)


@mail(label=_("You have an account already"), sample=mail_cast.about_person)
def account_exists(mail: OutboxMail) -> Context:
    person = person_of(mail)
    if not person.is_active:
        raise Unwanted("the account is not active")
    return {"person": person}


@mail(label=_("Account deleted"), sample=mail_cast.about_person)
def account_deleted(mail: OutboxMail) -> Context:
    if mail.gone is None:
        raise Unwanted("it was sent, or came too late")
    reader = mail.recipient
    if isinstance(reader, User) and not (reader.is_active and reader.is_company_admin):
        raise Unwanted("the reader is no admin any more")
    return {"person": mail.gone}


@mail(
    label=_("Two accounts merged"),
    to=To.PERSON_TOO,
    sample=lambda: {"closed": mail_cast.person(), "stays": mail_cast.admin()},
)
def accounts_merged(mail: OutboxMail) -> Context:
    closed = row_of(mail, User.objects.select_related("merged_into"))
    if closed is None or closed.merged_into is None:
        raise Unwanted("the accounts are gone")
    return {"closed": closed, "stays": closed.merged_into}
