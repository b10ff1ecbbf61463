from __future__ import annotations

import ast
import tomllib
from pathlib import Path

from django.conf import settings

from nenconnect.translations import ROOMS

# From the top floor down; a string in a room may name a module of its own floor or below, as an import may.
FLOORS = ("desk", "pages", "reports", "members", "requests_app", "licenses", "accounts", "companies", "nenconnect")
PROJECT = "nenconnect"  # its own files stand on top, its folders at the bottom


def test_every_package_of_ours_is_in_the_layers() -> None:
    configured = tomllib.loads(Path(settings.BASE_DIR, "pyproject.toml").read_text())["tool"]["importlinter"]
    packages = {path.parent.name for path in Path(settings.BASE_DIR).glob("*/__init__.py")} - {"tests", "bench"}

    assert packages == set(configured["root_packages"]) == set(ROOMS)


def test_no_string_names_a_module_of_a_floor_above() -> None:
    """Task names and dotted settings included: the room above registers itself."""
    upward = [
        f"{path.relative_to(settings.BASE_DIR)}: {text}"
        for room in FLOORS
        for path in Path(settings.BASE_DIR, room).rglob("*.py")
        if "migrations" not in path.parts and not is_of_the_project(path)
        for text in dotted_strings(path)
        if FLOORS.index(text.split(".")[0]) < FLOORS.index(room)
    ]
    assert not upward


def is_of_the_project(path: Path) -> bool:
    return path.parent.name == PROJECT or "demo" in path.parts


def dotted_strings(path: Path) -> list[str]:
    """The strings of a file that are the dotted name of a module of ours, or of something in it."""
    constants = [node.value for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Constant)]
    return [text for text in constants if isinstance(text, str) and is_module(text)]


def is_module(text: str) -> bool:
    parts = text.split(".")
    if len(parts) < 3 or parts[0] not in FLOORS:
        return False
    places = (Path(settings.BASE_DIR, *parts[:end]) for end in (len(parts), len(parts) - 1))
    return any(place.with_suffix(".py").exists() for place in places)
