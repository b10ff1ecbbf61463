"""What both kinds of requests share: asked once, decided once (R26, R28)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import Any, TypeVar, cast

from django.db import transaction
from django.utils import formats, timezone
from django.utils.translation import gettext as _

from accounts.models import User
from companies.actions import check_working
from companies.models import Company
from nenconnect.audit.actions import new_entry, record_many
from nenconnect.audit.models import AuditEntry
from nenconnect.bulk.many_rows import update_many
from nenconnect.rules.errors import RuleError
from nenconnect.text.characters import plain_lines
from requests_app.models import MAX_REASON, AccessRequest, RequestStatus

Request = TypeVar("Request", bound=AccessRequest)

MAX_PER_DAY = 50  # C32: requests by one person


def checked_reason(reason: str) -> str:
    """The reason as it is kept: without what cannot be shown. Raises RuleError when too long."""
    reason = plain_lines(reason)
    if len(reason) > MAX_REASON:
        raise RuleError(_("Use at most %(max)s characters.") % {"max": MAX_REASON}, field="reason")
    return reason


def check_may_ask(user: User) -> None:
    """Raises RuleError for a person who is gone, not active, in no company, or asked too often today."""
    if not User.objects.active().filter(pk=user.pk, company=user.company_id, company__isnull=False).exists():
        raise RuleError(_("Only people of a company can send requests."))
    since = timezone.now() - timedelta(days=1)
    asked = sum(
        model._default_manager.filter(user=user, created_at__gte=since).count()
        for model in AccessRequest.__subclasses__()
    )
    if asked >= MAX_PER_DAY:
        raise RuleError(_("You have sent %(max)s requests today. Please go on tomorrow.") % {"max": MAX_PER_DAY})


def lock_open(row: Request) -> Request:
    """The company and the request, locked. Raises RuleError telling by whom and when it was decided (C27)."""
    company = Company.objects.select_for_update().get(pk=row.company_id)
    row = cast(Request, type(row)._default_manager.select_for_update().get(pk=row.pk))
    row.company = company
    if row.is_open:
        return row
    raise closed(row)


def lock_to_decide(row: Request) -> Request:
    """The same for an answer: at a company that NEN closed nobody gives one. Raises RuleError."""
    row = lock_open(row)
    check_working(row.company)
    return row


def closed(row: AccessRequest) -> RuleError:
    """What is said of a request that waits for no decision any more (C27)."""
    if row.status == RequestStatus.WITHDRAWN:
        return RuleError(_("This request was withdrawn."))
    if row.status == RequestStatus.EXPIRED:
        return RuleError(_("This request closed by itself, because nobody decided on it in time."))
    assert row.decided_at is not None
    return RuleError(
        _("%(name)s already decided this on %(when)s: %(status)s.")
        % {
            "name": row.decided_by or _("A deleted user"),
            "when": formats.date_format(timezone.localtime(row.decided_at), "DATETIME_FORMAT"),
            "status": row.get_status_display().lower(),
        }
    )


def decide(row: AccessRequest, status: RequestStatus, *, by: User | None, rejection_reason: str = "") -> None:
    """Nobody decided what closed itself. The audit keeps whether an admin's deputy did."""
    decide_many([row], status, by=by, rejection_reason=rejection_reason)


def decide_many(
    rows: Iterable[AccessRequest], status: RequestStatus, *, by: User | None, rejection_reason: str = ""
) -> None:
    """The same for several of one kind."""
    deciding, entries = list(rows), list[AuditEntry]()
    for row in deciding:
        row.status, row.decided_at, row.rejection_reason = status, timezone.now(), rejection_reason
        row.decided_by = None if status == RequestStatus.WITHDRAWN else by
        row.leave_line()
        is_deputy = row.decided_by is not None and not row.decided_by.is_company_admin
        details: dict[str, Any] = {"is_deputy": True} if is_deputy else {}
        verb, about = row.verbs.decided[status], [row, row.requester]
        entries.append(new_entry(verb, by=by, company_id=row.company_id, about=about, **details))
    if deciding:
        kept = [field.name for field in deciding[0]._meta.concrete_fields if not field.primary_key]
        update_many(deciding, kept)
    record_many(entries)


@transaction.atomic
def withdraw(row: AccessRequest, *, by: User) -> None:
    """The requester takes the request back; nobody is mailed about it any more (C37). Raises RuleError."""
    if row.user_id != by.pk:  # said first: how it was decided is not told to whoever tries (C29)
        raise RuleError(_("Only the person who asked can withdraw a request."))
    row = lock_open(row)
    decide(row, RequestStatus.WITHDRAWN, by=by)
