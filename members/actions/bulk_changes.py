"""Change several colleagues at once: chosen, previewed, then done; a few at once, many by the worker."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.actions import details, membership, registration
from accounts.models import User
from companies.actions import lock as lock_company
from companies.models import Company, LabelValue
from licenses.actions.granting import take_away_from_many
from licenses.models import License
from members.actions.bulk_verdicts import ChangeVerdict, Judge, license_of, refused
from members.actions.deleting import delete_accounts
from members.actions.moving import leave_company_together
from members.models import PeopleChange, PeopleChangeLine
from members.verbs import PEOPLE_CHANGED
from nenconnect.audit.actions import record
from nenconnect.bulk.many_rows import in_batches, insert_many, update_many
from nenconnect.jobs import lease
from nenconnect.jobs.wake_worker import wake_worker
from nenconnect.jobs.work import Work, stop_when_time_is_up
from nenconnect.mail.bulk import PER_SECOND
from nenconnect.rules.errors import Refusals, RuleError
from requests_app.actions.several_at_once import give_to_people

TASK = "members.tasks.run_people_changes"
AT_ONCE = 20  # people that the page itself sees to
BATCH = 500  # people in one transaction, for which the company is locked
FEW = 100  # the same, where each person takes statements of their own
WRITTEN = 5000  # lines in one statement
UNUSED = timedelta(days=1)  # chosen, and never done
KEPT = timedelta(days=30)  # what became of each

Kind = PeopleChange.Kind
State = PeopleChange.State
Outcome = PeopleChangeLine.Outcome
NEEDS_MORE = {Kind.GIVE_LICENSE, Kind.TAKE_LICENSE, Kind.SET_LABEL}


@transaction.atomic
def choose(company: Company, people: Iterable[int], *, kind: str, by: User) -> PeopleChange:
    """Save which members the change is about; nothing is changed yet. Raises RuleError for an empty choice."""
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
    what = {"license_id": license.pk if license else None, "label": label, "is_without_label": label is None}
    what["is_complete"] = True
    PeopleChange.objects.filter(pk=change.pk, state=State.CHOSEN).update(**what)


@transaction.atomic
def start(change: PeopleChange, *, by: User) -> None:
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
    record(PEOPLE_CHANGED, by=by, company_id=row.company_id, about=row, kind=row.kind, people=people)
    if people <= AT_ONCE:
        transaction.on_commit(lambda: _run_now(row))
    else:
        transaction.on_commit(lambda: wake_worker(TASK), robust=True)


def _run_now(row: PeopleChange) -> None:
    if claimed := lease.claim(PeopleChange.objects.filter(pk=row.pk, state=State.RUNNING)):
        _go_on(claimed, until=float("inf"))


def run_changes(seconds: float = 120) -> None:
    WORK.run(PeopleChange.objects.filter(state=State.RUNNING), seconds=seconds)


def forget_changes() -> None:
    """Delete changes that were never started, and after a month what happened to each person (privacy)."""
    now = timezone.now()
    PeopleChange.objects.filter(state=State.CHOSEN, created_at__lt=now - UNUSED).delete()
    PeopleChange.objects.filter(state=State.DONE, created_at__lt=now - KEPT).delete()


def _go_on(row: PeopleChange, until: float) -> None:
    ids = list(row.lines.filter(outcome=Outcome.WAITING).values_list("pk", flat=True))
    size = FEW if row.kind == Kind.DELETE else BATCH
    for number, batch in enumerate(in_batches(ids, size)):
        if number:
            stop_when_time_is_up(until)
        lease.touch(row)
        _do_batch(row, batch)
    PeopleChange.objects.filter(pk=row.pk).update(state=State.DONE)


@transaction.atomic
def _fail_change(row: PeopleChange, reason: str) -> None:
    lock_company(row.company)
    row.lines.filter(outcome=Outcome.WAITING).update(outcome=Outcome.REFUSED, reason=reason)
    PeopleChange.objects.filter(pk=row.pk).update(state=State.DONE)


WORK = Work(
    task=TASK,
    go_on=_go_on,
    fail=_fail_change,
)


@transaction.atomic
def _do_batch(row: PeopleChange, ids: Iterable[int]) -> None:
    """Change a batch of people with the company locked, so that the verdict still holds when it is done."""
    company = lock_company(row.company)
    waiting = row.lines.select_for_update(of=("self",)).filter(pk__in=ids, outcome=Outcome.WAITING)
    lines = list(waiting.select_related("user"))
    for line, verdict in zip(lines, _change_and_judge(row, lines, company), strict=True):
        line.outcome, line.reason = verdict
    update_many(lines, ["outcome", "reason"])
    row.attempts = 0
    row.save(update_fields=["mails_from", "attempts"])


def _change_and_judge(
    row: PeopleChange, lines: Sequence[PeopleChangeLine], company: Company
) -> list[ChangeVerdict]:
    try:
        by = membership.admin_who_started(company, row.created_by_id)
    except RuleError as error:
        return [refused(str(error))] * len(lines)
    judged = list(Judge(row, by=by).of([line.user for line in lines]))
    paired = zip(lines, judged, strict=True)
    people = [line.user for line, verdict in paired if verdict.outcome == Outcome.DONE and line.user]
    refusals = _change_person(row, people, by)
    refused_by_rule = {pk: refused(str(error)) for pk, error in refusals.items()}
    return [refused_by_rule.get(line.user_id or 0, verdict) for line, verdict in zip(lines, judged, strict=True)]


def _change_person(row: PeopleChange, people: Sequence[User], by: User) -> Refusals:
    try:
        with transaction.atomic():
            return ACTS[Kind(row.kind)](row, people, by)
    except RuleError as error:  # which holds for all of them
        return {user.pk: error for user in people}


Act = Callable[[PeopleChange, Sequence[User], User], Refusals]


def _give_licenses(row: PeopleChange, people: Sequence[User], by: User) -> Refusals:
    return give_to_people(_license_of(row), people, by=by)


def _take_licenses_away(row: PeopleChange, people: Sequence[User], by: User) -> Refusals:
    take_away_from_many(_license_of(row), people, by=by)
    return {}


def _license_of(row: PeopleChange) -> License:
    license = license_of(row)
    if license is None:
        raise RuleError(_("The licence has ended, or is no longer there."))
    return license


def _send_registrations(row: PeopleChange, people: Sequence[User], by: User) -> Refusals:
    refusals = registration.send_registrations_again(people, by=by, due_at=row.mails_from)
    _count_mails(row, len(people) - len(refusals))
    return refusals


def _delete_people(row: PeopleChange, people: Sequence[User], by: User) -> Refusals:
    refusals = delete_accounts(people, by=by, mails_from=row.mails_from)
    _count_mails(row, len(people) - len(refusals))
    return refusals


def _count_mails(row: PeopleChange, mails: int) -> None:
    """Delay the next mails, so that a password mail does not queue behind all of these."""
    row.mails_from += timedelta(seconds=mails / PER_SECOND)


ACTS: dict[Kind, Act] = {
    Kind.GIVE_LICENSE: _give_licenses,
    Kind.TAKE_LICENSE: _take_licenses_away,
    Kind.SEND_REGISTRATION: _send_registrations,
    Kind.SET_LABEL: lambda row, people, by: details.set_label(people, row.label, by=by),
    Kind.MAKE_ADMIN: lambda row, people, by: membership.change_roles(people, User.Role.ADMIN, by=by),
    Kind.MAKE_USER: lambda row, people, by: membership.change_roles(people, User.Role.USER, by=by),
    Kind.BLOCK: lambda row, people, by: membership.block_many(people, by=by),
    Kind.UNBLOCK: lambda row, people, by: membership.unblock_many(people, by=by),
    Kind.REMOVE: lambda row, people, by: leave_company_together(people, by=by),
    Kind.DELETE: _delete_people,
}
