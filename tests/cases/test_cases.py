"""Every case of abuse and faults around signing in is tried by a test that says so, by its number."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

TESTS = Path(__file__).parents[1]
CASES = [*range(1, 23), 26, *range(27, 33), 44, 45]


def numbers_of(test: ast.FunctionDef) -> set[int]:
    """From `test_c07_…`, and from „C7" or „C16–C18" in what it says of itself."""
    said = ast.get_docstring(test) or ""
    named = [int(number) for number in re.findall(r"^test_c(\d\d)_", test.name)]
    ranges = [range(int(first), int(last) + 1) for first, last in re.findall(r"\bC(\d+)–C(\d+)\b", said)]
    return {
        *named,
        *(int(number) for number in re.findall(r"\bC(\d+)\b", said)),
        *(n for one in ranges for n in one),
    }


def numbered_tests() -> dict[int, list[str]]:
    found: dict[int, list[str]] = {}
    for path in sorted(TESTS.rglob("test_*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.FunctionDef) and node.name.startswith("test_") and path != Path(__file__):
                for number in numbers_of(node):
                    found.setdefault(number, []).append(f"{path.stem}.{node.name}")
    return found


@pytest.mark.parametrize("number", CASES)
def test_each_case_has_a_test_that_names_it(number: int) -> None:
    assert numbered_tests().get(number)
