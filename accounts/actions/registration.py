"""Add a colleague by an admin or NEN, and send the registration mail."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.contrib.auth.hashers import UNUSABLE_PASSWORD_PREFIX, UNUSABLE_PASSWORD_SUFFIX_LENGTH
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.actions.labels import check_label
from accounts.actions.membership import check_rerouting, locked_members
from accounts.actions.registration_links import (
    LINK_FIELDS,
    MAX_PER_DAY,
    is_below_daily_limit,
    registration_deadline,
    renew_link,
    send_link,
)
from accounts.mails.joining import send_join_invited
from accounts.mails.registration import registrations_sent, registrations_sent_to, send_registrations
from accounts.models import JoinInvitation, User
from accounts.verbs import JOIN_INVITED, REGISTRATION_SENT_AGAIN, USER_ADDED
from companies.actions import lock_working
from companies.addresses import canonical_address, domain_of
from companies.models import Company, LabelValue
from nenconnect.audit.actions import Actor, new_entry, record, record_many
from nenconnect.bulk.many_rows import update_many
from nenconnect.rules.errors import Refusals, RuleError, raise_refusal, split_by_rule


@dataclass(frozen=True)
class NewColleague:
    """Hold the values of the form of R10."""

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
    """Add a pending user to the company and send the registration mail (R11).

    The owner of a personal account is invited to join instead, and returned unchanged (R13).
    Raises: RuleError when the company is closed, the domain is not allowed, or the address is a member's, here or
    elsewhere (which is not revealed).
    """
    company = lock_working(company)
    address = canonical_address(new.email)
    check_domain(company, address, origin=origin)
    user, is_new = lock_or_make_user_at(address, new)
    check_available(user, company, origin=origin)
    if not user.is_pending:
        return invite_to_join(company, user, role=new.role, by=by, origin=origin)
    check_not_flooded(user, is_new=is_new)
    check_label(new.label, company)
    check_rerouting(new.role, is_rerouted=new.is_mail_rerouted)
    apply_admin_values(user, company, new, origin=origin)
    user.save()
    send_link(user)
    record(USER_ADDED, by=by, company_id=company.pk, about=user, is_new=is_new, **newcomer_details(user))
    return user


def newcomer_details(user: User) -> dict[str, Any]:
    blocked = {"changes": {"is_blocked": (False, True)}} if user.is_blocked else {}
    return {"role": user.role} | blocked


def check_not_flooded(user: User, *, is_new: bool) -> None:
    """Raise RuleError when adding and removing again would get around the mail limit (C11)."""
    since = timezone.now() - timedelta(days=1)
    invited = registrations_sent(user, since=since, event="registration_invited")
    if not is_new and invited >= MAX_PER_DAY:
        raise RuleError(
            _("This address has had %(max)s registration mails today. Please go on tomorrow.")
            % {"max": MAX_PER_DAY},
            field="email",
        )


def check_domain(company: Company, address: str, *, origin: str) -> None:
    """Raise RuleError with the allowed domains when the address is on none; NEN may add any (R6, R10)."""
    if origin == User.Origin.NEN or company.admits(address):
        return
    domains = company.readable_domains
    raise RuleError(
        _("%(domain)s is not an allowed domain. Allowed: %(domains)s.")
        % {"domain": domain_of(address), "domains": domains or "–"},
        field="email",
    )


def check_free(address: str) -> None:
    """Raise RuleError, for NEN, when `add_user` would refuse the address."""
    if user := User.objects.filter(email=address).first():
        check_available(user, None, origin=User.Origin.NEN)


def check_available(user: User, company: Company | None, *, origin: str) -> None:
    """Raise RuleError when this account can neither be added nor invited.

    Only NEN learns whose address it is (R13). A person that NEN blocked stays blocked.
    """
    if not (user.is_staff or user.company or user.is_blocked):
        return
    if origin == User.Origin.NEN:
        if user.is_blocked and not user.company:
            raise RuleError(
                _("This address belongs to a blocked personal account. Unblock it first."), field="email"
            )
        whose = user.company or _("NEN staff")
        raise RuleError(_("At %(company)s this address is in use already.") % {"company": whose}, field="email")
    if user.is_staff or user.company != company:
        raise RuleError(_("This address cannot be added. NEN Klantenservice can help."), field="email")
    raise RuleError(_("This address is already in your list of users."), field="email")


def lock_or_make_user_at(address: str, new: NewColleague) -> tuple[User, bool]:
    """Return the locked row of this address and whether it is new; two at once get the same row (C7)."""
    fresh = unsaved_user(address, new)
    # An update locks the existing row, so that it is not deleted before it is read; ignore_conflicts does not.
    User.objects.bulk_create([fresh], update_conflicts=True, unique_fields=["email"], update_fields=["email"])
    user = User.objects.select_for_update().get(email=address)
    return user, user.password == fresh.password


def unsaved_user(address: str, new: NewColleague) -> User:
    fresh = User(
        email=address, name=new.name, language=new.language, registration_deadline=registration_deadline()
    )
    # As set_unusable_password, whose random letters take a quarter of the time of a large import.
    fresh.password = UNUSABLE_PASSWORD_PREFIX + secrets.token_hex(UNUSABLE_PASSWORD_SUFFIX_LENGTH // 2)
    return fresh


def apply_admin_values(user: User, company: Company, new: NewColleague, *, origin: str) -> None:
    """Copy the admin's values over what a stranger typed when registering (C9); the caller saves."""
    user.company = company
    user.registration_origin = origin
    for field in ("name", "role", "phone", "country", "is_blocked", "is_mail_rerouted", "label"):
        setattr(user, field, getattr(new, field))


