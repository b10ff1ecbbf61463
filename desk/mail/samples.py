"""Every mail filled with made-up people, to look at. Nothing is read from the database, and nothing written.

The names are as long as they come, with the signs that HTML minds; the links open nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import urlsplit

from django.conf import settings
from django.urls import reverse
from django.utils import timezone

from accounts.mails.second_step import SECOND_STEP_CHANGES
from accounts.models import AddressChange, Deputy, JoinInvitation, MoveRequest, User
from companies.models import Company, Domain
from licenses.models import Document, License
from nenconnect.mail.events import Context
from nenconnect.mail.message import Letter
from nenconnect.mail.models import OutboxMail
from nenconnect.mail.rendering import render
from nenconnect.mail.rerouting import ContactPerson
from requests_app.models import DocumentRequest, LicenseRequest, RequestMessage

OPENS_NOTHING = "Voorbeeld-dat-niets-opent:1"
COMPANY = "Ingenieursbureau De Vries, Van der Meulen & Partners <Noord-Nederland> B.V."
DEPARTMENT = "Advies, ontwerp & beheer <Zuid>"
PERSON = "Anne-Wil Wilhelmina van den Bergh-Smitskamp & Zn. <inkoop>"
ADDRESS = "anne-wil.van.den.bergh-smitskamp+inkoop@ingenieursbureau-de-vries-van-der-meulen.example"
ADMIN = "Jan-Pieter O'Connor & Co"
LICENSE = "Bouw, installatie & brandveiligheid <compleet>"
NUMBER = "NEN-EN-IEC 60335-2-102:2016/A2:2024+C1:2025/Ontw."
TITLE_NL = (
    "Huishoudelijke en soortgelijke elektrische toestellen – Veiligheid – Deel 2-102: Bijzondere eisen voor"
    " met gas, olie & vaste brandstof gestookte toestellen met elektrische aansluitingen <geconsolideerd>"
)
TITLE_EN = (
    "Household and similar electrical appliances – Safety – Part 2-102: Particular requirements for gas, oil &"
    " solid-fuel burning appliances having electrical connections <consolidated>"
)
REASON = (
    "Voor het nieuwe laboratorium in Heerhugowaard hebben we deze norm nodig: de keuring <van de luchtbehandeling>"
    " begint volgende maand.\n\nAlvast bedankt & groet,\nAnne-Wil"
)
REFUSAL = "Deze norm staat al in een ander pakket (veiligheid & gezondheid). Vraag dat aan."


@dataclass(frozen=True)
class Cast:
    """Unsaved, of one company: who asks, who decides, and what about."""

    company: Company
    person: User
    admin: User
    license: License
    document: Document

    @property
    def license_request(self) -> LicenseRequest:
        asked = {"company": self.company, "user": self.person, "created_at": timezone.now()}
        answered = {"reason": REASON, "rejection_reason": REFUSAL, "rejection_note": REASON}
        return LicenseRequest(pk=0, license=self.license, waiting_since=timezone.now(), **answered, **asked)

    @property
    def document_request(self) -> DocumentRequest:
        asked = {"company": self.company, "user": self.person, "created_at": timezone.now()}
        about = {"license": self.license, "document": self.document}
        return DocumentRequest(pk=0, reason=REASON, rejection_reason=REFUSAL, **about, **asked)


def sample(event: str, language: str, *, is_on_behalf: bool = False) -> Letter:
    """The mail as its reader gets it, or as an admin reads it for somebody else (R32). KeyError: no such mail."""
    facts_of = _FACTS[event]
    cast = _cast(language)
    is_for_admin = is_on_behalf or event in _FOR_ADMINS
    host = urlsplit(settings.SITE_URL).hostname
    mail = OutboxMail(
        event=event,
        recipient=cast.admin if is_for_admin else cast.person,
        on_behalf_of=cast.person if is_on_behalf else None,
        message_id=f"<voorbeeld@{host}>",
    )
    return render(mail, facts_of(cast))


def _cast(language: str) -> Cast:
    today = timezone.localdate()
    company = Company(pk=0, name=COMPANY, closed_because="Het contract is beëindigd & afgerekend.")
    person = User(
        pk=0,
        name=PERSON,
        email=ADDRESS,
        company=company,
        language=language,
        registration_origin=User.Origin.COMPANY,
        registration_deadline=today + timedelta(days=30),
    )
    admin = User(pk=0, name=ADMIN, email="beheer@voorbeeld.example", company=company, language=language)
    term = {"starts_on": today - timedelta(days=305), "ends_on": today + timedelta(days=60)}
    return Cast(
        company=company,
        person=person,
        admin=admin,
        license=License(pk=0, company=company, name=LICENSE, **term),
        document=Document(
            pk=0, number=NUMBER, title_nl=TITLE_NL, title_en=TITLE_EN, file_missing_since=timezone.now()
        ),
    )


def _person(cast: Cast) -> Context:
    return {"person": cast.person}


def _registration(cast: Cast) -> Context:
    return {"person": cast.person, "link": reverse("sign_in:registration", args=[OPENS_NOTHING])}


def _password_reset(cast: Cast) -> Context:
    return {"person": cast.person, "link": reverse("sign_in:password_reset", args=[OPENS_NOTHING])}


def _second_step(cast: Cast) -> Context:
    return {"person": cast.person, "what": SECOND_STEP_CHANGES["taken_away"], "at": timezone.now()}


def _address_change(cast: Cast) -> Context:
    return {"person": cast.person, "change": AddressChange(pk=0, user=cast.person, address=f"nieuw.{ADDRESS}")}


def _address_change_asked(cast: Cast) -> Context:
    return _address_change(cast) | {"link": reverse("profile:confirm_address", args=[OPENS_NOTHING])}


def _invitation(cast: Cast) -> Context:
    return {"person": cast.person, "invitation": JoinInvitation(pk=0, company=cast.company, user=cast.person)}


def _license_request(cast: Cast) -> Context:
    return {"license_request": cast.license_request}


def _message(cast: Cast) -> Context:
    return {"message": RequestMessage(pk=0, license_request=cast.license_request, text=REASON)}


def _document_request(cast: Cast) -> Context:
    return {"document_request": cast.document_request}


def _move(cast: Cast) -> Context:
    other = Company(pk=0, name=COMPANY, department=DEPARTMENT)
    asked = {"from_company": cast.company, "to_company": other, "asked_at": timezone.now()}
    return {"move": MoveRequest(pk=0, user=cast.person, **asked)}


def _license_ending(cast: Cast) -> Context:
    return {"license": cast.license, "people": 1234, **_reminder()}


def _requests_waiting(cast: Cast) -> Context:
    numbers = {"license_requests": 1, "document_requests": 12, "number": 13}
    return {"company": cast.company, "oldest": timezone.now() - timedelta(days=6), **numbers, **_reminder()}


def _one_request(cast: Cast) -> Context:
    row = cast.license_request
    return {"row": row, "what": LICENSE, "link": reverse("requests:license_request", args=[0])}


def _digest(cast: Cast) -> Context:
    document = cast.document_request
    asked = {"row": document, "what": NUMBER, "link": reverse("requests:document_request", args=[0])}
    listed = [_one_request(cast), asked]
    stop = {"stop_link": reverse("profile:stop_notices", args=[OPENS_NOTHING])}
    return {"company": cast.company, "listed": listed, "more": 11, "number": 13, **stop}


def _unanswered(cast: Cast) -> Context:
    reader = ContactPerson(name=PERSON, email=ADDRESS, language=cast.admin.language)
    return {"company": cast.company, "number": 2, "admins": [cast.admin], "addressee": reader}


def _deputy(cast: Cast) -> Context:
    today = timezone.localdate()
    days = {"first_day": today, "last_day": today + timedelta(days=14)}
    return {"deputy": Deputy(pk=0, company=cast.company, user=cast.person, admin=cast.admin, **days)}


def _reminder() -> Context:
    return {"stop_link": reverse("profile:stop_reminders", args=[OPENS_NOTHING])}


def _domain(cast: Cast) -> Context:
    domain = Domain(pk=0, company=cast.company, name=ADDRESS.partition("@")[2], proof_token="0" * 32)
    domain.proof_missing_since = timezone.now()
    return {"company": cast.company, "domain": domain}


_FACTS: dict[str, Callable[[Cast], Context]] = {
    "account_deleted": _person,
    "account_exists": _person,
    "address_change_asked": _address_change_asked,
    "address_changed": lambda cast: _person(cast) | {"old": f"oud.{ADDRESS}", "at": timezone.now()},
    "address_changing": _address_change,
    "accounts_merged": lambda cast: {"closed": cast.person, "stays": cast.admin},
    "colleague_moved": _move,
    "company_closed": lambda cast: {"company": cast.company},
    "company_reopened": lambda cast: {"company": cast.company},
    "deputy_named": _deputy,
    "document_added": _document_request,
    "document_request_approved": _document_request,
    "document_request_received": _document_request,
    "document_request_rejected": _document_request,
    "document_requested": _document_request,
    "domain_added": lambda cast: _domain(cast) | {"person": cast.person},
    "domain_proof_missing": lambda cast: _domain(cast) | {"lapses_at": timezone.now() + timedelta(days=30)},
    "file_missing": lambda cast: {"document": cast.document},
    "grant_ending": lambda cast: {"license": cast.license, "ends_on": timezone.localdate(), **_reminder()},
    "join_invited": _invitation,
    "license_ending": _license_ending,
    "license_request_approved": _license_request,
    "license_request_in_line": lambda cast: _license_request(cast) | {"place": 3},
    "license_request_received": _license_request,
    "license_request_rejected": _license_request,
    "license_requested": _license_request,
    "license_requests_waiting": _requests_waiting,
    "move_accepted": _move,
    "move_declined": _move,
    "move_requested": _move,
    "password_reset": _password_reset,
    "registration_expiring": lambda cast: _registration(cast) | _reminder(),
    "registration_invited": _registration,
    "registration_requested": lambda cast: _registration(cast) | {"closed_companies": [cast.company]},
    "request_expired": _one_request,
    "request_nudged": _one_request,
    "requests_digest": _digest,
    "requests_unanswered": _unanswered,
    "request_answer": _message,
    "request_question": _message,
    "seat_free": _license_request,
    "second_step_changed": _second_step,
}
_FOR_ADMINS = {
    "colleague_moved",
    "company_closed",
    "company_reopened",
    "document_request_received",
    "domain_proof_missing",
    "license_ending",
    "license_request_received",
    "license_requests_waiting",
    "move_requested",
    "request_nudged",
    "requests_digest",
    "requests_unanswered",
    "request_answer",
    "seat_free",
}
SAMPLES = sorted(_FACTS)
