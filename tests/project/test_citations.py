"""Test that docs/ defines every rule (R12) and case (C16) that the repository cites."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
DEFINED_IN = {"R": ROOT / "docs" / "rules.md", "C": ROOT / "docs" / "cases.md"}
LAST = {"R": 52, "C": 78}
EXTENSIONS = (".py", ".html", ".md", ".toml", ".css", ".js")

DEFINITION = re.compile(r"^### ([RC]\d+)$", re.MULTILINE)
# Not the hexadecimal colour #C44, not an entity, not a part of a word such as ARC4 or R2D2.
CITATION = re.compile(r"(?<![\w#&-])[RC]\d+\b")
# A test name such as test_c08_every_link_waits_for_a_button cites C8; the zero is for sorting.
IN_A_TEST_NAME = re.compile(r"\bdef test_(?:\w*?_)?([rc])0*(\d+)(?=_|\()")


def citations_in(text: str) -> set[str]:
    in_names = {letter.upper() + number for letter, number in IN_A_TEST_NAME.findall(text)}
    return {*CITATION.findall(text), *in_names}


def definitions_in(letter: str) -> list[str]:
    return DEFINITION.findall(DEFINED_IN[letter].read_text())


def tracked_files() -> Iterator[Path]:
    result = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True)
    for name in result.stdout.split("\0"):
        path = ROOT / name
        if name.endswith(EXTENSIONS) and path.is_file():  # git lists a deleted file until the deletion is staged
            yield path


def undefined_citations_in(text: str) -> set[str]:
    return citations_in(text) - set(definitions_in("R")) - set(definitions_in("C"))


def test_every_cited_rule_and_case_is_defined() -> None:
    undefined_citations = {
        str(path.relative_to(ROOT)): sorted(missing)
        for path in tracked_files()
        if (missing := undefined_citations_in(path.read_text()))
    }

    assert undefined_citations == {}


@pytest.mark.parametrize("letter", ["R", "C"])
def test_each_rule_and_case_number_is_defined_once_and_in_order(letter: str) -> None:
    numbers = [f"{letter}{number}" for number in range(1, LAST[letter] + 1)]

    assert definitions_in(letter) == numbers


@pytest.mark.parametrize("citation", ["(R{0})", "# C{0}: a comment", "R{0}–R{0}", "def test_c{0}_a_link():"])
def test_a_citation_of_an_undefined_number_is_reported(citation: str) -> None:
    assert undefined_citations_in(citation.format(99))


@pytest.mark.parametrize("text", ["color: #C99", "ARC99", "R99D2", "&C99;", "def test_arc99_is_fine():"])
def test_text_that_only_looks_like_a_citation_is_ignored(text: str) -> None:
    assert citations_in(text) == set()
