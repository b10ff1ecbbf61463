"""Turn a licence company-wide and answer the requests that it fulfils (R21, R28)."""

from __future__ import annotations

from dataclasses import dataclass

from django.db import transaction
from django.db.models import F, Q

from accounts.models import User
from licenses.actions import switches
from licenses.models import License
from requests_app.actions.deciding import fulfil
from requests_app.models import DocumentRequest, LicenseRequest, RequestQuerySet


@transaction.atomic
def set_company_wide(license: License, is_company_wide: bool, *, by: User) -> bool:
    """Set the licence company-wide or not, and return whether that changed anything.

    Turning it on approves open requests for it and for documents that it opens, each with its one mail.
    Raises: RuleError like `switches.set_company_wide`.
    """
    if not switches.set_company_wide(license, is_company_wide, by=by):
        return False
    if is_company_wide:  # the company is locked: no request is made or decided meanwhile
        waiting = answered_by_company_wide(license)
        for row in waiting.license_requests.select_related("user"):
            fulfil(row, license, by=by)
        for row in waiting.document_requests.select_related("user"):
            fulfil(row, license, by=by)
    return True


@dataclass(frozen=True)
class WaitingRequests:
    """Hold the open requests that one change answers."""

    license_requests: RequestQuerySet
    document_requests: RequestQuerySet


def answered_by_company_wide(license: License) -> WaitingRequests:
    """Return the open requests that are answered when all people of the company have the licence."""
    of_company = Q(user__is_active=True, user__company=license.company)
    license_requests = LicenseRequest.objects.pending().filter(of_company, license=license)
    covered = Q(document__is_plus=False) | Q(document__plus_countries__contains=[F("user__country")])
    document_requests = DocumentRequest.objects.pending().filter(
        of_company, covered, company=license.company, document__in=license.documents.all()
    )
    opens = license.is_in_term and not license.company.is_closed
    return (
        WaitingRequests(license_requests, document_requests)
        if opens
        else WaitingRequests(license_requests.none(), document_requests.none())
    )
