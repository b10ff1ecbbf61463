"""Let the requester add a word to an open request and remind the admins once."""

from __future__ import annotations

from typing import TypeVar

from django.db import transaction
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from accounts.models import User
from companies.working_hours import local_day
from nenconnect.audit.actions import record
from nenconnect.rules.errors import RuleError
from requests_app import waiting_mails
from requests_app.actions.asking import checked_reason
from requests_app.actions.deciding import lock_open
from requests_app.models import AccessRequest

Request = TypeVar("Request", bound=AccessRequest)


@transaction.atomic
def add_word(row: AccessRequest, word: str, *, by: User) -> None:
    """Add a word below the reason, 1,000 characters together. Raises RuleError: not the requester, decided."""
    row = _lock_own(row, by)
    word = checked_reason(word)
    if not word:
        raise RuleError(_("Write what you want to add."), field="reason")
    row.reason = checked_reason(f"{row.reason}\n\n{word}" if row.reason else word)
    row.save(update_fields=["reason"])
    record(row.verbs.added_to, by=by, company_id=row.company_id, about=row)


@transaction.atomic
def nudge(row: AccessRequest, *, by: User) -> None:
    """Remind the people who decide, once, after the promised time. Raises RuleError: too early, sent already."""
    row = _lock_own(row, by)
    if row.nudged_at:
        raise RuleError(_("You have reminded the admins of this request already."))
    if not is_late(row):
        day = date_format(row.promised_on, "j F Y")
        raise RuleError(_("The admins have time until %(date)s. After that you can remind them.") % {"date": day})
    row.nudged_at = timezone.now()
    row.save(update_fields=["nudged_at"])
    record(row.verbs.nudged, by=by, company_id=row.company_id, about=row)
    waiting_mails.send_request_nudged(row)


def is_late(row: AccessRequest) -> bool:
    return local_day(timezone.now(), row.company.time_zone) > row.promised_on


def _lock_own(row: Request, by: User) -> Request:
    if row.user_id != by.pk:  # first, so that others do not learn how it was decided (C29)
        raise RuleError(_("Only the person who asked can do this."))
    return lock_open(row)
