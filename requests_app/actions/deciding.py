"""Decide on requests, each once, and give a licence with the requests that it answers (R23, R28).

Beside it, several_at_once.py does the same to many rows.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any, TypeVar, cast

from django.db import transaction
from django.utils import formats, timezone
from django.utils.translation import gettext as _

from accounts.models import User
from companies.actions import check_working
from companies.models import Company
from licenses.access import readers_can_open
from licenses.actions import granting
from licenses.actions.terms import lock_license
from licenses.models import Grant, License
from nenconnect.audit.actions import new_entry
from nenconnect.audit.models import AuditEntry
from nenconnect.rules.errors import RuleError
from nenconnect.text.characters import plain_lines
from requests_app import mails
from requests_app.models import MAX_REASON, AccessRequest, DocumentRequest, LicenseRequest, RequestStatus

Request = TypeVar("Request", bound=AccessRequest)

LATEST = timedelta(days=366)  # „not now" for longer is a rejection


@transaction.atomic
def approve(license_request: LicenseRequest, *, by: User, ends_on: date | None = None) -> None:
    """Approve the request and give access at once, until a day or as long as the licence (R28).

    Raises: RuleError when it is decided, the licence ended or is full, the person left, or the day is not in the
    term.
    """
    license_request = lock_to_decide(license_request)
    license, requester = license_request.license, license_request.requester
    check_can_receive(license_request)
    if not license.is_in_term:
        raise RuleError(_("“%(license)s” is not valid today.") % {"license": license})
    granting.grant(license, to=requester, by=by, is_request=True, ends_on=ends_on)
    decide(license_request, RequestStatus.APPROVED, by=by)
    mails.send_request_approved(license_request)
    answer_requests(license, [requester], by=by)  # what else the licence opens


@transaction.atomic
def reject(
    row: AccessRequest, *, by: User, reason: str = "", note: str = "", ask_again_on: date | None = None
) -> None:
    """Reject the request; colleagues read the reason, only the requester reads the note.

    Raises: RuleError when it is decided, a text is too long, or the day is in the past or too far.
    """
    row = lock_to_decide(row)
    row.rejection_reason = _checked_text(reason, "reason")
    row.rejection_note = _checked_text(note, "note")
    row.ask_again_on = _checked_day(ask_again_on)
    decide(row, RequestStatus.REJECTED, by=by)
    mails.send_request_rejected(row)


@transaction.atomic
def withdraw(row: AccessRequest, *, by: User) -> None:
    """Withdraw the requester's own request; no later mail mentions it (C37). Raises RuleError."""
    if row.user_id != by.pk:  # first: how it was decided is not told to others who try (C29)
        raise RuleError(_("Only the person who asked can withdraw a request."))
    row = lock_open(row)
    decide(row, RequestStatus.WITHDRAWN, by=by)


@transaction.atomic
def give_license(license: License, *, to: User, by: User, ends_on: date | None = None) -> None:
    """Give the licence and approve the person's open requests that it answers.

    Raises: RuleError for another company, a blocked person, an ended or full licence, a day outside the term.
    """
    license = lock_license(license)  # and its company: no request is made or decided meanwhile
    if User.objects.filter(pk=to.pk, is_blocked=True).exists():
        raise RuleError(blocked_refusal())
    is_request = LicenseRequest.objects.pending().filter(license=license, user=to).exists()
    granting.grant(license, to=to, by=by, is_request=is_request, ends_on=ends_on)
    answer_requests(license, [to], by=by)


@transaction.atomic
def prolong(license: License, *, user: User, ends_on: date | None, by: User) -> None:
    """Set the last day of a person's licence, and answer requests when it starts to give access again.

    Raises: RuleError like `granting.set_end`.
    """
    granting.set_end(license, user=user, ends_on=ends_on, by=by)
    if Grant.objects.lasting().filter(license=license, user=user).exists():
        answer_requests(license, [user], by=by)


def answer_requests(license: License, people: Iterable[User], *, by: User) -> None:
    """Approve what these people requested, who just got the licence; the caller has locked the company."""
    people = list(people)
    for row in LicenseRequest.objects.pending().filter(license=license, user__in=people):
        fulfil(row, license, by=by)
    opened = DocumentRequest.objects.pending().filter(readers_can_open(), document__licenses=license)
    for row in opened.filter(company=license.company_id, user__in=people):
        fulfil(row, license, by=by)


def fulfil(row: AccessRequest, license: License | None, *, by: User) -> None:
    """Approve a request that a licence answers, with its one mail; the caller holds the lock."""
    row.license = license  # the licence that was requested, or that holds the standard
    decide(row, RequestStatus.APPROVED, by=by)
    mails.send_request_approved(row)


def decide(row: AccessRequest, status: RequestStatus, *, by: User | None) -> None:
    """Save the decision with its audit entry; `by` is None for a request that closes itself."""
    entry = mark_decided(row, status, by=by)
    row.save()
    entry.save()


def mark_decided(row: AccessRequest, status: RequestStatus, *, by: User | None) -> AuditEntry:
    row.status, row.decided_at = status, timezone.now()
    row.decided_by = None if status == RequestStatus.WITHDRAWN else by
    row.waiting_since = None
    is_deputy = row.decided_by is not None and not row.decided_by.is_company_admin
    details: dict[str, Any] = {"is_deputy": True} if is_deputy else {}
    verb, about = row.verbs.decided[status], [row, row.requester]
    return new_entry(verb, by=by, company_id=row.company_id, about=about, **details)


def lock_open(row: Request) -> Request:
    """Lock and reload the company and the request. Raises RuleError with who decided it and when (C27)."""
    company = Company.objects.select_for_update().get(pk=row.company_id)
    row = cast(Request, type(row)._default_manager.select_for_update().get(pk=row.pk))
    row.company = company
    if row.is_open:
        return row
    raise closed_refusal(row)


def lock_to_decide(row: Request) -> Request:
    """Lock and reload the request to answer it. Raises RuleError when decided, or when NEN closed the company."""
    row = lock_open(row)
    check_working(row.company)
    return row


def check_can_receive(row: AccessRequest) -> None:
    """Raise RuleError when the requester is blocked or has left."""
    if not row.requester.is_active or row.requester.company_id != row.company_id:
        raise RuleError(_("The requester can no longer sign in at your company."))


def closed_refusal(row: AccessRequest) -> RuleError:
    """Return the refusal for a request that waits for no decision (C27)."""
    if row.status == RequestStatus.WITHDRAWN:
        return RuleError(_("This request was withdrawn."))
    if row.status == RequestStatus.EXPIRED:
        return RuleError(_("This request closed by itself, because there was no decision in time."))
    assert row.decided_at is not None
    return RuleError(
        _("%(name)s already decided this on %(when)s: %(status)s.")
        % {
            "name": row.decided_by or _("A deleted user"),
            "when": formats.date_format(timezone.localtime(row.decided_at), "DATETIME_FORMAT"),
            "status": row.get_status_display().lower(),
        }
    )


def blocked_refusal() -> str:
    return _("Blocked. Unblock first.")


def _checked_text(text: str, field: str) -> str:
    text = plain_lines(text)
    if len(text) > MAX_REASON:
        raise RuleError(_("Use at most %(max)s characters.") % {"max": MAX_REASON}, field=field)
    return text


def _checked_day(day: date | None) -> date | None:
    today = timezone.localdate()
    if day and not today < day <= today + LATEST:
        raise RuleError(_("Choose a day after today, within a year."), field="ask_again_on")
    return day
