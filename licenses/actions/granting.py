"""Giving a licence to a person and taking it away; seats are never exceeded (R23, R24)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from django.db import transaction
from django.utils import formats, timezone
from django.utils.translation import gettext as _

from accounts.actions import membership, registration
from accounts.models import User
from companies.actions import check_working
from companies.actions import lock as lock_company
from companies.models import Company
from licenses.actions.terms import lock, note_when_full
from licenses.models import Grant, License
from nenconnect.errors import RuleError
from nenconnect.trail.actions import Actor, new_entry, record, record_many


@transaction.atomic
def grant(
    license: License, *, to: User, by: Actor, origin: str = Grant.Origin.GIVEN, ends_on: date | None = None
) -> Grant:
    """Gives the licence, until a day where one is named; anew where it had ended for the person.

    Having it already is no error. Raises RuleError: another company, one that NEN closed, ended, no seat free, a
    day outside the term.
    """
    license = lock(license)
    check_working(license.company)
    user = User.objects.select_for_update().filter(pk=to.pk).first()
    if user is None or user.company_id != license.company_id:
        raise RuleError(_("This person is not in the company of the licence."))
    theirs = Grant.objects.filter(license=license, user=user)
    if existing := theirs.lasting().first():
        return existing
    check_lasts(license)
    _check_seats(license)
    _check_end(license, ends_on)
    theirs.delete()  # one that has ended
    new = Grant.objects.create(
        license=license, user=user, granted_by_id=by.pk if by else None, origin=origin, ends_on=ends_on
    )
    note_when_full(license)
    until = {"until": ends_on.isoformat()} if ends_on else {}
    record("license_granted", by=by, company_id=license.company_id, about=[license, user], origin=origin, **until)
    return new


@transaction.atomic
def grant_to_new(license: License, people: Sequence[User], *, by: Actor) -> None:
    """The same for colleagues who were added just now, so that they have asked for nothing and have nothing.

    Raises RuleError: ended, not so many seats free.
    """
    license = lock(license)
    check_working(license.company)
    check_lasts(license)
    _check_seats(license, wanted=len(people))
    Grant.objects.bulk_create(
        [Grant(license=license, user=user, granted_by_id=by.pk if by else None) for user in people]
    )
    note_when_full(license)
    record_many(
        new_entry(
            "license_granted",
            by=by,
            company_id=license.company_id,
            about=[license, user],
            origin=Grant.Origin.GIVEN,
        )
        for user in people
    )


@transaction.atomic
def set_end(license: License, *, user: User, ends_on: date | None, by: Actor) -> None:
    """„Verlengen", or ending earlier; no day: as long as the licence. Who had lost it by its end has it again.

    Raises RuleError: does not have it, no seat free, a day outside the term.
    """
    license = lock(license)
    row = Grant.objects.select_for_update().filter(license=license, user=user).first()
    if row is None or user.company_id != license.company_id:
        raise RuleError(_("%(name)s does not have this licence.") % {"name": user})
    if row.ends_on == ends_on:
        return
    _check_end(license, ends_on)
    was_lasting = row.is_lasting
    if not was_lasting:
        _check_seats(license)
    until_before, row.ends_on = row.ends_on, ends_on
    row.save(update_fields=["ends_on"])
    if not was_lasting:
        note_when_full(license)
    record(
        "license_end_changed",
        by=by,
        company_id=license.company_id,
        about=[license, user],
        until_before=until_before.isoformat() if until_before else None,
        until=ends_on.isoformat() if ends_on else None,
    )


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


def check_lasts(license: License) -> None:
    """Raises RuleError when it has ended."""
    if license.has_ended:
        raise RuleError(_("“%(license)s” has ended; it cannot be given any more.") % {"license": license})


def _check_seats(license: License, *, wanted: int = 1) -> None:
    used = Grant.objects.lasting().filter(license=license).count()
    if license.seats is not None and used + wanted > license.seats:
        raise no_seat(license)


def no_seat(license: License) -> RuleError:
    """What is said when all seats are in use (R24)."""
    return RuleError(
        _("All %(seats)s seats of “%(license)s” are in use. Take it away from somebody, or ask NEN for more.")
        % {"seats": license.seats, "license": license},
        field="license",
    )


def _check_end(license: License, ends_on: date | None) -> None:
    if ends_on is None:
        return
    if ends_on < timezone.localdate():
        raise RuleError(_("This day has passed. Choose today or a later day."), field="ends_on")
    if ends_on > license.ends_on:
        raise RuleError(
            _("The licence itself ends on %(day)s. Choose that day or an earlier one, or leave it empty.")
            % {"day": formats.date_format(license.ends_on, "j F Y")},
            field="ends_on",
        )
