"""Validate names, phone numbers and texts, and find invisible characters (C30)."""

from __future__ import annotations

import re
import unicodedata

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

CONTROL = {"Cc", "Cs", "Zl", "Zp"}
# They turn the reading direction, so that a name shows as something else than it is.
DIRECTION = set("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")

_HIDDEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff" + "".join(DIRECTION) + "]")

PHONE = re.compile(r"[0-9 +().,/-]*[0-9][0-9 +().,/-]*")

FILLERS = "\u115f\u1160\u3164\uffa0\u2800 \t\u00a0"  # letters that show as nothing
NO_WIDTH = "\u200b\u200c\u200d\u2060\ufeff"  # space that is none


def validate_single_line(value: str) -> None:
    """Refuse control and direction characters in names and other fields of one line (C30)."""
    if any(_is_hidden(letter) for letter in value) or not value.strip(NO_WIDTH + FILLERS).strip():
        raise ValidationError(_("Use only letters, digits and ordinary signs, on one line."))


def validate_phone(value: str) -> None:
    """Accept a phone number as people write it: 06-12345678, +31 6 12345678, (015) 2 690 391."""
    if not PHONE.fullmatch(value):
        raise ValidationError(_("Use only digits, spaces and the signs + - ( ), such as 06-12345678."))


def plain_lines(value: str) -> str:
    """Remove invisible characters and surplus empty lines from a text of several lines."""
    value = re.sub(r"\r\n?|[\u2028\u2029]", "\n", value)
    shown = "".join(letter for letter in value if letter in "\n\t" or not _is_hidden(letter))
    return re.sub(r"\n{3,}", "\n\n", shown.strip().strip(NO_WIDTH).strip())


def in_one_line(answer: str, longest: int = 500) -> str:
    """Return the readable part of a mail server's answer, which may hold anything (C30)."""
    return " ".join(plain_lines(answer).split())[:longest]


def has_hidden(value: str) -> bool:
    return any(_is_hidden(letter) for letter in value if letter not in "\t\n\r\u2028\u2029")


def without_hidden(value: str) -> str:
    """Remove invisible characters from a text to send; a name may hold some, although forms refuse them (C30)."""
    return _HIDDEN.sub("", value)


def _is_hidden(letter: str) -> bool:
    return letter in DIRECTION or unicodedata.category(letter) in CONTROL
