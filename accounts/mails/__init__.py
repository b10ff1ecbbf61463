"""The mails about people: who gets them, whether they are still wanted, and what they need to be filled."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta

from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.tokens import PasswordResetTokenGenerator
from django.core.signing import Signer
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import AddressChange, Deputy, JoinInvitation, MoveRequest, User
from companies.hours import DEFAULT_ZONE, Notice, next_hours
from companies.models import Company
from nenconnect.mail.actions import new_mail, queue_mail, queue_mail_to_address
from nenconnect.mail.batch import row_of
from nenconnect.mail.bulk import queue_mails
from nenconnect.mail.events import (
    Context,
    Unwanted,
    mail_context,
    mail_hours,
    mail_to_one_address,
    mail_to_the_person_too,
)
from nenconnect.mail.farewell import queue_farewell
from nenconnect.mail.models import Gone, OutboxMail
from nenconnect.mail.rerouting import ContactPerson

REGISTRATION_SALT = "accounts.registration"
MAX_RESETS_PER_DAY = 10
ASKED = ":asked"  # in the key of an invitation that a visitor asked for at „Registreren"
REGISTRATION_NOTICES = [Notice(days=7, grace=3), Notice(days=1, grace=0)]  # R30
REMINDERS_SALT = "accounts.reminders"
ADDRESS_SALT = "accounts.address_change"
NOTICES_SALT = "accounts.notices"


class _ResetTokens(PasswordResetTokenGenerator):
    """A link that was mailed before a person was blocked stays dead after the unblocking (C12, C19)."""

    def _make_hash_value(self, user: AbstractBaseUser, timestamp: int) -> str:
        assert isinstance(user, User)
        return f"{super()._make_hash_value(user, timestamp)}{user.session_round}"


reset_tokens = _ResetTokens()


def substitutes(user: User) -> list[User | ContactPerson]:
    """Who reads this person's mails instead: the company's active admins, else its contact person (R32).

    Empty: the person, who may be the only active admin, or the contact person.
    """
    if not user.is_mail_rerouted or user.company is None:
        return []
    admins = list(User.objects.active_admins_of(user.company))
    if admins:
        return [admin for admin in admins if admin != user]
    return _contact_person(user.company, user)


def _contact_person(company: Company, user: User) -> list[User | ContactPerson]:
    """Not one whom the company has shut out: the mail may hold a link that opens an account."""
    address = company.contact_email.lower()
    if not address or address == user.email or User.objects.filter(email=address, is_blocked=True).exists():
        return []
    return [ContactPerson(name=company.contact_person, email=address)]


def send_registration(user: User) -> None:
    """The link to finish registration; each sending has its own (R11, R16)."""
    queue_mail(_registration_event(user), to=user, about=user, once_per=f"round{user.registration_round}")


def send_registrations(people: Iterable[User], *, due_at: datetime) -> None:
    """The same to many, one after the other from `due_at` on."""
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
    """The link of the invitation as it is, once more, or that its time has passed."""
    once_per = f"round{user.registration_round}{ASKED}{timezone.now():%Y%m%d%H%M%S}"
    queue_mail("registration_invited", to=user, about=user, once_per=once_per)


def registrations_sent(user: User, *, since: datetime, event: str = "") -> int:
    """How many links were made and mailed; of the kind that the person gets now, or the one `event` names."""
    sent = OutboxMail.objects.filter(recipient=user, event=event or _registration_event(user))
    return sent.filter(created_at__gte=since).exclude(key__contains=ASKED).count()


def registrations_sent_to(people: Sequence[User], *, since: datetime) -> Counter[int]:
    """The same for many at once, by their number."""
    event = {person.pk: _registration_event(person) for person in people}
    sent = OutboxMail.objects.filter(recipient__in=event, event__in=set(event.values()), created_at__gte=since)
    rows = sent.exclude(key__contains=ASKED).values_list("recipient", "event")
    return Counter(pk for pk, of in rows if pk is not None and event[pk] == of)


def registrations_asked(user: User, *, since: datetime) -> int:
    """How many mails to a person who was invited a visitor has asked for."""
    sent = OutboxMail.objects.filter(recipient=user, event="registration_invited", key__contains=ASKED)
    return sent.filter(created_at__gte=since).count()


def send_registration_expiring(people: Iterable[User], notice: Notice) -> None:
    """That the link works a few days more (R30); once for each link and notice. People come with their company."""
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


def send_account_exists(user: User) -> None:
    """Somebody registered with an address that has an account; at most one mail an hour."""
    queue_mail("account_exists", to=user, about=user, once_per=f"{timezone.now():%Y%m%d%H}")


def send_join_invited(invitation: JoinInvitation) -> None:
    queue_mail("join_invited", to=invitation.user, about=invitation, once_per=f"{timezone.now():%Y%m%d}")


def send_move_requested(move: MoveRequest) -> None:
    """To every active admin of the company that the person asks to come to."""
    for admin in User.objects.active_admins_of(move.to_company):
        queue_mail("move_requested", to=admin, about=move)


def send_move_accepted(move: MoveRequest) -> None:
    queue_mail("move_accepted", to=move.user, about=move)


def send_move_declined(move: MoveRequest) -> None:
    queue_mail("move_declined", to=move.user, about=move)


def send_colleague_moved(move: MoveRequest) -> None:
    """To every active admin of the company that was left; where to, is not theirs to know (R13)."""
    for admin in User.objects.active_admins_of(move.from_company):
        queue_mail("colleague_moved", to=admin, about=move)


def send_accounts_merged(closed: User, *, stays: User) -> None:
    """To both addresses of the one person: where one signs in from now on."""
    for address in (stays, closed):
        queue_mail("accounts_merged", to=address, about=closed)


def may_send_password_reset(user: User) -> bool:
    """One a minute and ten a day, however often the button is pressed (C11)."""
    now = timezone.now()
    recent = OutboxMail.objects.filter(recipient=user, event="password_reset")
    return (
        not recent.filter(created_at__gte=now - timedelta(minutes=1)).exists()
        and recent.filter(created_at__gte=now - timedelta(days=1)).count() < MAX_RESETS_PER_DAY
    )


def send_password_reset(user: User) -> None:
    queue_mail("password_reset", to=user, about=user, once_per=f"{timezone.now():%Y%m%d%H%M%S}")


# What a mail about the second step tells; the word stands in its key.
SECOND_STEP_CHANGES = {
    "app_added": _("An authenticator app was added."),
    "app_removed": _("The authenticator app was removed."),
    "passkey_added": _("A passkey was added."),
    "passkey_removed": _("A passkey was removed."),
    "codes_made": _("New recovery codes were made. The old ones no longer work."),
    "code_used": _("A recovery code was used to sign in. It works once; make new ones in time."),
    "taken_away": _(
        "Somebody who manages your account removed your second step, and ended your sessions. You sign in with "
        "your password alone, and can set up a second step again."
    ),
}


def send_second_step_changed(user: User, change: str) -> None:
    """A warning for the owner, at each change."""
    queue_mail("second_step_changed", to=user, about=user, once_per=f"{change}:{timezone.now():%Y%m%d%H%M%S%f}")


def send_address_change_asked(change: AddressChange) -> None:
    """The link, to the address that is to be the user name: it proves the mailbox, so it goes nowhere else."""
    queue_mail_to_address(
        "address_change_asked",
        address=change.address,
        person=change.user,
        about=change.user,
        once_per=f"change{change.pk}round{change.round}",
    )


def send_address_changing(change: AddressChange) -> None:
    """To the address of now: whoever reads it can still say that it is wrong."""
    queue_mail("address_changing", to=change.user, about=change.user, once_per=f"change{change.pk}")


def send_address_changed(user: User, *, old: str) -> None:
    """To the address that was the user name: nobody changes it behind its owner's back."""
    once_per = f"{timezone.now():%Y%m%d%H%M%S%f}"
    queue_mail_to_address("address_changed", address=old, person=user, about=user, once_per=once_per)


