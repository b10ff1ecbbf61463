"""„Vertrokken collega's": many blocked or removed in one go, by the worker, and undone within a week."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from datetime import date, timedelta

from django.db import OperationalError, transaction
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from accounts.actions import membership
from accounts.actions.returning import bring_back
from accounts.models import Departure, Leaver, User
from companies.actions import lock as lock_company
from companies.models import Company
from licenses.models import Grant, License
from nenconnect import lease
from nenconnect.errors import RuleError
from nenconnect.mail.nudge import ask_worker
from nenconnect.trail.actions import record
from requests_app.actions.giving import give_license
from requests_app.actions.moving import leave_company

TASK = "requests_app.tasks.run_departures"
TOUCHED_EVERY = 20  # people
UNDO = timedelta(days=7)

State = Departure.State
Outcome = Leaver.Outcome


@transaction.atomic
def start_departure(company: Company, people: Sequence[User], *, kind: str, by: User) -> Departure:
    """Has a worker block or remove them. Raises RuleError for nobody."""
    company = lock_company(company)
    members = User.objects.members_of(company).filter(pk__in=[person.pk for person in people])
    leavers = [Leaver(user=user) for user in members.order_by("name", "pk")]
    if not leavers:
        raise RuleError(_("Choose at least one colleague."))
    departure = Departure.objects.create(company=company, kind=kind, created_by=by, touched_at=lease.long_ago())
    for leaver in leavers:
        leaver.departure = departure
    Leaver.objects.bulk_create(leavers)
    told = {"people": len(leavers), "how": kind}
    record("people_left", by=by, company_id=company.pk, about=departure, **told)
    transaction.on_commit(lambda: ask_worker(TASK), robust=True)
    return departure


@transaction.atomic
def undo(departure: Departure, *, by: User) -> None:
    """Has a worker bring everyone back. Raises RuleError after a week, and while or after it was done."""
    row = Departure.objects.select_for_update().filter(pk=departure.pk).first()
    if row is None or row.created_at < timezone.now() - UNDO:
        raise RuleError(_("This can be undone for 7 days, and they have passed."))
    if row.state != State.DONE:
        raise RuleError(_("This is being done, or undone already."))
    row.state, row.undone_by, row.touched_at = State.RETURNING, by, lease.long_ago()
    row.save(update_fields=["state", "undone_by", "touched_at"])
    record("people_left_undone", by=by, company_id=row.company_id, about=row)
    transaction.on_commit(lambda: ask_worker(TASK), robust=True)


def forget_departures() -> None:
    """What can no longer be undone is no longer remembered."""
    past = Departure.objects.filter(created_at__lt=timezone.now() - UNDO)
    past.filter(state__in=[State.DONE, State.UNDONE]).delete()


def run_departures(seconds: float = 120) -> None:
    """One worker each; one that a worker left halfway is taken up when its lease has ended."""
    until = time.monotonic() + seconds
    while row := lease.claim(Departure.objects.filter(state__in=[State.LEAVING, State.RETURNING])):
        is_leaving = row.state == State.LEAVING
        by = row.created_by if is_leaving else row.undone_by
        with translation.override(by.language if by else "nl"):
            try:
                is_finished = _go_on(row, until)
            except OperationalError:  # a lock that somebody else held for long: beat asks again
                lease.let_go(row)
                raise
        if not is_finished:
            lease.let_go(row)
            ask_worker(TASK)
            return
        Departure.objects.filter(pk=row.pk).update(state=State.DONE if is_leaving else State.UNDONE)


def _go_on(row: Departure, until: float) -> bool:
    """Whether everyone was seen to. Each person is a transaction: nobody waits for all of them."""
    act, wanted = (_leave, Outcome.WAITING) if row.state == State.LEAVING else (_return, Outcome.GONE)
    ids = list(row.leavers.filter(outcome=wanted).values_list("pk", flat=True))
    for number, pk in enumerate(ids):
        if number and time.monotonic() > until:
            return False
        if number % TOUCHED_EVERY == 0:
            lease.touch(row)
        _one(row, pk, wanted, act)
    return True


@transaction.atomic
def _one(row: Departure, pk: int, wanted: str, act: Callable[[Leaver, User], None]) -> None:
    lock_company(row.company)
    leaver = Leaver.objects.select_for_update(of=("self",)).select_related("departure", "label").get(pk=pk)
    if leaver.outcome != wanted:
        return
    is_leaving = row.state == State.LEAVING
    try:
        with transaction.atomic():
            act(leaver, _still_admin(row, row.created_by_id if is_leaving else row.undone_by_id))
    except RuleError as error:
        leaver.outcome = Outcome.REFUSED if is_leaving else Outcome.NOT_BACK
        leaver.reason = str(error)
    leaver.save()


def _still_admin(row: Departure, pk: int | None) -> User:
    by = User.objects.active_admins_of(row.company).filter(pk=pk or 0).first()
    if by is None:
        raise RuleError(_("Whoever asked for this is no longer an admin."))
    return by


def _leave(leaver: Leaver, by: User) -> None:
    """Remembers what there is to give back, in the transaction that takes it away."""
    company = leaver.departure.company
    user = User.objects.members_of(company).filter(pk=leaver.user_id or 0).first()
    if user is None:
        raise RuleError(_("No longer in your company."))
    if user == by:
        raise RuleError(_("This is you. Leave the company, or block yourself, on your own page."))
    held = Grant.objects.lasting().filter(user=user, license__company=company).values_list("license", "ends_on")
    leaver.licenses = [[pk, day.isoformat() if day else None] for pk, day in held]
    for name in ("role", "label", "is_mail_rerouted", "registration_origin"):
        setattr(leaver, name, getattr(user, name))
    if leaver.departure.kind == Departure.Kind.REMOVE:
        leave_company(user, by=by)
    elif user.is_blocked:
        raise RuleError(_("Was blocked already."))
    else:
        membership.block(user, by=by)
    leaver.outcome, leaver.reason = Outcome.GONE, ""


def _return(leaver: Leaver, by: User) -> None:
    """With the licences that can still be given; of the others it says why not."""
    user = bring_back(leaver, by=by)
    lacking: list[str] = []
    if leaver.departure.kind == Departure.Kind.REMOVE:
        lacking = [said for pk, day in leaver.licenses if (said := _give_back(leaver, pk, day, user, by))]
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
