"""Set up and remove the second step: an app or a passkey, and recovery codes.

allauth makes and checks codes and passkeys; here is what may change, when, and by which person.
"""

from __future__ import annotations

import logging
from typing import Any

from allauth.core.internal.cryptokit import compare_user_code
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal import auth as totp
from allauth.mfa.utils import decrypt
from allauth.mfa.webauthn.internal.auth import WebAuthn
from cryptography.fernet import InvalidToken
from django.db import transaction
from django.utils.translation import gettext as _

from accounts.actions.devices import end_all_devices
from accounts.actions.membership import locked_member
from accounts.actions.sign_in import count_attempt, forget_attempts
from accounts.mails.second_step import send_second_step_changed
from accounts.models import User
from accounts.second_step import factors_of, must_have
from accounts.verbs import (
    RECOVERY_CODE_USED,
    RECOVERY_CODES_MADE,
    SECOND_STEP_ADDED,
    SECOND_STEP_REMOVED,
    SECOND_STEP_TAKEN_AWAY,
)
from nenconnect.audit.actions import record
from nenconnect.rules.errors import RuleError

logger = logging.getLogger(__name__)

Type = Authenticator.Type
MAX_KEYS = 10
PASSWORDLESS = "passwordless"  # in the data of a key: whether it signs in alone, as its owner chose
WORDS = {Type.TOTP: "app", Type.WEBAUTHN: "passkey"}


@transaction.atomic
def add_app(user: User, *, secret: str, moment: int = 0) -> User:
    """Add an app that just showed a code of `moment`, which works only once. Raises RuleError for a second app."""
    user = _locked_user(user)
    if factors_of(user).filter(type=Type.TOTP).exists():
        raise RuleError(_("You have an authenticator app already. Remove it first."))
    row = totp.TOTP.activate(user, secret).instance
    row.data["last_moment"] = moment
    row.save(update_fields=["data"])
    return _after_adding_step(user, Type.TOTP)


@transaction.atomic
def add_key(user: User, *, name: str, credential: dict[str, Any], passwordless: bool) -> User:
    """Add a passkey that just proved itself. Raises RuleError when there are too many."""
    user = _locked_user(user)
    if factors_of(user).filter(type=Type.WEBAUTHN).count() >= MAX_KEYS:
        raise RuleError(
            _("You have %(number)s passkeys, which is the most. Remove one first.") % {"number": MAX_KEYS}
        )
    row = WebAuthn.add(user, name, credential).instance
    row.data[PASSWORDLESS] = passwordless
    row.save(update_fields=["data"])
    return _after_adding_step(user, Type.WEBAUTHN)


@transaction.atomic
def remove(user: User, factor: Authenticator) -> None:
    """Remove the person's own app or passkey, and recovery codes with the last. Raises RuleError if required."""
    user = _locked_user(user)
    left = factors_of(user).exclude(pk=factor.pk)
    stored = factors_of(user).filter(pk=factor.pk).first()
    if stored is None:
        return
    if must_have(user) and not left.exists():
        raise RuleError(_("You must have a second step. Add another one first, then remove this one."))
    stored.delete()
    if not left.exists():
        Authenticator.objects.filter(user=user).delete()
    record(SECOND_STEP_REMOVED, by=user, company_id=user.company_id, about=user, kind=WORDS[stored.type])
    send_second_step_changed(user, f"{WORDS[stored.type]}_removed")


@transaction.atomic
def make_recovery_codes(user: User) -> None:
    """Replace the recovery codes. Raises RuleError without a second step."""
    user = _locked_user(user)
    if not factors_of(user).exists():
        raise RuleError(_("You have no second step, and so need no recovery codes."))
    Authenticator.objects.filter(user=user, type=Type.RECOVERY_CODES).delete()
    RecoveryCodes.activate(user)
    record(RECOVERY_CODES_MADE, by=user, company_id=user.company_id, about=user)
    send_second_step_changed(user, "codes_made")


@transaction.atomic
def take_away(user: User, *, by: User) -> None:
    """Remove the second step of a person who lost it, and end every session. Raises RuleError."""
    user = locked_member(user)
    if user.is_staff:
        raise RuleError(_("This person works at NEN: only NEN itself can remove the second step."))
    if user == by:
        raise RuleError(_("Remove your own second step through “My profile”."))
    _take_away(user)
    record(SECOND_STEP_TAKEN_AWAY, by=by, company_id=user.company_id, about=user)


@transaction.atomic
def take_away_by_operator(user: User) -> None:
    """Remove the second step of NEN staff, for the server's operator (`manage.py remove_second_step`)."""
    user = _locked_user(user)
    _take_away(user)
    record(SECOND_STEP_TAKEN_AWAY, by=None, company_id=user.company_id, about=user)


def matching_half_minute(secret: str, code: str, *, after: int = 0) -> int | None:
    """Return the half minute that this code belongs to; None when it is wrong."""
    for moment in totp.yield_hotp_counters_from_time():
        expected = totp.format_hotp_value(totp.hotp_value(secret, moment))
        if moment > after and compare_user_code(actual=code, expected=expected):
            return int(moment)
    return None


def use_code(user: User, code: str) -> Authenticator | None:
    """Return the app or recovery codes that this code belongs to; None when it is wrong or the person locked.

    Counted first, together with passwords (C16, C18). No code works twice.
    """
    if not count_attempt(user.email):
        return None
    try:
        used = _use_code(user, code)
    except InvalidToken:
        logger.error("The second step of user %s was closed with another SECRET_KEY: see OLD_SECRET_KEYS", user.pk)
        return None
    if used:
        forget_attempts(user.email)
    return used


@transaction.atomic
def _use_code(user: User, code: str) -> Authenticator | None:
    user = _locked_user(user)
    rows = Authenticator.objects.filter(user=user, type__in=[Type.TOTP, Type.RECOVERY_CODES])
    for row in rows.order_by("-type"):  # the app first
        if row.type == Type.TOTP and _accept_app_code(row, code):
            return row
        if row.type == Type.RECOVERY_CODES and RecoveryCodes(row).validate_code(code):
            record(RECOVERY_CODE_USED, by=user, company_id=user.company_id, about=user)
            send_second_step_changed(user, "code_used")
            return row
    return None


def _accept_app_code(row: Authenticator, code: str) -> bool:
    """Check a code of the app and remember its moment in the row, which all processes see."""
    moment = matching_half_minute(decrypt(row.data["secret"]), code, after=row.data.get("last_moment", 0))
    if moment is None:
        return False
    row.data["last_moment"] = moment
    row.save(update_fields=["data"])
    return True


def _after_adding_step(user: User, kind: str) -> User:
    """Make recovery codes with the first one, and end sessions that began with a password only."""
    if not Authenticator.objects.filter(user=user, type=Type.RECOVERY_CODES).exists():
        RecoveryCodes.activate(user)
        _end_sessions(user)
    record(SECOND_STEP_ADDED, by=user, company_id=user.company_id, about=user, kind=WORDS[kind])
    send_second_step_changed(user, f"{WORDS[kind]}_added")
    return user


def _take_away(user: User) -> None:
    number, _rows = Authenticator.objects.filter(user=user).delete()
    if not number:
        raise RuleError(_("%(name)s has no second step.") % {"name": user})
    _end_sessions(user)
    send_second_step_changed(user, "taken_away")


def _end_sessions(user: User) -> None:
    user.session_round += 1
    user.save(update_fields=["session_round"])
    end_all_devices(user)


def _locked_user(user: User) -> User:
    return User.objects.select_for_update(of=("self",)).select_related("company").get(pk=user.pk)
