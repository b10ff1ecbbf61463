"""Mail people on a new domain who have no company that they can join (R8)."""

from __future__ import annotations

from time import monotonic

from django.db import transaction
from django.utils import timezone

from accounts.mails import domains as domain_mails
from accounts.models import User, UserQuerySet
from companies.domains import FAN_OUT_TASK
from companies.models import DomainFanOut
from nenconnect.jobs.wake_worker import wake_worker

BATCH = 10_000  # people in one transaction
SECONDS = 120  # of one task; it wakes another for the rest


def people_reached_by(name: str, *, has_subdomains: bool) -> UserQuerySet:
    return User.objects.without_company_on(name, has_subdomains=has_subdomains)


def run_domain_fan_outs() -> None:
    end = monotonic() + SECONDS
    while _run_batch():
        if monotonic() > end:
            wake_worker(FAN_OUT_TASK)  # other tasks get their turn in between
            return


@transaction.atomic
def _run_batch() -> bool:
    unfinished = DomainFanOut.objects.filter(finished_at=None).order_by("pk")
    # The domain is not locked: who removes it waits for this batch, and the row goes with it.
    row = unfinished.select_for_update(skip_locked=True, of=("self",)).select_related("domain").first()
    if row is None:
        return False
    people = people_reached_by(row.domain.name, has_subdomains=row.domain.has_subdomains)
    if row.total is None:
        row.total = people.count()
    waiting = people.filter(pk__gt=row.last_person)
    batch = domain_mails.queue_domain_added(row.domain, waiting, BATCH, after=row.mailed)
    row.mailed += batch.written
    if batch.last is None or batch.seen < BATCH:
        row.finished_at = timezone.now()
    row.last_person = batch.last or row.last_person
    row.save()
    return True
