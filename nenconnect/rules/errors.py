"""How a rule refuses, and how an action on several passes over those it refuses."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TypeVar

from django.db.models import Model
from django.utils.functional import Promise

Row = TypeVar("Row", bound=Model)


class RuleError(Exception):
    """A rule of the product refuses what was asked; the text tells the person what to do next.

    `field` names the form field that the text belongs to, where there is one.
    """

    def __init__(self, message: str | Promise, *, field: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.field = field

    def __str__(self) -> str:
        return str(self.message)


Refusals = dict[int, RuleError]  # of several people, or other rows, at once: why not, by number


def sift(rows: Iterable[Row], check: Callable[[Row], object], refusals: Refusals) -> list[Row]:
    """Those that `check` lets through, in their order; why it refuses the others is added to `refusals`."""
    passed: list[Row] = []
    for row in rows:
        try:
            check(row)
        except RuleError as error:
            refusals[row.pk] = error
        else:
            passed.append(row)
    return passed


def raise_refusal(refusals: Refusals) -> None:
    """Of an action on several, for the one that it was about."""
    for error in refusals.values():
        raise error
