"""What is kept on a person, for that person to download (C43). Nobody else's name, address or number is in it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib.admin.models import LogEntry
from django.db.models import Model, Q
from django.utils import timezone

from accounts import browsers
from accounts.models import (
    AddressChange,
    Arrival,
    Deputy,
    JoinInvitation,
    Leaver,
    MoveRequest,
    PeopleChangeLine,
    SignInAttempts,
    TermsAcceptance,
    User,
)
from companies.models import Company
from licenses.models import Document, Grant, License, Opening
from nenconnect.mail.events import is_to_one_address
from nenconnect.mail.models import OutboxMail
from nenconnect.trail.models import TrailEntry
from nenconnect.trail.words import verb_in_words
from requests_app.models import AccessRequest, DocumentRequest, LicenseRequest, RequestMessage

Facts = dict[str, Any]

# Of the account itself: what would open it, and counters that say nothing of anybody.
LEFT_OUT = {"password", "session_round", "registration_round"}
# What stands with an entry of the trail and can be no number of another person.
TOLD_DETAILS = {"fields", "role", "is_blocked", "is_new", "domain", "with_subdomains", "devices"}


def own_data(user: User) -> Facts:
    """Words in the reader's language, moments in ISO 8601; ready for JSON."""
    return {
        "site": settings.SITE_URL,
        "made_at": timezone.now(),
        **{name: section(user) for name, section in SECTIONS.items()},
    }


def _account(user: User) -> Facts:
    """Every column, those that are still to come too."""
    fields = [field for field in user._meta.concrete_fields if field.name not in LEFT_OUT]
    facts = {field.name: getattr(user, field.attname) for field in fields if not field.is_relation}
    return facts | {"country": str(user.country)}


def _address_change(user: User) -> list[Facts]:
    """The user name that waits to be confirmed by its mailbox."""
    rows = AddressChange.objects.filter(user=user)
    return [{"address": row.address, "asked_at": row.asked_at, "valid_until": row.expires_at} for row in rows]


def _company(user: User) -> Facts | None:
    if user.company is None:
        return None
    return {"name": user.company.name, "department": user.company.department}


def _label(user: User) -> Facts | None:
    if user.label is None:
        return None
    return {"label": user.label.company.user_label, "value": user.label.name}


def _contact_person_of(user: User) -> list[Facts]:
    fields = ("name", "contact_person", "contact_phone", "contact_email")
    return list(Company.objects.filter(contact_email__iexact=user.email).values(*fields))


def _account_manager_of(user: User) -> list[str]:
    return list(Company.objects.filter(account_manager=user).values_list("name", flat=True))


def _merged_accounts(user: User) -> list[str]:
    """Closed by NEN, as they were of the same person."""
    return list(user.merged_accounts.order_by("pk").values_list("email", flat=True))


def _licenses(user: User) -> list[Facts]:
    """Given to the person, in term or not; and those that everybody in the company has."""
    given = Grant.objects.filter(user=user).select_related("license")
    wide = License.objects.of(user.company).filter(is_company_wide=True).exclude(grants__user=user)
    return [
        *(
            {
                "license": grant.license.name,
                "given_at": grant.granted_at,
                "how": grant.get_origin_display(),
                **_term(grant.license),
                "own_last_day": grant.ends_on,
            }
            for grant in given
        ),
        *({"license": license.name, "is_company_wide": True, **_term(license)} for license in wide),
    ]


def _term(license: License) -> Facts:
    return {"first_day": license.starts_on, "last_day": license.ends_on}


def _documents_opened(user: User) -> list[Facts]:
    rows = Opening.objects.filter(user=user).select_related("document").order_by("pk")
    return [{"document": row.document.number, "at": row.at} for row in rows]


def _departures(user: User) -> list[Facts]:
    """What is kept for a week, so that a company can undo that it took the person out."""
    rows = Leaver.objects.filter(user=user).select_related("departure").order_by("pk")
    return [
        {"at": row.departure.created_at, "what": row.departure.get_kind_display(), "role": row.get_role_display()}
        for row in rows
    ]


def _deputy(user: User) -> list[Facts]:
    """Standing in for an admin, or as an admin for whom somebody stood in; who the other was is theirs."""
    rows = Deputy.objects.filter(Q(user=user) | Q(admin=user)).order_by("pk")
    return [
        {"stood_in": row.user_id == user.pk, "first_day": row.first_day, "last_day": row.last_day} for row in rows
    ]


