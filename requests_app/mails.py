"""Declare the mails about requests and send them, with a last look before each goes out (C37)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Any, TypeVar, cast

from django.db.models import Count, Max, Min
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.mails.reminders import hours_of_reminder, look_at_reminder
from accounts.models import User
from companies.models import Company
from companies.working_hours import next_hours, start_of
from licenses.models import License
from nenconnect.mail.actions import new_mail, queue_mail
from nenconnect.mail.batch import row_of
from nenconnect.mail.bulk import queue_mails
from nenconnect.mail.events import Context, To, Unwanted, mail
from nenconnect.mail.models import OutboxMail
from requests_app import mail_cast
from requests_app.models import (
    REQUEST_KINDS,
    AccessRequest,
    DocumentRequest,
    LicenseRequest,
    RequestMessage,
    RequestStatus,
)

Row = TypeVar("Row", bound=AccessRequest)

_MESSAGE_ABOUT = [
    f"{kind.message_field()}__{what}" for kind in REQUEST_KINDS for what in (kind.item_field, "user", "company")
]


def send_requested(row: AccessRequest) -> None:
    """Confirm the request to the requester (R26)."""
    queue_mail("request_sent", to=row.requester, about=row)


def send_request_received(row: AccessRequest) -> None:
    """Mail every active admin who wants each request at once, and deputies (R26)."""
    for admin in User.objects.noticed_at_once(row.company):
        queue_mail("request_received", to=admin, about=row)


def send_request_approved(row: AccessRequest) -> None:
    queue_mail("request_approved", to=row.requester, about=row)


def send_request_rejected(row: AccessRequest) -> None:
    queue_mail("request_rejected", to=row.requester, about=row)


def send_license_request_in_line(row: LicenseRequest) -> None:
    queue_mail(
        "license_request_in_line", to=row.requester, about=row, once_per=f"{row.waiting_since:%Y%m%d%H%M%S%f}"
    )


def send_seat_free(row: LicenseRequest) -> None:
    """Mail every active admin, once for each request first in line and each time that the licence was full."""
    moments = [row.waiting_since, row.license.last_full_at]
    once_per = "-".join(f"{moment:%Y%m%d%H%M%S%f}" for moment in moments if moment)
    for admin in User.objects.active_admins_of(row.company):
        queue_mail("seat_free", to=admin, about=row, once_per=once_per)


def send_request_question(message: RequestMessage) -> None:
    queue_mail("request_question", to=message.about.requester, about=message)


def send_request_answer(message: RequestMessage) -> None:
    """Mail the answer to the people who asked and still decide; else to every active admin."""
    row = message.about
    questioners = (
        User.objects.active().filter(request_messages__in=RequestMessage.objects.about(row).questions()).distinct()
    )
    readers = [person for person in questioners if person.company_id == row.company_id and person.decides_requests]
    for reader in readers or User.objects.active_admins_of(row.company):
        queue_mail("request_answer", to=reader, about=message)


def send_document_added(row: DocumentRequest) -> None:
    """Mail a colleague who requested the document in the past 12 months (R29)."""
    queue_mail("document_added", to=row.requester, about=row)


def send_requests_waiting(admins: Iterable[User], today: date) -> None:
    """Mail how many requests are open and since when (R30), once a day per admin at most."""
    now = timezone.now()
    queue_mails(_waiting_mail(admin, admin.company, today, now) for admin in admins if admin.company)


def _waiting_mail(admin: User, company: Company, today: date, now: datetime) -> OutboxMail:
    return new_mail(
        "license_requests_waiting",
        to_id=admin.pk,
        about=company,
        once_per=f"{today:%Y%m%d}",
        due_at=next_hours(now, company.time_zone, on_working_days=True),
        expires_at=start_of(today + timedelta(days=7), company.time_zone),
    )


def _working_hours(mail: OutboxMail, now: datetime) -> datetime:
    return hours_of_reminder(mail, now, on_working_days=True)


@mail(
    label=_("Reminder: requests to decide on"),
    to=To.ADMINS,
    hours=_working_hours,
    sample=mail_cast.about_waiting,
)
def license_requests_waiting(mail: OutboxMail) -> Context:
    company = Company.objects.filter(pk=mail.id_of(Company)).first()
    if company is None or mail.recipient not in User.objects.active_admins_of(company):
        raise Unwanted("the reader is no admin any more")
    waiting = {kind: _count_waiting(kind, company) for kind in REQUEST_KINDS}
    reminder_days = [figures["last_reminder"] for figures in waiting.values() if figures["last_reminder"]]
    if not reminder_days:
        raise Unwanted("the requests are decided")
    if not mail.key_has(f"{max(reminder_days):%Y%m%d}"):
        raise Unwanted("a newer reminder replaces this one")
    return {
        "company": company,
        "license_requests": waiting[LicenseRequest]["number"],
        "document_requests": waiting[DocumentRequest]["number"],
        "number": sum(figures["number"] for figures in waiting.values()),
        "oldest": min(figures["oldest"] for figures in waiting.values() if figures["oldest"]),
        **look_at_reminder(mail),
    }


def _count_waiting(kind: type[AccessRequest], company: Company) -> dict[str, Any]:
    """Count the open requests of a company; with the day of their last reminder."""
    rows = kind.objects.pending().of(company)
    return rows.aggregate(number=Count("pk"), oldest=Min("created_at"), last_reminder=Max("reminded_on"))


@mail(label=_("Request received"), sample=mail_cast.about_request)
def request_sent(mail: OutboxMail) -> Context:
    return {"row": _still_open(row_for_requester(mail, kind_of(mail)))}


@mail(label=_("Request to decide on"), to=To.ADMINS, sample=mail_cast.about_request)
def request_received(mail: OutboxMail) -> Context:
    return {"row": for_decider(mail, kind_of(mail))}


@mail(label=_("Request approved"), sample=mail_cast.about_request)
def request_approved(mail: OutboxMail) -> Context:
    return {"row": row_for_requester(mail, kind_of(mail))}


@mail(label=_("Request rejected"), sample=mail_cast.about_request)
def request_rejected(mail: OutboxMail) -> Context:
    return request_approved(mail)


@mail(label=_("Licence request in line"), sample=lambda: mail_cast.about_license_request() | {"place": 3})
def license_request_in_line(mail: OutboxMail) -> Context:
    row = _in_line(_still_open(row_for_requester(mail, LicenseRequest)))
    before = LicenseRequest.objects.in_line().filter(license=row.license_id, waiting_since__lt=row.waiting_since)
    return {"license_request": row, "place": before.count() + 1}


@mail(label=_("A seat is free"), to=To.ADMINS, sample=mail_cast.about_license_request)
def seat_free(mail: OutboxMail) -> Context:
    row = _in_line(for_decider(mail, LicenseRequest))
    if not License.objects.filter(pk=row.license_id).with_a_free_seat().exists():
        raise Unwanted("the seat is taken again")
    return {"license_request": row}


def _in_line(row: LicenseRequest) -> LicenseRequest:
    if row.waiting_since is None:
        raise Unwanted("the request is not in line any more")
    return row


@mail(label=_("Standard you asked for was added"), sample=mail_cast.about_document_request)
def document_added(mail: OutboxMail) -> Context:
    return {"document_request": row_for_requester(mail, DocumentRequest)}


@mail(label=_("Question about a request"), sample=mail_cast.about_message)
def request_question(mail: OutboxMail) -> Context:
    return {"message": _message_of(mail)}


@mail(label=_("Answer about a request"), to=To.ADMINS, sample=mail_cast.about_message)
def request_answer(mail: OutboxMail) -> Context:
    """Send only to a person who still decides: the mail names the requester (C29)."""
    message, reader = _message_of(mail), mail.recipient
    is_decider = isinstance(reader, User) and reader.decides_requests
    if not (is_decider and isinstance(reader, User) and reader.company_id == message.about.company_id):
        raise Unwanted("the reader does not decide any more")
    return {"message": message}


def _message_of(mail: OutboxMail) -> RequestMessage:
    message = row_of(mail, RequestMessage.objects.select_related(*_MESSAGE_ABOUT))
    if message is None or message.about.user is None:
        raise Unwanted("the request is gone")
    if not message.about.is_open:
        raise Unwanted("the request is closed")
    person = mail.on_behalf_of or mail.recipient
    if person and not person.is_active:
        raise Unwanted("the person cannot sign in any more")
    return message


def kind_of(mail: OutboxMail) -> type[AccessRequest]:
    return next(kind for kind in REQUEST_KINDS if mail.id_of(kind))


def row_for_requester(mail: OutboxMail, model: type[Row]) -> Row:
    row = row_of(mail, model._default_manager.select_related("user", "company", model.item_field))
    if row is None:
        raise Unwanted("the request is gone")
    if row.user is None:
        raise Unwanted("who asked is gone")
    person = mail.on_behalf_of or mail.recipient
    if person and not person.is_active:
        raise Unwanted("the person cannot sign in any more")
    return cast(Row, row)


def for_decider(mail: OutboxMail, model: type[Row]) -> Row:
    """Send only to a person who still decides: the mail names the requester (C29)."""
    row = _still_open(row_for_requester(mail, model))
    reader = mail.recipient  # read with the claim, a moment ago
    if not (isinstance(reader, User) and reader.decides_requests) or (reader.company_id != row.company_id):
        raise Unwanted("the reader is no admin any more")
    return row


def _still_open(row: Row) -> Row:
    if row.status == RequestStatus.WITHDRAWN:
        raise Unwanted("the request was withdrawn")
    return row
