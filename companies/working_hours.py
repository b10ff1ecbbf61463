"""When a company is at work: its time zone, its hours and its working days. Reminders come then (R30)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cache
from zoneinfo import ZoneInfo, available_timezones

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from holidays import country_holidays

DEFAULT_ZONE = "Europe/Amsterdam"
OPENS, CLOSES = time(8), time(18)

_dutch_holidays = country_holidays("NL")


@cache
def zone_names() -> list[str]:
    """As people know them: `Europe/Amsterdam`, not the abbreviations of long ago."""
    return sorted(name for name in available_timezones() if "/" in name and not name.startswith("Etc/"))


def validate_time_zone(name: str) -> None:
    if name not in zone_names():
        raise ValidationError(_("%(name)s is no time zone that we know.") % {"name": name})


def local_day(moment: datetime, zone: str) -> date:
    return moment.astimezone(ZoneInfo(zone)).date()


def start_of(day: date, zone: str) -> datetime:
    return datetime.combine(day, time.min, ZoneInfo(zone))


def next_hours(moment: datetime, zone: str, *, on_working_days: bool = False) -> datetime:
    """The moment itself when it lies within the hours there, else the next opening."""
    local = moment.astimezone(ZoneInfo(zone))
    day = local.date() if local.time() < CLOSES else local.date() + timedelta(days=1)
    while on_working_days and not is_working_day(day):
        day += timedelta(days=1)
    return max(moment, datetime.combine(day, OPENS, ZoneInfo(zone)))


def is_working_day(day: date) -> bool:
    return day.weekday() < 5 and day not in _dutch_holidays


def after_working_days(day: date, number: int) -> date:
    """Thursday after Monday and 3; a day off counts for nothing."""
    while number:
        day += timedelta(days=1)
        number -= is_working_day(day)
    return day


def before_working_days(day: date, number: int) -> date:
    """The last day of which `after_working_days` is not past `day`."""
    first = day
    while after_working_days(first, number) > day:
        first -= timedelta(days=1)
    return first


@dataclass(frozen=True)
class Notice:
    """A reminder so many days before a day. Late by `grace` days it still goes, after that it makes no sense.

    The days are those of the site, as the deadlines themselves are.
    """

    days: int
    grace: int

    def window(self, today: date) -> tuple[date, date]:
        """The first and the last day of which today is the time to tell."""
        return today + timedelta(days=self.days - self.grace), today + timedelta(days=self.days)

    def ends(self, day: date) -> datetime:
        return start_of(day - timedelta(days=self.days - self.grace - 1), DEFAULT_ZONE)
