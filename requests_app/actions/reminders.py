"""Requests left open: the admins are reminded, once for all of a company (R30)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from accounts.models import User
from companies.hours import CLOSES, before_working_days, is_working_day, local_day, start_of
from companies.models import Company
from requests_app import mails
from requests_app.models import AccessRequest, DocumentRequest, LicenseRequest, RequestQuerySet

FIRST_AFTER = 3  # working days
AGAIN_AFTER = timedelta(days=7)
BATCH = 200  # companies in one transaction


@dataclass(frozen=True)
class WorkingDay:
    """Today at the companies of one time zone."""

    zone: str
    today: date

    @property
    def requests(self) -> list[RequestQuerySet]:
        """The open ones that have waited long enough to remind of."""
        last = before_working_days(self.today, FIRST_AFTER)
        before = start_of(last + timedelta(days=1), self.zone)
        kinds: tuple[type[AccessRequest], ...] = (LicenseRequest, DocumentRequest)
        return [
            kind.objects.pending().filter(company__time_zone=self.zone, created_at__lt=before) for kind in kinds
        ]

    def companies(self) -> list[int]:
        """Those with a request of which the admins have not been told yet, or not for a week."""
        is_time = Q(reminded_on=None) | Q(reminded_on__lte=self.today - AGAIN_AFTER)
        ids = {pk for rows in self.requests for pk in rows.filter(is_time).values_list("company", flat=True)}
        return sorted(ids)


def remind_of_open_requests() -> None:
    """Safe to run at any time and more than once: each request remembers the day, each mail has a key."""
    now = timezone.now()
    for zone in Company.objects.order_by("time_zone").values_list("time_zone", flat=True).distinct():
        if day := _working_day(zone, now):
            companies = day.companies()
            for start in range(0, len(companies), BATCH):
                _remind(companies[start : start + BATCH], day)


def _working_day(zone: str, now: datetime) -> WorkingDay | None:
    """None on a day off and in the evening: then the next working day is early enough."""
    today = local_day(now, zone)
    is_over = now.astimezone(ZoneInfo(zone)).time() >= CLOSES
    return WorkingDay(zone, today) if is_working_day(today) and not is_over else None


@transaction.atomic
def _remind(companies: list[int], day: WorkingDay) -> None:
    """One mail to each admin; a company without an active one is looked at again when it has one.

    A company that somebody is changing at this moment, or that a second run holds, is for the next run.
    """
    free = Company.objects.select_for_update(skip_locked=True).filter(pk__in=companies).order_by("pk")
    admins = list(User.objects.active_admins().filter(company__in=list(free)).reminded().select_related("company"))
    told = {admin.company_id for admin in admins}
    for rows in day.requests:
        rows.filter(company__in=told).update(reminded_on=day.today)
    mails.send_requests_waiting(admins, day.today)
