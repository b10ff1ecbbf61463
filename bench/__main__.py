"""Run all benchmarks of this folder and print one table (`make bench`)."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

from bench.table import Measurement, print_table

FOLDER = Path(__file__).parent


def benchmark_scripts() -> Iterator[ModuleType]:
    for path in sorted(FOLDER.glob("*.py")):
        if "\ndef measurements(" in path.read_text():
            yield importlib.import_module(f"bench.{path.stem}")


def all_measurements() -> Iterator[Measurement]:
    for script in benchmark_scripts():
        yield from script.measurements()


if __name__ == "__main__":
    sys.exit(print_table(all_measurements()))