def _changes_for_several(user: User) -> list[Facts]:
    """What is kept for a month on changes that an admin made for several people at once."""
    rows = PeopleChangeLine.objects.filter(user=user).select_related("change").order_by("pk")
    return [
        {"at": row.change.created_at, "what": row.change.get_kind_display(), "outcome": row.get_outcome_display()}
        for row in rows
    ]


def _license_requests(user: User) -> list[Facts]:
    rows = LicenseRequest.objects.filter(user=user).select_related("license", "company", "label")
    return [{"license": row.license.name, **_request(row)} for row in rows]


def _document_requests(user: User) -> list[Facts]:
    rows = DocumentRequest.objects.filter(user=user).select_related("document", "company", "label")
    return [{"document": row.document.number, **_request(row)} for row in rows]


def _request(row: AccessRequest) -> Facts:
    """Who decided is somebody else's data."""
    return {
        "company": row.company.name,
        "requested_at": row.created_at,
        "reason": row.reason,
        "label": row.label.name if row.label else None,
        "status": row.get_status_display(),
        "decided_at": row.decided_at,
        "reason_for_rejection": row.rejection_reason,
        "message_about_rejection": row.rejection_note,
        "ask_again_on": row.ask_again_on,
    }


def _request_messages(user: User) -> list[Facts]:
    """What the person wrote, and what was asked about the person's own requests; who else wrote is theirs."""
    to_them = Q(license_request__user=user) | Q(document_request__user=user)
    rows = RequestMessage.objects.filter(Q(author=user) | to_them).order_by("pk")
    return [{"at": row.at, "by_you": row.author_id == user.pk, "text": row.text} for row in rows]


def _decisions(user: User) -> list[Facts]:
    """As an admin, on requests of others: that, when and how."""
    decided = [
        (str(kind._meta.verbose_name), row)
        for kind in (LicenseRequest, DocumentRequest)
        for row in kind._default_manager.filter(decided_by=user)
    ]
    return [
        {"kind": kind, "status": row.get_status_display(), "decided_at": row.decided_at} for kind, row in decided
    ]


def _licenses_given(user: User) -> list[Facts]:
    given = Grant.objects.filter(granted_by=user).select_related("license")
    return [{"license": grant.license.name, "given_at": grant.granted_at} for grant in given]


def _mails(user: User) -> list[Facts]:
    mine = Q(recipient=user) | Q(on_behalf_of=user) | (Q(address=user.email) & ~Q(address=""))
    rows = OutboxMail.objects.filter(mine).order_by("pk")
    is_own = _ownership(user)
    return [_mail(mail, user, is_own(mail)) for mail in rows]


def _mail(mail: OutboxMail, user: User, is_own: bool) -> Facts:
    """The text of a mail about a colleague, or for one, is theirs: only that it came is told."""
    return {
        "mail": str(mail.in_words),
        "written_at": mail.created_at,
        "status": mail.get_status_display(),
        "sent_at": mail.sent_at,
        "read_by_others_for_you": mail.on_behalf_of_id == user.pk and not is_to_one_address(mail.event),
        "is_about_somebody_else": not is_own,
        "text": mail.sent_text if is_own else None,
    }


def _ownership(user: User) -> Callable[[OutboxMail], bool]:
    """Tells the mails about nobody else. One that is about something unknown here is not one of them."""
    kinds: tuple[type[Any], ...] = (LicenseRequest, DocumentRequest, JoinInvitation, MoveRequest)
    mine = {
        str(kind._meta.model_name): set(kind._default_manager.filter(user=user).values_list("pk", flat=True))
        for kind in kinds
    } | {"user": {user.pk}}
    nobodys = {str(kind._meta.model_name) for kind in (Company, License, Document)}

    def is_own(mail: OutboxMail) -> bool:
        is_for_another = mail.on_behalf_of_id not in {None, user.pk}
        about = ((name, pk) for name, pk in mail.about.items() if name not in nobodys)
        return not is_for_another and all(pk in mine.get(name, ()) for name, pk in about)

    return is_own


