from __future__ import annotations

from typing import cast

from django.db import connection
from django.db.models import Q, QuerySet

from accounts.models import User, UserQuerySet
from accounts.trigram_index import are_built
from desk.long_lists import any_of_searches
from nenconnect.search.search_index import words_begin


def people_found(rows: QuerySet[User], text: str) -> QuerySet[User]:
    """Search by the beginning of an address; without a match by each word of name and address."""
    text = text.strip()
    if not text:
        return rows
    by_address = Q(email__startswith=text.lower())
    if rows.filter(by_address).exists():
        return any_of_searches(rows, [by_address])
    if are_built(connection):
        return cast(UserQuerySet, rows).matching(text)
    return any_of_searches(rows, [words_begin(text, "name", "email")])
