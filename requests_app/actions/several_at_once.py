"""Do for many rows what deciding.py does for one: ticked requests, people, pasted addresses.

A test holds both to the same grants, answers, mails and audit entries.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from companies.actions import lock as lock_company
from companies.models import Company
from licenses.actions import granting
from licenses.actions.terms import lock_license
from licenses.models import Grant, License
from nenconnect.audit.actions import record_many
from nenconnect.bulk.many_rows import update_many
from nenconnect.rules.errors import Refusals, RuleError, split_by_rule
from requests_app.actions.deciding import answer_requests, blocked_refusal, closed_refusal, mark_decided
from requests_app.models import AccessRequest, LicenseRequest, RequestStatus

MAX_AT_ONCE = 200
BATCH = 10


@dataclass(frozen=True)
class DecisionOutcome:
    row: AccessRequest
    refusal: str = ""


def decide_together(
    kind: type[AccessRequest], ids: Iterable[int], change: Callable[[Any], None], *, company: Company
) -> list[DecisionOutcome]:
    """Do `change` to each open request, the oldest first; what a rule refuses stays as it was (R28, C27).

    A few per transaction, so that others do not wait long for the company's lock.
    """
    chosen = sorted(ids)[:MAX_AT_ONCE]
    batches = [chosen[start : start + BATCH] for start in range(0, len(chosen), BATCH)]
    return [outcome for batch in batches for outcome in _decide_one_by_one(kind, batch, change, company)]


@transaction.atomic
def _decide_one_by_one(
    kind: type[AccessRequest], ids: list[int], change: Callable[[Any], None], company: Company
) -> list[DecisionOutcome]:
    """Lock the company once for all of them: the second admin reads that they are decided."""
    lock_company(company)
    rows = kind.objects.filter(company=company, pk__in=ids).order_by("pk")
    return [_outcome_of(row, change) for row in rows.select_related("user", "decided_by", kind.item_field)]


def _outcome_of(row: AccessRequest, change: Callable[[Any], None]) -> DecisionOutcome:
    if not row.is_open:
        return DecisionOutcome(row, str(closed_refusal(row)))
    try:
        with transaction.atomic():
            change(row)
    except RuleError as error:
        return DecisionOutcome(row, str(error))
    return DecisionOutcome(row)


def decide_many(rows: Iterable[AccessRequest], status: RequestStatus, *, by: User | None) -> None:
    rows = list(rows)
    entries = [mark_decided(row, status, by=by) for row in rows]
    if rows:
        update_many(rows, [field.name for field in rows[0]._meta.concrete_fields if not field.primary_key])
    record_many(entries)


@transaction.atomic
def give_to_people(license: License, people: Sequence[User], *, by: User, ends_on: date | None = None) -> Refusals:
    license = lock_license(license)  # and its company: no request is made or decided meanwhile
    numbers, refusals = [person.pk for person in people], Refusals()
    blocked_ids = set(User.objects.filter(pk__in=numbers, is_blocked=True).values_list("pk", flat=True))

    def check(person: User) -> None:
        if person.pk in blocked_ids:
            raise RuleError(blocked_refusal())

    receiving = split_by_rule(people, check, refusals)
    pending = LicenseRequest.objects.pending().filter(license=license, user__in=receiving)
    requesters = set(pending.values_list("user", flat=True))
    refusals |= granting.grant_many(license, receiving, by=by, requesters=requesters, ends_on=ends_on)
    answer_requests(license, [person for person in receiving if person.pk not in refusals], by=by)
    return refusals


@dataclass
class Recipient:
    """Hold one address of a list and what happens to it."""

    address: str
    person: User | None = None
    has_it: bool = False
    refusal: str = ""
    is_given: bool = False

    @property
    def can_have(self) -> bool:
        return not (self.has_it or self.refusal or self.is_given)


@transaction.atomic
def give_to_many(license: License, addresses: Iterable[str], *, by: User, is_sure: bool) -> list[Recipient]:
    """Give the licence to each colleague on the list while seats last, and say why not to others.

    Without `is_sure` nothing is given: the result shows what would happen.
    """
    license = lock_license(license)
    addresses = list(dict.fromkeys(addresses))
    members = User.objects.members_of(license.company)
    people = {person.email: person for person in members.filter(email__in=addresses)}
    holders = set(Grant.objects.lasting().filter(license=license).values_list("user", flat=True))
    free = None if license.seats is None else license.seats - len(holders)
    recipients = [_recipient(address, people.get(address), holders) for address in addresses]
    for recipient in recipients:
        if recipient.can_have and free is not None and free <= 0:
            recipient.refusal = _("There is no free seat left.")
        elif recipient.can_have:
            free = None if free is None else free - 1
    if is_sure:
        _give_to_recipients(license, [recipient for recipient in recipients if recipient.can_have], by=by)
    return recipients


def _recipient(address: str, person: User | None, holders: set[int]) -> Recipient:
    if person is None:
        return Recipient(address, refusal=_("No one at your company has this address. Add the colleague first."))
    if person.pk in holders:
        return Recipient(address, person, has_it=True)
    if person.is_blocked:
        return Recipient(address, person, refusal=blocked_refusal())
    return Recipient(address, person)


def _give_to_recipients(license: License, recipients: Sequence[Recipient], *, by: User) -> None:
    people = [recipient.person for recipient in recipients if recipient.person]
    refusals = give_to_people(license, people, by=by)
    for recipient in recipients:
        refusal = refusals.get(recipient.person.pk) if recipient.person else None
        recipient.refusal, recipient.is_given = str(refusal or ""), refusal is None
