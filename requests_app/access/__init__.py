"""Find the licences that a person can request, and where approving a request can lead (R18, R26, R29)."""

from __future__ import annotations

from datetime import date

from django.db.models import BooleanField, Exists, ExpressionWrapper, F, Max, OuterRef, Q, Subquery

from accounts.models import User
from licenses.access import can_open, readers_can_open
from licenses.models import Document, License, LicenseQuerySet
from requests_app.models import DocumentRequest, LicenseRequest


def askable_by(user: User) -> LicenseQuerySet:
    """Return the licences that the person can request now and has not requested."""
    open_requests = LicenseRequest.objects.pending().filter(user=user, license=OuterRef("pk"))
    not_now = LicenseRequest.objects.postponed_for(user).filter(license=OuterRef("pk"))
    return License.objects.requestable_by(user).filter(~Exists(open_requests), ~Exists(not_now))


def askable_now_or_later_by(user: User) -> LicenseQuerySet:
    """Return these, and those to request again later: `not_before` is the first day to ask again."""
    open_requests = LicenseRequest.objects.pending().filter(user=user, license=OuterRef("pk"))
    return (
        License.objects.requestable_by(user).filter(~Exists(open_requests)).annotate(not_before=not_before(user))
    )


def askable_later_by(user: User) -> LicenseQuerySet:
    waits = LicenseRequest.objects.postponed_for(user).filter(license=OuterRef("pk"))
    return askable_now_or_later_by(user).filter(Exists(waits))


def not_before(user: User) -> Subquery:
    """Annotate each licence with the day before which the person cannot request it again."""
    rows = LicenseRequest.objects.postponed_for(user).filter(license=OuterRef("pk")).order_by("-ask_again_on")
    return Subquery(rows.values("ask_again_on")[:1])


def may_ask_from(user: User, item: License | Document) -> date | None:
    """Return the first day to ask for it again, or None when no admin answered "not now"."""
    day: date | None = item.requests.postponed_for(user).aggregate(day=Max("ask_again_on"))["day"]
    return day


def can_read_already(row: DocumentRequest) -> bool:
    person = row.user  # none: the account was deleted
    return person is not None and person.company_id == row.company_id and can_open(person, row.document)


def can_read_already_annotation() -> ExpressionWrapper:
    """Annotate each request of a list with whether its requester can open the document meanwhile."""
    return ExpressionWrapper(Q(company=F("user__company")) & readers_can_open(), BooleanField())


def licenses_for(company_id: int, document: Document) -> LicenseQuerySet:
    """Return the licences that hold the document, else the collections that can take it (R29).

    A withdrawn document goes into no other collection.
    """
    holding = licenses_with(document, company_id)
    if document.is_withdrawn or holding.exists():
        return holding
    takes_its_kind = Q(allowed_kinds=[]) | Q(allowed_kinds__contains=[document.kind])
    return License.objects.filter(takes_its_kind, company=company_id, kind=License.Kind.CUSTOM).in_term()


def licenses_with(document: Document, company_id: int) -> LicenseQuerySet:
    return License.objects.filter(company=company_id, documents=document).in_term()