@transaction.atomic
def invite_to_join(
    company: Company, user: User, *, role: str, by: Actor, origin: str = User.Origin.COMPANY
) -> User:
    """Mail the owner of a personal account, who joins by confirming (R13); asking again starts a new month."""
    invitation, _is_new = JoinInvitation.objects.update_or_create(
        company=company, user=user, defaults={"role": role, "origin": origin, "invited_at": timezone.now()}
    )
    send_join_invited(invitation)
    record(JOIN_INVITED, by=by, company_id=company.pk, about=user, role=role)
    return user


def send_registration_again(user: User, *, by: User) -> None:
    """Send it again. Raises RuleError: finished, blocked, or too often."""
    raise_refusal(send_registrations_again([user], by=by, due_at=timezone.now()))


@transaction.atomic
def send_registrations_again(people: Sequence[User], *, by: User, due_at: datetime) -> Refusals:
    """Mail new links for a month, which end the old ones (R12), one after the other from `due_at`."""
    members, refusals = locked_members(people)
    sent = registrations_sent_to(members, since=timezone.now() - timedelta(days=1))
    ready = split_by_rule(members, lambda user: _check_may_be_sent(user, sent=sent[user.pk]), refusals)
    for user in ready:
        renew_link(user)
    update_many(ready, LINK_FIELDS)
    send_registrations(ready, due_at=due_at)
    record_many(
        new_entry(REGISTRATION_SENT_AGAIN, by=by, company_id=user.company_id, about=user) for user in ready
    )
    return refusals


def _check_may_be_sent(user: User, *, sent: int) -> None:
    if not user.is_pending:
        raise RuleError(_("%(name)s has finished registration already.") % {"name": user})
    if user.is_blocked:
        raise RuleError(_("%(name)s is blocked. Unblock first, then send the mail again.") % {"name": user})
    if not is_below_daily_limit(user, sent=sent):
        raise RuleError(
            _(
                "The registration mail was sent just now. "
                "You can send it once in 3 minutes, and %(max)s times a day."
            )
            % {"max": MAX_PER_DAY}
        )
