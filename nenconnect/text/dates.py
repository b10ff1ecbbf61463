"""Format „14 maart 2027 09:30" for long lists, faster than Django, which looks up the month for each line."""

from __future__ import annotations

from datetime import date, datetime
from functools import lru_cache

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import get_language


def moment_in_words(moment: datetime) -> str:
    local = timezone.localtime(moment)
    return f"{_day_in_words(local.date(), get_language())} {local:%H:%M}"


@lru_cache(maxsize=1000)
def _day_in_words(day: date, _language: str | None) -> str:
    return date_format(day, "j F Y")
