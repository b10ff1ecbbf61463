"""Calculate with a company's time zone, hours and working days; reminders come in its hours (R30)."""

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
    # No abbreviations such as CET.
    return sorted(name for name in available_timezones() if "/" in name and not name.startswith("Etc/"))


def validate_time_zone(name: str) -> None:
    if name not in zone_names():
        raise ValidationError(_("%(name)s is not a time zone.") % {"name": name})


def local_day(moment: datetime, zone: str) -> date:
    return moment.astimezone(ZoneInfo(zone)).date()


def start_of(day: date, zone: str) -> datetime:
    return datetime.combine(day, time.min, ZoneInfo(zone))


def next_hours(moment: datetime, zone: str, *, on_working_days: bool = False) -> datetime:
    """Return the moment itself within working hours, else the next opening."""
    local = moment.astimezone(ZoneInfo(zone))
    day = local.date() if local.time() < CLOSES else local.date() + timedelta(days=1)
    while on_working_days and not is_working_day(day):
        day += timedelta(days=1)
    return max(moment, datetime.combine(day, OPENS, ZoneInfo(zone)))


def is_working_day(day: date) -> bool:
    return day.weekday() < 5 and day not in _dutch_holidays


def after_working_days(day: date, number: int) -> date:
    while number:
        day += timedelta(days=1)  # 3 after Monday is Thursday; weekends and holidays do not count
        number -= is_working_day(day)
    return day


def before_working_days(day: date, number: int) -> date:
    """Return the last day from which `number` working days do not pass `day`."""
    first = day
    while after_working_days(first, number) > day:
        first -= timedelta(days=1)
    return first


@dataclass(frozen=True)
class Notice:
    """Define a reminder some days before a day; up to `grace` days late it is still sent.

    The days are in the time zone of the site, like the deadlines.
    """

    days: int
    grace: int

    def window(self, today: date) -> tuple[date, date]:
        """Return the first and last day for which a reminder is due today."""
        return today + timedelta(days=self.days - self.grace), today + timedelta(days=self.days)

    def ends(self, day: date) -> datetime:
        return start_of(day - timedelta(days=self.days - self.grace - 1), DEFAULT_ZONE)
