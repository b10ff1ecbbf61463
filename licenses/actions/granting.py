"""Giving a licence to a person and taking it away; seats are never exceeded (R23, R24)."""

from __future__ import annotations

from collections.abc import Container, Sequence
from datetime import date
from typing import Any

from django.db import transaction
from django.utils import formats, timezone
from django.utils.translation import gettext as _

from accounts.actions import membership, registration
from accounts.models import User
from companies.actions import check_working
from companies.models import Company
from licenses.actions.terms import lock, note_when_full
from licenses.models import Grant, License
from licenses.verbs import LICENSE_END_CHANGED, LICENSE_GRANTED, LICENSE_TAKEN_AWAY
from nenconnect.audit.actions import Actor, new_entry, record, record_many
from nenconnect.audit.models import AuditEntry
from nenconnect.bulk.many_rows import insert_many
from nenconnect.rules.errors import Refusals, RuleError, raise_refusal, sift


@transaction.atomic
def grant(
    license: License, *, to: User, by: Actor, is_request: bool = False, ends_on: date | None = None
) -> Grant:
    """Return the grant that the person has already, or a new one. `grant_many` does the same for several.

    Raises RuleError: another company, one that NEN closed, ended, no seat free, a day outside the term.
    """
    license = lock(license)
    raise_refusal(_members_of(license, [to])[1])
    before = Grant.objects.filter(license=license, user=to)
    if lasting := before.lasting().first():
        return lasting
    _check_can_give(license, Seats(license), ends_on)
    before.delete()  # one that has ended
    new = _grant(license, to, by, is_request, ends_on)
    new.save(force_insert=True)
    note_when_full(license)
    _entry(license, new, by).save()
    return new


@transaction.atomic
def grant_many(
    license: License,
    people: Sequence[User],
    *,
    by: Actor,
    requesters: Container[int] = (),
    ends_on: date | None = None,
) -> Refusals:
    """Gives the licence, until a day where one is named; anew where it had ended for a person.

    As far as there are seats, in the order of the people. Whoever has it already keeps it as it is. `requesters`
    are the numbers of those who had asked for it.
    """
    license = lock(license)
    members, refusals = _members_of(license, people)
    seats, theirs = Seats(license), Grant.objects.filter(license=license, user__in=members)

    def check(_user: User) -> None:
        _check_can_give(license, seats, ends_on)

    holders = set(theirs.lasting().values_list("user", flat=True))
    receiving = sift([user for user in members if user.pk not in holders], check, refusals)
    theirs.filter(user__in=receiving).delete()  # those that have ended
    grants = [_grant(license, user, by, user.pk in requesters, ends_on) for user in receiving]
    insert_many(grants)
    if grants:
        note_when_full(license)
    record_many(_entry(license, new, by) for new in grants)
    return refusals


def _members_of(license: License, people: Sequence[User]) -> tuple[list[User], Refusals]:
    """Of the company of the licence, locked and in their order."""
    rows = User.objects.select_for_update().filter(pk__in=[user.pk for user in people]).order_by("pk")
    companies, refusals = dict(rows.values_list("pk", "company")), Refusals()

    def check(user: User) -> None:
        if companies.get(user.pk) != license.company_id:
            raise RuleError(_("This person is not in the company of the licence."))

    return sift(people, check, refusals), refusals


def _check_can_give(license: License, seats: Seats, ends_on: date | None) -> None:
    check_working(license.company)
    check_lasts(license)
    seats.take()
    _check_end(license, ends_on)


def _grant(license: License, user: User, by: Actor, is_asked: bool, ends_on: date | None) -> Grant:
    origin = Grant.Origin.REQUEST if is_asked else Grant.Origin.GIVEN
    return Grant(license=license, user=user, granted_by_id=by.pk if by else None, origin=origin, ends_on=ends_on)


def _entry(license: License, new: Grant, by: Actor) -> AuditEntry:
    told: dict[str, Any] = {"origin": new.origin}
    if new.ends_on:
        told["until"] = new.ends_on.isoformat()
    about = [license, new.user]
    return new_entry(LICENSE_GRANTED, by=by, company_id=license.company_id, about=about, **told)


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
        Seats(license).take()
    until_before, row.ends_on = row.ends_on, ends_on
    row.save(update_fields=["ends_on"])
    if not was_lasting:
        note_when_full(license)
    record(
        LICENSE_END_CHANGED,
        by=by,
        company_id=license.company_id,
        about=[license, user],
        until_before=until_before.isoformat() if until_before else None,
        until=ends_on.isoformat() if ends_on else None,
    )


def take_away(license: License, *, user: User, by: Actor) -> bool:
    """Whether the person had it."""
    return bool(take_away_from_many(license, [user], by=by))


@transaction.atomic
def take_away_from_many(license: License, people: Sequence[User], *, by: Actor) -> list[User]:
    """Those who had it."""
    license = lock(license)
    theirs = Grant.objects.filter(license=license, user__in=people)
    held = set(theirs.values_list("user", flat=True))
    losing = [user for user in people if user.pk in held]
    theirs.delete()
    record_many(
        new_entry(LICENSE_TAKEN_AWAY, by=by, company_id=license.company_id, about=[license, user])
        for user in losing
    )
    return losing


@transaction.atomic
def add_colleague(company: Company, new: registration.NewColleague, *, license: License | None, by: User) -> User:
    """The form of R10, saved whole or not at all: the person, the mail, and the licence if one was chosen."""
    user = registration.add_user(company, new, by=by)
    if license and user.company_id == company.pk:
        grant(license, to=user, by=by)
    return user


def remove_colleague(user: User, *, by: User) -> None:
    raise_refusal(remove_colleagues([user], by=by))


@transaction.atomic
def remove_colleagues(people: Sequence[User], *, by: User) -> Refusals:
    """Out of the company, and every licence of it is taken away; the accounts go on as personal ones."""
    leaving, refusals = membership.who_may_leave(people, by=by)
    theirs = License.objects.filter(company__in={user.company_id for user in leaving if user.company_id})
    for license in theirs.filter(pk__in=Grant.objects.filter(user__in=leaving).values("license")).order_by("pk"):
        take_away_from_many(license, leaving, by=by)
    return refusals | membership.remove_many(leaving, by=by)


def check_lasts(license: License) -> None:
    """Raises RuleError when it has ended."""
    if license.has_ended:
        raise RuleError(_("“%(license)s” has ended; it cannot be given any more.") % {"license": license})


class Seats:
    """Of a licence that is locked; each who gets it takes one (R24)."""

    def __init__(self, license: License) -> None:
        self._license = license
        self._used = Grant.objects.lasting().filter(license=license).count()

    def take(self) -> None:
        """Raises RuleError when none is free."""
        if self._license.seats is not None and self._used >= self._license.seats:
            raise no_seat(self._license)
        self._used += 1


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
