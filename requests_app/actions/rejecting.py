"""Rejecting, for both kinds of requests: two texts for two readers, and „not now" (R28)."""

from __future__ import annotations

from datetime import date, timedelta

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from accounts.models import User
from licenses.models import Document, License
from nenconnect.rules.errors import RuleError
from nenconnect.text.characters import plain_lines
from requests_app.access import may_ask_from
from requests_app.actions.deciding import decide
from requests_app.models import MAX_REASON, AccessRequest, RequestStatus

LATEST = timedelta(days=366)  # „not now" for longer is a rejection


def close_rejected(row: AccessRequest, *, by: User, reason: str, note: str, ask_again_on: date | None) -> None:
    """Wants the request locked and open. Colleagues read `reason` as well, only the requester reads `note`.

    Raises RuleError: a text that is too long, a day that is not to come or too far.
    """
    row.rejection_note = _checked(note, "note")
    row.ask_again_on = _checked_day(ask_again_on)
    decide(row, RequestStatus.REJECTED, by=by, rejection_reason=_checked(reason, "reason"))


def check_not_postponed(user: User, wanted: License | Document) -> None:
    """Raises RuleError with the day from which the person may ask again."""
    if day := may_ask_from(user, wanted):
        raise RuleError(
            _("Your request was rejected for now. You can ask again from %(date)s.")
            % {"date": date_format(day, "j F Y")}
        )


def _checked(text: str, field: str) -> str:
    text = plain_lines(text)
    if len(text) > MAX_REASON:
        raise RuleError(_("Use at most %(max)s characters.") % {"max": MAX_REASON}, field=field)
    return text


def _checked_day(day: date | None) -> date | None:
    today = timezone.localdate()
    if day and not today < day <= today + LATEST:
        raise RuleError(_("Choose a day after today, within a year."), field="ask_again_on")
    return day
