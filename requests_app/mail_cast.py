"""Invent requests for the samples of mails, with characters that HTML escapes."""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone

from accounts.mail_cast import ADDRESS, PERSON, admin, company, language, link, person, reminder
from licenses.mail_cast import document, license
from nenconnect.mail.events import Context
from nenconnect.mail.rerouting import ContactPerson
from requests_app.models import DocumentRequest, LicenseRequest, RequestMessage

REASON = (
    "Voor het nieuwe laboratorium in Heerhugowaard hebben we deze norm nodig: de keuring <van de luchtbehandeling>"
    " begint volgende maand.\n\nAlvast bedankt & groet,\nAnne-Wil"
)
REFUSAL = "Deze norm staat al in een ander pakket (veiligheid & gezondheid). Vraag dat aan."


def license_request() -> LicenseRequest:
    fields = {"company": company(), "user": person(), "created_at": timezone.now(), "reason": REASON}
    answered = {"rejection_reason": REFUSAL, "rejection_note": REASON}
    return LicenseRequest(pk=0, license=license(), waiting_since=timezone.now(), **fields, **answered)


def document_request() -> DocumentRequest:
    fields = {"company": company(), "user": person(), "created_at": timezone.now(), "reason": REASON}
    about = {"license": license(), "document": document()}
    return DocumentRequest(pk=0, rejection_reason=REFUSAL, **fields, **about)


def about_license_request() -> Context:
    return {"license_request": license_request()}


def about_document_request() -> Context:
    return {"document_request": document_request()}


def about_message() -> Context:
    return {"message": RequestMessage(pk=0, license_request=license_request(), text=REASON)}


def about_request() -> Context:
    return {"row": license_request()}


def about_one_request() -> Context:
    row = license_request()
    return {"row": row, "what": str(row.item), "link": row.page}


def about_several() -> Context:
    row = document_request()
    other = {"row": row, "what": str(row.item), "link": row.page}
    stop = {"stop_link": link("profile:stop_notices")}
    return {"company": company(), "listed": [about_one_request(), other], "more": 11, "number": 13, **stop}


def about_waiting() -> Context:
    numbers = {"license_requests": 1, "document_requests": 12, "number": 13}
    return {"company": company(), "oldest": timezone.now() - timedelta(days=6), **numbers, **reminder()}


def about_unanswered() -> Context:
    reader = ContactPerson(name=PERSON, email=ADDRESS, language=language())
    return {"company": company(), "number": 2, "admins": [admin()], "addressee": reader}
