"""The rule of R25 over time: each line of the trail changes who has access, and a period ends or begins."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from itertools import product
from typing import Any, NamedTuple

from django.utils import timezone
from django.utils.dateparse import parse_date, parse_datetime

from licenses.models import LAST_DAY, Grant

LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)
WIDE = "wide"  # a basis, beside the origins of a grant
TERM = "term"  # a cause, beside the verbs of the trail: the licence's first or last day, or the person's own


class Event(NamedTuple):
    """A line of the trail, or what stands in for one that is missing."""

    at: datetime
    verb: str
    actor: int | None
    subjects: dict[str, int]
    details: dict[str, Any]
    is_from_rows: bool = False  # it stands in for a line


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
    """A grant."""

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
    cause: str
    cause_by: int | None
    is_from_rows: bool = False  # no line tells of the person or of what was given
    end: datetime | None = None
    end_cause: str = ""
    end_by: int | None = None


class Replay:
    def __init__(self, licenses: dict[int, Terms], *, is_closed: bool = False) -> None:
        self.people: dict[int, Person] = defaultdict(Person)
        self.licenses = licenses
        self.is_closed = is_closed  # the company: then no licence of it opens anything
        self.open: dict[tuple[int, int], Period] = {}

    def run(self, events: Iterable[Event], now: datetime) -> Iterator[Period]:
        for event in events:
            for period in self._after(event):
                yield from _as_it_was(period, now)
        for period in self.open.values():
            yield from _as_it_was(period, now)

    def _after(self, event: Event) -> Iterator[Period]:
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
            yield from self._look(key, event)

    def _change_license(self, pk: int, person: int | None, event: Event) -> Iterator[tuple[int, int]]:
        terms = self.licenses[pk]
        if event.verb in HOLDERS:
            if person is not None:
                _change_holder(terms, person, event)
                yield person, pk
            return
        if event.verb == "company_wide_switched":
            _switch(terms, event, self.people)
        else:
            _change_terms(terms, event)
        yield from [(one, pk) for one in {*terms.holders, *self.people}]

    def _look(self, key: tuple[int, int], event: Event) -> Iterator[Period]:
        """What this line did to one person's access to one licence; yields the period that ended."""
        before, after = self.open.get(key), self._now(key, event)
        if before and after and (before.basis, before.by) == (after.basis, after.by):
            if before.first <= event.at < before.last and after.first <= event.at < after.last:
                before.last = after.last  # the days changed, and it goes on
                return
            if (before.first, before.last) == (after.first, after.last):
                return
        if before:
            before.end, before.end_cause, before.end_by = event.at, event.verb, event.actor
            yield self.open.pop(key)
        if after:
            self.open[key] = after

    def _now(self, key: tuple[int, int], event: Event) -> Period | None:
        person, license = key
        terms = self.licenses[license]
        held = terms.holders.get(person)
        if self.is_closed or not self.people[person].is_active or not (terms.is_wide or held):
            return None
        last = terms.ends_on
        if not terms.is_wide and held and held.until:
            last = min(last, held.until)
        return Period(
            person,
            license,
            begin=event.at,
            first=_begin(terms.starts_on),
            last=_begin(min(last, LAST_DAY) + timedelta(days=1)),  # the trail may know later ones
            basis=WIDE if terms.is_wide or not held else held.origin,
            by=terms.wide_by if terms.is_wide or not held else held.by,
            cause=event.verb,
            cause_by=event.actor,
            is_from_rows=self.people[person].is_from_rows or _is_from_rows(terms, held),
        )


def _is_from_rows(terms: Terms, held: Held | None) -> bool:
    return terms.is_from_rows if terms.is_wide or held is None else held.is_from_rows


def _as_it_was(period: Period, now: datetime) -> Iterator[Period]:
    """Within the days of the licence; nothing where it lay outside of them altogether."""
    if period.first > period.begin:
        period.begin, period.cause, period.cause_by = period.first, TERM, None
    if period.last <= (period.end or now):
        period.end, period.end_cause, period.end_by = period.last, TERM, None
    if period.begin < period.end if period.end else period.begin <= now:
        yield period


# What each line does --------------------------------------------------------------------------------


def _comes_in(person: Person, event: Event) -> None:
    person.is_member, person.is_from_rows = True, event.is_from_rows
    was_blocked = person.is_blocked and event.verb == "registered"
    person.is_blocked = bool(_after_of(event, "is_blocked", was_blocked))  # nobody comes in who is blocked before
    if event.verb == "registered":
        person.registered_at = person.registered_at or event.at
    elif event.verb != "user_added" and event.details.get("is_registered", True):
        person.registered_at = LONG_AGO  # elsewhere, before


def _goes(person: Person, event: Event) -> None:
    person.is_member = False


def _is_blocked(person: Person, event: Event) -> None:
    person.is_blocked = event.verb == "blocked"


PERSONS = {
    **dict.fromkeys(["user_added", "joined_company", "moved_in", "returned_to_company", "registered"], _comes_in),
    **dict.fromkeys(["removed_from_company", "moved_out", "user_deleted", "account_closed"], _goes),
    **dict.fromkeys(["blocked", "unblocked"], _is_blocked),
}
GIVES = {"license_granted", "license_moved_along"}
HOLDERS = GIVES | {"license_taken_away", "license_end_changed"}
LICENSES = HOLDERS | {"license_created", "license_changed", "company_wide_switched"}
COMPANIES = {"company_closed": True, "company_reopened": False}


def _change_holder(terms: Terms, person: int, event: Event) -> None:
    until = parse_date(event.details.get("until") or "")
    if event.verb in GIVES:
        origin = event.details.get("origin", Grant.Origin.GIVEN)
        terms.holders[person] = Held(origin, event.actor, until, event.is_from_rows)
    elif event.verb == "license_taken_away":
        terms.holders.pop(person, None)
    elif held := terms.holders.get(person):
        held.until = until


def _change_terms(terms: Terms, event: Event) -> None:
    for name in ("starts_on", "ends_on"):
        if day := parse_date(_after_of(event, name) or ""):
            setattr(terms, name, day)
    if event.verb == "license_created" and _after_of(event, "is_company_wide"):
        terms.is_wide, terms.wide_by, terms.is_from_rows = True, event.actor, False


def _switch(terms: Terms, event: Event, people: dict[int, Person]) -> None:
    """Switched off, whoever had access when it was asked keeps it, for as long as the licence (R21)."""
    terms.is_wide, terms.wide_by, terms.is_from_rows = event.details["to"], event.actor, False
    if terms.is_wide:
        return
    asked_at = parse_datetime(event.details.get("asked_at") or "") or event.at
    for pk, person in people.items():
        if person.is_active and person.registered_at and person.registered_at <= asked_at:
            held = terms.holders.setdefault(pk, Held(Grant.Origin.COMPANY_WIDE, event.actor))
            held.until = None


def _after_of(event: Event, name: str, default: Any = None) -> Any:
    return event.details.get("changes", {}).get(name, [None, default])[1]


def _begin(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min))
