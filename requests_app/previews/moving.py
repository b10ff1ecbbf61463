"""Preview a person's move to another company."""

from __future__ import annotations

from dataclasses import dataclass

from accounts.models import User
from companies.models import Company
from licenses.models import Grant, License
from requests_app.models import REQUEST_KINDS


@dataclass(frozen=True)
class MovePreview:
    licenses: int  # taken away
    requests: int  # withdrawn
    company_wide: int  # licences of the other company that open at once
    is_outside: bool  # its domains do not admit the address


def preview_move(person: User, to: Company) -> MovePreview:
    from_company = person.company
    return MovePreview(
        licenses=Grant.objects.filter(user=person, license__company=from_company).count(),
        requests=sum(
            kind.objects.pending().of(from_company).filter(user=person).count() for kind in REQUEST_KINDS
        ),
        company_wide=License.objects.of(to).in_term().filter(is_company_wide=True).count(),
        is_outside=not to.admits(person.email),
    )
