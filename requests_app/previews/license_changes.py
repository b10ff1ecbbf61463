"""Preview a change of a licence by counting the rows that it would touch (R21–R23).

Tests compare the numbers with what the change then does.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Exists, OuterRef, Q, QuerySet

from accounts.models import User, UserQuerySet
from licenses.access import readable_by
from licenses.models import Document, Grant, License
from requests_app.actions.company_wide import answered_by_company_wide
from requests_app.models import LicenseRequest


@dataclass(frozen=True)
class LicensePreview:
    """Hold the numbers: `gain` and `lose` are people; `keep` are people who keep access by a grant."""

    gain: int = 0
    lose: int = 0
    keep: int = 0
    documents: int = 0  # that they gain or lose
    license_requests: int = 0
    document_requests: int = 0
    frees_seat: bool = False

    @property
    def requests(self) -> int:
        return self.license_requests + self.document_requests


def preview_company_wide(license: License) -> LicensePreview:
    if license.has_ended:
        return LicensePreview()
    waiting = answered_by_company_wide(license)
    return LicensePreview(
        gain=_members(license).exclude(pk__in=_holders(license)).count(),
        documents=license.documents.count(),
        license_requests=waiting.license_requests.count(),
        document_requests=waiting.document_requests.count(),
    )


def preview_end_of_company_wide(license: License) -> LicensePreview:
    if license.has_ended:
        return LicensePreview()
    return LicensePreview(keep=_members(license).count(), documents=license.documents.count())


def preview_hiding(license: License) -> LicensePreview:
    """Count people who can no longer request the licence, in the field `lose`; they keep their access."""
    if license.has_ended:
        return LicensePreview()
    return LicensePreview(
        lose=0 if license.is_company_wide else _members(license).exclude(pk__in=_holders(license)).count(),
        license_requests=LicenseRequest.objects.pending().filter(license=license).count(),
    )


def preview_showing(license: License) -> LicensePreview:
    return LicensePreview(gain=preview_hiding(license).lose)


def preview_taking_away(license: License, person: User) -> LicensePreview:
    """Count the documents that the person can open by this licence only."""
    has_it = Grant.objects.lasting().filter(license=license, user=person).exists()
    frees_seat = has_it and license.seats is not None
    readable = readable_by(person).filter(licenses=license)
    if license.is_company_wide or not has_it or not license.is_in_term or not readable.exists():
        return LicensePreview(frees_seat=frees_seat)
    elsewhere = License.objects.open_to(person).exclude(pk=license.pk)
    lost = readable.filter(is_free=False).exclude(licenses__in=elsewhere)
    return LicensePreview(lose=1, documents=lost.distinct().count(), frees_seat=frees_seat)


def preview_removing_document(license: License, document: Document) -> LicensePreview:
    """Count the people who can open the document by this collection only."""
    is_in_it = license.documents.filter(pk=document.pk).exists()
    if not is_in_it or not license.is_in_term or document.is_free:
        return LicensePreview()
    by_another = License.objects.open_to_person(OuterRef("pk"), OuterRef("company")).filter(documents=document)
    readers = _members(license) if license.is_company_wide else _members(license).filter(pk__in=_holders(license))
    covered = readers.filter(Q(country__in=document.plus_countries) if document.is_plus else Q())
    return LicensePreview(lose=covered.exclude(Exists(by_another.exclude(pk=license.pk))).count(), documents=1)


def _members(license: License) -> UserQuerySet:
    return User.objects.members_of(license.company).active()


def _holders(license: License) -> QuerySet:
    return Grant.objects.lasting().filter(license=license).values("user")
