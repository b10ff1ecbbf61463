"""Dutch is what people see: no text may be without it."""

from __future__ import annotations

import re

import pytest

from nenconnect import messages

PLACEHOLDER = re.compile(r"%\(\w+\)s|%s|%d")


def test_every_text_has_its_dutch():
    assert messages.missing() == []


def test_the_language_file_holds_nothing_that_is_not_used():
    used = {(message.id, message.context) for message in messages.used()}
    assert [message.id for message in messages.kept() if (message.id, message.context) not in used] == []


def test_translations_keep_the_placeholders():
    wrong = []
    for message in messages.kept():
        ids = message.id if isinstance(message.id, tuple) else [message.id]
        strings = message.string if isinstance(message.string, tuple | list) else [message.string]
        if message.id and any(set(PLACEHOLDER.findall(text)) - _placeholders(ids) for text in strings):
            wrong.append(message.id)
        elif message.id and len(ids) == 1 and set(PLACEHOLDER.findall(strings[0])) != _placeholders(ids):
            wrong.append(message.id)
    assert wrong == []


@pytest.mark.parametrize("word", [" je ", " jij ", " jouw ", "Je ", "Jouw "])
def test_people_are_addressed_with_u(word):
    texts = [str(message.string) for message in messages.kept() if message.id]
    assert [text for text in texts if word in text] == []


def _placeholders(texts) -> set[str]:
    return {found for text in texts for found in PLACEHOLDER.findall(text)}