def address_changes_sent(user: User, *, since: datetime) -> int:
    sent = OutboxMail.objects.filter(on_behalf_of=user, event="address_change_asked", created_at__gte=since)
    return sent.count()


def send_account_deleted(user: User) -> None:
    """The farewell (C42): to the person, or to those who read the person's mails. Before the account goes."""
    gone = Gone(name=user.name, email=user.email, language=user.language)
    queue_farewell("account_deleted", pk=user.pk, person=gone, readers=substitutes(user))


def zone_of(company: Company | None) -> str:
    return company.time_zone if company else DEFAULT_ZONE


def hours_of_reminder(mail: OutboxMail, now: datetime, *, on_working_days: bool = False) -> datetime:
    """A reminder comes in the hours of the person's company: `now`, or when they begin."""
    person = mail.on_behalf_of or mail.recipient
    assert isinstance(person, User)
    return next_hours(now, zone_of(person.company), on_working_days=on_working_days)


def look_at_reminder(mail: OutboxMail) -> Context:
    """The link that switches reminders off, for whoever may. Raises Unwanted where that was done."""
    person = mail.on_behalf_of or mail.recipient
    assert isinstance(person, User)
    if person.company and person.company.is_closed:
        raise Unwanted("the company is closed")
    if person.must_get_reminders():
        return {}
    if not person.gets_reminders:
        raise Unwanted("the person switched reminders off")
    if mail.on_behalf_of:
        return {}
    token = Signer(salt=REMINDERS_SALT).sign_object(person.pk)
    return {"stop_link": reverse("accounts:stop_reminders", args=[token])}


