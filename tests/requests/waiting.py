from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import time_machine

from accounts.models import User
from companies.models import Company
from nenconnect.mail.models import OutboxMail
from requests_app.actions.asking import request_license
from requests_app.models import LicenseRequest
from tests.factories import make_license

AMSTERDAM = ZoneInfo("Europe/Amsterdam")
MONDAY = datetime(2027, 3, 1, 10, tzinfo=AMSTERDAM)  # the Friday of that month's end is Good Friday


def at(days: int, hour: int = 10) -> time_machine.travel:
    # So many days after that Monday.
    return time_machine.travel(MONDAY.replace(hour=hour) + timedelta(days=days), tick=True)


def waiting_request(by: User, company: Company) -> LicenseRequest:
    # On that Monday.
    with at(0):
        return request_license(make_license(company), by=by)


def mails(event: str) -> list[OutboxMail]:
    return list(OutboxMail.objects.filter(event=event))
