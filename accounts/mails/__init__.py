"""The mails about people: about the account itself here, all others in a module by their subject."""

from __future__ import annotations

from django.utils import timezone

from accounts.mails import (  # noqa: F401 -- each tells how its mails are filled (nenconnect/mail/apps.py)
    address_change,
    deputies,
    domains,
    joining,
    password,
    registration,
    second_step,
)
from accounts.mails.readers import person_of, substitutes
from accounts.models import User
from nenconnect.mail.actions import queue_mail
from nenconnect.mail.batch import row_of
from nenconnect.mail.events import Context, Unwanted, mail_context, mail_to_the_person_too
from nenconnect.mail.farewell import queue_farewell
from nenconnect.mail.models import Gone, OutboxMail


def send_account_exists(user: User) -> None:
    """Somebody registered with an address that has an account; at most one mail an hour."""
    queue_mail("account_exists", to=user, about=user, once_per=f"{timezone.now():%Y%m%d%H}")


def send_accounts_merged(closed: User, *, stays: User) -> None:
    """To both addresses of the one person: where one signs in from now on."""
    for address in (stays, closed):
        queue_mail("accounts_merged", to=address, about=closed)


def send_account_deleted(user: User) -> None:
    """The farewell (C42): to the person, or to those who read the person's mails. Before the account goes."""
    gone = Gone(name=user.name, email=user.email, language=user.language)
    queue_farewell("account_deleted", pk=user.pk, person=gone, readers=substitutes(user))


mail_to_the_person_too("accounts_merged")


@mail_context("account_exists")
def _account_exists(mail: OutboxMail) -> Context:
    person = person_of(mail)
    if not person.is_active:
        raise Unwanted("the account is not active")
    return {"person": person}


@mail_context("account_deleted")
def _account_deleted(mail: OutboxMail) -> Context:
    if mail.gone is None:
        raise Unwanted("it was sent, or came too late")
    reader = mail.recipient
    if isinstance(reader, User) and not (reader.is_active and reader.is_company_admin):
        raise Unwanted("the reader is no admin any more")
    return {"person": mail.gone}


@mail_context("accounts_merged")
def _accounts_merged(mail: OutboxMail) -> Context:
    closed = row_of(mail, User.objects.select_related("merged_into"))
    if closed is None or closed.merged_into is None:
        raise Unwanted("the accounts are gone")
    return {"closed": closed, "stays": closed.merged_into}
