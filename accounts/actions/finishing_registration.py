"""Finish a registration by the mailed link, and choose the company."""

from __future__ import annotations

from django.contrib.auth.password_validation import validate_password
from django.core.signing import BadSignature, Signer
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.actions.registration import check_domain
from accounts.actions.terms import accept, check_terms
from accounts.mails.registration import REGISTRATION_SALT
from accounts.models import TermsVersion, User
from accounts.verbs import REGISTERED
from companies.actions import lock_working
from companies.models import Company
from nenconnect.audit.actions import record
from nenconnect.rules.errors import RuleError


def find_registration(token: str) -> User | None:
    """Return the pending person of a link; None when unknown, replaced, used, expired or blocked (C13)."""
    user = _person_of(token)
    return user if user and not user.is_expired() else None


def expired_registration(token: str) -> User | None:
    """Return the person of a link that expired, so that the page can name the admin to ask (R12)."""
    user = _person_of(token)
    return user if user and user.is_expired() else None


def _person_of(token: str) -> User | None:
    try:
        pk, sending = Signer(salt=REGISTRATION_SALT).unsign_object(token)
    except (BadSignature, ValueError, TypeError):
        return None
    people = User.objects.select_related("company").filter(registered_at=None, is_blocked=False)
    return people.filter(pk=pk, registration_round=sending).first()


def companies_to_choose(user: User) -> list[Company]:
    """Return the companies that a self-registered person may join, checked at each step (R17, C6)."""
    if user.company_id:
        return []
    return list(Company.objects.open_to(user.email))


@transaction.atomic
def finish_registration(
    token: str, *, password: str, company: Company | None = None, terms: TermsVersion | None = None
) -> User:
    """Set the password and complete the registration; a self-registered person joins `company`.

    The person accepts `terms`, the version that the page showed.
    Raises: RuleError when the link no longer works, the domain is no longer allowed or the terms changed, and
    ValidationError for a password that is refused.
    """
    invited = find_registration(token)
    target = invited.company if invited and invited.company else company
    if target:
        lock_working(target)
    user = User.objects.select_for_update().filter(pk=invited.pk).first() if invited else None
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
    record(REGISTERED, by=user, company_id=user.company_id, about=user)
    if terms:
        accept(user, terms)
    return user


def _check_company(user: User, chosen: Company | None) -> None:
    """Raise RuleError when the domain is no longer allowed (C6) or the company was not offered (C9)."""
    if user.company:
        check_domain(user.company, user.email, origin=user.registration_origin)
    elif chosen and chosen not in companies_to_choose(user):
        raise RuleError(_("You cannot join this company. Choose another, or go on without one."), field="company")
