"""Create a year of requests directly in the tables, and a few of today with their mails."""

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
# The outcomes of ten requests; each request gets a random one of these.
OUTCOMES = (
    [RequestStatus.APPROVED] * 5 + [RequestStatus.REJECTED] * 3 + [RequestStatus.WITHDRAWN, RequestStatus.OPEN]
)


def add_history(company: Company, topics: dict[str, list[Document]], *, now: datetime) -> None:
    random = Random(company.customer_number)
    people = list(User.objects.active().members_of(company).filter(role=User.Role.USER).order_by("pk"))
    people = [person for person in people if person.first_signed_in_at][:-2]  # the last two never request anything
    admin = User.objects.active_admins_of(company).earliest("pk")
    _add_license_requests(company, people, admin, random, now)
    _add_document_requests(
        company, people, admin, random, now, [document for topic in topics.values() for document in topic]
    )
    _delete_requests_for_accessible_items(company)


def _delete_requests_for_accessible_items(company: Company) -> None:
    for document_request in (
        DocumentRequest.objects.of(company).pending().select_related("user__company", "document")
    ):
        if can_open(document_request.user, document_request.document):
            document_request.delete()
    for license_request in LicenseRequest.objects.of(company).pending():
        if Grant.objects.filter(license=license_request.license_id, user=license_request.user_id).exists():
            license_request.delete()


