"""What moving somebody to another company would do, in numbers, before anybody at NEN's desk does it."""

from __future__ import annotations

from dataclasses import dataclass

from accounts.models import User
from companies.models import Company
from licenses.models import Grant, License
from requests_app.models import DocumentRequest, LicenseRequest


@dataclass(frozen=True)
class Moving:
    licenses: int  # taken away
    requests: int  # withdrawn
    company_wide: int  # licences of the other company that open at once
    is_outside: bool  # its domains do not admit the address


def moving(person: User, to: Company) -> Moving:
    left = person.company
    return Moving(
        licenses=Grant.objects.filter(user=person, license__company=left).count(),
        requests=sum(
            kind.objects.pending().of(left).filter(user=person).count()
            for kind in (LicenseRequest, DocumentRequest)
        ),
        company_wide=License.objects.of(to).in_term().filter(is_company_wide=True).count(),
        is_outside=not to.admits(person.email),
    )
