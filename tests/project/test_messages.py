"""Test the translations: every text has Dutch with the same placeholders."""

from __future__ import annotations

import re

import pytest

from nenconnect import translations

PLACEHOLDER = re.compile(r"%\(\w+\)s|%s|%d")


def test_every_text_has_a_dutch_translation():
    assert translations.untranslated_texts() == []


def test_the_language_file_has_no_unused_texts():
    used = {(message.id, message.context) for message in translations.texts_in_use()}
    assert [
        message.id for message in translations.dutch_catalog() if (message.id, message.context) not in used
    ] == []


def test_the_dutch_has_the_placeholders_of_the_english():
    assert [
        message.id for message in translations.dutch_catalog() if message.id and not _keeps_placeholders(message)
    ] == []


@pytest.mark.parametrize("word", [" je ", " jij ", " jouw ", "Je ", "Jouw "])
def test_the_dutch_addresses_people_with_u_and_never_with_je(word):
    texts = [str(message.string) for message in translations.dutch_catalog() if message.id]
    assert [text for text in texts if word in text] == []


def _keeps_placeholders(message) -> bool:
    """Return whether each form uses only placeholders of the English, and all of them if there is no plural."""
    ids = message.id if isinstance(message.id, tuple) else (message.id,)
    strings = message.string if isinstance(message.string, tuple) else (message.string,)
    english_placeholders = _placeholders(*ids)
    return all(_placeholders(text) <= english_placeholders for text in strings) and (
        len(ids) > 1 or _placeholders(*strings) == english_placeholders
    )


def _placeholders(*texts: str) -> set[str]:
    return {placeholder for text in texts for placeholder in PLACEHOLDER.findall(text)}


def test_the_dutch_uses_only_straight_apostrophes() -> None:
    curly = [str(message.string) for message in translations.dutch_catalog() if "’" in str(message.string)]

    assert not curly


def test_no_sentence_ends_with_the_name_of_a_company() -> None:
    # Many names end in B.V. and would cause a second full stop.
    ends = re.compile(r"%\((company|old|thing)\)s\.(?!\w)")
    texts = [
        text for message in translations.dutch_catalog() for text in (*_texts(message.id), *_texts(message.string))
    ]

    assert texts
    assert [text for text in texts if ends.search(text)] == []


def _texts(text) -> tuple[str, ...]:
    return text if isinstance(text, tuple) else (text,)