def _devices(user: User) -> list[Facts]:
    return [
        {
            "device": browsers.in_words(row.user_agent),
            "browser_says": row.user_agent,
            "internet_address": row.ip,
            "signed_in_since": row.created_at,
            "last_seen": row.last_seen_at,
        }
        for row in UserSession.objects.filter(user=user).order_by("pk")
    ]


def _sign_in_attempts(user: User) -> list[Facts]:
    rows = SignInAttempts.objects.filter(address=user.email)
    return [{"wrong_passwords": row.failures, "locked_until": row.locked_until} for row in rows]


def _second_steps(user: User) -> list[Facts]:
    """Which there are; never what opens them."""
    rows = Authenticator.objects.filter(user=user).order_by("pk")
    return [
        {"kind": row.get_type_display(), "since": row.created_at, "last_used_at": row.last_used_at} for row in rows
    ]


def _trail(user: User) -> list[Facts]:
    """What the person did, and what was done about the person; never to whom or by whom else."""
    rows = TrailEntry.objects.filter(Q(actor_id=user.pk) | Q(subjects__user=user.pk)).order_by("pk")
    return [
        {
            "at": entry.at,
            "what": str(verb_in_words(entry.verb)),
            "by_you": entry.actor_id == user.pk,
            "about_you": entry.subjects.get("user") == user.pk,
            "details": {name: value for name, value in entry.details.items() if name in TOLD_DETAILS},
        }
        for entry in rows
    ]


def _terms(user: User) -> list[Facts]:
    rows = TermsAcceptance.objects.filter(user=user).select_related("version").order_by("pk")
    return [{"version_of": row.version.published_at, "accepted_at": row.accepted_at} for row in rows]


def _invitations(user: User) -> list[Facts]:
    rows = JoinInvitation.objects.filter(user=user).select_related("company").order_by("pk")
    return [
        {"company": row.company.name, "role": row.get_role_display(), "invited_at": row.invited_at} for row in rows
    ]


def _moves(user: User) -> list[Facts]:
    rows = MoveRequest.objects.filter(user=user).select_related("from_company", "to_company").order_by("pk")
    return [
        {
            "from": row.from_company.name,
            "to": row.to_company.name,
            "status": row.get_status_display(),
            "asked_at": row.asked_at,
            "decided_at": row.decided_at,
        }
        for row in rows
    ]


def _desk_log(user: User) -> list[Facts]:
    """Of NEN staff: that they changed something at NEN's desk, and what kind of thing."""
    rows = LogEntry.objects.filter(user=user).select_related("content_type").order_by("pk")
    return [{"at": row.action_time, "what": row.get_action_flag_display(), "kind": _kind(row)} for row in rows]


def _kind(row: LogEntry) -> str:
    model: type[Model] | None = row.content_type.model_class() if row.content_type else None
    return str(model._meta.verbose_name) if model else ""


def _arrivals(user: User) -> list[Facts]:
    """Sign-ins and used links of the past 90 days."""
    rows = Arrival.objects.filter(user=user).order_by("pk")
    return [{"at": row.at, "what": row.get_door_display(), "device": row.device} for row in rows]


def _addresses(user: User) -> list[Facts]:
    return list(EmailAddress.objects.filter(user=user).values("email", "verified", "primary"))


SECTIONS: dict[str, Callable[[User], Any]] = {
    "account": _account,
    "address_change": _address_change,
    "company": _company,
    "label": _label,
    "contact_person_of": _contact_person_of,
    "account_manager_of": _account_manager_of,
    "licenses": _licenses,
    "documents_opened": _documents_opened,
    "departures": _departures,
    "deputy": _deputy,
    "changes_for_several": _changes_for_several,
    "license_requests": _license_requests,
    "document_requests": _document_requests,
    "request_messages": _request_messages,
    "decisions": _decisions,
    "licenses_given": _licenses_given,
    "mails": _mails,
    "devices": _devices,
    "sign_in_attempts": _sign_in_attempts,
    "second_steps": _second_steps,
    "trail": _trail,
    "terms_accepted": _terms,
    "invitations_to_join": _invitations,
    "merged_accounts": _merged_accounts,
    "requests_to_move": _moves,
    "desk_log": _desk_log,
    "addresses": _addresses,
    "arrivals": _arrivals,
}
