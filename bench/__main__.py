"""make bench: one table of all that the scripts in this folder measure."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path

from bench.table import HEADER, show

HERE = Path(__file__).parent
NO_SCRIPTS = ("__init__", "__main__", "people", "site", "table")


def main() -> None:
    """Ends with 1 when a claim was missed, after all were measured."""
    print(HEADER)
    scripts = [path.stem for path in sorted(HERE.glob("*.py")) if path.stem not in NO_SCRIPTS]
    kept = [show(importlib.import_module(f"bench.{script}").rows()) for script in scripts]
    sys.exit(0 if all(kept) else 1)


if __name__ == "__main__":
    main()
