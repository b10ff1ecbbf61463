"""Give reminders and notices their hours and the link that stops them."""

from __future__ import annotations

from datetime import datetime

from django.urls import reverse

from accounts.models import User
from accounts.stop_links import StopLink, sign_stop_link
from companies.models import Company
from companies.working_hours import DEFAULT_ZONE, next_hours
from nenconnect.mail.events import Context, Unwanted
from nenconnect.mail.models import OutboxMail


def zone_of(company: Company | None) -> str:
    return company.time_zone if company else DEFAULT_ZONE


def hours_of_reminder(mail: OutboxMail, now: datetime, *, on_working_days: bool = False) -> datetime:
    person = mail.on_behalf_of or mail.recipient
    assert isinstance(person, User)
    return next_hours(now, zone_of(person.company), on_working_days=on_working_days)


def look_at_reminder(mail: OutboxMail) -> Context:
    """Return the link that switches reminders off, if allowed. Raises Unwanted when they are off."""
    person = mail.on_behalf_of or mail.recipient
    assert isinstance(person, User)
    if person.company and person.company.is_closed:
        raise Unwanted("the company is closed")
    if person.must_get_reminders():
        return {}
    if not person.gets_reminders:
        raise Unwanted("the person switched reminders off")
    if mail.on_behalf_of:
        return {}
    token = sign_stop_link(StopLink.REMINDERS, person)
    return {"stop_link": reverse("profile:stop_reminders", args=[token])}


def look_at_notice(mail: OutboxMail) -> Context:
    """Return the link that stops mails about new requests, if allowed. Raises Unwanted when they are off."""
    person = mail.on_behalf_of or mail.recipient
    assert isinstance(person, User)
    if person.must_get_notices():
        return {}
    if person.request_notices == User.RequestNotices.NONE:
        raise Unwanted("the person wants no mails about new requests")
    if mail.on_behalf_of:
        return {}
    token = sign_stop_link(StopLink.NOTICES, person)
    return {"stop_link": reverse("profile:stop_notices", args=[token])}
