"""What happened with one person, in one list: mails, sign-ins, used links, and what was changed by whom.

For an admin only what belongs to their company; for NEN (`company` None) all of it. Newest first.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import Q, QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from accounts.models import Arrival, JoinInvitation, User
from companies.models import Company
from licenses.models import License
from nenconnect.mail.models import OutboxMail
from nenconnect.trail.models import TrailEntry
from nenconnect.trail.search import NEWEST
from nenconnect.trail.words import verb_in_words
from requests_app.models import DocumentRequest, LicenseRequest

PER_PAGE = 15
MOST = 500  # of each kind; what is older, the trail has for ever


@dataclass(frozen=True)
class Event:
    """`mail` where it is one, whose state the page tells."""

    at: datetime
    what: str | Promise
    mail: OutboxMail | None = None
    device: str = ""
    by: str = ""


def history_of(person: User, *, company: Company | None, page: str | None = None) -> Page:
    """A page of events. The same number of queries for three and for three hundred."""
    keys = [*_mail_keys(person, company), *_arrival_keys(person, company), *_trail_keys(person, company)]
    shown = Paginator(sorted(keys, reverse=True), PER_PAGE).get_page(page)
    rows = list(shown.object_list)
    found = {
        kind: model._default_manager.select_related(*related).in_bulk([pk for _at, of, pk in rows if of == kind])
        for kind, (model, related) in SOURCES.items()
    }
    names = _actors(found["trail"].values(), person, company)
    events = [_event(kind, found[kind][pk], names) for _at, kind, pk in rows if pk in found[kind]]
    return Page(events, shown.number, shown.paginator)


Key = tuple[datetime, str, int]
SOURCES: dict[str, tuple[Any, list[str]]] = {
    "mail": (OutboxMail, ["recipient"]),
    "arrival": (Arrival, []),
    "trail": (TrailEntry, []),
}


def _mail_keys(person: User, company: Company | None) -> list[Key]:
    """None that tells of another company (C24)."""
    mails = OutboxMail.objects.filter(Q(recipient=person) | Q(on_behalf_of=person)).order_by("-pk")
    rows = list(mails.only("pk", "created_at", "about")[:MOST])
    if company:
        is_of_company = _belonging(rows, company)
        rows = [mail for mail in rows if is_of_company(mail)]
    return [(mail.created_at, "mail", mail.pk) for mail in rows]


def _belonging(mails: list[OutboxMail], company: Company) -> Callable[[OutboxMail], bool]:
    known = {
        model: set(
            model._default_manager.filter(
                company=company, pk__in=[mail.id_of(model) for mail in mails if mail.id_of(model)]
            ).values_list("pk", flat=True)
        )
        for model in (LicenseRequest, DocumentRequest, JoinInvitation, License)
    } | {Company: {company.pk}}
    return lambda mail: all(mail.id_of(model) in {None, *ids} for model, ids in known.items())


def _arrival_keys(person: User, company: Company | None) -> list[Key]:
    rows: QuerySet[Arrival] = Arrival.objects.filter(user=person)
    if company:
        rows = rows.filter(company=company)
    return [(at, "arrival", pk) for at, pk in rows.order_by("-pk").values_list("at", "pk")[:MOST]]


def _trail_keys(person: User, company: Company | None) -> list[Key]:
    rows = TrailEntry.objects.filter(subjects__user=person.pk)
    if company:
        rows = rows.filter(company_id=company.pk)
    return [(at, "trail", pk) for at, pk in rows.order_by(*NEWEST).values_list("at", "pk")[:MOST]]


def _actors(entries: Any, person: User, company: Company | None) -> dict[int, str]:
    """Colleagues by their name, NEN as NEN; who is gone, or belongs elsewhere, is nobody's to know."""
    people = User.objects.filter(pk__in={entry.actor_id for entry in entries if entry.actor_id})
    names = {}
    for one in people:
        if one.is_staff:
            names[one.pk] = "NEN"
        elif company is None or one.company_id == company.pk:
            names[one.pk] = str(one)
    return names


def _event(kind: str, row: Any, names: dict[int, str]) -> Event:
    if kind == "mail":
        return Event(row.created_at, row.in_words, mail=row)
    if kind == "arrival":
        return Event(row.at, row.get_door_display(), device=row.device)
    by = names.get(row.actor_id, _("Somebody who is no longer here")) if row.actor_id else ""
    return Event(row.at, verb_in_words(row.verb), by=by)
