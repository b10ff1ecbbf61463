"""Approve a request for a standard, or put a standard into a collection (R29)."""

from __future__ import annotations

from datetime import date

from dateutil.relativedelta import relativedelta
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from licenses.access import readers_can_open
from licenses.actions.collections import add_document
from licenses.actions.granting import grant
from licenses.actions.terms import lock_license
from licenses.models import Document, Grant, License
from nenconnect.rules.errors import RuleError
from requests_app import mails
from requests_app.access import can_read_already, licenses_for
from requests_app.actions.deciding import answer_requests, check_can_receive, fulfil, lock_to_decide
from requests_app.models import DocumentRequest, RequestQuerySet

ASKED_WITHIN = relativedelta(months=12)  # R29


@transaction.atomic
def approve_document(
    document_request: DocumentRequest, *, license: License | None, by: User, ends_on: date | None = None
) -> None:
    """Give the licence that holds the document, or add the document to the chosen collection.

    Everyone in the company who asked for it in the past 12 months is mailed. A person who can open the document
    meanwhile needs no licence: the request is only closed. Raises RuleError.
    """
    document_request = lock_to_decide(document_request)
    document, requester = document_request.document, document_request.requester
    check_can_receive(document_request)
    if can_read_already(document_request):
        open_license = License.objects.open_to(requester).filter(documents=document).first()
        fulfil(document_request, open_license, by=by)
        return
    candidates = licenses_for(document_request.company_id, document)
    if license is None or not candidates.filter(pk=license.pk).exists():
        raise RuleError(_("Choose one of the licences in the list."), field="license")
    is_added = not license.documents.filter(pk=document.pk).exists()
    if is_added:
        add_document(license, document, by=by)
    if not license.is_company_wide:
        grant(license, to=requester, by=by, is_request=True, ends_on=ends_on)
    fulfil(document_request, license, by=by)
    if not license.is_company_wide:
        answer_requests(license, [requester], by=by)  # what else the licence opens
    if is_added:
        _tell_who_asked(license, document, by=by, but=requester)


@transaction.atomic
def put_in_collection(license: License, document: Document, *, by: User) -> bool:
    """Add the document, approve or mail earlier requests for it, and return False if it was in already (R29).

    Raises: RuleError.
    """
    license = lock_license(license)  # and its company: no request is made or decided meanwhile
    if not add_document(license, document, by=by):
        return False
    _tell_who_asked(license, document, by=by)
    return True


def _tell_who_asked(license: License, document: Document, *, by: User, but: User | None = None) -> None:
    """Approve the open requests that the collection answers now; mail who else asked that it was added."""
    answered = {but.pk} if but else set()
    for row in list(_answered_by(license, document)):
        fulfil(row, license, by=by)
        answered.add(row.requester.pk)
    for earlier in _asked_before(license, document):
        if earlier.user_id not in answered:
            mails.send_document_added(earlier)


def _answered_by(license: License, document: Document) -> RequestQuerySet:
    rows = DocumentRequest.objects.pending().filter(
        readers_can_open(), company=license.company_id, document=document, user__company=license.company_id
    )
    holders = Grant.objects.lasting().filter(license=license).values("user")
    return rows if license.is_company_wide else rows.filter(user__in=holders)


def _asked_before(license: License, document: Document) -> list[DocumentRequest]:
    since = timezone.now() - ASKED_WITHIN
    rows = DocumentRequest.objects.filter(
        company=license.company_id, document=document, created_at__gte=since, user__company=license.company_id
    )
    return list(rows.order_by("user_id", "-created_at").distinct("user_id"))
