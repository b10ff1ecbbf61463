"""What imports of people and of documents share: what is said when it fails, and by which door it comes."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from nenconnect.long_work import Work
from nenconnect.trail.door import Door, coming_by

Row = TypeVar("Row", bound=models.Model)


def table_import(task: str, *, go_on: Callable[[Row, float], None], fail: Callable[[Row, str], None]) -> Work[Row]:
    def go_on_by_the_door(row: Row, until: float) -> None:
        with coming_by(Door.IMPORT):
            go_on(row, until)

    return Work(
        task=task,
        go_on=go_on_by_the_door,
        fail=fail,
        too_much=_("This table is too much for us to read. Split it up, and upload the parts one by one."),
        went_wrong=_("Something went wrong while we read this table. Upload it again, or ask for help."),
    )
