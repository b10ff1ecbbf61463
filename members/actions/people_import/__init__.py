"""Import many colleagues: the worker checks the table, and loads it when the admin says so."""

from __future__ import annotations

from datetime import timedelta

from django.core.files.base import File
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from companies.actions import lock_working
from companies.models import Company
from members.actions.people_import import checking, loading
from members.actions.people_import.batches import Outcome, State, end
from members.models import PeopleImport
from members.verbs import PEOPLE_LOADED, PEOPLE_UPLOADED
from nenconnect.audit.actions import record
from nenconnect.audit.origin import AuditOrigin, coming_from
from nenconnect.jobs import lease
from nenconnect.jobs.wake_worker import wake_worker
from nenconnect.jobs.work import TABLE_TOO_MUCH, TABLE_WENT_WRONG, Work
from nenconnect.rules.errors import RuleError

TASK = "members.tasks.run_people_imports"
MAX_WAITING = 5  # imports of one company that are not loaded yet
UNUSED = timedelta(days=7)  # an import that was never loaded
KEPT = timedelta(days=30)  # the report


@transaction.atomic
def start_import(company: Company, *, table: File, by: User) -> PeopleImport:
    """Keep the file and let a worker check it. Raises RuleError when many tables wait already."""
    company = lock_working(company)
    if company.people_imports.exclude(state__in=[State.DONE, State.FAILED]).count() >= MAX_WAITING:
        raise RuleError(
            _("%(max)s tables wait to be imported. Import or discard one of them first.") % {"max": MAX_WAITING}
        )
    new = PeopleImport.objects.create(company=company, table=table, created_by=by, touched_at=lease.long_ago())
    record(PEOPLE_UPLOADED, by=by, company_id=company.pk, about=new)
    transaction.on_commit(lambda: wake_worker(TASK), robust=True)
    return new


@transaction.atomic
def load(people_import: PeopleImport, *, only_good: bool, by: User) -> None:
    """Let a worker load the table after its preview.

    Raises: RuleError when it is not checked, is loaded already, or has refused lines.
    """
    lock_working(people_import.company)
    row = PeopleImport.objects.select_for_update().filter(pk=people_import.pk).first()
    if row is None or row.state != State.READY:
        raise RuleError(_("You cannot load this import now."))
    if not only_good and row.lines.filter(outcome=Outcome.REFUSED).exists():
        raise RuleError(_("Some lines are refused. Correct the table, or choose to import the good lines only."))
    row.state, row.done, row.created_by = State.LOADING, 0, by
    row.touched_at, row.mails_from = lease.long_ago(), timezone.now()
    row.save()
    record(PEOPLE_LOADED, by=by, company_id=row.company_id, about=row)
    transaction.on_commit(lambda: wake_worker(TASK), robust=True)


@transaction.atomic
def discard(people_import: PeopleImport) -> None:
    """Delete a table that was not loaded. Raises RuleError once loading has begun."""
    row = PeopleImport.objects.select_for_update().filter(pk=people_import.pk).first()
    if row is None or row.state not in {State.CHECKING, State.READY}:
        raise RuleError(_("You cannot load this import now."))
    _throw_away(row)


def forget_imports() -> None:
    now = timezone.now()
    for row in PeopleImport.objects.filter(created_at__lt=now - UNUSED, state__in=[State.CHECKING, State.READY]):
        _throw_away(row)
    for row in PeopleImport.objects.filter(created_at__lt=now - KEPT).exclude(state=State.LOADING):
        _throw_away(row)


def _throw_away(row: PeopleImport) -> None:
    file = row.table
    row.delete()
    transaction.on_commit(lambda: file.delete(save=False) if file else None)


def run_imports(seconds: float = 120) -> None:
    """Run each waiting import in one worker; another takes it over when the lease has ended."""
    waiting = PeopleImport.objects.filter(state__in=[State.CHECKING, State.LOADING])
    Work(
        task=TASK,
        go_on=coming_from(AuditOrigin.IMPORT)(_go_on),
        fail=_fail_import,
        too_much=TABLE_TOO_MUCH,
        went_wrong=TABLE_WENT_WRONG,
    ).run(waiting, seconds=seconds)


def _go_on(row: PeopleImport, until: float) -> None:
    work = checking.check if row.state == State.CHECKING else loading.load
    work(row, until)


def _fail_import(row: PeopleImport, reason: str) -> None:
    end(row, State.FAILED, reason=reason)
