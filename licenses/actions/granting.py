"""Giving a licence to a person and taking it away; seats are never exceeded (R23, R24)."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.actions import membership, registration
from accounts.models import User
from companies.actions import lock as lock_company
from companies.models import Company
from licenses.actions.terms import lock
from licenses.models import Grant, License
from nenconnect.errors import RuleError
from nenconnect.trail.actions import Actor, record


@transaction.atomic
def grant(license: License, *, to: User, by: Actor) -> Grant:
    """Gives the licence; having it already is no error. Raises RuleError: another company, ended, no seat free."""
    license = lock(license)
    user = User.objects.select_for_update().get(pk=to.pk)
    if user.company_id != license.company_id:
        raise RuleError(_("This person is not in the company of the licence."))
    existing = Grant.objects.filter(license=license, user=user).first()
    if existing:
        return existing
    if license.ends_on < timezone.localdate():
        raise RuleError(_("“%(license)s” has ended; it cannot be given any more.") % {"license": license})
    _check_seats(license)
    new = Grant.objects.create(license=license, user=user, granted_by_id=by.pk if by else None)
    record("license_granted", by=by, company_id=license.company_id, about=[license, user])
    return new


@transaction.atomic
def take_away(license: License, *, user: User, by: Actor) -> bool:
    """Whether the person had it."""
    license = lock(license)
    deleted, _rows = Grant.objects.filter(license=license, user=user).delete()
    if deleted:
        record("license_taken_away", by=by, company_id=license.company_id, about=[license, user])
    return bool(deleted)


@transaction.atomic
def add_colleague(company: Company, new: registration.NewColleague, *, license: License | None, by: User) -> User:
    """The form of R10, saved whole or not at all: the person, the mail, and the licence if one was chosen."""
    user = registration.add_user(company, new, by=by)
    if license and user.company_id == company.pk:
        grant(license, to=user, by=by)
    return user


@transaction.atomic
def remove_colleague(user: User, *, by: User) -> None:
    """Out of the company, and every licence of it is taken away; the account goes on as a personal one."""
    company = lock_company(user.company) if user.company else None
    for license in License.objects.of(company).filter(grants__user=user):
        take_away(license, user=user, by=by)
    membership.remove_from_company(user, by=by)


def _check_seats(license: License) -> None:
    used = license.grants.count()
    if license.seats is not None and used >= license.seats:
        raise RuleError(
            _("All %(seats)s seats of “%(license)s” are in use. Take it away from somebody, or ask NEN for more.")
            % {"seats": license.seats, "license": license},
            field="license",
        )
