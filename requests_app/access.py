"""What somebody can do to get to a licence or a document (R18, R26, R29)."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from django.db.models import BooleanField, Exists, ExpressionWrapper, F, OuterRef, Q

from accounts.models import User
from licenses.access import can_open, is_covered, readers_can_open
from licenses.models import Document, License, LicenseQuerySet
from requests_app.models import DocumentRequest, LicenseRequest


class Step(Enum):
    JOIN_A_COMPANY = "join"
    FILL_IN_COUNTRY = "country"
    WAIT_FOR_LICENSE = "wait_for_license"
    WAIT_FOR_DOCUMENT = "wait_for_document"
    REQUEST_LICENSE = "request_license"
    REQUEST_DOCUMENT = "request_document"
    NOTHING = "nothing"


@dataclass(frozen=True)
class Way:
    """The one thing that helps a person who cannot open a document, and what it is about."""

    step: Step
    about: License | LicenseRequest | DocumentRequest | None = None


def way_to(document: Document, user: User) -> Way:
    if user.company_id is None:
        return Way(Step.JOIN_A_COMPANY)
    if not is_covered(user, document):
        return Way(Step.NOTHING if user.country else Step.FILL_IN_COUNTRY)
    if asked := LicenseRequest.objects.pending().filter(user=user, license__documents=document).first():
        return Way(Step.WAIT_FOR_LICENSE, asked)
    if asked := DocumentRequest.objects.pending().filter(user=user, document=document).first():
        return Way(Step.WAIT_FOR_DOCUMENT, asked)
    if license := License.objects.requestable_by(user).filter(documents=document).first():
        return Way(Step.REQUEST_LICENSE, license)
    if licenses_for(user.company_id, document).exists():
        return Way(Step.REQUEST_DOCUMENT)
    return Way(Step.NOTHING)


def askable_by(user: User) -> LicenseQuerySet:
    """What the person can request and has not requested yet."""
    asked = LicenseRequest.objects.pending().filter(user=user, license=OuterRef("pk"))
    return License.objects.requestable_by(user).filter(~Exists(asked))


def can_read_already(row: DocumentRequest) -> bool:
    """Whether an open request is fulfilled already: a licence was got meanwhile, or is everybody's."""
    person = row.user  # none: the account was deleted
    return person is not None and person.company_id == row.company_id and can_open(person, row.document)


def can_read_already_annotation() -> ExpressionWrapper:
    """The same for each row of a list."""
    return ExpressionWrapper(Q(company=F("user__company")) & readers_can_open(), BooleanField())


def licenses_for(company_id: int, document: Document) -> LicenseQuerySet:
    """Where approval can lead: licences that hold the document, else the custom collections (R29)."""
    holding = licenses_with(document, company_id)
    if holding.exists():
        return holding
    return License.objects.filter(company=company_id, kind=License.Kind.CUSTOM).in_term()


def licenses_with(document: Document, company_id: int) -> LicenseQuerySet:
    """The company's licences that hold the document today, shown or hidden."""
    return License.objects.filter(company=company_id, documents=document).in_term()
