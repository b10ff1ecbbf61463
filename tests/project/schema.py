"""Print the schema as Postgres knows it: one line per column, constraint, index, trigger and function.

`python -m nenconnect.demo.with_services python -m tests.project.schema > tests/project/schema.txt` after a change
of the models; read the difference before it is committed.
"""

from __future__ import annotations

import re

import django
from django.db import connection

QUERIES = {
    "column": """
        SELECT table_name, column_name, data_type, character_maximum_length, is_nullable, column_default,
            generation_expression, is_identity
        FROM information_schema.columns WHERE table_schema = 'public'
    """,
    "constraint": """
        SELECT conrelid::regclass, conname, pg_get_constraintdef(oid)
        FROM pg_constraint WHERE connamespace = 'public'::regnamespace AND contype <> 'n'
    """,
    "index": "SELECT tablename, indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'",
    "trigger": "SELECT tgrelid::regclass, tgname, pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal",
    "function": """
        SELECT proname, pg_get_functiondef(oid) FROM pg_proc WHERE pronamespace = 'public'::regnamespace
            AND NOT EXISTS (SELECT 1 FROM pg_depend WHERE objid = pg_proc.oid AND deptype = 'e')
    """,
}
GENERATED = re.compile(r"_[0-9a-f]{8}(?=_|\b)")  # Django's hash in a name that it generates
TRIGRAMS = "user_searched_trigrams"  # only where the server has pg_trgm
SLOWNESS = "test_slow_write"  # tests that run two actions at once leave it
OPTIONAL = ("django_migrations", TRIGRAMS, SLOWNESS)


def schema_lines() -> list[str]:
    """Return the sorted lines; names that Django generates come without their hash."""
    lines = []
    with connection.cursor() as cursor:
        for kind, query in QUERIES.items():
            cursor.execute(query)
            for row in cursor.fetchall():
                cells = (" ".join(str(cell).split()) for cell in row if cell is not None)
                lines.append(GENERATED.sub("", f"{kind}: {' | '.join(cells)}"))
    return sorted(line for line in lines if not any(name in line for name in OPTIONAL))


if __name__ == "__main__":
    from django.core.management import call_command

    django.setup()
    call_command("migrate", verbosity=0)
    print("\n".join(schema_lines()))  # noqa: T201 -- a command
