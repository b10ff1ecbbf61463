"""make bench: one table of all that the scripts in this folder measure."""

from __future__ import annotations

import importlib
from pathlib import Path

from bench.table import HEADER

HERE = Path(__file__).parent
NO_SCRIPTS = ("__init__", "__main__", "table")


def main() -> None:
    print(HEADER)
    for path in sorted(HERE.glob("*.py")):
        if path.stem not in NO_SCRIPTS:
            for row in importlib.import_module(f"bench.{path.stem}").rows():
                print(row.line(), flush=True)


if __name__ == "__main__":
    main()
