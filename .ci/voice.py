"""Check the words of docstrings, comments, names, documents and source texts (CONTRIBUTING.md, "Voice").

Run `python .ci/voice.py` for everything, or name files and folders.
"""

from __future__ import annotations

import ast
import io
import re
import subprocess
import sys
import tokenize
from collections.abc import Iterator
from pathlib import Path

from babel.messages.pofile import read_po

BANNED = re.compile(
    r"\b(whoever|whom|somebody|nobody|one's own|what is|anew|any more|stands|is told of)\b", re.IGNORECASE
)
BANNED_NAMES = {"said", "told", "asked", "found", "wanted", "facts", "one", "own", "theirs", "known", "held"}
VERBS = set((Path(__file__).parent / "verbs.txt").read_text().split())
MAX_WORDS = 20  # in the first line of a docstring
MAX_SHARE = 0.25  # of functions outside tests that have a docstring
CATALOG = "locale/nl/LC_MESSAGES/django.po"
Function = ast.FunctionDef | ast.AsyncFunctionDef


def main(paths: list[str]) -> int:
    files = [Path(line) for line in subprocess.check_output(["git", "ls-files", *paths], text=True).splitlines()]
    faults = [fault for path in files if path.is_file() for fault in _faults(path)]
    print(*faults, sep="\n")
    share = _share_with_docstring([path for path in files if path.suffix == ".py" and path.parts[0] != "tests"])
    print(f"{len(faults)} faults; {share:.0%} of the functions outside tests have a docstring.")
    return 1 if faults or share > MAX_SHARE else 0


def _faults(path: Path) -> Iterator[str]:
    if path.suffix == ".py" and "migrations" not in path.parts:
        source = path.read_text()
        yield from (f"{path}:{line}: {fault}" for line, fault in _faults_of_code(ast.parse(source)))
        yield from (f"{path}:{line}: {fault}" for line, fault in _faults_of_comments(source))
    elif path.suffix == ".md":
        for number, line in enumerate(path.read_text().splitlines(), start=1):
            yield from (f"{path}:{number}: {fault}" for fault in _banned(line))
    elif str(path) == CATALOG:
        with path.open("rb") as file:
            texts = [message.id if isinstance(message.id, str) else message.id[0] for message in read_po(file)]
        yield from (f"{path}: {fault} in “{text}”" for text in texts for fault in _banned(text))


def _faults_of_code(tree: ast.Module) -> Iterator[tuple[int, str]]:
    for node in ast.walk(tree):
        name = {ast.Name: "id", ast.arg: "arg", ast.Attribute: "attr"}.get(type(node), "name")
        if str(getattr(node, name, "")).strip("_") in BANNED_NAMES:
            yield getattr(node, "lineno", 1), f"the name “{getattr(node, name)}”"
        if not isinstance(node, Function | ast.ClassDef | ast.Module):
            continue
        if text := ast.get_docstring(node):
            line, first = getattr(node, "lineno", 1), text.splitlines()[0]
            if re.split(r"[^\w-]", first)[0] not in VERBS:
                yield line, f"no verb begins “{first}”"
            if len(first.split()) > MAX_WORDS:
                yield line, f"more than {MAX_WORDS} words in “{first}”"
            yield from ((line, fault) for fault in _banned(text))


def _faults_of_comments(source: str) -> Iterator[tuple[int, str]]:
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type == tokenize.COMMENT:
            yield from ((token.start[0], fault) for fault in _banned(token.string))


def _banned(text: str) -> list[str]:
    return [f"the words “{match[0]}”" for match in BANNED.finditer(text)]


def _share_with_docstring(paths: list[Path]) -> float:
    nodes = [node for path in paths for node in ast.walk(ast.parse(path.read_text()))]
    functions = [node for node in nodes if isinstance(node, Function)]
    return sum(bool(ast.get_docstring(function)) for function in functions) / max(1, len(functions))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
