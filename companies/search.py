"""Finding companies at NEN's desk."""

from __future__ import annotations

from django.db.models import Q, QuerySet

from companies.models import Company


def companies_found(rows: QuerySet[Company], text: str) -> QuerySet[Company]:
    """Part of the name or department, or how the customer number or a domain begins."""
    begins = Q(customer_number__istartswith=text) | Q(domains__name__startswith=text.lower())
    return rows.filter(Q(name__icontains=text) | Q(department__icontains=text) | begins).distinct()
