"""Remind the admins of open requests, once for all requests of a company (R30)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from accounts.models import User
from companies.models import Company
from companies.working_hours import CLOSES, before_working_days, is_working_day, local_day, start_of
from requests_app import mails, waiting_mails
from requests_app.models import REQUEST_KINDS, RequestQuerySet

AGAIN_AFTER = timedelta(days=7)
TIMES = 2  # the promised time, until the contact person is told
BATCH = 200  # companies in one transaction


@dataclass(frozen=True)
class WorkingDay:
    """Describe today at the companies of one time zone with one promised time."""

    zone: str
    promised_days: int
    today: date

    def requests(self, times: int = 1) -> list[RequestQuerySet]:
        """Return open requests that waited the promised time, or that many times it."""
        last = before_working_days(self.today, self.promised_days * times)
        before = start_of(last + timedelta(days=1), self.zone)
        of_companies = Q(company__time_zone=self.zone, company__promised_days=self.promised_days)
        return [kind.objects.pending().filter(of_companies, created_at__lt=before) for kind in REQUEST_KINDS]

    def companies(self, told_on: str, times: int = 1) -> list[int]:
        """Return companies with a request that no reminder mentioned yet, or not for a week."""
        is_time = Q((told_on, None)) | Q((f"{told_on}__lte", self.today - AGAIN_AFTER))
        rows = [rows.filter(is_time) for rows in self.requests(times)]
        return sorted({pk for kind_rows in rows for pk in kind_rows.values_list("company", flat=True)})


def remind_of_open_requests() -> None:
    """Remind the admins; safe to run often, as each request remembers the day and each mail has a key."""
    for day in working_days():
        for companies in _batches(day.companies("reminded_on")):
            _remind_admins(companies, day)


def tell_contact_persons() -> None:
    for day in working_days():
        for companies in _batches(day.companies("escalated_on", TIMES)):
            _tell_contact_persons(companies, day)


def working_days() -> list[WorkingDay]:
    """Return the time zones where it is working time now; the others wait for the next working day."""
    now = timezone.now()
    kinds = Company.objects.order_by("time_zone", "promised_days").values_list("time_zone", "promised_days")
    return [WorkingDay(*kind, local_day(now, kind[0])) for kind in kinds.distinct() if is_at_work(kind[0], now)]


def is_at_work(zone: str, now: datetime) -> bool:
    is_over = now.astimezone(ZoneInfo(zone)).time() >= CLOSES
    return is_working_day(local_day(now, zone)) and not is_over


def _batches(companies: list[int]) -> list[list[int]]:
    return [companies[start : start + BATCH] for start in range(0, len(companies), BATCH)]


@transaction.atomic
def _remind_admins(companies: list[int], day: WorkingDay) -> None:
    """Mail each admin once; a company without an active admin is tried again later.

    A company that is locked at this moment is left for the next run.
    """
    free = Company.objects.select_for_update(skip_locked=True).filter(pk__in=companies).order_by("pk")
    admins = list(User.objects.active_admins().filter(company__in=list(free)).reminded().select_related("company"))
    reminded = {admin.company_id for admin in admins}
    for rows in day.requests():
        rows.filter(company__in=reminded).update(reminded_on=day.today)
    mails.send_requests_waiting(admins, day.today)


@transaction.atomic
def _tell_contact_persons(companies: list[int], day: WorkingDay) -> None:
    free = list(Company.objects.select_for_update(skip_locked=True).filter(pk__in=companies).order_by("pk"))
    for rows in day.requests(TIMES):
        rows.filter(company__in=free).update(escalated_on=day.today)
    waiting_mails.send_requests_unanswered(free, day.today)
