"""A text typed as plain text, cut into what a page shows: headings, paragraphs and lists. No HTML comes in."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from enum import StrEnum

_HEADING = re.compile(r"(#{1,2})[ \t]+(.+)")
_BULLET = re.compile(r"[-*•][ \t]+(.+)")
_NUMBER = re.compile(r"\d{1,3}[.)][ \t]+(.+)")


class Kind(StrEnum):
    HEADING = "heading"
    SMALL_HEADING = "small_heading"
    PARAGRAPH = "paragraph"
    BULLETS = "bullets"
    NUMBERS = "numbers"


@dataclass
class Block:
    """Of a list: its items; of a paragraph: its lines; of a heading: itself."""

    kind: Kind
    lines: list[str] = field(default_factory=list)


def blocks(text: str) -> list[Block]:
    """`# ` and `## ` begin a heading, `- ` and `1. ` an item of a list; an empty line ends what it follows."""
    found: list[Block] = []
    for line in text.splitlines():
        _add(found, line.strip())
    return [block for block in found if block.lines]


def _add(found: list[Block], line: str) -> None:
    if not line:
        found.append(Block(Kind.PARAGRAPH))
        return
    kind, words = _read(line)
    if not found or found[-1].kind != kind or kind in {Kind.HEADING, Kind.SMALL_HEADING}:
        found.append(Block(kind))
    found[-1].lines.append(words)


def _read(line: str) -> tuple[Kind, str]:
    if heading := _HEADING.fullmatch(line):
        return (Kind.HEADING if len(heading[1]) == 1 else Kind.SMALL_HEADING), heading[2]
    if item := _BULLET.fullmatch(line):
        return Kind.BULLETS, item[1]
    if item := _NUMBER.fullmatch(line):
        return Kind.NUMBERS, item[1]
    return Kind.PARAGRAPH, line
