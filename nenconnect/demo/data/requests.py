"""A year of requests, written straight into the tables, and a few of today with their mails."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, time, timedelta
from itertools import product
from random import Random

from django.utils import timezone

from accounts.actions.deputies import name_deputy
from accounts.actions.registration import NewColleague, add_user
from accounts.models import User
from companies.models import Company, LabelKind, LabelValue
from licenses.access import can_open
from licenses.models import Document, Grant, License
from requests_app.actions import deciding
from requests_app.actions.asking import request_document, request_license
from requests_app.models import AccessRequest, DocumentRequest, LicenseRequest, RequestStatus

REASONS = (
    "Ik ben begonnen op de afdeling Engineering en heb deze normen nodig bij het ontwerp.",
    "Nodig voor de aanbesteding van de nieuwe school in Zoetermeer.",
    "De opdrachtgever verwijst ernaar in het bestek.",
    "Voor de jaarlijkse interne audit.",
    "Ik neem het werk van een collega over die met pensioen gaat.",
    "Bij de keuring van vorige week bleek dat wij een oude uitgave gebruiken.",
    "Voor het opleveren van project Havenkwartier.",
    "De verzekeraar vraagt hoe wij hieraan voldoen.",
    "Ik volg een cursus en wil de voorbeelden in de norm kunnen nalezen.",
    "Nodig om een offerte van een leverancier te beoordelen.",
    "Voor het opstellen van ons onderhoudsplan.",
    "",
    "",
)
REJECTIONS = (
    "Deze norm is vervangen; de nieuwe uitgave zit al in de licentie van de hele organisatie.",
    "Uw afdeling valt hier niet onder. Loopt u even langs als het toch nodig is?",
    "We wachten hiermee tot het budget van volgend jaar rond is.",
    "Een collega van Kwaliteit heeft deze licentie en kijkt graag met u mee.",
    "",
)
# One of each ten: what became of it.
OUTCOMES = (
    [RequestStatus.APPROVED] * 5 + [RequestStatus.REJECTED] * 3 + [RequestStatus.WITHDRAWN, RequestStatus.OPEN]
)


def add_history(company: Company, topics: dict[str, list[Document]], *, now: datetime) -> None:
    chance = Random(company.customer_number)
    people = list(User.objects.active().members_of(company).filter(role=User.Role.USER).order_by("pk"))
    people = [one for one in people if one.first_signed_in_at][:-2]  # some never asked for anything
    admin = User.objects.active_admins_of(company).earliest("pk")
    _ask_for_licenses(company, people, admin, chance, now)
    _ask_for_documents(company, people, admin, chance, now, [one for topic in topics.values() for one in topic])
    _forget_what_is_answered(company)


def _forget_what_is_answered(company: Company) -> None:
    """What another request has given to the person meanwhile is not open any more."""
    for asked in DocumentRequest.objects.of(company).pending().select_related("user__company", "document"):
        if can_open(asked.user, asked.document):
            asked.delete()
    for row in LicenseRequest.objects.of(company).pending():
        if Grant.objects.filter(license=row.license_id, user=row.user_id).exists():
            row.delete()


def _ask_for_licenses(company: Company, people: list[User], admin: User, chance: Random, now: datetime) -> None:
    shown = License.objects.of(company).in_term().filter(is_shown=True, is_company_wide=False)
    pairs = list(product(people, shown))
    rows = [
        LicenseRequest(company=company, user=user, license=license)
        for user, license in chance.sample(pairs, k=len(pairs) * 3 // 4)
    ]
    _tell_what_happened(rows, admin, chance, now)
    _give({(row.requester, row.license): row for row in rows if row.status == RequestStatus.APPROVED})


def _ask_for_documents(
    company: Company, people: list[User], admin: User, chance: Random, now: datetime, documents: list[Document]
) -> None:
    """For standards that no licence holds: approval put them into the collection."""
    collection = License.objects.of(company).get(kind=License.Kind.CUSTOM)
    held = set(Document.objects.filter(licenses__company=company).values_list("pk", flat=True))
    wanted = [one for one in documents if one.pk not in held and not one.is_free and not one.is_plus]
    rows = [
        DocumentRequest(company=company, user=user, document=document)
        for document in chance.sample(wanted, k=14)
        for user in chance.sample(people, k=chance.choice([1, 1, 2]))
    ]
    _tell_what_happened(rows, admin, chance, now)
    approved = [row for row in rows if row.status == RequestStatus.APPROVED]
    for row in approved:
        row.license = collection
    DocumentRequest.objects.bulk_update(approved, ["license"])
    collection.documents.add(*(row.document for row in approved))
    _give({(row.requester, collection): row for row in approved})


def _tell_what_happened(rows: Iterable[AccessRequest], admin: User, chance: Random, now: datetime) -> None:
    """Spreads them over the past year and decides them; what is open is of the last days."""
    created: list[tuple[AccessRequest, datetime]] = []
    projects = (
        [None, *LabelValue.objects.to_choose_at(admin.company, LabelKind.REQUESTS)] if admin.company else [None]
    )
    for number, row in enumerate(rows):
        row.status = chance.choice(OUTCOMES)
        row.reason = chance.choice(REASONS)
        row.label = projects[number % len(projects)]
        is_open = row.status == RequestStatus.OPEN
        created_at = _in_office_hours(now - timedelta(days=chance.randint(3, 15 if is_open else 355)), chance)
        if not is_open:
            soon = _in_office_hours(created_at + timedelta(days=chance.randint(1, 6)), chance)
            row.decided_at = max(created_at + timedelta(hours=1), min(soon, now - timedelta(hours=1)))
        if row.status in (RequestStatus.APPROVED, RequestStatus.REJECTED):
            row.decided_by = admin
        if row.status == RequestStatus.REJECTED:
            row.rejection_reason = chance.choice(REJECTIONS)
        created.append((row, created_at))
    _save(created)


def _in_office_hours(moment: datetime, chance: Random) -> datetime:
    """On that day, or on the Friday before when it is in a weekend."""
    day = timezone.localdate(moment)
    day -= timedelta(days=max(0, day.weekday() - 4))
    return timezone.make_aware(datetime.combine(day, time(chance.randint(8, 16), chance.randint(0, 59))))


def _save(created: list[tuple[AccessRequest, datetime]]) -> None:
    """auto_now_add writes this moment, so the real one comes after."""
    manager = type(created[0][0])._default_manager
    manager.bulk_create([row for row, _at in created])
    for row, created_at in created:
        row.created_at = created_at
    manager.bulk_update([row for row, _at in created], ["created_at"])


def _give(approved: dict[tuple[User, License], AccessRequest]) -> None:
    given = set(Grant.objects.values_list("user", "license"))
    new = {pair: row for pair, row in approved.items() if (pair[0].pk, pair[1].pk) not in given}
    grants = Grant.objects.bulk_create(
        [Grant(user=user, license=license, granted_by=row.decided_by) for (user, license), row in new.items()]
    )
    for grant, row in zip(grants, new.values(), strict=True):
        assert row.decided_at is not None
        grant.granted_at = row.decided_at
    Grant.objects.bulk_update(grants, ["granted_at"])


def add_todays_requests(company: Company) -> None:
    """Through the actions, so that the mailbox of the demo begins with a handful of mails."""
    admin = User.objects.get(email="beheerder@voorbeeld.example")
    new = NewColleague(email="l.bos@voorbeeld.example", name="Lisa Bos", phone="06 87 65 43 21", country="NL")
    add_user(company, new, by=admin)
    hidden = License.objects.of(company).get(is_shown=False)
    asking = User.objects.get(email="b.vandermeer@voorbeeld.example")
    wanted = hidden.documents.filter(is_plus=False, is_free=False).earliest("number")
    request_document(wanted, by=asking, reason="Voor het bodemonderzoek op het terrein in Dordrecht.")
    _ask_for_something_new(company)
    _ask_for_what_is_left(company)
    waiting = LicenseRequest.objects.of(company).pending().select_related("license", "user").earliest("created_at")
    deciding.approve(waiting, by=admin)
    today = timezone.localdate()
    deputy = User.objects.get(email="m.postma@voorbeeld.example")
    name_deputy(deputy, first_day=today, last_day=today + timedelta(days=20), by=_second_admin(company, admin))


def _second_admin(company: Company, admin: User) -> User:
    """Who is away: another admin where there is one."""
    others = User.objects.active_admins_of(company).exclude(pk=admin.pk).select_related("company")
    return others.order_by("pk").first() or admin


def _ask_for_something_new(company: Company) -> None:
    """A standard that no licence holds: approval will add it to the custom collection (R29)."""
    asking = User.objects.get(email="m.postma@voorbeeld.example")
    there = Document.objects.filter(licenses__company=company).values("pk")
    asked = DocumentRequest.objects.of(company).values("document")
    new = Document.objects.filter(status=Document.Status.CURRENT, is_free=False, is_plus=False)
    wanted = new.exclude(pk__in=there).exclude(pk__in=asked).earliest("number")
    request_document(wanted, by=asking, reason="De gemeente noemt deze norm in de vergunning.")


def _ask_for_what_is_left(company: Company) -> None:
    """The first colleague who has neither the licence nor an open request asks for it."""
    for user in User.objects.active().members_of(company).filter(role=User.Role.USER).order_by("name"):
        asked = LicenseRequest.objects.pending().filter(user=user).values("license")
        license = License.objects.requestable_by(user).exclude(pk__in=asked).first()
        if license and user.first_signed_in_at:
            request_license(license, by=user, reason="Ik ga meewerken aan project Zonnepark Oost.")
            return
