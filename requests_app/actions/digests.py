"""Mail new requests together, and close requests that stayed open too long."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from accounts.models import RequestNotices, User, UserQuerySet
from companies.models import Company
from companies.working_hours import OPENS, is_working_day, local_day, start_of
from nenconnect.rules.errors import RuleError
from requests_app import waiting_mails
from requests_app.actions.deciding import decide, lock_to_decide
from requests_app.actions.reminders import is_at_work
from requests_app.models import REQUEST_KINDS, AccessRequest, LicenseRequest, RequestStatus

CHUNK = 200  # requests in memory at a time


def send_digests() -> None:
    """Send the digests: daily on working days from opening time, weekly on the first working day."""
    now = timezone.now()
    zones = Company.objects.order_by("time_zone").values_list("time_zone", flat=True).distinct()
    for zone in zones:
        today = local_day(now, zone)
        if is_at_work(zone, now) and now >= _opening_time(today, zone):
            _send_digests(zone, today, now)


def _opening_time(day: date, zone: str) -> datetime:
    return start_of(day, zone).replace(hour=OPENS.hour)


@transaction.atomic
def _send_digests(zone: str, today: date, now: datetime) -> None:
    of_day = Q(request_notices=RequestNotices.DAILY, requests_told_at__lt=_opening_time(today, zone))
    monday = _opening_time(first_working_day(today), zone)
    of_week = Q(request_notices=RequestNotices.WEEKLY, requests_told_at__lt=monday)
    admins = User.objects.active_admins().filter(of_day | of_week, company__time_zone=zone)
    due = list(admins.select_for_update(skip_locked=True, of=("self",)).order_by("pk"))
    ids = [admin.pk for admin in due]
    readers = list(_with_something_new(User.objects.filter(pk__in=ids)).select_related("company").order_by("pk"))
    waiting_mails.send_digests(readers, today)
    User.objects.filter(pk__in=ids).update(requests_told_at=now)


def _with_something_new(admins: UserQuerySet) -> UserQuerySet:
    new = [
        Exists(
            kind._default_manager.filter(
                status=RequestStatus.OPEN,
                company=OuterRef("company"),
                created_at__gte=OuterRef("requests_told_at"),
            )
        )
        for kind in REQUEST_KINDS
    ]
    return admins.filter(Q(new[0]) | Q(new[1]))


def first_working_day(day: date) -> date:
    first = day - timedelta(days=day.weekday())
    while not is_working_day(first) and first < day:
        first += timedelta(days=1)
    return first


def close_old_requests() -> None:
    """Close old requests at companies that want that, except those on a waiting list.

    Not at a company that NEN closed, where no admin can answer.
    """
    now = timezone.now()
    wanting = Company.objects.exclude(closes_after_days=None).order_by("closes_after_days")
    for days in wanting.values_list("closes_after_days", flat=True).distinct():
        assert days is not None
        old = Q(status=RequestStatus.OPEN, created_at__lt=now - timedelta(days=days))
        of_companies = Q(company__closes_after_days=days, company__closed_at=None)
        for kind in REQUEST_KINDS:
            for row in _in_chunks(kind._default_manager.filter(old, of_companies)):
                _close_if_still_open(row, now)


def _in_chunks(rows: QuerySet[Any]) -> Iterator[Any]:
    """Yield the oldest first, a few in memory at a time; each is closed in a transaction of its own."""
    if rows.model is LicenseRequest:
        rows = rows.filter(waiting_since=None)
    last = 0
    while chunk := list(rows.filter(pk__gt=last).order_by("pk")[:CHUNK]):
        yield from chunk
        last = chunk[-1].pk


@transaction.atomic
def _close_if_still_open(row: AccessRequest, now: datetime) -> None:
    """Close the request if it is still open and the company still wants that, checked under its lock."""
    try:
        row = lock_to_decide(row)
    except RuleError:
        return
    days = row.company.closes_after_days
    if days is None or row.created_at >= now - timedelta(days=days):
        return
    decide(row, RequestStatus.EXPIRED, by=None)
    waiting_mails.send_request_expired(row)
