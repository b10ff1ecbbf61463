"""From an address to an account: added by an admin or by oneself, finished by the link in the mail."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Any

from dateutil.relativedelta import relativedelta
from django.contrib.auth.hashers import UNUSABLE_PASSWORD_PREFIX, UNUSABLE_PASSWORD_SUFFIX_LENGTH
from django.contrib.auth.password_validation import validate_password
from django.core.signing import BadSignature, Signer
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts import mails
from accounts.actions.labels import check_label
from accounts.actions.membership import locked_members
from accounts.actions.terms import accept, check_terms
from accounts.models import JoinInvitation, TermsVersion, User
from companies.actions import lock_working
from companies.addresses import canonical_address, domain_of
from companies.models import Company, LabelValue
from nenconnect.errors import Refusals, RuleError, raise_refusal, sift
from nenconnect.many_rows import update_many
from nenconnect.paths import own_path
from nenconnect.trail.actions import Actor, new_entry, record, record_many

RESEND_PAUSE = timedelta(minutes=3)  # C11
MAX_NEXT = 500  # what is kept of a path with the registration
MAX_PER_DAY = 5  # C11: registration mails to one address
LINK_FIELDS = ["registration_round", "registration_sent_at", "registration_deadline"]  # as renew_link fills them


@dataclass(frozen=True)
class NewColleague:
    """What the form of R10 asks."""

    email: str
    name: str
    role: str = User.Role.USER
    phone: str = ""
    country: str = ""
    language: str = "nl"
    is_blocked: bool = False
    is_mail_rerouted: bool = False
    label: LabelValue | None = None


@transaction.atomic
def add_user(company: Company, new: NewColleague, *, by: Actor, origin: str = User.Origin.COMPANY) -> User:
    """Adds a pending user to the company and sends the registration mail (R11).

    The owner of a personal account is invited to join instead, and is returned as they are (R13).
    Raises RuleError: the company closed, not on an allowed domain, already in this company, or in another (which
    is not said).
    """
    company = lock_working(company)
    address = canonical_address(new.email)
    check_domain(company, address, origin=origin)
    user, is_new = _user_at(address, new)
    check_available(user, company, origin=origin)
    if not user.is_pending:
        return invite_to_join(company, user, role=new.role, by=by, origin=origin)
    check_not_flooded(user, is_new=is_new)
    check_label(new.label, company)
    take_in(user, company, new, origin=origin)
    user.save()
    _send_registration(user)
    record("user_added", by=by, company_id=company.pk, about=user, is_new=is_new, **told_of(user))
    return user


def told_of(user: User) -> dict[str, Any]:
    """What the trail says of somebody who comes in, beside who it is."""
    blocked = {"changes": {"is_blocked": (False, True)}} if user.is_blocked else {}
    return {"role": user.role} | blocked


def check_not_flooded(user: User, *, is_new: bool) -> None:
    """Adding and removing again is no way around the limit of C11; what strangers asked for does not count."""
    since = timezone.now() - timedelta(days=1)
    invited = mails.registrations_sent(user, since=since, event="registration_invited")
    if not is_new and invited >= MAX_PER_DAY:
        raise RuleError(
            _("This address has had %(max)s registration mails today. Please go on tomorrow.")
            % {"max": MAX_PER_DAY},
            field="email",
        )


def check_domain(company: Company, address: str, *, origin: str) -> None:
    """Raises RuleError with the allowed domains when the address is on none. NEN may add anyone (R6, R10)."""
    if origin == User.Origin.NEN or company.admits(address):
        return
    domains = company.readable_domains
    raise RuleError(
        _("%(domain)s is not an allowed domain. Allowed: %(domains)s.")
        % {"domain": domain_of(address), "domains": domains or "–"},
        field="email",
    )


def check_free(address: str) -> None:
    """For NEN, before anything is saved: raises RuleError when the address is one that add_user would refuse."""
    if user := User.objects.filter(email=address).first():
        check_available(user, None, origin=User.Origin.NEN)


def check_available(user: User, company: Company | None, *, origin: str) -> None:
    """Raises RuleError when this account can neither be taken in nor invited.

    Only NEN is told whose address it is (R13). Whoever NEN blocked stays blocked: nobody else undoes it.
    """
    if not (user.is_staff or user.company or user.is_blocked):
        return
    if origin == User.Origin.NEN:
        if user.is_blocked and not user.company:
            raise RuleError(
                _("This address belongs to a blocked personal account. Unblock it first."), field="email"
            )
        whose = user.company or _("NEN staff")
        raise RuleError(_("This address is in use already, at %(company)s.") % {"company": whose}, field="email")
    if user.is_staff or user.company != company:
        raise RuleError(_("This address cannot be added. NEN Klantenservice can help."), field="email")
    raise RuleError(_("This address is already in your list of users."), field="email")


def _user_at(address: str, new: NewColleague) -> tuple[User, bool]:
    """The locked row of this address, made where there was none; two at once get the same one (C7)."""
    fresh = fresh_user(address, new)
    # Locks the row that is there, so that nobody deletes it before it is read; not just ignore_conflicts.
    User.objects.bulk_create([fresh], update_conflicts=True, unique_fields=["email"], update_fields=["email"])
    user = User.objects.select_for_update().get(email=address)
    return user, user.password == fresh.password


def fresh_user(address: str, new: NewColleague) -> User:
    """A row that is not written yet; nobody can sign in to it."""
    fresh = User(email=address, name=new.name, language=new.language, registration_deadline=deadline())
    # As set_unusable_password, whose random letters take a quarter of the time of a large import.
    fresh.password = UNUSABLE_PASSWORD_PREFIX + secrets.token_hex(UNUSABLE_PASSWORD_SUFFIX_LENGTH // 2)
    return fresh


def take_in(user: User, company: Company, new: NewColleague, *, origin: str) -> None:
    """What the admin typed wins over what a stranger typed at „Registreren" (C9). Saves nothing."""
    user.company = company
    user.registration_origin = origin
    for field in ("name", "role", "phone", "country", "is_blocked", "is_mail_rerouted", "label"):
        setattr(user, field, getattr(new, field))


