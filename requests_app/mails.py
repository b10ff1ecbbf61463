"""The mails about requests: who gets them, and the last look before they go (C37)."""

from __future__ import annotations

from typing import TypeVar, cast

from accounts.models import User
from nenconnect.mail.actions import queue_mail
from nenconnect.mail.events import Context, Unwanted, mail_context
from nenconnect.mail.models import OutboxMail
from requests_app.models import AccessRequest, DocumentRequest, LicenseRequest, RequestStatus

Row = TypeVar("Row", bound=AccessRequest)


def send_license_requested(row: LicenseRequest) -> None:
    """Confirms to the requester (R26)."""
    queue_mail("license_requested", to=row.user, about=row)


def send_license_request_received(row: LicenseRequest) -> None:
    """To every active admin (R26)."""
    for admin in User.objects.active_admins_of(row.company):
        queue_mail("license_request_received", to=admin, about=row)


def send_license_request_approved(row: LicenseRequest) -> None:
    queue_mail("license_request_approved", to=row.user, about=row)


def send_license_request_rejected(row: LicenseRequest) -> None:
    queue_mail("license_request_rejected", to=row.user, about=row)


def send_document_requested(row: DocumentRequest) -> None:
    queue_mail("document_requested", to=row.user, about=row)


def send_document_request_received(row: DocumentRequest) -> None:
    for admin in User.objects.active_admins_of(row.company):
        queue_mail("document_request_received", to=admin, about=row)


def send_document_request_approved(row: DocumentRequest) -> None:
    queue_mail("document_request_approved", to=row.user, about=row)


def send_document_request_rejected(row: DocumentRequest) -> None:
    queue_mail("document_request_rejected", to=row.user, about=row)


def send_document_added(row: DocumentRequest) -> None:
    """To whoever else asked for the document in the past 12 months (R29)."""
    queue_mail("document_added", to=row.user, about=row)


@mail_context("license_requested")
def _open_license_request(mail: OutboxMail) -> Context:
    return {"license_request": _still_open(_row(mail, LicenseRequest))}


@mail_context("license_request_received")
def _license_request_to_decide(mail: OutboxMail) -> Context:
    return {"license_request": _for_admin(mail, LicenseRequest)}


@mail_context("license_request_approved")
@mail_context("license_request_rejected")
def _decided_license_request(mail: OutboxMail) -> Context:
    return {"license_request": _row(mail, LicenseRequest)}


@mail_context("document_requested")
def _open_document_request(mail: OutboxMail) -> Context:
    return {"document_request": _still_open(_row(mail, DocumentRequest))}


@mail_context("document_request_received")
def _document_request_to_decide(mail: OutboxMail) -> Context:
    return {"document_request": _for_admin(mail, DocumentRequest)}


@mail_context("document_request_approved")
@mail_context("document_request_rejected")
@mail_context("document_added")
def _decided_document_request(mail: OutboxMail) -> Context:
    return {"document_request": _row(mail, DocumentRequest)}


def _row(mail: OutboxMail, model: type[Row]) -> Row:
    row = model._default_manager.select_related("user", "company").filter(pk=mail.id_of(model)).first()
    if row is None:
        raise Unwanted("the request is gone")
    if mail.recipient and not mail.recipient.is_active:
        raise Unwanted("the person cannot sign in any more")
    return cast(Row, row)


def _for_admin(mail: OutboxMail, model: type[Row]) -> Row:
    """The mail names who asked: an admin who was demoted meanwhile is a colleague like any other (C29)."""
    row = _still_open(_row(mail, model))
    if mail.recipient not in User.objects.active_admins_of(row.company):
        raise Unwanted("the reader is no admin any more")
    return row


def _still_open(row: Row) -> Row:
    if row.status == RequestStatus.WITHDRAWN:
        raise Unwanted("the request was withdrawn")
    return row
