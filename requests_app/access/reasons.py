"""Explain why a person has or lacks access: one sentence and one step that helps (R25).

Both follow from the one `kind`, so that they cannot say different things.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from enum import Enum

from django.db.models import Exists, OuterRef
from django.utils import timezone

from accounts.actions.joining import companies_to_join
from accounts.models import User
from licenses.access import can_open, is_covered
from licenses.models import Document, Grant, License, LicenseQuerySet
from requests_app.access import licenses_for, may_ask_from, not_before
from requests_app.access.sentences import Facts, ReasonKind, sentence_of
from requests_app.models import DocumentRequest, LicenseRequest

OPEN = {ReasonKind.FREE, ReasonKind.COMPANY_WIDE, ReasonKind.GRANTED}
DEAD_ENDS = {ReasonKind.ENDED, ReasonKind.WITHDRAWN, ReasonKind.NOT_HELD}  # a country would not help here


class AccessStep(Enum):
    """Name the step that helps: first what a person can do, then what an admin can do for a colleague."""

    NONE = "none"
    WAIT = "wait"
    REQUEST_LATER = "request_later"
    JOIN = "join"
    ASK_EMPLOYER = "ask_employer"
    FILL_IN_COUNTRY = "country"
    REQUEST_LICENSE = "request_license"
    REQUEST_DOCUMENT = "request_document"
    SEE_REQUEST = "see_request"
    ASK_ADMIN = "ask_admin"
    SEE_NEWER = "see_newer"
    CONTACT_NEN = "contact_nen"
    CHANGE_COUNTRY = "change_country"

    UNBLOCK = "unblock"
    SEND_REGISTRATION = "send_registration"
    FILL_IN_THEIR_COUNTRY = "their_country"
    CHANGE_THEIR_COUNTRY = "change_their_country"
    DECIDE = "decide"
    GIVE_LICENSE = "give_license"
    ADD_TO_COLLECTION = "add_to_collection"
    RENEW = "renew"


@dataclass(frozen=True)
class Reason:
    """Explain to `to` why the person can or cannot open a document, or has or lacks a licence."""

    kind: ReasonKind
    person: User
    to: User
    document: Document | None = None
    license: License | None = None  # which decides
    grant: Grant | None = None  # of that licence, also one that has ended
    request: LicenseRequest | DocumentRequest | None = None
    not_before: date | None = None  # an admin answered „not now": from then on one may ask again
    is_named: bool = True  # a hidden licence is not told by name to who does not have it (R22)

    @property
    def is_open(self) -> bool:
        return self.kind in OPEN

    @property
    def is_own(self) -> bool:
        return self.person == self.to

    @property
    def last_day(self) -> date | None:
        """Return the last day of access; a free document has none."""
        if not self.is_open or self.license is None:
            return None
        return self.grant.last_day if self.kind == ReasonKind.GRANTED and self.grant else self.license.ends_on

    @property
    def sentence(self) -> str:
        return sentence_of(
            Facts(
                kind=self.kind,
                person=self.person,
                is_own=self.is_own,
                is_about_document=self.document is not None,
                license=self.license,
                is_named=self.is_named,
                ended_on=self.grant.ends_on if self.grant and not self.is_open else None,
                asked_at=self.request.created_at if self.request else None,
                not_before=self.not_before,
            )
        )

    @property
    def step(self) -> AccessStep:
        return self._own_step() if self.is_own else _FOR_A_COLLEAGUE.get(self.kind, AccessStep.NONE)

    def _own_step(self) -> AccessStep:
        if self.kind == ReasonKind.NO_COMPANY:
            return AccessStep.JOIN if companies_to_join(self.person) else AccessStep.ASK_EMPLOYER
        if self.kind == ReasonKind.NOT_GIVEN:
            can_ask = self.document is not None and not self.document.is_withdrawn
            return AccessStep.REQUEST_DOCUMENT if can_ask else AccessStep.ASK_ADMIN
        if self.kind == ReasonKind.STARTS_LATER and self.license and not self.license.is_shown:
            return AccessStep.ASK_ADMIN
        if self.kind == ReasonKind.WITHDRAWN and self.document and self.document.replaced_by_id:
            return AccessStep.SEE_NEWER
        return _FOR_ONESELF.get(self.kind, AccessStep.NONE)


_FOR_ONESELF = {
    ReasonKind.BLOCKED: AccessStep.ASK_ADMIN,
    ReasonKind.PENDING: AccessStep.ASK_ADMIN,
    ReasonKind.EXPIRED: AccessStep.ASK_ADMIN,
    ReasonKind.CLOSED: AccessStep.CONTACT_NEN,
    ReasonKind.NO_COUNTRY: AccessStep.FILL_IN_COUNTRY,
    ReasonKind.WRONG_COUNTRY: AccessStep.CHANGE_COUNTRY,
    ReasonKind.LICENSE_ASKED: AccessStep.SEE_REQUEST,
    ReasonKind.DOCUMENT_ASKED: AccessStep.SEE_REQUEST,
    ReasonKind.REQUESTABLE: AccessStep.REQUEST_LICENSE,
    ReasonKind.TO_COME: AccessStep.WAIT,
    ReasonKind.NOT_NOW: AccessStep.REQUEST_LATER,
    ReasonKind.COLLECTION: AccessStep.REQUEST_DOCUMENT,
    ReasonKind.STARTS_LATER: AccessStep.REQUEST_LATER,
    ReasonKind.ENDED: AccessStep.ASK_ADMIN,
    ReasonKind.WITHDRAWN: AccessStep.CONTACT_NEN,
    ReasonKind.NOT_HELD: AccessStep.CONTACT_NEN,
}

_FOR_A_COLLEAGUE = {
    ReasonKind.BLOCKED: AccessStep.UNBLOCK,
    ReasonKind.PENDING: AccessStep.SEND_REGISTRATION,
    ReasonKind.EXPIRED: AccessStep.SEND_REGISTRATION,
    ReasonKind.CLOSED: AccessStep.CONTACT_NEN,
    ReasonKind.NO_COUNTRY: AccessStep.FILL_IN_THEIR_COUNTRY,
    ReasonKind.WRONG_COUNTRY: AccessStep.CHANGE_THEIR_COUNTRY,
    ReasonKind.LICENSE_ASKED: AccessStep.DECIDE,
    ReasonKind.DOCUMENT_ASKED: AccessStep.DECIDE,
    ReasonKind.REQUESTABLE: AccessStep.GIVE_LICENSE,
    ReasonKind.NOT_GIVEN: AccessStep.GIVE_LICENSE,
    ReasonKind.TO_COME: AccessStep.WAIT,
    ReasonKind.COLLECTION: AccessStep.ADD_TO_COLLECTION,
    ReasonKind.STARTS_LATER: AccessStep.GIVE_LICENSE,
    ReasonKind.ENDED: AccessStep.RENEW,
    ReasonKind.NOT_HELD: AccessStep.CONTACT_NEN,
}


def explain(document: Document, person: User, *, to: User) -> Reason:
    is_open = can_open(person, document)
    if kind := _without_looking_at_licenses(document, person, is_open=is_open):
        return Reason(kind, person, to, document)
    licenses = License.objects.filter(documents=document)
    reasons = [
        _of_license(license, to=to, person=person, document=document)
        for license in _licenses_with_details(person, licenses)
    ]
    if not any(reason.is_open for reason in reasons):
        reasons.append(_without_license(document, person, to=to))
    best = _unless_postponed(min(reasons, key=_order_of_reason))
    return best if is_open or is_covered(person, document) else _reason_abroad(best)


def explain_person(person: User, *, to: User) -> Reason | None:
    if not person.is_active:
        return Reason(_why_inactive(person), person, to)
    return Reason(ReasonKind.CLOSED, person, to) if person.company and person.company.is_closed else None


def explain_licenses(licenses: LicenseQuerySet, person: User, *, to: User) -> list[Reason]:
    """Explain for each licence of the company why the person has or lacks it, in a fixed number of queries."""
    reasons = [_of_license(license, person=person, to=to) for license in _licenses_with_details(person, licenses)]
    if stopped := explain_person(person, to=to):
        return [replace(stopped, license=reason.license) for reason in reasons]
    return reasons


def _licenses_with_details(person: User, licenses: LicenseQuerySet) -> Iterable[License]:
    rows = list(
        licenses.of(person.company)
        .annotate(
            is_open=Exists(License.objects.open_to(person).filter(pk=OuterRef("pk"))),
            is_requestable=Exists(License.objects.requestable_by(person).filter(pk=OuterRef("pk"))),
            is_known=Exists(License.objects.known_to(person).filter(pk=OuterRef("pk"))),
            not_before=not_before(person),
        )
        .order_by("name", "pk")
    )
    grants = Grant.objects.filter(user=person, license__in=rows).select_related("license", "granted_by")
    of_person = {grant.license_id: grant for grant in grants}
    open_requests = {
        row.license_id: row for row in LicenseRequest.objects.pending().filter(user=person, license__in=rows)
    }
    for license in rows:
        vars(license).update(grant=of_person.get(license.pk), open_request=open_requests.get(license.pk))
    return rows


def _of_license(license: License, *, person: User, to: User, document: Document | None = None) -> Reason:
    details = vars(license)
    grant: Grant | None = details["grant"]
    kind = _kind_of(license, grant, is_asked=details["open_request"] is not None)
    is_postponed = kind == ReasonKind.REQUESTABLE and details["not_before"] and person == to
    return Reason(
        ReasonKind.NOT_NOW if is_postponed else kind,
        person=person,
        to=to,
        document=document,
        license=license,
        grant=grant,
        request=details["open_request"],
        not_before=details["not_before"],
        is_named=details["is_known"] or person != to,
    )


def _kind_of(license: License, grant: Grant | None, *, is_asked: bool) -> ReasonKind:
    details = vars(license)
    if details["is_open"]:
        return ReasonKind.COMPANY_WIDE if license.is_company_wide else ReasonKind.GRANTED
    if license.has_ended:
        return ReasonKind.ENDED
    if not license.is_in_term:
        is_theirs = license.is_company_wide or (grant and grant.last_day >= license.starts_on)
        return ReasonKind.TO_COME if is_theirs else ReasonKind.STARTS_LATER
    if is_asked:
        return ReasonKind.LICENSE_ASKED
    return ReasonKind.REQUESTABLE if details["is_requestable"] else ReasonKind.NOT_GIVEN


def _without_license(document: Document, person: User, *, to: User) -> Reason:
    assert person.company_id is not None
    leads_to = licenses_for(person.company_id, document).first()
    open_requests = DocumentRequest.objects.pending().filter(
        user=person, company=person.company_id, document=document
    )
    if leads_to and (request := open_requests.first()):
        return Reason(ReasonKind.DOCUMENT_ASKED, person, to, document, request=request)
    if leads_to:
        return Reason(ReasonKind.COLLECTION, person, to, document, license=leads_to)
    return Reason(ReasonKind.WITHDRAWN if document.is_withdrawn else ReasonKind.NOT_HELD, person, to, document)


def _unless_postponed(reason: Reason) -> Reason:
    if not (reason.is_own and reason.document and reason.step == AccessStep.REQUEST_DOCUMENT):
        return reason
    day = may_ask_from(reason.person, reason.document)
    return replace(reason, kind=ReasonKind.NOT_NOW, license=None, not_before=day) if day else reason


def _without_looking_at_licenses(document: Document, person: User, *, is_open: bool) -> ReasonKind | None:
    if not person.is_active:
        return _why_inactive(person)
    if is_open and document.is_free:
        return ReasonKind.FREE
    if person.company is None:
        return ReasonKind.NO_COMPANY
    return ReasonKind.CLOSED if person.company.is_closed else None


def _why_inactive(person: User) -> ReasonKind:
    if person.is_blocked:
        return ReasonKind.BLOCKED
    return ReasonKind.EXPIRED if person.is_expired() else ReasonKind.PENDING


def _reason_abroad(reason: Reason) -> Reason:
    if reason.person.country:
        kind = ReasonKind.WRONG_COUNTRY
    elif reason.kind in DEAD_ENDS:
        return reason
    else:
        kind = ReasonKind.NO_COUNTRY
    license = reason.license if reason.is_open else None
    return Reason(kind, reason.person, reason.to, document=reason.document, license=license, grant=reason.grant)


def _order_of_reason(reason: Reason) -> tuple[int, int]:
    """Order reasons: first those that give access, then the nearest to it, then the longest."""
    last_day = reason.last_day or timezone.localdate()
    return list(ReasonKind).index(reason.kind), -last_day.toordinal()


def can_ask_for(document: Document, user: User) -> bool:
    step = explain(document, user, to=user).step
    return step in {AccessStep.REQUEST_DOCUMENT, AccessStep.REQUEST_LICENSE} and not document.is_withdrawn
