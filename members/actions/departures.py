"""Block or remove many colleagues at once by the worker, and undo it within a week."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, timedelta
from typing import NamedTuple

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.actions import membership
from accounts.models import User
from companies.actions import lock as lock_company
from companies.models import Company
from licenses.models import Grant, License
from members.actions.moving import leave_company
from members.actions.returning import bring_back
from members.models import Departure, Leaver
from members.verbs import PEOPLE_LEFT, PEOPLE_LEFT_UNDONE
from nenconnect.audit.actions import record
from nenconnect.jobs import lease
from nenconnect.jobs.wake_worker import wake_worker
from nenconnect.jobs.work import Work, stop_when_time_is_up
from nenconnect.rules.errors import RuleError
from requests_app.actions.deciding import give_license

TASK = "members.tasks.run_departures"
UNDO = timedelta(days=7)

State = Departure.State
Outcome = Leaver.Outcome


@transaction.atomic
def start_departure(company: Company, people: Sequence[User], *, kind: str, by: User) -> Departure:
    """Let a worker block or remove these people. Raises RuleError for an empty list."""
    company = lock_company(company)
    members = User.objects.members_of(company).filter(pk__in=[person.pk for person in people])
    leavers = [Leaver(user=user) for user in members.order_by("name", "pk")]
    if not leavers:
        raise RuleError(_("Choose at least one colleague."))
    departure = Departure.objects.create(company=company, kind=kind, created_by=by, touched_at=lease.long_ago())
    for leaver in leavers:
        leaver.departure = departure
    Leaver.objects.bulk_create(leavers)
    details = {"people": len(leavers), "how": kind}
    record(PEOPLE_LEFT, by=by, company_id=company.pk, about=departure, **details)
    transaction.on_commit(lambda: wake_worker(TASK), robust=True)
    return departure


@transaction.atomic
def undo(departure: Departure, *, by: User) -> None:
    """Let a worker bring these people back. Raises RuleError after a week, and when it was undone already."""
    row = Departure.objects.select_for_update().filter(pk=departure.pk).first()
    if row is None or row.created_at < timezone.now() - UNDO:
        raise RuleError(_("This can be undone for 7 days, and they have passed."))
    if row.state != State.DONE:
        raise RuleError(_("This is being done, or undone already."))
    row.state, row.undone_by, row.touched_at = State.RETURNING, by, lease.long_ago()
    row.save(update_fields=["state", "undone_by", "touched_at"])
    record(PEOPLE_LEFT_UNDONE, by=by, company_id=row.company_id, about=row)
    transaction.on_commit(lambda: wake_worker(TASK), robust=True)


def forget_departures() -> None:
    past = Departure.objects.filter(created_at__lt=timezone.now() - UNDO)
    past.filter(state__in=[State.DONE, State.UNDONE]).delete()


def run_departures(seconds: float = 120) -> None:
    WORK.run(Departure.objects.filter(state__in=[State.LEAVING, State.RETURNING]), seconds=seconds)


class Way(NamedTuple):
    """Describe how to do a departure, or how to undo it."""

    act: Callable[[Leaver, User], None]
    waiting: str
    refused: str
    ended: str


def _way_of(row: Departure) -> Way:
    if row.state == State.LEAVING:
        return Way(_let_person_leave, Outcome.WAITING, Outcome.REFUSED, State.DONE)
    return Way(_bring_person_back, Outcome.GONE, Outcome.NOT_BACK, State.UNDONE)


def _asked_by(row: Departure) -> User | None:
    return row.created_by if row.state == State.LEAVING else row.undone_by


def _go_on(row: Departure, until: float) -> None:
    """Handle each person in a transaction of its own, so that others do not wait for all of them."""
    way = _way_of(row)
    ids = list(row.leavers.filter(outcome=way.waiting).values_list("pk", flat=True))
    for number, pk in enumerate(ids):
        if number:
            stop_when_time_is_up(until)
            lease.touch(row, attempts=0)
        _let_go(row, pk, way)
    Departure.objects.filter(pk=row.pk).update(state=way.ended, attempts=0)


@transaction.atomic
def _let_go(row: Departure, pk: int, way: Way) -> None:
    company = lock_company(row.company)
    leaver = Leaver.objects.select_for_update(of=("self",)).select_related("departure", "label").get(pk=pk)
    if leaver.outcome != way.waiting:
        return
    asked_by = _asked_by(row)
    try:
        with transaction.atomic():
            way.act(leaver, membership.admin_who_started(company, asked_by.pk if asked_by else None))
    except RuleError as error:
        leaver.outcome, leaver.reason = way.refused, str(error)
    leaver.save()


@transaction.atomic
def _fail_departure(row: Departure, reason: str) -> None:
    lock_company(row.company)
    way = _way_of(row)
    row.leavers.filter(outcome=way.waiting).update(outcome=way.refused, reason=reason)
    Departure.objects.filter(pk=row.pk).update(state=way.ended, attempts=0)


def _let_person_leave(leaver: Leaver, by: User) -> None:
    company = leaver.departure.company
    user = User.objects.members_of(company).filter(pk=leaver.user_id or 0).first()
    if user is None:
        raise RuleError(_("No longer in your company."))
    if user == by:
        raise RuleError(_("This is you. Leave the company, or block yourself, on your own page."))
    grants = Grant.objects.lasting().filter(user=user, license__company=company).values_list("license", "ends_on")
    leaver.licenses = [[pk, day.isoformat() if day else None] for pk, day in grants]
    for name in ("role", "label", "is_mail_rerouted", "registration_origin"):
        setattr(leaver, name, getattr(user, name))
    if leaver.departure.kind == Departure.Kind.REMOVE:
        leave_company(user, by=by)
    elif user.is_blocked:
        raise RuleError(_("Was blocked already."))
    else:
        membership.block(user, by=by)
    leaver.outcome, leaver.reason = Outcome.GONE, ""


def _bring_person_back(leaver: Leaver, by: User) -> None:
    user = bring_back(leaver, by=by)
    lacking: list[str] = []
    if leaver.departure.kind == Departure.Kind.REMOVE:
        lacking = [text for pk, day in leaver.licenses if (text := _give_back(leaver, pk, day, user, by))]
    leaver.outcome, leaver.reason = Outcome.BACK, " ".join(lacking)


def _give_back(leaver: Leaver, license_id: int, day: str | None, user: User, by: User) -> str:
    license = License.objects.of(leaver.departure.company).filter(pk=license_id).first()
    if license is None:
        return _("A licence is no longer there.")
    ends_on = date.fromisoformat(day) if day else None
    if ends_on:
        ends_on = min(ends_on, license.ends_on)
    try:
        with transaction.atomic():
            give_license(license, to=user, by=by, ends_on=ends_on)
    except RuleError as error:
        return _("Not “%(license)s”: %(reason)s") % {"license": license, "reason": error}
    return ""


WORK = Work(
    task=TASK,
    go_on=_go_on,
    fail=_fail_departure,
    asked_by=_asked_by,
)
