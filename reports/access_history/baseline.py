"""Start the replay: read the audit entries, and the rows that no entry explains."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from heapq import merge
from operator import attrgetter

from django.utils import timezone
from django.utils.dateparse import parse_date

from accounts.models import User
from accounts.verbs import JOINED_COMPANY, MOVED_IN, REGISTERED, UNBLOCKED, USER_ADDED
from companies.models import Company
from companies.verbs import COMPANY_CLOSED, COMPANY_CREATED, COMPANY_REOPENED
from licenses.models import Grant, License
from licenses.verbs import COMPANY_WIDE_SWITCHED, LICENSE_CREATED, LICENSE_GRANTED
from members.verbs import RETURNED_TO_COMPANY
from nenconnect.audit.models import AuditEntry
from nenconnect.audit.verbs import VERBS, Verb
from reports.access_history.replay import COMPANIES, LICENSES, LONG_AGO, PERSONS, Replay, ReplayEvent, Terms

COMES_IN = {USER_ADDED, JOINED_COMPANY, MOVED_IN, RETURNED_TO_COMPANY, REGISTERED}


def begin(company: Company) -> tuple[Replay, Iterator[ReplayEvent]]:
    seen = _Seen(company)
    missing = [
        *_people_without_a_line(company, seen),
        *_people_from_before(seen),
        *_grants_without_a_line(company, seen),
        *_closed_without_a_line(company, seen),
    ]
    missing.sort(key=attrgetter("at"))
    replay = Replay(_terms_before_first_entry(company, seen), is_closed=seen.company is COMPANY_REOPENED)
    return replay, merge(missing, _events_of_company(company), key=attrgetter("at"))


class _Seen:
    """Hold the first verb of the audit about each person, licence and grant."""

    def __init__(self, company: Company) -> None:
        self.people: dict[int, Verb] = {}
        self.licenses: dict[int, dict[str, object]] = {}
        self.grants: set[tuple[int, int]] = set()
        self.company: Verb | None = None
        for event in _events_of_company(company):
            person, license = event.subjects.get("user"), event.subjects.get("license")
            if event.verb in COMPANIES:
                self.company = self.company or event.verb
            if event.verb in PERSONS and person is not None:
                self.people.setdefault(person, event.verb)
            if license is not None and person is not None:
                self.grants.add((license, person))
            if license is not None:
                self._add_stand_in(self.licenses.setdefault(license, {}), event)

    def _add_stand_in(self, first: dict[str, object], event: ReplayEvent) -> None:
        if event.verb is LICENSE_CREATED:
            first["is_company_wide"] = False  # until the line itself says so
        if event.verb is COMPANY_WIDE_SWITCHED:
            first.setdefault("is_company_wide", not event.details["to"])
        for name, (before, after) in event.details.get("changes", {}).items():
            first.setdefault(name, before if before is not None else after)


def _events_of_company(company: Company) -> Iterator[ReplayEvent]:
    verbs = [verb.name for verb in (*PERSONS, *LICENSES, *COMPANIES)]
    rows = AuditEntry.objects.filter(company_id=company.pk, verb__in=verbs).order_by("at", "pk")
    for at, name, *rest in rows.values_list("at", "verb", "actor_id", "subjects", "details").iterator():
        yield ReplayEvent(at, VERBS[name], *rest)


def first_line(company: Company) -> datetime | None:
    """Return when the company's audit begins; None where it includes the creation of the company, and so all."""
    lines = AuditEntry.objects.filter(company_id=company.pk).order_by("at", "pk")
    first = lines.first()
    if first is None:
        return timezone.now()
    return None if lines.filter(verb=COMPANY_CREATED.name).exists() else first.at


def _terms_before_first_entry(company: Company, seen: _Seen) -> dict[int, Terms]:
    """Return the terms before their first entry: the first change keeps what was before it."""
    terms = {}
    for license in License.objects.of(company):
        first = seen.licenses.get(license.pk, {})
        terms[license.pk] = Terms(
            parse_date(str(first.get("starts_on", ""))) or license.starts_on,
            parse_date(str(first.get("ends_on", ""))) or license.ends_on,
            bool(first.get("is_company_wide", license.is_company_wide)),
        )
    return terms


def _people_without_a_line(company: Company, seen: _Seen) -> Iterator[ReplayEvent]:
    members = User.objects.members_of(company).exclude(registered_at=None)
    for pk, registered_at, is_blocked in members.values_list("pk", "registered_at", "is_blocked"):
        if registered_at and pk not in seen.people:
            changes = {"is_blocked": [None, is_blocked]}
            yield ReplayEvent(registered_at, REGISTERED, pk, {"user": pk}, {"changes": changes}, is_from_rows=True)


def _people_from_before(seen: _Seen) -> Iterator[ReplayEvent]:
    for pk, verb in seen.people.items():
        if verb not in COMES_IN:
            changes = {"is_blocked": [None, verb is UNBLOCKED]}
            yield ReplayEvent(LONG_AGO, REGISTERED, None, {"user": pk}, {"changes": changes}, is_from_rows=True)


def _grants_without_a_line(company: Company, seen: _Seen) -> Iterator[ReplayEvent]:
    was_wide = {pk for pk, first in seen.licenses.items() if "is_company_wide" in first}
    rows = Grant.objects.filter(license__company=company)
    columns = ("license", "user", "granted_at", "granted_by", "origin", "ends_on")
    for license, user, at, by, origin, ends_on in rows.values_list(*columns):
        if (license, user) in seen.grants or (origin == Grant.Origin.COMPANY_WIDE and license in was_wide):
            continue
        details = {"origin": origin, "until": ends_on.isoformat() if ends_on else None}
        yield ReplayEvent(at, LICENSE_GRANTED, by, {"license": license, "user": user}, details, is_from_rows=True)


def _closed_without_a_line(company: Company, seen: _Seen) -> Iterator[ReplayEvent]:
    if company.closed_at and not seen.company:
        yield ReplayEvent(company.closed_at, COMPANY_CLOSED, None, {"company": company.pk}, {})