@transaction.atomic
def invite_to_join(
    company: Company, user: User, *, role: str, by: Actor, origin: str = User.Origin.COMPANY
) -> User:
    """The owner of a personal account is mailed, and joins by confirming (R13). Asked again: a new month."""
    invitation, _is_new = JoinInvitation.objects.update_or_create(
        company=company, user=user, defaults={"role": role, "origin": origin, "invited_at": timezone.now()}
    )
    mails.send_join_invited(invitation)
    record("join_invited", by=by, company_id=company.pk, about=user, role=role)
    return user


@transaction.atomic
def register_self(email: str, name: str, *, language: str, after: str = "") -> None:
    """Sends the mail that fits: the registration link, or "you have an account" (R16).

    Nothing tells the caller which; raises RuleError only for what is no address. `after` is the page of ours that
    the first sign-in leads to: it goes with this mail, which may be opened in another browser.
    """
    address = canonical_address(email)
    user, is_new = _user_at(address, NewColleague(email=address, name=name, language=language))
    if user.is_blocked:
        return
    if not user.is_pending:
        mails.send_account_exists(user)
    elif is_new or _may_ask_again(user):
        user.registration_next = own_path(after, longest=MAX_NEXT)
        _send_on_request(user)
        record("registration_requested", by=None, company_id=user.company_id, about=user)


def _may_ask_again(user: User) -> bool:
    if _is_own(user):
        return _may_send_again(user)
    now = timezone.now()
    day_ago = now - timedelta(days=1)
    if _was_sent_just_now(user) or mails.registrations_asked(user, since=now - RESEND_PAUSE):
        return False
    asked = mails.registrations_asked(user, since=day_ago)
    return asked + mails.registrations_sent(user, since=day_ago) < MAX_PER_DAY


def _send_on_request(user: User) -> None:
    """Whoever was invited gets the link that there is: a new one, or a new month, is for who invited (R12)."""
    if _is_own(user):
        _send_registration(user)
        return
    user.save(update_fields=["registration_next"])
    mails.send_registration_asked(user)


def _is_own(user: User) -> bool:
    return user.registration_origin == User.Origin.SELF


def send_registration_again(user: User, *, by: User) -> None:
    """Raises RuleError: finished already, blocked, or sent just now or too often today."""
    raise_refusal(send_registrations_again([user], by=by, due_at=timezone.now()))


@transaction.atomic
def send_registrations_again(people: Sequence[User], *, by: User, due_at: datetime) -> Refusals:
    """A new month, a new link, and the old one is dead (R12). The mails go one after the other, from `due_at`."""
    members, refusals = locked_members(people)
    sent = mails.registrations_sent_to(members, since=timezone.now() - timedelta(days=1))
    ready = sift(members, lambda user: _check_may_be_sent(user, sent=sent[user.pk]), refusals)
    for user in ready:
        renew_link(user)
    update_many(ready, LINK_FIELDS)
    mails.send_registrations(ready, due_at=due_at)
    record_many(
        new_entry("registration_sent_again", by=by, company_id=user.company_id, about=user) for user in ready
    )
    return refusals


