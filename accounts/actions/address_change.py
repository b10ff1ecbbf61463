"""Change a user name (R2): an admin or NEN asks, and the new mailbox confirms.

A pending person has confirmed no address yet: the user name changes at once, and the registration mail to the new
address confirms it.
"""

from __future__ import annotations

from datetime import timedelta

from allauth.account.models import EmailAddress
from django.core.signing import BadSignature, Signer
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.actions.devices import end_all_devices
from accounts.actions.membership import locked_member
from accounts.actions.registration import check_domain
from accounts.actions.registration_links import MAX_PER_DAY, RESEND_PAUSE, send_registration_elsewhere
from accounts.actions.sign_in import forget_attempts
from accounts.mails.address_change import (
    ADDRESS_SALT,
    address_changes_sent,
    send_address_change_asked,
    send_address_changed,
    send_address_changing,
)
from accounts.mails.registration import registrations_sent
from accounts.models import AddressChange, SignInAttempts, User, UserQuerySet
from accounts.verbs import (
    ADDRESS_CHANGE_ASKED,
    ADDRESS_CHANGE_CANCELLED,
    ADDRESS_CHANGE_SENT_AGAIN,
    ADDRESS_CHANGED,
    REGISTRATION_FORGOTTEN,
)
from companies.actions import change_company
from companies.addresses import canonical_address
from nenconnect.audit.actions import record
from nenconnect.mail.actions import forget_mails
from nenconnect.rules.errors import RuleError


@transaction.atomic
def ask_address_change(
    user: User, address: str, *, by: User, origin: str = User.Origin.COMPANY
) -> AddressChange | None:
    """Mail the link to the new address and tell the present one; return None when it changed at once.

    Raises: RuleError for no address, a domain that is not allowed, an address in use, a blocked person, or too
    many mails.
    """
    address = canonical_address(address)
    user = locked_member(user)
    _check_may_change(user, by=by)
    if address == user.email:
        raise RuleError(_("This is the user name already."), field="email")
    if user.company:
        check_domain(user.company, address, origin=origin)
    _check_free(address, user, origin=origin)
    if user.is_pending:
        _change_pending(user, address, by=by)
        return None
    _check_not_flooded(user)
    AddressChange.objects.filter(user=user).delete()
    change = AddressChange.objects.create(user=user, address=address, asked_by=by, origin=origin)
    send_address_change_asked(change)
    send_address_changing(change)
    record(ADDRESS_CHANGE_ASKED, by=by, company_id=user.company_id, about=user)
    return change


@transaction.atomic
def send_address_change_again(user: User, *, by: User) -> None:
    """Mail a new link for a week; the old link is dead. Raises RuleError: nothing to confirm, or too often."""
    user = locked_member(user)
    change = _open_change(user)
    _check_may_change(user, by=by)
    if change.sent_at > timezone.now() - RESEND_PAUSE:
        raise RuleError(_("The mail was sent just now. You can send it once in 3 minutes."))
    _check_not_flooded(user)
    change.round, change.sent_at = change.round + 1, timezone.now()
    change.save(update_fields=["round", "sent_at"])
    send_address_change_asked(change)
    record(ADDRESS_CHANGE_SENT_AGAIN, by=by, company_id=user.company_id, about=user)


@transaction.atomic
def cancel_address_change(user: User, *, by: User) -> None:
    """Cancel the change and its link. Raises RuleError when it was confirmed meanwhile."""
    user = locked_member(user)
    _open_change(user).delete()
    record(ADDRESS_CHANGE_CANCELLED, by=by, company_id=user.company_id, about=user)


def find_address_change(token: str) -> AddressChange | None:
    """Return the change of a link; None when unknown, replaced, used, too old, or of a blocked person."""
    try:
        pk, sending = Signer(salt=ADDRESS_SALT).unsign_object(token)
    except (BadSignature, ValueError, TypeError):
        return None
    changes = AddressChange.objects.select_related("user__company").filter(user__is_active=True)
    change = changes.filter(pk=pk, round=sending).first()
    return None if change is None or change.has_expired else change


