"""Giving a licence answers what the person asked for (R23, R28): the pages give by this, not by `grant`."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from licenses.access import readers_can_open
from licenses.actions import granting
from licenses.actions.terms import lock
from licenses.models import Grant, License
from nenconnect.rules.errors import Refusals, RuleError, raise_refusal, sift
from requests_app import mails
from requests_app.actions.deciding import decide
from requests_app.models import DocumentRequest, LicenseRequest, RequestStatus


def give_license(
    license: License, *, to: User, by: User, is_request: bool = False, ends_on: date | None = None
) -> None:
    """`is_request` when it is given on a request that is answered already.

    Raises RuleError: another company, blocked, ended, no seat free, a day outside the term.
    """
    raise_refusal(give_to_people(license, [to], by=by, is_request=is_request, ends_on=ends_on))


@transaction.atomic
def give_to_people(
    license: License,
    people: Sequence[User],
    *,
    by: User,
    is_request: bool = False,
    ends_on: date | None = None,
) -> Refusals:
    """Approves their open requests for the licence and for documents it opens, each with its one mail."""
    lock(license)  # and its company: nobody decides or asks meanwhile
    numbers, refusals = [one.pk for one in people], Refusals()
    blocked = set(User.objects.filter(pk__in=numbers, is_blocked=True).values_list("pk", flat=True))

    def check(person: User) -> None:
        if person.pk in blocked:
            raise RuleError(_blocked())

    receiving = sift(people, check, refusals)
    asked = LicenseRequest.objects.pending().filter(license=license, user__in=receiving)
    requesters = numbers if is_request else set(asked.values_list("user", flat=True))
    refusals |= granting.grant_many(license, receiving, by=by, requesters=requesters, ends_on=ends_on)
    answer_requests(license, [one for one in receiving if one.pk not in refusals], by=by)
    return refusals


@transaction.atomic
def prolong(license: License, *, user: User, ends_on: date | None, by: User) -> None:
    """„Verlengen": who has it again has what was asked for. Raises RuleError as `granting.set_end` does."""
    granting.set_end(license, user=user, ends_on=ends_on, by=by)
    if Grant.objects.lasting().filter(license=license, user=user).exists():
        answer_requests(license, [user], by=by)


def answer_requests(license: License, people: Sequence[User], *, by: User) -> None:
    """Of those who have just come to have the licence. Wants the company locked."""
    for asked in LicenseRequest.objects.pending().filter(license=license, user__in=people):
        decide(asked, RequestStatus.APPROVED, by=by)
        mails.send_license_request_approved(asked)
    opened = DocumentRequest.objects.pending().filter(readers_can_open(), document__licenses=license)
    for wanted in opened.filter(company=license.company_id, user__in=people):
        wanted.license = license
        decide(wanted, RequestStatus.APPROVED, by=by)
        mails.send_document_request_approved(wanted)


@dataclass
class Asked:
    """One address of a list, and what becomes of it."""

    address: str
    person: User | None = None
    has_it: bool = False
    refusal: str = ""
    is_given: bool = False

    @property
    def can_have(self) -> bool:
        return not (self.has_it or self.refusal or self.is_given)


@transaction.atomic
def give_to_many(license: License, addresses: Iterable[str], *, by: User, is_sure: bool) -> list[Asked]:
    """Gives the licence to each colleague on the list, as far as there are seats; the rest is told why not.

    Without `is_sure` it only says what would happen.
    """
    license = lock(license)
    wanted = list(dict.fromkeys(addresses))
    people = {one.email: one for one in User.objects.members_of(license.company).filter(email__in=wanted)}
    holders = set(Grant.objects.lasting().filter(license=license).values_list("user", flat=True))
    free = None if license.seats is None else license.seats - len(holders)
    asked = [_looked_at(address, people.get(address), holders) for address in wanted]
    for one in asked:
        if one.can_have and free is not None and free <= 0:
            one.refusal = _("No seat is free any more.")
        elif one.can_have:
            free = None if free is None else free - 1
    if is_sure:
        _give(license, [one for one in asked if one.can_have], by=by)
    return asked


def _looked_at(address: str, person: User | None, holders: set[int]) -> Asked:
    if person is None:
        return Asked(address, refusal=_("Nobody at your company has this address. Add the colleague first."))
    if person.pk in holders:
        return Asked(address, person, has_it=True)
    if person.is_blocked:
        return Asked(address, person, refusal=_blocked())
    return Asked(address, person)


def _blocked() -> str:
    return _("Blocked. Unblock first.")


def _give(license: License, receiving: Sequence[Asked], *, by: User) -> None:
    refusals = give_to_people(license, [one.person for one in receiving if one.person], by=by)
    for one in receiving:
        refusal = refusals.get(one.person.pk) if one.person else None
        one.refusal, one.is_given = str(refusal or ""), refusal is None
