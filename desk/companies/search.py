from __future__ import annotations

from django.db.models import Q, QuerySet

from companies.models import SEARCHED, Company, Domain
from desk.long_lists import any_of_searches, first_of
from nenconnect.search.search_index import words_begin


def companies_found(rows: QuerySet[Company], text: str) -> QuerySet[Company]:
    text = text.strip()
    if not text:
        return rows
    domains = Domain.objects.filter(name__startswith=text.lower())
    ways = [
        words_begin(text, *SEARCHED),
        Q(customer_number__startswith=text) | Q(customer_number__startswith=text.upper()),
        Q(pk__in=domains.values("company")),
    ]
    return any_of_searches(rows, ways)


def domains_found(rows: QuerySet[Domain], text: str) -> QuerySet[Domain]:
    text = text.strip()
    if not text:
        return rows
    companies = first_of(companies_found(Company.objects.all(), text))
    return any_of_searches(rows, [Q(name__startswith=text.lower()), Q(company__in=companies)])
