"""Several colleagues at once: chosen, looked at in numbers, then done; a few at once, many by the worker.

Each person is done by the very action that the person's own page calls, in a savepoint: who is refused is named
with the reason, and the others go on.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from datetime import timedelta

from django.db import OperationalError, transaction
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from accounts.actions import membership, registration
from accounts.models import PeopleChange, PeopleChangeLine, User
from companies.actions import lock as lock_company
from companies.models import Company, LabelValue
from licenses.actions.granting import take_away
from licenses.models import License
from nenconnect import lease
from nenconnect.errors import RuleError
from nenconnect.mail.bulk import PER_SECOND
from nenconnect.mail.nudge import ask_worker
from nenconnect.many_rows import in_batches, insert_many
from nenconnect.trail.actions import record
from requests_app.actions.giving import give_license
from requests_app.actions.leaving import delete_account
from requests_app.actions.moving import leave_company
from requests_app.actions.people_verdicts import Judge, Verdict, license_of, refused

TASK = "requests_app.tasks.run_people_changes"
AT_ONCE = 20  # people that the page itself sees to
BATCH = 25  # people in one transaction, for which the company is locked
WRITTEN = 5000  # lines in one statement
UNUSED = timedelta(days=1)  # chosen, and never done
KEPT = timedelta(days=30)  # what became of each

Kind = PeopleChange.Kind
State = PeopleChange.State
Outcome = PeopleChangeLine.Outcome
NEEDS_MORE = {Kind.GIVE_LICENSE, Kind.TAKE_LICENSE, Kind.SET_LABEL}


@transaction.atomic
def choose(company: Company, people: Iterable[int], *, kind: str, by: User) -> PeopleChange:
    """Writes down whom it is about, members of the company all; nothing is done yet. Raises RuleError for nobody.

    What the same admin chose before, and did not do, goes.
    """
    company.people_changes.filter(created_by=by, state=State.CHOSEN).delete()
    change = PeopleChange.objects.create(
        company=company, kind=kind, created_by=by, is_complete=kind not in NEEDS_MORE
    )
    for ids in in_batches(people, WRITTEN):
        insert_many([PeopleChangeLine(change=change, user_id=pk) for pk in ids])
    if not change.lines.exists():
        raise RuleError(_("Choose at least one colleague."))
    return change


def complete(change: PeopleChange, *, license: License | None = None, label: LabelValue | None = None) -> None:
    """Which licence, or which label; none takes the label away."""
    what = {"license_id": license.pk if license else None, "label": label, "is_complete": True}
    PeopleChange.objects.filter(pk=change.pk, state=State.CHOSEN).update(**what)


@transaction.atomic
def start(change: PeopleChange, *, by: User) -> None:
    """The admin has seen what will happen. A few are done when this has returned, many by a worker.

    Raises RuleError: not complete, or begun already.
    """
    lock_company(change.company)
    row = PeopleChange.objects.filter(
        pk=change.pk
    ).first()  # not locked: who comes second would hide it from claim
    if row is None or row.state != State.CHOSEN or not row.is_complete:
        raise RuleError(_("This was begun already, or is no longer there."))
    row.state, row.created_by, row.mails_from = State.RUNNING, by, timezone.now()
    row.touched_at = lease.long_ago()
    row.save(update_fields=["state", "created_by", "mails_from", "touched_at"])
    people = row.lines.count()
    record("people_changed", by=by, company_id=row.company_id, about=row, kind=row.kind, people=people)
    if people <= AT_ONCE:
        transaction.on_commit(lambda: _run_now(row))
    else:
        transaction.on_commit(lambda: ask_worker(TASK), robust=True)


def _run_now(row: PeopleChange) -> None:
    """Beat takes up what a web process leaves halfway."""
    if claimed := lease.claim(PeopleChange.objects.filter(pk=row.pk, state=State.RUNNING)):
        _go_on(claimed, until=float("inf"))


def run_changes(seconds: float = 120) -> None:
    """One worker each; one that a worker left halfway is taken up when its lease has ended."""
    until = time.monotonic() + seconds
    while row := lease.claim(PeopleChange.objects.filter(state=State.RUNNING)):
        with translation.override(row.created_by.language if row.created_by else "nl"):
            try:
                is_finished = _go_on(row, until)
            except OperationalError:  # a lock that somebody else held for long: beat asks again
                lease.let_go(row)
                raise
        if not is_finished:
            lease.let_go(row)
            ask_worker(TASK)
            return


def forget_changes() -> None:
    """What was chosen and never done, and what became of people a month ago (privacy)."""
    now = timezone.now()
    PeopleChange.objects.filter(state=State.CHOSEN, created_at__lt=now - UNUSED).delete()
    PeopleChange.objects.filter(state=State.DONE, created_at__lt=now - KEPT).delete()


def _go_on(row: PeopleChange, until: float) -> bool:
    """Whether everyone was seen to."""
    ids = list(row.lines.filter(outcome=Outcome.WAITING).values_list("pk", flat=True))
    for number, batch in enumerate(in_batches(ids, BATCH)):
        if number and time.monotonic() > until:
            return False
        lease.touch(row)
        _do_batch(row, batch)
    PeopleChange.objects.filter(pk=row.pk).update(state=State.DONE)
    return True


@transaction.atomic
def _do_batch(row: PeopleChange, ids: Iterable[int]) -> None:
    """With the company locked, so that what is judged is what is done; saved with how far it is."""
    lock_company(row.company)
    waiting = row.lines.select_for_update(of=("self",)).filter(pk__in=ids, outcome=Outcome.WAITING)
    lines = list(waiting.select_related("user"))
    by = User.objects.active_admins_of(row.company).filter(pk=row.created_by_id or 0).first()
    if by is None:
        gone = refused(_("Whoever asked for this is no longer an admin."))
        verdicts = [gone for _line in lines]
    else:
        judged = Judge(row, by=by).of([line.user for line in lines])
        verdicts = [_try(row, line, verdict, by=by) for line, verdict in zip(lines, judged, strict=True)]
    for line, verdict in zip(lines, verdicts, strict=True):
        line.outcome, line.reason = verdict
    PeopleChangeLine.objects.bulk_update(lines, ["outcome", "reason"])
    row.save(update_fields=["mails_from"])


def _try(row: PeopleChange, line: PeopleChangeLine, verdict: Verdict, *, by: User) -> Verdict:
    if verdict.outcome != Outcome.DONE or line.user is None:
        return verdict
    try:
        with transaction.atomic():
            ACTS[Kind(row.kind)](row, line.user, by)
    except RuleError as error:
        return refused(str(error))
    return verdict


def _give(row: PeopleChange, user: User, by: User) -> None:
    give_license(_license(row), to=user, by=by)


def _take(row: PeopleChange, user: User, by: User) -> None:
    take_away(_license(row), user=user, by=by)


def _license(row: PeopleChange) -> License:
    license = license_of(row)
    if license is None:
        raise RuleError(_("The licence has ended, or is no longer there."))
    return license


def _send(row: PeopleChange, user: User, by: User) -> None:
    """One after the other: the link for a password that somebody waits for does not queue behind them all."""
    registration.send_registration_again(user, by=by, due_at=row.mails_from)
    row.mails_from += timedelta(seconds=1 / PER_SECOND)


def _label(row: PeopleChange, user: User, by: User) -> None:
    membership.change_details(user, by=by, label=row.label)


ACTS: dict[Kind, Callable[[PeopleChange, User, User], object]] = {
    Kind.GIVE_LICENSE: _give,
    Kind.TAKE_LICENSE: _take,
    Kind.SEND_REGISTRATION: _send,
    Kind.SET_LABEL: _label,
    Kind.MAKE_ADMIN: lambda row, user, by: membership.change_role(user, User.Role.ADMIN, by=by),
    Kind.MAKE_USER: lambda row, user, by: membership.change_role(user, User.Role.USER, by=by),
    Kind.BLOCK: lambda row, user, by: membership.block(user, by=by),
    Kind.UNBLOCK: lambda row, user, by: membership.unblock(user, by=by),
    Kind.REMOVE: lambda row, user, by: leave_company(user, by=by),
    Kind.DELETE: lambda row, user, by: delete_account(user, by=by),
}
