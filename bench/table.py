from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Measurement:
    """Hold one measurement and its floor: the least that the same work costs, or the most it may cost.

    A floor of 0 means none. `min_ratio` and `max_ratio` claim limits for the ratio of the two.
    """

    work: str
    size: str
    floor: float
    measured: float
    unit: str = "s"
    min_ratio: float = 0
    max_ratio: float = float("inf")

    @property
    def ratio(self) -> float | None:
        return self.measured / self.floor if self.floor else None

    @property
    def is_missed(self) -> bool:
        return self.ratio is not None and not self.min_ratio <= self.ratio <= self.max_ratio

    def as_line(self) -> str:
        ratio = f"{self.ratio:.2f}" if self.ratio is not None else "–"
        floor = f"{self.floor:.1f} {self.unit}" if self.floor else "–"
        measured = f"{self.measured:.1f} {self.unit}"
        return f"{self.work:<32}{self.size:<32}{floor:>12}{measured:>12}{ratio:>8}{self._verdict()}"

    def _verdict(self) -> str:
        if not self.is_missed:
            return ""
        limit = f"at least {self.min_ratio:g}" if self.min_ratio else f"at most {self.max_ratio:g}"
        return f"  MISSED: {limit}"


HEADER = f"{'work':<32}{'size':<32}{'floor':>12}{'here':>12}{'ratio':>8}"


def print_table(rows: Iterable[Measurement]) -> int:
    print(HEADER)
    is_any_missed = False
    for row in rows:
        print(row.as_line(), flush=True)
        is_any_missed = is_any_missed or row.is_missed
    return int(is_any_missed)
