"""List what happened to a person, newest first: mails, sign-ins, links, changes and by which admin."""

from __future__ import annotations

from collections.abc import Callable, Collection
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
from nenconnect.audit.models import AuditEntry
from nenconnect.audit.search import NEWEST
from nenconnect.audit.verbs import verb_in_words
from nenconnect.mail.models import OutboxMail
from requests_app.models import REQUEST_KINDS

PER_PAGE = 15
MOST = 500  # of each kind; the audit has the older ones for ever


@dataclass(frozen=True)
class HistoryEvent:
    """Hold one line of the list; the page shows the state of `mail`."""

    at: datetime
    what: str | Promise
    mail: OutboxMail | None = None
    device: str = ""
    by: str = ""
    company: str = ""  # for a reader of several


Companies = Collection[Company] | None


def history_of(person: User, *, companies: Companies, page: str | None = None) -> Page:
    """Return a page of events; the number of queries does not depend on how many there are."""
    keys = [*_mail_keys(person, companies), *_arrival_keys(person, companies), *_audit_keys(person, companies)]
    shown = Paginator(sorted(keys, reverse=True), PER_PAGE).get_page(page)
    rows = list(shown.object_list)
    rows_by_kind = {
        kind: model._default_manager.select_related(*related).in_bulk([pk for _at, of, pk in rows if of == kind])
        for kind, (model, related) in SOURCES.items()
    }
    names = _Names([*rows_by_kind["audit"].values(), *rows_by_kind["arrival"].values()], companies)
    events = [_event(kind, rows_by_kind[kind][pk], names) for _at, kind, pk in rows if pk in rows_by_kind[kind]]
    return Page(events, shown.number, shown.paginator)


Key = tuple[datetime, str, int]
SOURCES: dict[str, tuple[Any, list[str]]] = {
    "mail": (OutboxMail, ["recipient"]),
    "arrival": (Arrival, []),
    "audit": (AuditEntry, []),
}


def _mail_keys(person: User, companies: Companies) -> list[Key]:
    """Leave out mails about another company (C24)."""
    mails = OutboxMail.objects.filter(Q(recipient=person) | Q(on_behalf_of=person)).order_by("-pk")
    rows = list(mails.only("pk", "created_at", "about")[:MOST])
    if companies is not None:
        is_of_them = _belonging(rows, companies)
        rows = [mail for mail in rows if is_of_them(mail)]
    return [(mail.created_at, "mail", mail.pk) for mail in rows]


def _belonging(mails: list[OutboxMail], companies: Collection[Company]) -> Callable[[OutboxMail], bool]:
    models: tuple[type[Any], ...] = (*REQUEST_KINDS, JoinInvitation, License)
    ids_by_model = {
        model: set(
            model._default_manager.filter(
                company__in=companies, pk__in=[mail.id_of(model) for mail in mails if mail.id_of(model)]
            ).values_list("pk", flat=True)
        )
        for model in models
    } | {Company: {company.pk for company in companies}}
    return lambda mail: all(mail.id_of(model) in {None, *ids} for model, ids in ids_by_model.items())


def _arrival_keys(person: User, companies: Companies) -> list[Key]:
    rows: QuerySet[Arrival] = Arrival.objects.filter(user=person)
    if companies is not None:
        rows = rows.filter(company__in=companies)
    return [(at, "arrival", pk) for at, pk in rows.order_by("-pk").values_list("at", "pk")[:MOST]]


def _audit_keys(person: User, companies: Companies) -> list[Key]:
    rows = AuditEntry.objects.filter(subjects__user=person.pk)
    if companies is not None:
        rows = rows.filter(company_id__in=[company.pk for company in companies])
    return [(at, "audit", pk) for at, pk in rows.order_by(*NEWEST).values_list("at", "pk")[:MOST]]


class _Names:
    """Look up the people and companies that the events of a page name, together."""

    def __init__(self, rows: Collection[Any], companies: Companies) -> None:
        actors = {row.actor_id for row in rows if isinstance(row, AuditEntry)} - {None}
        self.people = {
            user.pk: name for user in User.objects.filter(pk__in=actors) if (name := _name(user, companies))
        }
        shown = {row.company_id for row in rows} - {None} if companies is None or len(companies) > 1 else set()
        self.companies = {company.pk: company.full_name for company in Company.objects.filter(pk__in=shown)}


def _name(actor: User, companies: Companies) -> str:
    """Return a colleague's name, „NEN" for staff, and nothing for people elsewhere. NEN's desk sees all names."""
    if companies is None:
        return str(actor)
    if actor.is_staff:
        return "NEN"
    return str(actor) if actor.company_id in {company.pk for company in companies} else ""


def _event(kind: str, row: Any, names: _Names) -> HistoryEvent:
    if kind == "mail":
        return HistoryEvent(row.created_at, row.in_words, mail=row)
    company = names.companies.get(row.company_id, "")
    if kind == "arrival":
        return HistoryEvent(row.at, row.get_door_display(), device=row.device, company=company)
    by = names.people.get(row.actor_id, _("A person who is no longer here")) if row.actor_id else ""
    return HistoryEvent(row.at, verb_in_words(row.verb), by=by, company=company)
