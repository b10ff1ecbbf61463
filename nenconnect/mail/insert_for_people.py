"""Queue the same mail for many people inside the database, without loading their rows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.db import connection, models
from django.utils import timezone

from nenconnect.mail.actions import new_mail, nudge_after_commit
from nenconnect.mail.bulk import PER_SECOND

_SQL = """
WITH people(id) AS MATERIALIZED ({people}),
numbered AS (SELECT id, row_number() OVER (ORDER BY id) AS number FROM people),
written AS (
    INSERT INTO {table} ({columns}) SELECT {values} FROM numbered ON CONFLICT DO NOTHING RETURNING 1
)
SELECT (SELECT count(*) FROM people), (SELECT max(id) FROM people), (SELECT count(*) FROM written)
"""
# What differs from one person to the next.
_OF_EACH = {
    "key": "%s || id",
    "recipient_id": "id",
    "message_id": "'<' || gen_random_uuid() || %s",
    "due_at": "%s::timestamptz + (%s + number - 1) / %s * interval '1 second'",
}


@dataclass(frozen=True)
class Written:
    """Count the people who were looked at (`seen`) and mailed (`written`); `last` is the highest id among them."""

    seen: int
    last: int | None
    written: int


def queue_for_people(
    event: str, people: models.QuerySet, *, about: models.Model, most: int, after: int = 0
) -> Written:
    """Queue a mail to the `most` people with the lowest ids, in the running transaction; each key once.

    They become due one after the other, behind `after` earlier mails (see bulk.queue_mails).
    """
    sample = new_mail(event, to_id=0, about=about)
    host = urlsplit(settings.SITE_URL).hostname
    values_of_each: dict[str, list[Any]] = {
        "key": [sample.key.removesuffix("0")],
        "message_id": [f"@{host}>"],
        "due_at": [timezone.now(), after, PER_SECOND],
    }
    chosen, parameters = people.order_by("pk").values("pk")[:most].query.sql_with_params()
    columns, values, field_parameters = list[str](), list[str](), list[Any]()
    for field in sample._meta.concrete_fields:
        column = str(field.column)
        if field.primary_key:
            continue
        columns.append(connection.ops.quote_name(column))
        values.append(_OF_EACH.get(column, f"%s::{field.db_type(connection)}"))
        if column in _OF_EACH:
            field_parameters += values_of_each.get(column, [])
        else:
            field_parameters.append(field.get_db_prep_save(getattr(sample, field.attname), connection))
    sql = _SQL.format(
        people=chosen, table=sample._meta.db_table, columns=", ".join(columns), values=", ".join(values)
    )
    return _execute_insert(sql, [*parameters, *field_parameters])


def _execute_insert(sql: str, parameters: list[Any]) -> Written:
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        seen, last, written = cursor.fetchone()
    if written:
        nudge_after_commit()
    return Written(seen=seen, last=last, written=written)
