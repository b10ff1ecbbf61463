"""What a change of a licence would do, in numbers, before anybody does it (R21–R23).

Each counts the very rows that the change would touch: tests compare the numbers with what then happens.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.translation import ngettext
from django_countries import countries

from accounts.models import User, UserQuerySet
from licenses.access import readable_by
from licenses.models import Document, Grant, License
from requests_app.actions.company_wide import answered_by_company_wide
from requests_app.models import LicenseRequest


@dataclass(frozen=True)
class Preview:
    """`gain` and `lose` are people; `keep` those who have access now and stay so by a grant of their own."""

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


def company_wide_on(license: License) -> Preview:
    if license.has_ended:
        return Preview()
    waiting = answered_by_company_wide(license)
    return Preview(
        gain=_members(license).exclude(pk__in=_holders(license)).count(),
        documents=license.documents.count(),
        license_requests=waiting.license_requests.count(),
        document_requests=waiting.document_requests.count(),
    )


def company_wide_off(license: License) -> Preview:
    if license.has_ended:
        return Preview()
    return Preview(keep=_members(license).count(), documents=license.documents.count())


def hiding(license: License) -> Preview:
    """Nobody loses access: `lose` are those who can no longer ask; requests that are open stay open."""
    if license.has_ended:
        return Preview()
    return Preview(
        lose=0 if license.is_company_wide else _members(license).exclude(pk__in=_holders(license)).count(),
        license_requests=LicenseRequest.objects.pending().filter(license=license).count(),
    )


def showing(license: License) -> Preview:
    return Preview(gain=hiding(license).lose)


def taking_away(license: License, person: User) -> Preview:
    """The documents that the person can open by this licence alone; one that is past its last day opens none."""
    has_it = Grant.objects.lasting().filter(license=license, user=person).exists()
    frees_seat = has_it and license.seats is not None
    readable = readable_by(person).filter(licenses=license)
    if license.is_company_wide or not has_it or not license.is_in_term or not readable.exists():
        return Preview(frees_seat=frees_seat)
    elsewhere = License.objects.open_to(person).exclude(pk=license.pk)
    lost = readable.filter(is_free=False).exclude(licenses__in=elsewhere)
    return Preview(lose=1, documents=lost.distinct().count(), frees_seat=frees_seat)


def removing_document(license: License, document: Document) -> Preview:
    """Who can open the document by this collection alone."""
    is_in_it = license.documents.filter(pk=document.pk).exists()
    if not is_in_it or not license.is_in_term or document.is_free:
        return Preview()
    by_another = License.objects.open_to_person(OuterRef("pk"), OuterRef("company")).filter(documents=document)
    readers = _members(license) if license.is_company_wide else _members(license).filter(pk__in=_holders(license))
    covered = readers.filter(Q(country__in=document.plus_countries) if document.is_plus else Q())
    return Preview(lose=covered.exclude(Exists(by_another.exclude(pk=license.pk))).count(), documents=1)


def _members(license: License) -> UserQuerySet:
    return User.objects.members_of(license.company).active()


def _holders(license: License) -> QuerySet:
    return Grant.objects.lasting().filter(license=license).values("user")


class PlusGaps:
    """How many Plus documents of a licence a person could not open for want of the right country (R25)."""

    def __init__(self, license: License) -> None:
        covered = license.documents.filter(is_plus=True, is_free=False).values_list("plus_countries", flat=True)
        self._countries = [set(countries) for countries in covered]

    def of(self, person: User) -> int:
        return sum(str(person.country) not in countries for countries in self._countries)


def what_stays_closed(license: License, person: User) -> str:
    """Said when the licence is given: the Plus documents that the person's country does not open; "" for none."""
    number = PlusGaps(license).of(person)
    if not number:
        return ""
    if not person.country:
        said = ngettext(
            "No country is filled in yet: %(number)s Plus document stays closed until then.",
            "No country is filled in yet: %(number)s Plus documents stay closed until then.",
            number,
        )
        return said % {"number": number}
    said = ngettext(
        "%(number)s Plus document is not available in %(country)s.",
        "%(number)s Plus documents are not available in %(country)s.",
        number,
    )
    return said % {"number": number, "country": dict(countries)[str(person.country)]}