def look_at_notice(mail: OutboxMail) -> Context:
    """The same for what tells of new requests together."""
    person = mail.on_behalf_of or mail.recipient
    assert isinstance(person, User)
    if person.must_get_notices():
        return {}
    if person.request_notices == User.RequestNotices.NONE:
        raise Unwanted("the person wants no mails about new requests")
    if mail.on_behalf_of:
        return {}
    token = Signer(salt=NOTICES_SALT).sign_object(person.pk)
    return {"stop_link": reverse("accounts:stop_notices", args=[token])}


def send_deputy_named(deputy: Deputy) -> None:
    """To whoever stands in for an admin, from when until when."""
    queue_mail("deputy_named", to=deputy.user, about=deputy)


@mail_context("deputy_named")
def _deputy_named(mail: OutboxMail) -> Context:
    deputy = row_of(mail, Deputy.objects.select_related("user", "admin", "company"))
    if deputy is None or deputy.last_day < timezone.localdate():
        raise Unwanted("the time of the deputy is over")
    return {"deputy": deputy}


mail_hours("registration_expiring")(hours_of_reminder)
mail_to_the_person_too("accounts_merged")
mail_to_the_person_too("second_step_changed")  # whoever reads along may be whoever did it
mail_to_the_person_too("address_changing")
mail_to_one_address("address_change_asked")
mail_to_one_address("address_changed")


@mail_context("registration_expiring")
def _registration_expiring(mail: OutboxMail) -> Context:
    return {**_registration(mail), **look_at_reminder(mail)}


@mail_context("registration_requested")
def _registration_requested(mail: OutboxMail) -> Context:
    """Names a company that lets nobody register: its domain is told to whoever reads the mails of this address."""
    facts = _registration(mail)
    person: User = facts["person"]
    closed = [] if person.company_id else list(Company.objects.closed_to(person.email))
    return {**facts, "closed_companies": closed}


@mail_context("registration_invited")
def _registration(mail: OutboxMail) -> Context:
    person = _person(mail)
    if not person.is_pending:
        raise Unwanted("registration is finished")
    if person.is_blocked:
        raise Unwanted("the person is blocked")
    if person.company and person.company.is_closed:
        raise Unwanted("the company is closed")
    if not mail.key_has(f"round{person.registration_round}"):
        raise Unwanted("a newer link replaces this one")
    token = Signer(salt=REGISTRATION_SALT).sign_object([person.pk, person.registration_round])
    return {"person": person, "link": reverse("accounts:registration", args=[token])}