def _check_may_be_sent(user: User, *, sent: int) -> None:
    if not user.is_pending:
        raise RuleError(_("%(name)s has finished registration already.") % {"name": user})
    if user.is_blocked:
        raise RuleError(_("%(name)s is blocked. Unblock first, then send the mail again.") % {"name": user})
    if not may_be_sent_again(user, sent=sent):
        raise RuleError(
            _(
                "The registration mail was sent just now. "
                "You can send it once in 3 minutes, and %(max)s times a day."
            )
            % {"max": MAX_PER_DAY}
        )


def send_registration_elsewhere(user: User) -> None:
    """The address of somebody who has not finished is another one: it gets a link, and the old one's is dead.

    Part of that change, in its transaction; the pause between two mails was for the old address.
    """
    _send_registration(user)


def deadline() -> date:
    """One calendar month from today: 31 January gives 28 or 29 February (R12)."""
    return _month_after(timezone.localdate())


@lru_cache(maxsize=10)
def _month_after(day: date) -> date:
    return day + relativedelta(months=1)


def _may_send_again(user: User) -> bool:
    """What strangers asked for counts against nobody who invites (C11)."""
    since = timezone.now() - timedelta(days=1)
    return may_be_sent_again(user, sent=mails.registrations_sent(user, since=since))


def may_be_sent_again(user: User, *, sent: int) -> bool:
    """`sent` is how many went within a day."""
    return not _was_sent_just_now(user) and sent < MAX_PER_DAY


def _was_sent_just_now(user: User) -> bool:
    sent_at = user.registration_sent_at
    return sent_at is not None and sent_at > timezone.now() - RESEND_PAUSE


def _send_registration(user: User) -> None:
    """A new link and a new month; to a blocked person no mail goes out, and none counts as sent."""
    renew_link(user)
    user.save(update_fields=[*LINK_FIELDS, "registration_next"])
    if not user.is_blocked:
        mails.send_registration(user)


def renew_link(user: User) -> None:
    """To a blocked person no mail goes out, and none counts as sent. Saves nothing."""
    user.registration_round += 1
    user.registration_sent_at = None if user.is_blocked else timezone.now()
    user.registration_deadline = deadline()


def find_registration(token: str) -> User | None:
    """The pending person of a link; None for a link that is unknown, replaced, used, expired or blocked (C13)."""
    user = _person_of(token)
    return user if user and not user.is_expired() else None


def expired_registration(token: str) -> User | None:
    """The person of a link that was good until its date passed: the page then says whom to ask (R12)."""
    user = _person_of(token)
    return user if user and user.is_expired() else None


def _person_of(token: str) -> User | None:
    try:
        pk, sending = Signer(salt=mails.REGISTRATION_SALT).unsign_object(token)
    except (BadSignature, ValueError, TypeError):
        return None
    people = User.objects.select_related("company").filter(registered_at=None, is_blocked=False)
    return people.filter(pk=pk, registration_round=sending).first()


def companies_to_choose(user: User) -> list[Company]:
    """Where a person who registered oneself may come in, looked up anew at each step (R17, C6)."""
    if user.company_id:
        return []
    return list(Company.objects.open_to(user.email))


@transaction.atomic
def finish_registration(
    token: str, *, password: str, company: Company | None = None, terms: TermsVersion | None = None
) -> User:
    """Sets the password and completes the registration; whoever registered oneself joins `company`.

    With it the person accepts `terms`, the version that stood on the page. Raises RuleError when the link is no
    longer good, the address's domain no longer allowed, or the terms no longer those, and ValidationError for a
    password that is not accepted.
    """
    found = find_registration(token)
    target = found.company if found and found.company else company
    if target:
        lock_working(target)
    user = _locked(found) if found else None
    if user is None or find_registration(token) != user:
        raise RuleError(_("This link no longer works."))
    _check_company(user, company)
    check_terms(terms)
    validate_password(password, user)
    user.set_password(password)
    user.company = user.company or company
    user.registration_next = ""
    user.registered_at = timezone.now()
    user.session_round += 1
    user.save()
    record("registered", by=user, company_id=user.company_id, about=user)
    if terms:
        accept(user, terms)
    return user


def _check_company(user: User, chosen: Company | None) -> None:
    """The domain must still admit the person (C6), and the choice be one that was offered (C9)."""
    if user.company:
        check_domain(user.company, user.email, origin=user.registration_origin)
    elif chosen and chosen not in companies_to_choose(user):
        raise RuleError(_("You cannot join this company. Choose another, or go on without one."), field="company")


def _locked(user: User) -> User | None:
    return User.objects.select_for_update().filter(pk=user.pk).first()
