"""make bench: one table of all that the scripts in this folder measure."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

from bench.table import Row, print_table

HERE = Path(__file__).parent


def scripts() -> Iterator[ModuleType]:
    for path in sorted(HERE.glob("*.py")):
        if "\ndef rows(" in path.read_text():
            yield importlib.import_module(f"bench.{path.stem}")


def all_rows() -> Iterator[Row]:
    for script in scripts():
        yield from script.rows()


if __name__ == "__main__":
    sys.exit(print_table(all_rows()))
