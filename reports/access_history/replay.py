"""Replay of R25 over time: each audit entry changes who has access, and a period ends or begins."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from itertools import product
from typing import Any, NamedTuple

from django.utils import timezone
from django.utils.dateparse import parse_date, parse_datetime

from accounts.verbs import (
    BLOCKED,
    JOINED_COMPANY,
    MOVED_IN,
    MOVED_OUT,
    REGISTERED,
    REMOVED_FROM_COMPANY,
    UNBLOCKED,
    USER_ADDED,
)
from companies.verbs import COMPANY_CLOSED, COMPANY_REOPENED
from licenses.models import LAST_DAY, Grant
from licenses.verbs import (
    COMPANY_WIDE_SWITCHED,
    LICENSE_CHANGED,
    LICENSE_CREATED,
    LICENSE_END_CHANGED,
    LICENSE_GRANTED,
    LICENSE_MOVED_ALONG,
    LICENSE_TAKEN_AWAY,
)
from members.verbs import ACCOUNT_CLOSED, RETURNED_TO_COMPANY, USER_DELETED
from nenconnect.audit.verbs import Verb

LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)
WIDE = "wide"  # a basis, beside the origins of a grant


class ReplayEvent(NamedTuple):
    """Hold an audit entry, or a stand-in for a missing one."""

    at: datetime
    verb: Verb
    actor: int | None
    subjects: dict[str, int]
    details: dict[str, Any]
    is_from_rows: bool = False  # a stand-in


@dataclass
class Person:
    is_member: bool = False
    registered_at: datetime | None = None
    is_blocked: bool = False
    is_from_rows: bool = False

    @property
    def is_active(self) -> bool:
        return self.is_member and self.registered_at is not None and not self.is_blocked


@dataclass
class Held:
    """Hold a grant during the replay."""

    origin: str
    by: int | None
    until: date | None = None
    is_from_rows: bool = False


@dataclass
class Terms:
    starts_on: date
    ends_on: date
    is_wide: bool = False
    wide_by: int | None = None
    is_from_rows: bool = True  # that it is company-wide, or not: until a line says so
    holders: dict[int, Held] = field(default_factory=dict)


@dataclass
class Period:
    person: int
    license: int
    begin: datetime
    first: datetime  # from when the days of the licence allow it
    last: datetime  # and until when
    basis: str
    by: int | None
    cause: Verb | None  # None: the licence's first or last day, or the person's own
    cause_by: int | None
    is_from_rows: bool = False  # no line tells of the person or of what was given
    end: datetime | None = None
    end_cause: Verb | None = None
    end_by: int | None = None


class Replay:
    def __init__(self, licenses: dict[int, Terms], *, is_closed: bool = False) -> None:
        self.people: dict[int, Person] = defaultdict(Person)
        self.licenses = licenses
        self.is_closed = is_closed  # the company: then no licence of it opens anything
        self.open: dict[tuple[int, int], Period] = {}

    def run(self, events: Iterable[ReplayEvent], now: datetime) -> Iterator[Period]:
        for event in events:
            for period in self._periods_ended_by(event):
                yield from _as_it_was(period, now)
        for period in self.open.values():
            yield from _as_it_was(period, now)

    def _periods_ended_by(self, event: ReplayEvent) -> Iterator[Period]:
        license, person = event.subjects.get("license"), event.subjects.get("user")
        touched: Iterable[tuple[int, int]]
        if event.verb in COMPANIES:
            self.is_closed = COMPANIES[event.verb]
            touched = product(self.people, self.licenses)
        elif event.verb in PERSONS and person is not None:
            PERSONS[event.verb](self.people[person], event)
            touched = product([person], self.licenses)
        elif event.verb in LICENSES and license in self.licenses:
            touched = list(self._change_license(license, person, event))
        else:
            return
        for key in touched:
            yield from self._update_access(key, event)

    def _change_license(self, pk: int, person: int | None, event: ReplayEvent) -> Iterator[tuple[int, int]]:
        terms = self.licenses[pk]
        if event.verb in HOLDERS:
            if person is not None:
                _change_holder(terms, person, event)
                yield person, pk
            return
        if event.verb is COMPANY_WIDE_SWITCHED:
            _switch_company_wide(terms, event, self.people)
        else:
            _change_terms(terms, event)
        yield from [(person, pk) for person in {*terms.holders, *self.people}]

    def _update_access(self, key: tuple[int, int], event: ReplayEvent) -> Iterator[Period]:
        before, after = self.open.get(key), self._current_period(key, event)
        if before and after and (before.basis, before.by) == (after.basis, after.by):
            if before.first <= event.at < before.last and after.first <= event.at < after.last:
                before.last = after.last  # the days changed, access goes on
                return
            if (before.first, before.last) == (after.first, after.last):
                return
        if before:
            before.end, before.end_cause, before.end_by = event.at, event.verb, event.actor
            yield self.open.pop(key)
        if after:
            self.open[key] = after

    def _current_period(self, key: tuple[int, int], event: ReplayEvent) -> Period | None:
        person, license = key
        terms = self.licenses[license]
        grant = terms.holders.get(person)
        if self.is_closed or not self.people[person].is_active or not (terms.is_wide or grant):
            return None
        last = terms.ends_on
        if not terms.is_wide and grant and grant.until:
            last = min(last, grant.until)
        return Period(
            person,
            license,
            begin=event.at,
            first=_start_of_day(terms.starts_on),
            last=_start_of_day(min(last, LAST_DAY) + timedelta(days=1)),  # the audit may have later ones
            basis=WIDE if terms.is_wide or not grant else grant.origin,
            by=terms.wide_by if terms.is_wide or not grant else grant.by,
            cause=event.verb,
            cause_by=event.actor,
            is_from_rows=self.people[person].is_from_rows or _is_from_rows(terms, grant),
        )


def _is_from_rows(terms: Terms, grant: Held | None) -> bool:
    return terms.is_from_rows if terms.is_wide or grant is None else grant.is_from_rows


def _as_it_was(period: Period, now: datetime) -> Iterator[Period]:
    if period.first > period.begin:
        period.begin, period.cause, period.cause_by = period.first, None, None
    if period.last <= (period.end or now):
        period.end, period.end_cause, period.end_by = period.last, None, None
    if period.begin < period.end if period.end else period.begin <= now:
        yield period


# What each verb does ---------------------------------------------------------------------------------


def _is_arrival(person: Person, event: ReplayEvent) -> None:
    person.is_member, person.is_from_rows = True, event.is_from_rows
    was_blocked = person.is_blocked and event.verb is REGISTERED
    person.is_blocked = bool(_after_of(event, "is_blocked", was_blocked))  # a blocked person is never taken in
    if event.verb is REGISTERED:
        person.registered_at = person.registered_at or event.at
    elif event.verb is not USER_ADDED and event.details.get("is_registered", True):
        person.registered_at = LONG_AGO  # elsewhere, before


def _is_departure(person: Person, event: ReplayEvent) -> None:
    person.is_member = False


def _is_blocked(person: Person, event: ReplayEvent) -> None:
    person.is_blocked = event.verb is BLOCKED


PERSONS = {
    **dict.fromkeys([USER_ADDED, JOINED_COMPANY, MOVED_IN, RETURNED_TO_COMPANY, REGISTERED], _is_arrival),
    **dict.fromkeys([REMOVED_FROM_COMPANY, MOVED_OUT, USER_DELETED, ACCOUNT_CLOSED], _is_departure),
    **dict.fromkeys([BLOCKED, UNBLOCKED], _is_blocked),
}
GIVES = {LICENSE_GRANTED, LICENSE_MOVED_ALONG}
HOLDERS = GIVES | {LICENSE_TAKEN_AWAY, LICENSE_END_CHANGED}
LICENSES = HOLDERS | {LICENSE_CREATED, LICENSE_CHANGED, COMPANY_WIDE_SWITCHED}
COMPANIES = {COMPANY_CLOSED: True, COMPANY_REOPENED: False}


def _change_holder(terms: Terms, person: int, event: ReplayEvent) -> None:
    until = parse_date(event.details.get("until") or "")
    if event.verb in GIVES:
        origin = event.details.get("origin", Grant.Origin.GIVEN)
        terms.holders[person] = Held(origin, event.actor, until, event.is_from_rows)
    elif event.verb is LICENSE_TAKEN_AWAY:
        terms.holders.pop(person, None)
    elif grant := terms.holders.get(person):
        grant.until = until


def _change_terms(terms: Terms, event: ReplayEvent) -> None:
    for name in ("starts_on", "ends_on"):
        if day := parse_date(_after_of(event, name) or ""):
            setattr(terms, name, day)
    if event.verb is LICENSE_CREATED and _after_of(event, "is_company_wide"):
        terms.is_wide, terms.wide_by, terms.is_from_rows = True, event.actor, False


def _switch_company_wide(terms: Terms, event: ReplayEvent, people: dict[int, Person]) -> None:
    """Switch company-wide; off, the people with access when it was asked keep it while the licence lasts (R21)."""
    terms.is_wide, terms.wide_by, terms.is_from_rows = event.details["to"], event.actor, False
    if terms.is_wide:
        return
    asked_at = parse_datetime(event.details.get("asked_at") or "") or event.at
    for pk, person in people.items():
        if person.is_active and person.registered_at and person.registered_at <= asked_at:
            grant = terms.holders.setdefault(pk, Held(Grant.Origin.COMPANY_WIDE, event.actor))
            grant.until = None


def _after_of(event: ReplayEvent, name: str, default: Any = None) -> Any:
    return event.details.get("changes", {}).get(name, [None, default])[1]


def _start_of_day(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min))
