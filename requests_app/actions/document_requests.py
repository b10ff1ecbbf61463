from __future__ import annotations

from datetime import date

from dateutil.relativedelta import relativedelta
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.actions.labels import check_label
from accounts.models import User
from companies.actions import lock_working
from companies.models import LabelKind, LabelValue
from licenses.access import can_open, is_covered, readers_can_open
from licenses.actions.collections import add_document
from licenses.actions.terms import lock
from licenses.models import Document, Grant, License
from nenconnect.audit.actions import record
from nenconnect.rules.errors import RuleError
from requests_app import mails
from requests_app.access import can_read_already, licenses_for
from requests_app.access.reasons import explain
from requests_app.access.sentences import Kind
from requests_app.actions.deciding import check_may_ask, checked_reason, decide, lock_to_decide
from requests_app.actions.giving import give_license
from requests_app.actions.rejecting import check_not_postponed, close_rejected
from requests_app.models import DocumentRequest, RequestQuerySet, RequestStatus
from requests_app.verbs import DOCUMENT_REQUEST_CREATED

ASKED_WITHIN = relativedelta(months=12)  # R29


@transaction.atomic
def request_document(
    document: Document, *, by: User, reason: str = "", label: LabelValue | None = None
) -> DocumentRequest:
    """Asks for a standard that the person cannot open (R29). Raises RuleError."""
    reason = checked_reason(reason)
    company = lock_working(by.company) if by.company else None
    check_may_ask(by)  # behind the lock: many at once are counted one after the other (C32)
    assert company is not None
    if can_open(by, document):
        raise RuleError(_("You can open this document already."))
    if not is_covered(by, document):
        raise RuleError(explain(document, by, to=by).sentence)
    if document.is_withdrawn:
        raise RuleError(_("This document was withdrawn; it can no longer be requested."))
    _check_not_postponed(by, document)
    if not licenses_for(company.pk, document).exists():
        raise RuleError(
            _("Your company has no licence in which this document can be. NEN Klantenservice can help.")
        )
    check_label(label, company, LabelKind.REQUESTS)
    said = {"reason": reason, "label": label}
    try:
        with transaction.atomic():
            new = DocumentRequest.objects.create(company=company, document=document, user=by, **said)
    except IntegrityError:
        raise RuleError(_("You have already requested this document.")) from None
    mails.send_document_requested(new)
    mails.send_document_request_received(new)
    record(DOCUMENT_REQUEST_CREATED, by=by, company_id=company.pk, about=[new, document])
    return new


def _check_not_postponed(user: User, document: Document) -> None:
    """Neither the standard, nor the licence that alone would bring it. Raises RuleError."""
    check_not_postponed(user, document)
    reason = explain(document, user, to=user)
    if reason.kind == Kind.NOT_NOW and reason.license:
        check_not_postponed(user, reason.license)


@transaction.atomic
def approve(
    document_request: DocumentRequest, *, license: License | None, by: User, ends_on: date | None = None
) -> None:
    """Gives the licence that holds the document, or adds the document to the chosen collection.

    Everyone in the company who asked for it in the past 12 months is mailed. A person who can open the document
    meanwhile needs no licence: the request is only closed. Raises RuleError.
    """
    document_request = lock_to_decide(document_request)
    document, requester = document_request.document, document_request.requester
    if not requester.is_active or requester.company_id != document_request.company_id:
        raise RuleError(_("The person who asked cannot sign in at your company any more."))
    if can_read_already(document_request):
        _close(document_request, License.objects.open_to(requester).filter(documents=document).first(), by=by)
        return
    candidates = licenses_for(document_request.company_id, document)
    if license is None or not candidates.filter(pk=license.pk).exists():
        raise RuleError(_("Choose one of the licences in the list."), field="license")
    is_added = not license.documents.filter(pk=document.pk).exists()
    if is_added:
        add_document(license, document, by=by)
    _close(document_request, license, by=by)
    if not license.is_company_wide:
        give_license(license, to=requester, by=by, is_request=True, ends_on=ends_on)
    if is_added:
        _tell_who_asked(license, document, by=by, but=requester)


@transaction.atomic
def put_in_collection(license: License, document: Document, *, by: User) -> bool:
    """Whether it was not in there yet; whoever asked for it is answered or told (R29). Raises RuleError."""
    license = lock(license)  # and its company: nobody decides or asks meanwhile
    if not add_document(license, document, by=by):
        return False
    _tell_who_asked(license, document, by=by)
    return True


@transaction.atomic
def reject(
    document_request: DocumentRequest,
    *,
    by: User,
    reason: str = "",
    note: str = "",
    ask_again_on: date | None = None,
) -> None:
    """Colleagues read the reason too, the requester alone the note. Raises RuleError."""
    document_request = lock_to_decide(document_request)
    close_rejected(document_request, by=by, reason=reason, note=note, ask_again_on=ask_again_on)
    mails.send_document_request_rejected(document_request)


def _close(document_request: DocumentRequest, license: License | None, *, by: User) -> None:
    document_request.license = license
    decide(document_request, RequestStatus.APPROVED, by=by)
    mails.send_document_request_approved(document_request)


def _tell_who_asked(license: License, document: Document, *, by: User, but: User | None = None) -> None:
    """Whose open request the collection answers now is told so; who else asked, that it was added."""
    answered = {but.pk} if but else set()
    for wanted in list(_answered_by(license, document)):
        _close(wanted, license, by=by)
        answered.add(wanted.requester.pk)
    for earlier in _asked_before(license, document):
        if earlier.user_id not in answered:
            mails.send_document_added(earlier)


def _answered_by(license: License, document: Document) -> RequestQuerySet:
    """Open requests of those who can open the document by this licence."""
    rows = DocumentRequest.objects.pending().filter(
        readers_can_open(), company=license.company_id, document=document, user__company=license.company_id
    )
    holders = Grant.objects.lasting().filter(license=license).values("user")
    return rows if license.is_company_wide else rows.filter(user__in=holders)


def _asked_before(license: License, document: Document) -> list[DocumentRequest]:
    """The last request of each colleague for the document."""
    since = timezone.now() - ASKED_WITHIN
    rows = DocumentRequest.objects.filter(
        company=license.company_id, document=document, created_at__gte=since, user__company=license.company_id
    )
    return list(rows.order_by("user_id", "-created_at").distinct("user_id"))
