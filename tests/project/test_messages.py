"""Dutch is what people see: no text may be without it."""

from __future__ import annotations

import re

import pytest

from nenconnect import translations

PLACEHOLDER = re.compile(r"%\(\w+\)s|%s|%d")


def test_every_text_has_its_dutch():
    assert translations.missing() == []


def test_the_language_file_holds_nothing_that_is_not_used():
    used = {(message.id, message.context) for message in translations.used()}
    assert [message.id for message in translations.kept() if (message.id, message.context) not in used] == []


def test_translations_keep_the_placeholders():
    assert [message.id for message in translations.kept() if message.id and not _keeps_placeholders(message)] == []


@pytest.mark.parametrize("word", [" je ", " jij ", " jouw ", "Je ", "Jouw "])
def test_people_are_addressed_with_u(word):
    texts = [str(message.string) for message in translations.kept() if message.id]
    assert [text for text in texts if word in text] == []


def _keeps_placeholders(message) -> bool:
    """Each form uses none but those of the English; a text without a plural uses all of them."""
    ids = message.id if isinstance(message.id, tuple) else (message.id,)
    strings = message.string if isinstance(message.string, tuple) else (message.string,)
    asked = _placeholders(*ids)
    return all(_placeholders(text) <= asked for text in strings) and (
        len(ids) > 1 or _placeholders(*strings) == asked
    )


def _placeholders(*texts: str) -> set[str]:
    return {found for text in texts for found in PLACEHOLDER.findall(text)}


def test_the_dutch_has_one_kind_of_apostrophe() -> None:
    curly = [str(message.string) for message in translations.kept() if "’" in str(message.string)]

    assert not curly


def test_no_sentence_ends_with_the_name_of_a_company() -> None:
    """Many names end in B.V., and would bring a second full stop."""
    ends = re.compile(r"%\((company|old|thing)\)s\.(?!\w)")
    texts = [text for message in translations.kept() for text in (*_texts(message.id), *_texts(message.string))]

    assert texts
    assert [text for text in texts if ends.search(text)] == []


def _texts(text) -> tuple[str, ...]:
    return text if isinstance(text, tuple) else (text,)
