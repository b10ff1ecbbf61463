"""Search documents and licences among a million: first by an index, then by reading."""

from __future__ import annotations

import re

from django.db.models import Q, QuerySet

from companies.models import Company
from desk.companies.search import companies_found
from desk.long_lists import any_of_searches, first_of
from licenses.models import DocumentQuerySet, License, bare
from nenconnect.search.search_index import words_begin

SEARCHED = ("number", "title_nl", "title_en")
_LETTER_BESIDE_DIGIT = re.compile(r"(?<=[a-z])(?=\d)|(?<=\d)(?=[a-z])", re.IGNORECASE)


def documents_found(rows: DocumentQuerySet, text: str) -> QuerySet:
    """Search by the beginning of the number, without its separators; else by words of number and titles."""
    begin = bare(text)
    if not begin:
        return rows
    by_number = Q(bare_number__startswith=begin)
    if rows.filter(by_number).exists():
        return any_of_searches(rows, [by_number])
    apart = _LETTER_BESIDE_DIGIT.sub(" ", text)  # iso9001 is stored as ISO 9001
    return any_of_searches(rows, [words_begin(words, *SEARCHED) for words in {text, apart}])


def licenses_found(rows: QuerySet[License], text: str) -> QuerySet[License]:
    text = text.strip()
    if not text:
        return rows
    companies = first_of(companies_found(Company.objects.all(), text))
    ways = [Q(company__in=companies)] if companies else [words_begin(text, "name")]
    return any_of_searches(rows, ways)
