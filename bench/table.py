from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Row:
    """One measurement beside its floor: what the same work costs at the very least, or may cost at most.

    A floor of 0 is none.
    """

    work: str
    size: str
    floor: float
    here: float
    unit: str = "s"

    def line(self) -> str:
        ratio = f"{self.here / self.floor:.2f}" if self.floor else "–"
        here, floor = f"{self.here:.1f} {self.unit}", f"{self.floor:.1f} {self.unit}" if self.floor else "–"
        return f"{self.work:<32}{self.size:<32}{floor:>12}{here:>12}{ratio:>8}"


HEADER = f"{'work':<32}{'size':<32}{'floor':>12}{'here':>12}{'ratio':>8}"
