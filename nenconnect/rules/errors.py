"""Raise and collect refusals by the rules of the product."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TypeVar

from django.db.models import Model
from django.utils.functional import Promise

Row = TypeVar("Row", bound=Model)


class RuleError(Exception):
    """Refuse what a person wants to do; the message tells them what to do next.

    `field` names the form field that the message belongs to, if there is one.
    """

    def __init__(self, message: str | Promise, *, field: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.field = field

    def __str__(self) -> str:
        return str(self.message)


Refusals = dict[int, RuleError]  # of several people, or other rows, at once: why not, by number


def split_by_rule(rows: Iterable[Row], check: Callable[[Row], object], refusals: Refusals) -> list[Row]:
    """Return the rows that `check` accepts, in order; add its refusals of the others to `refusals`."""
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
    """Re-raise the refusal of a bulk action that was called for a single row."""
    for error in refusals.values():
        raise error
