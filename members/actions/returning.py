"""Bring back a colleague who left, as far as the account and the company allow."""

from __future__ import annotations

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.actions import membership
from accounts.actions.registration import check_available, check_domain, check_not_flooded
from accounts.actions.registration_links import renew_link
from accounts.mails.registration import send_registration
from accounts.models import User
from companies.actions import lock_working
from companies.models import Company
from members.models import Departure, Leaver
from members.verbs import RETURNED_TO_COMPANY
from nenconnect.audit.actions import record
from nenconnect.rules.errors import RuleError


@transaction.atomic
def bring_back(leaver: Leaver, *, by: User) -> User:
    """Bring the person back as before; the caller gives the licences. Raises RuleError with the reason."""
    departure = leaver.departure
    company = lock_working(departure.company)
    user = User.objects.select_for_update().filter(pk=leaver.user_id or 0).first()
    if user is None:
        raise RuleError(_("The account is deleted."))
    if departure.kind == Departure.Kind.BLOCK:
        _unblock_again(user, company, by=by)
    else:
        _rejoin_company(user, company, leaver, by=by)
    if user.is_pending:  # the link that they had is dead
        check_not_flooded(user, is_new=False)
        renew_link(user)
        user.save()
        send_registration(user)
    return user


def _unblock_again(user: User, company: Company, *, by: User) -> None:
    if user.company_id != company.pk:
        raise RuleError(_("%(name)s is no longer in this company.") % {"name": user})
    membership.unblock(user, by=by)
    user.refresh_from_db()


def _rejoin_company(user: User, company: Company, leaver: Leaver, *, by: User) -> None:
    """Join the company without confirmation (R13): it undoes an admin's mistake of the last week."""
    if user.company_id == company.pk:
        raise RuleError(_("%(name)s is in your company again already.") % {"name": user})
    if user.company_id:
        raise RuleError(_("This person has joined another company."))
    check_available(user, company, origin=User.Origin.COMPANY)
    check_domain(company, user.email, origin=leaver.registration_origin)
    user.company, user.role, user.label = company, leaver.role, leaver.label
    user.is_mail_rerouted, user.registration_origin = leaver.is_mail_rerouted, leaver.registration_origin
    user.save()
    details = {"role": user.role, "is_registered": not user.is_pending}
    record(RETURNED_TO_COMPANY, by=by, company_id=company.pk, about=user, **details)
