"""Choose the collection that an approved document goes into."""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import Exists, OuterRef

from companies.models import Company
from licenses.models import License, LicenseQuerySet
from requests_app.access import licenses_for
from requests_app.models import DocumentRequest


def collections_for(company: Company, ids: Iterable[int]) -> LicenseQuerySet:
    """Return the company's collections, if one of the requested documents is in none of its licences."""
    holding = License.objects.filter(company=company, documents=OuterRef("document")).in_term()
    rows = DocumentRequest.objects.pending().of(company).filter(~Exists(holding), pk__in=ids)
    collections = License.objects.of(company).in_term().filter(kind=License.Kind.CUSTOM).with_counts()
    return collections if rows.exists() else collections.none()


def destination_of(row: DocumentRequest, chosen: License | None) -> License | None:
    candidates = list(licenses_for(row.company_id, row.document)[:2])
    return candidates[0] if len(candidates) == 1 else chosen
