from __future__ import annotations

from django.utils.functional import Promise


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
