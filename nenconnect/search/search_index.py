"""Search a million rows by how words begin, with an index that every Postgres can build.

Parts of words would need pg_trgm, which a server may lack.
"""

from __future__ import annotations

import re

from django.contrib.postgres.search import SearchQueryField, SearchVectorField
from django.db.models import BooleanField, Func, Q, Value

_WORD = re.compile(r"[^\W_]+")


def word_index_of(*fields: str) -> Func:
    return Func(
        *fields,
        arg_joiner=" || ' ' || ",
        template="to_tsvector('simple', regexp_replace(%(expressions)s, '[^[:alnum:]]+', ' ', 'g'))",
        output_field=SearchVectorField(),
    )


def words_begin(text: str, *fields: str) -> Q:
    """Match rows where each word of the text begins a word in one of these indexed fields."""
    prefixes = " & ".join(f"'{word}':*" for word in _WORD.findall(text.lower()))
    if not prefixes:
        return Q(pk__in=[])
    query = Func(
        Value(prefixes), template="to_tsquery('simple', %(expressions)s)", output_field=SearchQueryField()
    )
    matches = Func(
        word_index_of(*fields), query, arg_joiner=" @@ ", template="(%(expressions)s)", output_field=BooleanField()
    )
    return Q(matches)
