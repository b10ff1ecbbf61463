"""Recognize domains that people take for one another (C3, C4)."""

from __future__ import annotations

import unicodedata

import idna

# Letters of other scripts that look like Latin ones: Unicode's confusables that IDNA allows.
_LETTERS = str.maketrans(
    "\u0430\u0501\u0435\u04bb\u0456\u0458\u043a\u04cf\u043c\u043f"
    "\u043e\u0440\u051b\u0455\u0442\u0443\u0445\u0475\u051d"  # Cyrillic
    "\u0261\u0269\u0131\u03bf\u03bd\u03b1\u03b5\u03b9\u03ba\u03c5\u03c4\u03c1\u03c9"  # Latin, Greek
    "01",
    "adehijklmnopqstyxvwgiiovaeikytpwol",
)
_PAIRS = (("rn", "m"), ("vv", "w"), ("\u00df", "ss"))


def look_of(domain: str) -> str:
    """Return a text that is equal for domains that look alike."""
    plain = unicodedata.normalize("NFKD", readable_form(domain)).translate(_LETTERS)
    plain = "".join(letter for letter in plain if not unicodedata.combining(letter))
    for pair, letters in _PAIRS:
        plain = plain.replace(pair, letters)
    return plain


def readable_form(domain: str) -> str:
    try:
        return idna.decode(domain)
    except (idna.IDNAError, UnicodeError):
        return domain


def mixes_scripts(domain: str) -> bool:
    return any(len(_scripts_of(label)) > 1 for label in readable_form(domain).split("."))


def _scripts_of(label: str) -> set[str]:
    # The script is the first word of a letter's name in Unicode; Japanese and Korean use several.
    names = {unicodedata.name(letter, "?").split()[0] for letter in label if letter.isalpha()}
    return {"CJK" if name in {"HIRAGANA", "KATAKANA", "HANGUL"} else name for name in names}
