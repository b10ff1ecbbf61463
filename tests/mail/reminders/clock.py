"""Let hours pass, and collect the reminders that are sent meanwhile."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Any

import time_machine
from django.utils import timezone

from accounts.models import User
from accounts.tasks import remind_of_registrations
from licenses.models import License
from licenses.tasks import remind_of_ending_licenses
from nenconnect.mail.delivery import drain
from nenconnect.mail.models import MailStatus, OutboxMail
from requests_app.actions.asking import request_license
from requests_app.models import LicenseRequest
from requests_app.tasks import remind_of_open_requests
from tests.factories import make_license

HOUR = timedelta(hours=1)
TICKS = {0, 1, 8, 9, 10, 17, 18, 23}


def at(text: str) -> datetime:
    """Return a moment in Amsterdam: in summer time unless the text has an offset."""
    return datetime.fromisoformat(text if "+" in text else f"{text}+02:00")


def beat() -> None:
    remind_of_registrations()
    remind_of_ending_licenses()
    remind_of_open_requests()
    drain()


def hours_pass(start: datetime, end: datetime, *, down: Iterable[date] = ()) -> None:
    """Run beat at some hours of each day from start to end, except on the days in `down`."""
    moment = start
    while moment <= end:
        if moment.date() not in down and timezone.localtime(moment).hour in TICKS:
            with time_machine.travel(moment, tick=False):
                beat()
        moment += HOUR


def sent(event: str) -> list[tuple[str, str]]:
    """Return address and time (in Amsterdam) of each sent mail of this event, oldest first."""
    rows = OutboxMail.objects.filter(event=event, status=MailStatus.SENT).order_by("sent_at", "pk")
    return [(row.sent_to, f"{timezone.localtime(row.sent_at):%m-%d %H:%M}") for row in rows]


def times(event: str) -> list[str]:
    return [when for _to, when in sent(event)]


def request_at(user: User, when: str, license: License | None = None) -> LicenseRequest:
    assert user.company is not None
    with time_machine.travel(at(when), tick=False):
        return request_license(license or make_license(user.company, **LONG), by=user)


def plain_text(mail: Any) -> str:
    part = mail.get_body(("plain",))
    return str(part.get_content())


LONG: dict[str, Any] = {"starts_on": date(2026, 1, 1), "ends_on": date(2028, 12, 31)}
