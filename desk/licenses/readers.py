"""Show who can read a document today: by which licences, how many people (R25)."""

from __future__ import annotations

from typing import Any

from django.db.models import Case, Count, F, IntegerField, OuterRef, QuerySet, Subquery, When

from accounts.models import User
from licenses.models import Document, Grant, License, LicenseQuerySet


def licenses_with(document: Document, licenses: LicenseQuerySet) -> QuerySet[License]:
    everybody = User.objects.active().filter(company=OuterRef("company"))
    holders = Grant.objects.lasting().filter(license=OuterRef("pk"), user__company=OuterRef("company"))
    readers = Case(
        When(is_company_wide=True, then=_number_of(everybody, "company")),
        default=_number_of(holders.filter(user__is_active=True), "license"),
        output_field=IntegerField(),
    )
    open_ones = licenses.in_term().filter(documents=document, company__closed_at=None)
    return open_ones.select_related("company").annotate(readers=readers).order_by("company__name", F("pk"))


def _number_of(rows: QuerySet[Any], of: str) -> Subquery:
    return Subquery(rows.order_by().values(of).annotate(number=Count("pk")).values("number"))
