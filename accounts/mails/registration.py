"""Declare the mails with the link to finish registration."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

from django.core.signing import Signer
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts import mail_cast
from accounts.mails.reminders import hours_of_reminder, look_at_reminder, zone_of
from accounts.mails.rerouting import person_of
from accounts.models import User
from companies.models import Company
from companies.working_hours import Notice, next_hours
from nenconnect.mail.actions import new_mail, queue_mail
from nenconnect.mail.bulk import queue_mails
from nenconnect.mail.events import Context, Unwanted, mail
from nenconnect.mail.models import OutboxMail

REGISTRATION_SALT = "accounts.registration"
ASKED = ":asked"  # in the key of an invitation that a visitor asked for at „Registreren"
REGISTRATION_NOTICES = [Notice(days=7, grace=3), Notice(days=1, grace=0)]  # R30


def send_registration(user: User) -> None:
    """Mail the link; each sending has its own (R11, R16)."""
    queue_mail(_registration_event(user), to=user, about=user, once_per=f"round{user.registration_round}")


def send_registrations(people: Iterable[User], *, due_at: datetime) -> None:
    queue_mails(
        new_mail(
            _registration_event(person),
            to_id=person.pk,
            about=person,
            once_per=f"round{person.registration_round}",
            due_at=due_at,
        )
        for person in people
    )


def _registration_event(user: User) -> str:
    return "registration_requested" if user.registration_origin == User.Origin.SELF else "registration_invited"


def send_registration_asked(user: User) -> None:
    """Mail the existing link of the invitation once more, or that it expired."""
    once_per = f"round{user.registration_round}{ASKED}{timezone.now():%Y%m%d%H%M%S}"
    queue_mail("registration_invited", to=user, about=user, once_per=once_per)


def registrations_sent(user: User, *, since: datetime, event: str = "") -> int:
    sent = OutboxMail.objects.filter(recipient=user, event=event or _registration_event(user))
    return sent.filter(created_at__gte=since).exclude(key__contains=ASKED).count()


def registrations_sent_to(people: Sequence[User], *, since: datetime) -> Counter[int]:
    event = {person.pk: _registration_event(person) for person in people}
    sent = OutboxMail.objects.filter(recipient__in=event, event__in=set(event.values()), created_at__gte=since)
    rows = sent.exclude(key__contains=ASKED).values_list("recipient", "event")
    return Counter(pk for pk, of in rows if pk is not None and event[pk] == of)


def registrations_asked(user: User, *, since: datetime) -> int:
    sent = OutboxMail.objects.filter(recipient=user, event="registration_invited", key__contains=ASKED)
    return sent.filter(created_at__gte=since).count()


def send_registration_expiring(people: Iterable[User], notice: Notice) -> None:
    """Mail that the link works a few more days (R30), once per link and notice."""
    queue_mails(_registration_expiring_mails(people, notice))


def _registration_expiring_mails(people: Iterable[User], notice: Notice) -> Iterator[OutboxMail]:
    now = timezone.now()
    for person in people:
        assert person.registration_deadline is not None
        due_at, expires_at = next_hours(now, zone_of(person.company)), notice.ends(person.registration_deadline)
        once_per = f"round{person.registration_round}:{notice.days}days"
        if due_at < expires_at:
            yield new_mail(
                "registration_expiring",
                to_id=person.pk,
                about=person,
                once_per=once_per,
                due_at=due_at,
                expires_at=expires_at,
            )


@mail(
    label=_("Reminder: finish registration"),
    hours=hours_of_reminder,
    sample=lambda: mail_cast.about_registration() | mail_cast.reminder(),
)
def registration_expiring(mail: OutboxMail) -> Context:
    return {**registration_invited(mail), **look_at_reminder(mail)}


@mail(
    label=_("Registration mail (registered oneself)"),
    sample=lambda: mail_cast.about_registration() | {"closed_companies": [mail_cast.company()]},
)
def registration_requested(mail: OutboxMail) -> Context:
    """Name companies of this address that only their admins open: its reader may know their domain."""
    context = registration_invited(mail)
    person: User = context["person"]
    closed = [] if person.company_id else list(Company.objects.closed_to(person.email))
    return {**context, "closed_companies": closed}


@mail(label=_("Registration mail"), sample=mail_cast.about_registration)
def registration_invited(mail: OutboxMail) -> Context:
    person = person_of(mail)
    if not person.is_pending:
        raise Unwanted("registration is finished")
    if person.is_blocked:
        raise Unwanted("the person is blocked")
    if person.company and person.company.is_closed:
        raise Unwanted("the company is closed")
    if not mail.key_has(f"round{person.registration_round}"):
        raise Unwanted("a newer link replaces this one")
    token = Signer(salt=REGISTRATION_SALT).sign_object([person.pk, person.registration_round])
    return {"person": person, "link": reverse("sign_in:registration", args=[token])}
