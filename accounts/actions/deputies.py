"""Let a deputy decide on requests while an admin is away."""

from __future__ import annotations

from datetime import date, timedelta

from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.mails.deputies import send_deputy_named
from accounts.models import Deputy, DeputyQuerySet, User
from accounts.verbs import DEPUTY_BEGAN, DEPUTY_ENDED, DEPUTY_NAMED
from companies.actions import lock as lock_company
from nenconnect.audit.actions import record
from nenconnect.audit.verbs import Verb
from nenconnect.rules.errors import RuleError

LONGEST = timedelta(days=366)  # a day further away is a slip of the keyboard


@transaction.atomic
def name_deputy(user: User, *, first_day: date, last_day: date, by: User) -> Deputy:
    """Make the user deputy of the admin `by` and mail it.

    Raises: RuleError for an admin, for a person who cannot sign in, and for wrong days.
    """
    assert by.company is not None
    company = lock_company(by.company)
    if not User.objects.active().members_of(company).filter(pk=user.pk, role=User.Role.USER).exists():
        raise RuleError(_("Choose a colleague who can sign in and is no admin."), field="user")
    _check_days(first_day, last_day)
    if Deputy.objects.filter(user=user, admin=by, first_day__lte=last_day, last_day__gte=first_day).exists():
        raise RuleError(_("%(name)s is your deputy in these days already.") % {"name": user}, field="first_day")
    deputy = Deputy.objects.create(company=company, user=user, admin=by, first_day=first_day, last_day=last_day)
    days = {"first_day": first_day.isoformat(), "last_day": last_day.isoformat()}
    record(DEPUTY_NAMED, by=by, company_id=company.pk, about=[deputy, user], **days)
    send_deputy_named(deputy)
    return deputy


def _check_days(first_day: date, last_day: date) -> None:
    today = timezone.localdate()
    if last_day < first_day:
        raise RuleError(_("The last day lies before the first."), field="last_day")
    if first_day < today:
        raise RuleError(_("This day is in the past. Choose today or a later day."), field="first_day")
    if last_day > today + LONGEST:
        raise RuleError(_("Choose a day within a year from now."), field="last_day")


@transaction.atomic
def end_deputy(deputy: Deputy, *, by: User) -> None:
    """End the deputy's rights at once; a second call does nothing."""
    lock_company(deputy.company)
    stored = Deputy.objects.filter(pk=deputy.pk).first()
    if stored is None:
        return
    record(DEPUTY_ENDED, by=by, company_id=stored.company_id, about=[stored, stored.user])
    stored.delete()


def end_deputyships(*people: User, by: User) -> None:
    """End all deputyships of people who leave or change role; the caller has locked the company."""
    rows = Deputy.objects.filter(Q(user__in=people) | Q(admin__in=people))
    for deputy in rows.filter(ended_at=None).select_related("user"):
        record(DEPUTY_ENDED, by=by, company_id=deputy.company_id, about=[deputy, deputy.user])
    rows.delete()


def log_deputy_periods() -> None:
    """Log deputies whose period started or ended since the last run; safe to run twice and at once."""
    today = timezone.localdate()
    _log_and_mark(Deputy.objects.current(today).filter(began_at=None), DEPUTY_BEGAN, "began_at")
    _log_and_mark(Deputy.objects.filter(last_day__lt=today, ended_at=None), DEPUTY_ENDED, "ended_at")


def _log_and_mark(rows: DeputyQuerySet, verb: Verb, field: str) -> None:
    with transaction.atomic():
        for deputy in rows.select_for_update(skip_locked=True, of=("self",)).select_related("user"):
            setattr(deputy, field, timezone.now())
            deputy.save(update_fields=[field])
            record(verb, by=None, company_id=deputy.company_id, about=[deputy, deputy.user])
