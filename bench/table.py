from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Row:
    """One measurement beside its floor: what the same work costs at the very least, or may cost at most.

    A floor of 0 is none. A claim about the ratio of the two is `least` or `most`.
    """

    work: str
    size: str
    floor: float
    here: float
    unit: str = "s"
    least: float = 0
    most: float = float("inf")

    @property
    def ratio(self) -> float | None:
        return self.here / self.floor if self.floor else None

    @property
    def is_missed(self) -> bool:
        return self.ratio is not None and not self.least <= self.ratio <= self.most

    def line(self) -> str:
        ratio = f"{self.ratio:.2f}" if self.ratio is not None else "–"
        here, floor = f"{self.here:.1f} {self.unit}", f"{self.floor:.1f} {self.unit}" if self.floor else "–"
        return f"{self.work:<32}{self.size:<32}{floor:>12}{here:>12}{ratio:>8}{self._verdict()}"

    def _verdict(self) -> str:
        if not self.is_missed:
            return ""
        return f"  MISSED: at least {self.least:g}" if self.least else f"  MISSED: at most {self.most:g}"


HEADER = f"{'work':<32}{'size':<32}{'floor':>12}{'here':>12}{'ratio':>8}"


def print_table(rows: Iterable[Row]) -> int:
    """The exit code: 1 when a claim is missed."""
    print(HEADER)
    missed = False
    for row in rows:
        print(row.line(), flush=True)
        missed = missed or row.is_missed
    return int(missed)
