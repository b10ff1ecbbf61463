"""Test that each case of abuse and faults around signing in is covered by a test that cites its number."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

TESTS = Path(__file__).parents[1]
CASES = [*range(1, 23), 26, *range(27, 33), 44, 45]


def numbers_of(test: ast.FunctionDef) -> set[int]:
    """Return the case numbers from the name `test_c07_…` and from `C7` or `C16–C18` in the docstring."""
    text = ast.get_docstring(test) or ""
    numbers_in_name = [int(number) for number in re.findall(r"^test_c(\d\d)_", test.name)]
    ranges = [range(int(first), int(last) + 1) for first, last in re.findall(r"\bC(\d+)–C(\d+)\b", text)]
    return {
        *numbers_in_name,
        *(int(number) for number in re.findall(r"\bC(\d+)\b", text)),
        *(number for numbers in ranges for number in numbers),
    }


def numbered_tests() -> dict[int, list[str]]:
    tests_by_number: dict[int, list[str]] = {}
    for path in sorted(TESTS.rglob("test_*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.FunctionDef) and node.name.startswith("test_") and path != Path(__file__):
                for number in numbers_of(node):
                    tests_by_number.setdefault(number, []).append(f"{path.stem}.{node.name}")
    return tests_by_number


@pytest.mark.parametrize("number", CASES)
def test_each_case_has_a_test_that_cites_it(number: int) -> None:
    assert numbered_tests().get(number)
