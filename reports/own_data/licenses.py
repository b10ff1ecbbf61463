"""Collect what the person may read, has read, and gave to others."""

from __future__ import annotations

from accounts.models import User
from licenses.models import Grant, License, Opening
from reports.own_data.sections import Facts


def licenses(user: User) -> list[Facts]:
    given = Grant.objects.filter(user=user).select_related("license")
    wide = License.objects.of(user.company).filter(is_company_wide=True).exclude(grants__user=user)
    return [
        *(
            {
                "license": grant.license.name,
                "given_at": grant.granted_at,
                "how": grant.get_origin_display(),
                **_term(grant.license),
                "own_last_day": grant.ends_on,
            }
            for grant in given
        ),
        *({"license": license.name, "is_company_wide": True, **_term(license)} for license in wide),
    ]


def _term(license: License) -> Facts:
    return {"first_day": license.starts_on, "last_day": license.ends_on}


def documents_opened(user: User) -> list[Facts]:
    rows = Opening.objects.filter(user=user).select_related("document").order_by("pk")
    return [{"document": row.document.number, "at": row.at} for row in rows]


def licenses_given(user: User) -> list[Facts]:
    given = Grant.objects.filter(granted_by=user).select_related("license")
    return [{"license": grant.license.name, "given_at": grant.granted_at} for grant in given]
