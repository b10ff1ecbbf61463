"""Compute periods of access with a clock that a test moves."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.utils import timezone

from accounts.actions import registration
from accounts.actions.finishing_registration import finish_registration
from accounts.actions.registration import NewColleague
from accounts.models import User
from companies.models import Company
from licenses.actions import terms
from licenses.models import License
from reports.access_history.baseline import begin
from reports.access_history.replay import Period
from tests.factories import PASSWORD, registration_token


class Clock:
    # Django's clock, which the test sets: the moments of lines and rows, and what day it is.

    def __init__(self) -> None:
        self.now = timezone.make_aware(datetime(2027, 3, 1, 9, 0))

    def goes_on(self, **by: float) -> datetime:
        self.now += timedelta(**by)
        return self.now


def periods(company: Company, clock: Clock) -> list[Period]:
    replay, events = begin(company)
    return sorted(replay.run(events, clock.now), key=lambda period: (period.begin, period.person))


def the_license(company: Company, clock: Clock, **fields: object) -> License:
    days = {"starts_on": clock.now.date(), "ends_on": clock.now.date() + timedelta(days=100)}
    name = f"Bouw {company.licenses.count() + 1}"
    return terms.create_license(company, by=None, name=name, **days | fields)  # type: ignore[arg-type]


def join_as(company: Company, email: str, by: User) -> User:
    user = registration.add_user(company, NewColleague(email=email, name="Nieuw"), by=by)
    return finish_registration(registration_token(user), password=PASSWORD)
