from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Row:
    """One measurement beside its floor: what the same work costs at the very least, or may cost at most.

    A floor of 0 is none. Where the claim is the ratio, `ratios` says between which two it must lie.
    """

    work: str
    size: str
    floor: float
    here: float
    unit: str = "s"
    ratios: tuple[float, float] | None = None

    @property
    def ratio(self) -> float:
        return self.here / self.floor if self.floor else 0

    @property
    def is_missed(self) -> bool:
        return self.ratios is not None and not self.ratios[0] <= self.ratio <= self.ratios[1]

    def line(self) -> str:
        ratio = f"{self.ratio:.2f}" if self.floor else "–"
        here, floor = f"{self.here:.1f} {self.unit}", f"{self.floor:.1f} {self.unit}" if self.floor else "–"
        missed = "  missed" if self.is_missed else ""
        return f"{self.work:<32}{self.size:<32}{floor:>12}{here:>12}{ratio:>8}{missed}"


HEADER = f"{'work':<32}{'size':<32}{'floor':>12}{'here':>12}{'ratio':>8}"


def show(rows: Iterable[Row]) -> bool:
    """Prints each row as it comes; whether all of them kept to their ratio."""
    missed = False
    for row in rows:
        print(row.line(), flush=True)
        missed |= row.is_missed
    return not missed
