from __future__ import annotations

from difflib import unified_diff
from pathlib import Path

import pytest

from tests.project.schema import schema_lines

SCHEMA_FILE = Path(__file__).with_name("schema.txt")


@pytest.mark.django_db
def test_the_migrations_create_the_schema_in_schema_txt() -> None:
    # The diff of schema.txt shows a reviewer each column, constraint, index or trigger that changes.
    expected = SCHEMA_FILE.read_text().splitlines()

    assert not list(unified_diff(expected, schema_lines(), "schema.txt", "migrations", lineterm="", n=0))
