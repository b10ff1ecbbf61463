"""Grant a licence to people and take it away; never exceed the seats (R23, R24)."""

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
from licenses.actions.terms import lock_license, note_when_full
from licenses.models import Grant, License
from licenses.verbs import LICENSE_END_CHANGED, LICENSE_GRANTED, LICENSE_TAKEN_AWAY
from nenconnect.audit.actions import Actor, new_entry, record, record_many
from nenconnect.audit.models import AuditEntry
from nenconnect.bulk.many_rows import insert_many
from nenconnect.rules.errors import Refusals, RuleError, raise_refusal, split_by_rule


@transaction.atomic
def grant(
    license: License, *, to: User, by: Actor, is_request: bool = False, ends_on: date | None = None
) -> Grant:
    """Return the grant that the person has already, or a new one; `grant_many` does the same for several.

    Raises: RuleError for another company, a closed one, a licence that has ended or is full, or a wrong day.
    """
    license = lock_license(license)
    raise_refusal(_lock_members(license, [to])[1])
    before = Grant.objects.filter(license=license, user=to)
    if lasting := before.lasting().first():
        return lasting
    _check_can_grant(license, Seats(license), ends_on)
    before.delete()  # a grant that has ended
    new_grant = _build_grant(license, to, by, is_request, ends_on)
    new_grant.save(force_insert=True)
    note_when_full(license)
    _granted_entry(license, new_grant, by).save()
    return new_grant


@transaction.atomic
def grant_many(
    license: License,
    people: Sequence[User],
    *,
    by: Actor,
    requesters: Container[int] = (),
    ends_on: date | None = None,
) -> Refusals:
    """Grant the licence to people in their order, as far as there are seats, optionally until a day.

    A person who has the licence keeps the grant unchanged; a grant that has ended is replaced. `requesters` are
    the ids of the people who requested the licence.
    """
    license = lock_license(license)
    members, refusals = _lock_members(license, people)
    seats, grants_of_people = Seats(license), Grant.objects.filter(license=license, user__in=members)

    def check(_user: User) -> None:
        _check_can_grant(license, seats, ends_on)

    holders = set(grants_of_people.lasting().values_list("user", flat=True))
    receiving = split_by_rule([user for user in members if user.pk not in holders], check, refusals)
    grants_of_people.filter(user__in=receiving).delete()  # those that have ended
    grants = [_build_grant(license, user, by, user.pk in requesters, ends_on) for user in receiving]
    insert_many(grants)
    if grants:
        note_when_full(license)
    record_many(_granted_entry(license, new_grant, by) for new_grant in grants)
    return refusals


def _lock_members(license: License, people: Sequence[User]) -> tuple[list[User], Refusals]:
    rows = User.objects.select_for_update().filter(pk__in=[user.pk for user in people]).order_by("pk")
    companies, refusals = dict(rows.values_list("pk", "company")), Refusals()

    def check(user: User) -> None:
        if companies.get(user.pk) != license.company_id:
            raise RuleError(_("This person is not in the company of the licence."))

    return split_by_rule(people, check, refusals), refusals


def _check_can_grant(license: License, seats: Seats, ends_on: date | None) -> None:
    check_working(license.company)
    check_lasts(license)
    seats.use_one()
    _check_last_day(license, ends_on)


def _build_grant(license: License, user: User, by: Actor, is_request: bool, ends_on: date | None) -> Grant:
    origin = Grant.Origin.REQUEST if is_request else Grant.Origin.GIVEN
    return Grant(license=license, user=user, granted_by_id=by.pk if by else None, origin=origin, ends_on=ends_on)


def _granted_entry(license: License, new_grant: Grant, by: Actor) -> AuditEntry:
    details: dict[str, Any] = {"origin": new_grant.origin}
    if new_grant.ends_on:
        details["until"] = new_grant.ends_on.isoformat()
    about = [license, new_grant.user]
    return new_entry(LICENSE_GRANTED, by=by, company_id=license.company_id, about=about, **details)


@transaction.atomic
def set_end(license: License, *, user: User, ends_on: date | None, by: Actor) -> None:
    """Change the last day of a person's grant; None means as long as the licence.

    A grant that had ended works again. Raises: RuleError for a person without a grant, a licence without a free
    seat, or a day outside the term.
    """
    license = lock_license(license)
    grant_of_user = Grant.objects.select_for_update().filter(license=license, user=user).first()
    if grant_of_user is None or user.company_id != license.company_id:
        raise RuleError(_("%(name)s does not have this licence.") % {"name": user})
    if grant_of_user.ends_on == ends_on:
        return
    _check_last_day(license, ends_on)
    was_lasting = grant_of_user.is_lasting
    if not was_lasting:
        Seats(license).use_one()
    until_before, grant_of_user.ends_on = grant_of_user.ends_on, ends_on
    grant_of_user.save(update_fields=["ends_on"])
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
    return bool(take_away_from_many(license, [user], by=by))


@transaction.atomic
def take_away_from_many(license: License, people: Sequence[User], *, by: Actor) -> list[User]:
    license = lock_license(license)
    grants_of_people = Grant.objects.filter(license=license, user__in=people)
    holders = set(grants_of_people.values_list("user", flat=True))
    losing = [user for user in people if user.pk in holders]
    grants_of_people.delete()
    record_many(
        new_entry(LICENSE_TAKEN_AWAY, by=by, company_id=license.company_id, about=[license, user])
        for user in losing
    )
    return losing


@transaction.atomic
def add_colleague(company: Company, new: registration.NewColleague, *, license: License | None, by: User) -> User:
    user = registration.add_user(company, new, by=by)
    if license and user.company_id == company.pk:
        grant(license, to=user, by=by)
    return user


def remove_colleague(user: User, *, by: User) -> None:
    raise_refusal(remove_colleagues([user], by=by))


@transaction.atomic
def remove_colleagues(people: Sequence[User], *, by: User) -> Refusals:
    leaving, refusals = membership.lock_people_who_may_leave(people, by=by)
    # The accounts go on as personal accounts, without any licence of the company.
    licenses = License.objects.filter(company__in={user.company_id for user in leaving if user.company_id})
    for license in licenses.filter(pk__in=Grant.objects.filter(user__in=leaving).values("license")).order_by("pk"):
        take_away_from_many(license, leaving, by=by)
    return refusals | membership.remove_many(leaving, by=by)


def check_lasts(license: License) -> None:
    if license.has_ended:
        raise RuleError(_("“%(license)s” has ended. You can no longer give it.") % {"license": license})


class Seats:
    """Count the free seats of a locked licence; each new grant takes one (R24)."""

    def __init__(self, license: License) -> None:
        self._license = license
        self._used = Grant.objects.lasting().filter(license=license).count()

    def use_one(self) -> None:
        """Use one seat.

        Raises: RuleError if none is free.
        """
        if self._license.seats is not None and self._used >= self._license.seats:
            raise no_seat(self._license)
        self._used += 1


def no_seat(license: License) -> RuleError:
    return RuleError(
        _(
            "All %(seats)s seats of “%(license)s” are in use. Take the licence away from a person, or ask NEN for "
            "more seats."
        )
        % {"seats": license.seats, "license": license},
        field="license",
    )


def _check_last_day(license: License, ends_on: date | None) -> None:
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
