"""Change and reset passwords (R36); a link works once, for three days (PASSWORD_RESET_TIMEOUT)."""

from __future__ import annotations

from django.contrib.auth.password_validation import validate_password
from django.db import transaction
from django.utils.translation import gettext as _

from accounts.actions.devices import end_all_devices
from accounts.actions.sign_in import forget_attempts
from accounts.mails.password import may_send_password_reset, reset_tokens, send_password_reset
from accounts.models import User
from accounts.verbs import PASSWORD_CHANGED, PASSWORD_RESET, PASSWORD_RESET_ASKED
from companies.addresses import canonical_address
from nenconnect.audit.actions import record
from nenconnect.rules.errors import RuleError


@transaction.atomic
def ask_password_reset(email: str) -> None:
    """Mail the link to an active account; do nothing, silently, for another address (R36).

    Raises: RuleError for a text that is no address.
    """
    address = canonical_address(email)
    user = User.objects.active().select_for_update().filter(email=address).first()
    if user and may_send_password_reset(user):
        send_password_reset(user)
        record(PASSWORD_RESET_ASKED, by=None, company_id=user.company_id, about=user)


def find_password_reset(token: str) -> User | None:
    """Return the person of a link; None when unknown, used, too old, or of a blocked person (C19)."""
    pk, _dash, key = token.partition("-")
    user = User.objects.active().filter(pk=int(pk)).first() if pk.isdecimal() and len(pk) < 19 else None
    return user if user and reset_tokens.check_token(user, key) else None


@transaction.atomic
def finish_password_reset(token: str, *, password: str) -> User:
    """Set the password and end every session and lock (C17, R36). Raises RuleError and ValidationError."""
    reset_user = find_password_reset(token)
    user = User.objects.select_for_update().filter(pk=reset_user.pk).first() if reset_user else None
    if user is None or find_password_reset(token) != user:
        raise RuleError(_("This link no longer works."))
    validate_password(password, user)
    user.set_password(password)
    user.session_round += 1
    user.save(update_fields=["password", "session_round"])
    end_all_devices(user)
    forget_attempts(user.email)
    record(PASSWORD_RESET, by=user, company_id=user.company_id, about=user)
    return user


@transaction.atomic
def change_password(user: User, *, password: str) -> User:
    """Change the password of a person who just typed the old one; other sessions end (R36).

    Raises: ValidationError.
    """
    user = User.objects.select_for_update().get(pk=user.pk)
    validate_password(password, user)
    user.set_password(password)
    user.save(update_fields=["password"])
    end_all_devices(user)  # allauth then begins a new session at this browser
    record(PASSWORD_CHANGED, by=user, company_id=user.company_id, about=user)
    return user
