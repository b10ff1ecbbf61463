from __future__ import annotations

from difflib import unified_diff
from pathlib import Path

import pytest

from tests.project.schema import schema_lines

WRITTEN = Path(__file__).with_name("schema.txt")


@pytest.mark.django_db
def test_the_migrations_make_the_schema_that_is_written_down() -> None:
    """A column, constraint, index or trigger that comes or goes shows in schema.txt, where a reader sees it."""
    written = WRITTEN.read_text().splitlines()

    assert not list(unified_diff(written, schema_lines(), "schema.txt", "migrations", lineterm="", n=0))
