"""Test hours, working days and Dutch public holidays of a company (R30)."""

from __future__ import annotations

from datetime import date, datetime

import pytest
from django.core.exceptions import ValidationError

from companies.working_hours import (
    Notice,
    after_working_days,
    before_working_days,
    is_working_day,
    next_hours,
    validate_time_zone,
    zone_names,
)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text)


@pytest.mark.parametrize(
    ("moment", "opening"),
    [
        ("2027-06-15T08:00+02:00", "2027-06-15T08:00+02:00"),
        ("2027-06-15T17:59+02:00", "2027-06-15T17:59+02:00"),
        ("2027-06-15T18:00+02:00", "2027-06-16T08:00+02:00"),
        ("2027-06-15T07:59+02:00", "2027-06-15T08:00+02:00"),
        ("2027-06-15T00:00+02:00", "2027-06-15T08:00+02:00"),
        ("2027-03-27T20:00+01:00", "2027-03-28T08:00+02:00"),  # summer time begins that night
        ("2027-10-30T20:00+02:00", "2027-10-31T08:00+01:00"),  # and ends
    ],
)
def test_a_reminder_is_handed_out_between_eight_and_six(moment: str, opening: str) -> None:
    assert next_hours(at(moment), "Europe/Amsterdam") == at(opening)


@pytest.mark.parametrize(
    ("moment", "opening"),
    [
        ("2027-06-18T19:00+02:00", "2027-06-21T08:00+02:00"),  # Friday evening
        ("2027-06-19T12:00+02:00", "2027-06-21T08:00+02:00"),  # Saturday
        ("2027-03-26T12:00+01:00", "2027-03-30T08:00+02:00"),  # Good Friday, Easter Sunday and Monday
        ("2027-06-15T12:00+02:00", "2027-06-15T12:00+02:00"),
    ],
)
def test_one_for_the_office_waits_for_a_working_day(moment: str, opening: str) -> None:
    assert next_hours(at(moment), "Europe/Amsterdam", on_working_days=True) == at(opening)


@pytest.mark.parametrize(
    ("zone", "opening"),
    [("America/New_York", "2027-06-15T08:00-04:00"), ("Asia/Tokyo", "2027-06-15T17:00+09:00")],
)
def test_the_hours_are_those_of_the_company(zone: str, opening: str) -> None:
    assert next_hours(at("2027-06-15T10:00+02:00"), zone) == at(opening)


@pytest.mark.parametrize(
    "day",
    [
        date(2027, 1, 1),
        date(2027, 3, 29),
        date(2027, 4, 27),  # King's Day
        date(2027, 5, 6),  # Ascension Day
        date(2027, 5, 17),
        date(2025, 5, 5),  # Liberation Day, once in five years
        date(2028, 12, 25),
        date(2028, 12, 26),
        date(2027, 6, 19),
        date(2027, 6, 20),
    ],
)
def test_dutch_public_holidays_and_weekends_are_no_working_days(day: date) -> None:
    assert not is_working_day(day)


@pytest.mark.parametrize("day", [date(2027, 6, 15), date(2027, 5, 5), date(2027, 12, 27)])
def test_other_days_are(day: date) -> None:
    assert is_working_day(day)


@pytest.mark.parametrize(
    ("day", "number", "expected"),
    [
        (date(2027, 6, 14), 3, date(2027, 6, 17)),
        (date(2027, 6, 17), 3, date(2027, 6, 22)),  # over a weekend
        (date(2027, 6, 19), 3, date(2027, 6, 23)),  # asked on a Saturday
        (date(2027, 3, 25), 3, date(2027, 4, 1)),  # over Easter
        (date(2027, 6, 14), 0, date(2027, 6, 14)),
    ],
)
def test_working_days_are_counted_without_the_days_off(day: date, number: int, expected: date) -> None:
    assert after_working_days(day, number) == expected


def test_counting_back_finds_the_last_day_that_is_long_enough_ago() -> None:
    for today in (date(2027, 6, 15), date(2027, 6, 21), date(2027, 3, 30), date(2027, 12, 28)):
        last = before_working_days(today, 3)
        assert after_working_days(last, 3) <= today
        assert after_working_days(last.fromordinal(last.toordinal() + 1), 3) > today


def test_a_notice_is_of_use_for_its_day_and_the_days_of_grace() -> None:
    notice, deadline = Notice(days=7, grace=3), date(2027, 6, 20)
    fits = [day for day in range(1, 20) if _is_in(notice, date(2027, 6, day), deadline)]

    assert fits == [13, 14, 15, 16]
    assert notice.ends(deadline) == at("2027-06-17T00:00+02:00")


def _is_in(notice: Notice, today: date, deadline: date) -> bool:
    first, last = notice.window(today)
    return first <= deadline <= last


def test_time_zones_are_places() -> None:
    assert {"Europe/Amsterdam", "America/Paramaribo", "Asia/Tokyo"} < set(zone_names())
    for wrong in ("", "CET", "Etc/GMT+1", "Europe/Rotterdam", "../etc/passwd"):
        with pytest.raises(ValidationError):
            validate_time_zone(wrong)
