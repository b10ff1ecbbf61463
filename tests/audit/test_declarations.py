"""Test that each verb of the audit is one constant, with words in both languages, that some action records."""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path

import pytest
from django.conf import settings
from django.utils import translation

from nenconnect.audit.details import models_by_name
from nenconnect.audit.models import AuditEntry
from nenconnect.audit.verbs import VERBS, Topic, Verb
from nenconnect.translations import ROOMS

BELOW = tuple(room for room in ROOMS if room not in {"reports", "pages", "desk"})  # which read the audit only
PLACEHOLDER = re.compile(r"%\((\w+)\)s")


@cache
def sources(rooms: tuple[str, ...] = ROOMS) -> list[tuple[Path, ast.Module]]:
    paths = [path for room in rooms for path in Path(settings.BASE_DIR, room).rglob("*.py")]
    return [(path, ast.parse(path.read_text())) for path in paths]


def calls_of(tree: ast.Module, *names: str) -> list[ast.Call]:
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call)]
    return [call for call in calls if isinstance(call.func, ast.Name) and call.func.id in names]


def declarations() -> dict[str, tuple[Path, ast.Call]]:
    # Constants at the top of a `verbs.py`, by name.
    return {
        node.targets[0].id: (path, node.value)
        for path, tree in sources()
        for node in tree.body
        if path.name == "verbs.py" and isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name)
        if isinstance(node.value, ast.Call) and node.value in calls_of(tree, "Verb")
    }


def test_no_verb_is_recorded_by_a_string() -> None:
    calls = [(path, call) for path, tree in sources() for call in calls_of(tree, "record", "new_entry")]

    assert len(calls) > 80
    strange = [
        f"{path}:{call.lineno}"
        for path, call in calls
        if not call.args or not isinstance(call.args[0], ast.Name | ast.Attribute)
    ]
    assert not strange


def test_every_verb_is_a_constant_of_a_verbs_module() -> None:
    everywhere = [call for _path, tree in sources() for call in calls_of(tree, "Verb")]
    names = [call.args[0] for _path, call in declarations().values()]

    assert len(everywhere) == len(declarations()) == len(VERBS)
    assert {name.value for name in names if isinstance(name, ast.Constant)} == set(VERBS)


def test_a_constant_is_called_as_its_verb() -> None:
    for constant, (_path, call) in declarations().items():
        assert isinstance(call.args[0], ast.Constant)
        assert constant.replace("_", "").lower() == str(call.args[0].value).replace("_", "")


def test_no_verb_is_unused() -> None:
    used = {
        node.id
        for _path, tree in sources(BELOW)
        for node in ast.walk(tree)
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)
    }
    assert not set(declarations()) - used


@pytest.mark.parametrize("verb", VERBS.values(), ids=str)
def test_a_verb_has_label_and_sentence_in_both_languages(verb: Verb) -> None:
    words = {}
    for language in ("en", "nl"):
        with translation.override(language):
            words[language] = (str(verb.label), str(verb.sentence))
    sample = dict.fromkeys(["who", "domain", *models_by_name()], "X")

    assert all(label and not label.endswith(".") for label, _sentence in words.values())
    assert all(sentence % sample for _label, sentence in words.values())
    assert not [sentence for _label, sentence in words.values() if sentence.endswith(".")]
    (english, dutch) = (set(PLACEHOLDER.findall(sentence)) for _label, sentence in words.values())
    assert english == dutch
    assert words["en"][0] != words["nl"][0]
    assert words["en"][1] != words["nl"][1]
    assert len(verb.name) <= (AuditEntry._meta.get_field("verb").max_length or 0)


def test_two_verbs_with_the_same_name_are_refused() -> None:
    first = next(iter(VERBS.values()))

    with pytest.raises(ValueError, match="declared twice"):
        Verb(first.name, Topic.USERS, label=first.label, sentence=first.sentence)
    assert VERBS[first.name] is first