@mail_context("account_exists")
def _account_exists(mail: OutboxMail) -> Context:
    person = _person(mail)
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


@mail_context("password_reset")
def _password_reset(mail: OutboxMail) -> Context:
    person = _person(mail)
    if not person.is_active:
        raise Unwanted("the account is not active")
    token = f"{person.pk}-{reset_tokens.make_token(person)}"
    return {"person": person, "link": reverse("accounts:password_reset", args=[token])}


@mail_context("second_step_changed")
def _second_step_changed(mail: OutboxMail) -> Context:
    person = _person(mail)
    if not person.is_active:
        raise Unwanted("the account is not active")
    what = next(text for change, text in SECOND_STEP_CHANGES.items() if mail.key_has(change))
    return {"person": person, "what": what, "at": mail.created_at}


@mail_context("address_change_asked")
def _address_change_asked(mail: OutboxMail) -> Context:
    person = _person(mail)
    change = _address_change(person)
    if not mail.key_has(f"change{change.pk}round{change.round}"):
        raise Unwanted("a newer link replaces this one")
    token = Signer(salt=ADDRESS_SALT).sign_object([change.pk, change.round])
    link = reverse("accounts:confirm_address", args=[token])
    return {"person": person, "change": change, "link": link}


@mail_context("address_changing")
def _address_changing(mail: OutboxMail) -> Context:
    person = _person(mail)
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


@mail_context("address_changed")
def _address_changed(mail: OutboxMail) -> Context:
    return {"person": _person(mail), "old": mail.address, "at": mail.created_at}


@mail_context("accounts_merged")
def _accounts_merged(mail: OutboxMail) -> Context:
    closed = row_of(mail, User.objects.select_related("merged_into"))
    if closed is None or closed.merged_into is None:
        raise Unwanted("the accounts are gone")
    return {"closed": closed, "stays": closed.merged_into}


@mail_context("join_invited")
def _join_invited(mail: OutboxMail) -> Context:
    invitation = (
        JoinInvitation.objects.standing()
        .select_related("company", "user")
        .filter(pk=mail.id_of(JoinInvitation))
        .first()
    )
    if invitation is None:
        raise Unwanted("the invitation was used or taken back, or its time has passed")
    if not invitation.user.is_active or invitation.company.is_closed:
        raise Unwanted("the account is not active, or the company closed")
    return {"invitation": invitation, "person": invitation.user}


@mail_context("move_requested")
def _move_to_decide(mail: OutboxMail) -> Context:
    move = _move(mail)
    if not move.is_open:
        raise Unwanted("the request was decided or withdrawn")
    _check_admin(mail, move.to_company_id)
    return {"move": move}


@mail_context("move_accepted")
@mail_context("move_declined")
def _decided_move(mail: OutboxMail) -> Context:
    move = _move(mail)
    if not move.user.is_active:
        raise Unwanted("the person cannot sign in any more")
    return {"move": move}


@mail_context("colleague_moved")
def _colleague_moved(mail: OutboxMail) -> Context:
    move = _move(mail)
    _check_admin(mail, move.from_company_id)
    return {"move": move}


def _move(mail: OutboxMail) -> MoveRequest:
    move = row_of(mail, MoveRequest.objects.select_related("user", "from_company", "to_company"))
    if move is None:
        raise Unwanted("the request is gone")
    return move


def _check_admin(mail: OutboxMail, company_id: int) -> None:
    """The mail names a person: whoever is no admin any more is a colleague like any other."""
    reader = mail.recipient  # read with the claim, a moment ago
    is_admin = isinstance(reader, User) and reader.is_active and reader.is_company_admin
    if not (is_admin and reader and reader.company_id == company_id):
        raise Unwanted("the reader is no admin any more")


def _person(mail: OutboxMail) -> User:
    person = row_of(mail, User.objects.select_related("company"))
    if person is None:
        raise Unwanted("the person is gone")
    return person