def _add_license_requests(
    company: Company, people: list[User], admin: User, random: Random, now: datetime
) -> None:
    shown = License.objects.of(company).in_term().filter(is_shown=True, is_company_wide=False)
    pairs = list(product(people, shown))
    license_requests = [
        LicenseRequest(company=company, user=user, license=license)
        for user, license in random.sample(pairs, k=len(pairs) * 3 // 4)
    ]
    _give_random_outcomes(license_requests, admin, random, now)
    _grant(
        {
            (license_request.requester, license_request.license): license_request
            for license_request in license_requests
            if license_request.status == RequestStatus.APPROVED
        }
    )


def _add_document_requests(
    company: Company, people: list[User], admin: User, random: Random, now: datetime, documents: list[Document]
) -> None:
    # Approval adds a document that no licence contains to the custom collection (R29).
    collection = License.objects.of(company).get(kind=License.Kind.CUSTOM)
    licensed = set(Document.objects.filter(licenses__company=company).values_list("pk", flat=True))
    unlicensed = [
        document
        for document in documents
        if document.pk not in licensed and not document.is_free and not document.is_plus
    ]
    document_requests = [
        DocumentRequest(company=company, user=user, document=document)
        for document in random.sample(unlicensed, k=14)
        for user in random.sample(people, k=random.choice([1, 1, 2]))
    ]
    _give_random_outcomes(document_requests, admin, random, now)
    approved = [
        document_request
        for document_request in document_requests
        if document_request.status == RequestStatus.APPROVED
    ]
    for document_request in approved:
        document_request.license = collection
    DocumentRequest.objects.bulk_update(approved, ["license"])
    collection.documents.add(*(document_request.document for document_request in approved))
    _grant({(document_request.requester, collection): document_request for document_request in approved})


def _give_random_outcomes(
    access_requests: Iterable[AccessRequest], admin: User, random: Random, now: datetime
) -> None:
    """Spread the requests over the past year and decide them; open requests are from the last days."""
    created: list[tuple[AccessRequest, datetime]] = []
    projects = (
        [None, *LabelValue.objects.to_choose_at(admin.company, LabelKind.REQUESTS)] if admin.company else [None]
    )
    for number, access_request in enumerate(access_requests):
        access_request.status = random.choice(OUTCOMES)
        access_request.reason = random.choice(REASONS)
        access_request.label = projects[number % len(projects)]
        is_open = access_request.status == RequestStatus.OPEN
        created_at = _random_office_time(now - timedelta(days=random.randint(3, 15 if is_open else 355)), random)
        if not is_open:
            soon = _random_office_time(created_at + timedelta(days=random.randint(1, 6)), random)
            access_request.decided_at = max(created_at + timedelta(hours=1), min(soon, now - timedelta(hours=1)))
        if access_request.status in (RequestStatus.APPROVED, RequestStatus.REJECTED):
            access_request.decided_by = admin
        if access_request.status == RequestStatus.REJECTED:
            access_request.rejection_reason = random.choice(REJECTIONS)
        created.append((access_request, created_at))
    _save_with_creation_time(created)


def _random_office_time(moment: datetime, random: Random) -> datetime:
    day = timezone.localdate(moment)
    day -= timedelta(days=max(0, day.weekday() - 4))  # Friday when it is a weekend
    return timezone.make_aware(datetime.combine(day, time(random.randint(8, 16), random.randint(0, 59))))


def _save_with_creation_time(created: list[tuple[AccessRequest, datetime]]) -> None:
    # auto_now_add ignores a value at insert, so an update sets the creation time.
    manager = type(created[0][0])._default_manager
    manager.bulk_create([access_request for access_request, _at in created])
    for access_request, created_at in created:
        access_request.created_at = created_at
    manager.bulk_update([access_request for access_request, _at in created], ["created_at"])


def _grant(approved: dict[tuple[User, License], AccessRequest]) -> None:
    existing = set(Grant.objects.values_list("user", "license"))
    missing = {
        pair: access_request
        for pair, access_request in approved.items()
        if (pair[0].pk, pair[1].pk) not in existing
    }
    grants = Grant.objects.bulk_create(
        [
            Grant(user=user, license=license, granted_by=access_request.decided_by)
            for (user, license), access_request in missing.items()
        ]
    )
    for grant, access_request in zip(grants, missing.values(), strict=True):
        assert access_request.decided_at is not None
        grant.granted_at = access_request.decided_at
    Grant.objects.bulk_update(grants, ["granted_at"])


def add_todays_requests(company: Company) -> None:
    """Create requests through the actions, so that the demo's mailbox starts with a handful of mails."""
    admin = User.objects.get(email="beheerder@voorbeeld.example")
    new_colleague = NewColleague(
        email="l.bos@voorbeeld.example", name="Lisa Bos", phone="06 87 65 43 21", country="NL"
    )
    add_user(company, new_colleague, by=admin)
    hidden = License.objects.of(company).get(is_shown=False)
    requester = User.objects.get(email="b.vandermeer@voorbeeld.example")
    document = hidden.documents.filter(is_plus=False, is_free=False).earliest("number")
    request_document(document, by=requester, reason="Voor het bodemonderzoek op het terrein in Dordrecht.")
    _request_unlicensed_document(company)
    _request_license_for_colleague_without(company)
    license_request = (
        LicenseRequest.objects.of(company).pending().select_related("license", "user").earliest("created_at")
    )
    deciding.approve(license_request, by=admin)
    today = timezone.localdate()
    deputy = User.objects.get(email="m.postma@voorbeeld.example")
    name_deputy(
        deputy, first_day=today, last_day=today + timedelta(days=20), by=_other_admin_or_same(company, admin)
    )


def _other_admin_or_same(company: Company, admin: User) -> User:
    others = User.objects.active_admins_of(company).exclude(pk=admin.pk).select_related("company")
    return others.order_by("pk").first() or admin


def _request_unlicensed_document(company: Company) -> None:
    requester = User.objects.get(email="m.postma@voorbeeld.example")
    licensed = Document.objects.filter(licenses__company=company).values("pk")
    requested = DocumentRequest.objects.of(company).values("document")
    requestable = Document.objects.filter(status=Document.Status.CURRENT, is_free=False, is_plus=False)
    document = requestable.exclude(pk__in=licensed).exclude(pk__in=requested).earliest("number")
    request_document(document, by=requester, reason="De gemeente noemt deze norm in de vergunning.")


def _request_license_for_colleague_without(company: Company) -> None:
    for user in User.objects.active().members_of(company).filter(role=User.Role.USER).order_by("name"):
        requested = LicenseRequest.objects.pending().filter(user=user).values("license")
        license = License.objects.requestable_by(user).exclude(pk__in=requested).first()
        if license and user.first_signed_in_at:
            request_license(license, by=user, reason="Ik ga meewerken aan project Zonnepark Oost.")
            return
