"""Write the access history as a table, for company admins and for NEN."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import islice

from django.utils import timezone, translation
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from accounts.models import User
from companies.models import Company
from licenses.models import Grant, License
from nenconnect.audit.verbs import Verb
from nenconnect.tables.files import Cell
from reports.access_history.baseline import begin, first_line
from reports.access_history.replay import LONG_AGO, WIDE, Period
from requests_app.models import LicenseRequest, RequestStatus

WIDTHS = [26, 32, 30, 18, 18, 30, 26, 40, 30, 30, 26, 34]
CHUNK = 1000
SAME_MOMENT = timedelta(seconds=10)  # an approval and the licence that it gave are of one transaction


def access_rows(company: Company, language: str, *, for_company: bool) -> Iterator[list[Cell]]:
    """Yield the table while the response is sent, when the language of the request has ended."""
    with translation.override(language):
        yield [
            _("Name"),
            _("User name"),
            _("Licence"),
            _("From"),
            _("Until"),
            _("How"),
            _("Decided by"),
            _("Reason given in the request"),
            _("Began because"),
            _("Ended because"),
            _("Ended by"),
            _("Known from"),
        ]
        replay, events = begin(company)
        table = _Rows(company, for_company=for_company)
        for chunk in _chunks(replay.run(events, timezone.now())):
            yield from table.of(chunk)
        if begins := first_line(company):
            yield [_what_is_older(begins)]


def _chunks(periods: Iterator[Period]) -> Iterator[list[Period]]:
    while chunk := list(islice(periods, CHUNK)):
        yield chunk


class _Rows:
    def __init__(self, company: Company, *, for_company: bool) -> None:
        self.company, self.for_company = company, for_company
        self.licenses = {license.pk: str(license) for license in License.objects.of(company)}
        self.reasons: dict[tuple[int | None, int], list[tuple[datetime, str]]] = defaultdict(list)
        approved = LicenseRequest.objects.of(company).filter(status=RequestStatus.APPROVED).exclude(reason="")
        for user, license, at, reason in approved.values_list("user", "license", "decided_at", "reason"):
            self.reasons[user, license].append((at, reason))

    def of(self, periods: list[Period]) -> Iterator[list[Cell]]:
        ids = {pk for period in periods for pk in (period.person, period.by, period.end_by) if pk is not None}
        people = User.objects.in_bulk(ids)
        for period in periods:
            yield [
                self._name(people, period.person),
                self._address(people.get(period.person)),
                self.licenses.get(period.license, str(period.license)),
                _("before the logbook") if period.begin == LONG_AGO else timezone.localtime(period.begin),
                timezone.localtime(period.end) if period.end else _("still has it"),
                _basis(period.basis),
                self._name(people, period.by),
                self._reason(period),
                _cause(period.cause),
                _cause(period.end_cause) if period.end else "",
                self._name(people, period.end_by),
                _("terms in the licence; older than the logbook") if period.is_from_rows else _("the logbook"),
            ]

    def _address(self, user: User | None) -> str:
        """Return the address; a company does not see the later address of a former colleague."""
        is_visible = user is not None and (not self.for_company or user.company_id == self.company.pk)
        return user.email if user and is_visible else ""

    def _name(self, people: dict[int, User], pk: int | None) -> str:
        if pk is None:
            return ""
        person = people.get(pk)
        if person is None:
            return _("deleted user %(number)s") % {"number": pk}
        return "NEN" if self.for_company and person.is_staff else person.name

    def _reason(self, period: Period) -> str:
        reasons = self.reasons.get((period.person, period.license), [])
        return next((reason for at, reason in reasons if abs(at - period.begin) < SAME_MOMENT), "")


def _what_is_older(begins: datetime) -> str:
    day = date_format(timezone.localtime(begins), "j F Y")
    return _(
        "The logbook of this company begins on %(day)s. Older access is taken from the licences as they are "
        "now: access that ended before that day is not in this table."
    ) % {"day": day}


def _basis(basis: str) -> str:
    return _("company-wide licence") if basis == WIDE else str(Grant.Origin(basis).label)


def _cause(cause: Verb | None) -> str:
    return str(cause.label) if cause else _("days of the licence")