@transaction.atomic
def confirm_address_change(token: str) -> User:
    """Make the confirmed address the user name and end every session and earlier link (C12).

    Checks everything once more (C6). Raises: RuleError.
    """
    change = find_address_change(token)
    user = locked_member(change.user) if change else None
    change = find_address_change(token) if user else None
    if user is None or change is None:
        raise RuleError(_("This link no longer works."))
    if user.company:
        check_domain(user.company, change.address, origin=change.origin)
    _check_free(change.address, user, origin=User.Origin.COMPANY)
    old = user.email
    change.delete()
    _set_confirmed_address(user, change.address, by=user)
    user.session_round += 1
    user.save(update_fields=["session_round"])
    end_all_devices(user)
    send_address_changed(user, old=old)
    return user


def forget_address_changes() -> None:
    """Delete changes that were not confirmed in a week, after another week to send them again."""
    AddressChange.objects.filter(sent_at__lt=timezone.now() - 2 * AddressChange.VALID).delete()


def _change_pending(user: User, address: str, *, by: User) -> None:
    if registrations_sent(user, since=timezone.now() - timedelta(days=1)) >= MAX_PER_DAY:
        raise _has_too_many_changes()
    _set_confirmed_address(user, address, by=by)
    send_registration_elsewhere(user)


def _set_confirmed_address(user: User, address: str, *, by: User) -> None:
    """Set the address and end the lock of the old one, as a new password by mail does (C17)."""
    _delete_unfinished_registration_at(address)
    SignInAttempts.objects.filter(address=user.email).delete()
    EmailAddress.objects.filter(user=user).delete()  # allauth's copy, of which nothing here reads
    is_contact = user.company is not None and user.company.contact_email.lower() == user.email
    user.email, user.undeliverable_since, user.undeliverable_reason = address, None, ""
    try:
        with transaction.atomic():
            user.save(update_fields=["email", "undeliverable_since", "undeliverable_reason"])
    except IntegrityError:  # another person got it at this moment (C7)
        raise _is_address_in_use() from None
    forget_attempts(address)
    record(ADDRESS_CHANGED, by=by, company_id=user.company_id, about=user)
    if user.company and is_contact:
        change_company(user.company, by=by, contact_email=address)


def _delete_unfinished_registration_at(address: str) -> None:
    begun = list(_unfinished_registrations_at(address).select_for_update())
    forget_mails(begun)
    for person in begun:
        record(REGISTRATION_FORGOTTEN, by=None, company_id=None, about=person)
    _unfinished_registrations_at(address).delete()


def _unfinished_registrations_at(address: str) -> UserQuerySet:
    return User.objects.filter(email=address, company=None, registered_at=None, is_blocked=False, is_staff=False)


def _check_may_change(user: User, *, by: User) -> None:
    if user.is_staff and not by.is_superuser:
        raise RuleError(_("This person works at NEN: only NEN itself can change the user name."))
    if user.is_blocked:
        raise RuleError(_("%(name)s is blocked. Unblock first, then change the user name.") % {"name": user})


def _check_free(address: str, user: User, *, origin: str) -> None:
    """Raise RuleError when the address is in use; only NEN learns who has it (R13)."""
    other = User.objects.filter(email=address).exclude(pk=user.pk).select_related("company").first()
    if other is None or _unfinished_registrations_at(address).exists():
        return
    if user.company_id and other.company_id == user.company_id and not other.is_staff:
        raise RuleError(_("This address is already in your list of users."), field="email")
    if origin == User.Origin.NEN:
        whose = other.company or (_("NEN staff") if other.is_staff else _("a personal account"))
        raise RuleError(_("At %(company)s this address is in use already.") % {"company": whose}, field="email")
    raise _is_address_in_use()


def _is_address_in_use() -> RuleError:
    return RuleError(_("This address cannot be used. NEN Klantenservice can help."), field="email")


def _check_not_flooded(user: User) -> None:
    if address_changes_sent(user, since=timezone.now() - timedelta(days=1)) >= MAX_PER_DAY:
        raise _has_too_many_changes()


def _has_too_many_changes() -> RuleError:
    return RuleError(
        _("%(max)s mails for this went out today, which is the most. Please go on tomorrow.")
        % {"max": MAX_PER_DAY},
        field="email",
    )


def _open_change(user: User) -> AddressChange:
    change = AddressChange.objects.select_for_update().filter(user=user).first()
    if change is None:
        raise RuleError(_("There is no new user name to confirm: it has been confirmed or taken back."))
    return change
