from __future__ import annotations

import ast
import tomllib
from collections import defaultdict
from pathlib import Path

from django.conf import settings

from nenconnect.translations import ROOMS

# From the top floor down; like an import, a string may name a module on its own floor or below.
FLOORS = ("desk", "pages", "reports", "members", "requests_app", "licenses", "accounts", "companies", "nenconnect")
PROJECT = "nenconnect"  # its files are at the top and its folders at the bottom


def test_every_package_is_in_the_import_layers() -> None:
    configured = tomllib.loads(Path(settings.BASE_DIR, "pyproject.toml").read_text())["tool"]["importlinter"]
    packages = {path.parent.name for path in Path(settings.BASE_DIR).glob("*/__init__.py")} - {"tests", "bench"}

    assert packages == set(configured["root_packages"]) == set(ROOMS)


def test_no_string_names_a_module_on_a_higher_floor() -> None:
    # Also in task names and dotted settings: the room above registers itself.
    upward = [
        f"{path.relative_to(settings.BASE_DIR)}: {text}"
        for room in FLOORS
        for path in Path(settings.BASE_DIR, room).rglob("*.py")
        if "migrations" not in path.parts and not is_project_file_or_demo(path)
        for text in dotted_strings(path)
        if FLOORS.index(text.split(".")[0]) < FLOORS.index(room)
    ]
    assert not upward


def test_no_two_modules_define_a_class_of_the_same_name() -> None:
    files: dict[str, list[str]] = defaultdict(list)
    for room in (*FLOORS, "bench", "tests"):
        for path in Path(settings.BASE_DIR, room).rglob("*.py"):
            if not {"migrations", "commands"} & set(path.parts):  # Django names these classes
                for node in ast.parse(path.read_text()).body:
                    if isinstance(node, ast.ClassDef):
                        files[node.name].append(str(path))

    assert {name: places for name, places in files.items() if len(places) > 1} == {}


def is_project_file_or_demo(path: Path) -> bool:
    return path.parent.name == PROJECT or "demo" in path.parts


def dotted_strings(path: Path) -> list[str]:
    """Return the strings in a file that name a module of this project, or something in one."""
    constants = [node.value for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Constant)]
    return [text for text in constants if isinstance(text, str) and names_a_module(text)]


def names_a_module(text: str) -> bool:
    parts = text.split(".")
    if len(parts) < 3 or parts[0] not in FLOORS:
        return False
    candidates = (Path(settings.BASE_DIR, *parts[:end]) for end in (len(parts), len(parts) - 1))
    return any(candidate.with_suffix(".py").exists() for candidate in candidates)
