"""Words by how they begin, among a million rows: found by an index that every Postgres can build.

Parts of words would need pg_trgm, which a server may lack.
"""

from __future__ import annotations

import re

from django.contrib.postgres.search import SearchQueryField, SearchVectorField
from django.db.models import BooleanField, Func, Q, Value

_WORD = re.compile(r"[^\W_]+")


def words_of(*fields: str) -> Func:
    """For an index, and for the search that uses it: both have to say the same."""
    return Func(
        *fields,
        arg_joiner=" || ' ' || ",
        template="to_tsvector('simple', regexp_replace(%(expressions)s, '[^[:alnum:]]+', ' ', 'g'))",
        output_field=SearchVectorField(),
    )


def words_begin(text: str, *fields: str) -> Q:
    """Each word of the text begins a word in one of the fields, of which there is an index."""
    wanted = " & ".join(f"'{word}':*" for word in _WORD.findall(text.lower()))
    if not wanted:
        return Q(pk__in=[])
    query = Func(Value(wanted), template="to_tsquery('simple', %(expressions)s)", output_field=SearchQueryField())
    found = Func(
        words_of(*fields), query, arg_joiner=" @@ ", template="(%(expressions)s)", output_field=BooleanField()
    )
    return Q(found)
