"""Create the people of the demo, in every status that the users overview shows (R14)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random

from dateutil.relativedelta import relativedelta
from django.contrib.auth.hashers import make_password
from django.contrib.auth.models import Group
from django.utils import timezone

from accounts.actions.sign_in import ALLOWED_FAILURES, LOCK_TIME
from accounts.models import Role, SignInAttempts, User
from accounts.staff_roles import StaffRole
from companies.models import Company, LabelValue
from nenconnect.demo import DEMO_PASSWORD
from nenconnect.mail.actions import new_message_id
from nenconnect.mail.models import MailStatus, OutboxMail


@dataclass(frozen=True)
class DemoPerson:
    name: str
    email: str
    role: Role = Role.USER
    country: str = "NL"
    language: str = "nl"
    phone: str = ""
    label: str = ""  # the name of one of the company's label values
    is_requested: bool = False
    is_expired: bool = False
    is_blocked: bool = False
    is_mail_rerouted: bool = False
    has_signed_in: bool = True


ADMIN = User.Role.ADMIN
QUALITY = "Kwaliteit en veiligheid"

VOORBEELD = [
    DemoPerson("Anouk de Graaf", "beheerder@voorbeeld.example", role=ADMIN, phone="010 123 45 67", label=QUALITY),
    DemoPerson("Tom Verhoeven", "gebruiker@voorbeeld.example", phone="06 12 34 56 78", has_signed_in=False),
    DemoPerson("Hanneke Smit", "h.smit@voorbeeld.example", role=ADMIN, phone="010 123 45 68", label="Inkoop"),
    DemoPerson("Rob Jansen", "r.jansen@voorbeeld.example", label="Engineering"),
    DemoPerson("Fatima El Idrissi", "f.elidrissi@voorbeeld.example", label="Engineering"),
    DemoPerson("Joost van den Berg", "j.vandenberg@voorbeeld.example", label="Engineering"),
    DemoPerson("Marieke Postma", "m.postma@voorbeeld.example", label="Inkoop"),
    DemoPerson("Daan Kuipers", "d.kuipers@voorbeeld.example", label=QUALITY),
    DemoPerson("Sevda Yilmaz", "s.yilmaz@voorbeeld.example"),
    DemoPerson("Willem-Jan Hoekstra", "w.hoekstra@voorbeeld.example", country="BE", label="Engineering"),
    DemoPerson("Lotte Brouwer", "l.brouwer@voorbeeld.example"),
    DemoPerson("Pieter Dijkstra", "p.dijkstra@voorbeeld.example", label="Werkplaats"),
    DemoPerson("Sanne van Leeuwen", "s.vanleeuwen@voorbeeld.example", country="DE", language="en", label=QUALITY),
    DemoPerson("Ahmed Bouzid", "a.bouzid@voorbeeld.example"),
    DemoPerson("Nadia Rahimi", "n.rahimi@voorbeeld.example", country=""),
    DemoPerson("Bas van der Meer", "b.vandermeer@voorbeeld.example"),
    DemoPerson("Esther Koster", "e.koster@voorbeeld.example"),
    DemoPerson("Gerard Peeters", "werkplaats@voorbeeld.example", is_mail_rerouted=True, label="Werkplaats"),
    DemoPerson("Wendy de Wit", "w.dewit@voorbeeld.example", is_blocked=True, label="Inkoop"),
    DemoPerson("Kees Timmermans", "k.timmermans@voorbeeld.example", label="Werkplaats"),  # locked, see LOCKED
    DemoPerson("Femke Huisman", "f.huisman@voorbeeld.example", is_requested=True),
    DemoPerson("Ruben Schouten", "r.schouten@voorbeeld.example", is_expired=True),
    DemoPerson("Mohamed Aydin", "m.aydin@voorbeeld.example", is_expired=True),
]
BOUWBEDRIJF = [
    DemoPerson("Jeroen van Dalen", "beheerder@bouwbedrijf.example", role=ADMIN, phone="030 765 43 21"),
    DemoPerson("Henk Bosman", "henk.bosman@bouwbedrijf.example"),
    DemoPerson("Linda Scholten", "linda.scholten@bouwbedrijf.example"),
    DemoPerson("Sjoerd Wiersma", "sjoerd.wiersma@bouwbedrijf.example"),
    DemoPerson("Patricia Claes", "patricia.claes@bouwbedrijf.example", country="BE"),
    DemoPerson("Dirk Janssens", "dirk.janssens@bouwbedrijf.example", country="BE"),
    DemoPerson("Yusuf Demir", "yusuf.demir@bouwbedrijf.example"),
    DemoPerson("Marjan Kok", "marjan.kok@bouwbedrijf.example"),
    DemoPerson("Erik Hofman", "erik.hofman@bouwbedrijf.example"),
    DemoPerson("Thijs van Vliet", "thijs.vanvliet@bouwbedrijf.example"),
    DemoPerson("Rianne Bakker", "rianne.bakker@bouwbedrijf.example", is_blocked=True),
    DemoPerson("Carla Mulder", "carla.mulder@bouwbedrijf.example", role=ADMIN, is_requested=True),
    DemoPerson("Omar Haddad", "omar.haddad@bouwbedrijf.example", is_expired=True),
]
PERSONAL = [
    DemoPerson("Paula Zonneveld", "zonder@bedrijf.example"),
    DemoPerson("Iris Maas", "iris.maas@voorbeeld.example"),  # her domain is the company's, so she can join (R8)
    DemoPerson("Victor Lemmens", "victor@adviesbureau.example", country="BE"),
]
STAFF = [
    DemoPerson("Ingrid Noordhoek", "nen@nen.example"),
    DemoPerson("Mark Terpstra", "m.terpstra@nen.example"),
]
LOCKED = "k.timmermans@voorbeeld.example"


def add_missing_people(people: list[DemoPerson], company: Company | None, *, now: datetime) -> None:
    existing = set(
        User.objects.filter(email__in=[person.email for person in people]).values_list("email", flat=True)
    )
    missing = [person for person in people if person.email not in existing]
    if missing:
        password = make_password(DEMO_PASSWORD)  # slow on purpose, so once for all
        labels = {value.name: value for value in LabelValue.objects.of(company)} if company else {}
        users = [
            _unsaved_user(person, company, labels.get(person.label), password=password, now=now)
            for person in missing
        ]
        created = {user.email: user.created_at for user in users}
        users = User.objects.bulk_create(users)
        for user in users:  # bulk_create filled in the current moment (auto_now_add)
            user.created_at = created[user.email]
        User.objects.bulk_update(users, ["created_at"])
        invitations = [(user, user.registration_sent_at) for user in users]
        OutboxMail.objects.bulk_create(
            [_sent_invitation(user, sent_at) for user, sent_at in invitations if sent_at]
        )


def add_administrator_and_account_manager(*, now: datetime) -> User:
    add_missing_people(STAFF, None, now=now)
    User.objects.filter(email__in=[person.email for person in STAFF]).update(is_staff=True)
    User.objects.filter(email=STAFF[0].email).update(is_superuser=True)
    for person, role in zip(STAFF, (StaffRole.ADMINISTRATOR, StaffRole.ACCOUNT_MANAGER), strict=True):
        Group.objects.get_or_create(name=role)[0].user_set.add(User.objects.get(email=person.email))
    return User.objects.get(email=STAFF[0].email)


def lock_demo_person(*, now: datetime) -> None:
    # Again at each start, because a lock ends after half an hour.
    SignInAttempts.objects.update_or_create(
        address=LOCKED, defaults={"failures": ALLOWED_FAILURES + 1, "locked_until": now + LOCK_TIME}
    )


def _unsaved_user(
    person: DemoPerson, company: Company | None, label: LabelValue | None, *, password: str, now: datetime
) -> User:
    created_at = now - timedelta(days=Random(person.email).randint(370, 900))
    user = User(
        email=person.email,
        name=person.name,
        company=company,
        role=person.role,
        country=person.country,
        language=person.language,
        phone=person.phone,
        label=label,
        is_blocked=person.is_blocked,
        is_mail_rerouted=person.is_mail_rerouted,
        registration_origin=User.Origin.COMPANY if company else User.Origin.SELF,
        registration_round=1,
        password=password,
        registered_at=created_at + timedelta(days=2),
        first_signed_in_at=created_at + timedelta(days=2) if person.has_signed_in else None,
        created_at=created_at,
    )
    if person.is_requested or person.is_expired:
        _make_pending(user, sent_at=now - (timedelta(days=75) if person.is_expired else timedelta(days=9)))
    return user


def _sent_invitation(user: User, sent_at: datetime) -> OutboxMail:
    return OutboxMail(
        event="registration_invited",
        key=f"registration_invited:user{user.pk}:round{user.registration_round}:to{user.pk}",
        recipient=user,
        about={"user": user.pk},
        message_id=new_message_id(),
        status=MailStatus.SENT,
        sent_to=user.email,
        attempts=1,
        created_at=sent_at,
        due_at=sent_at,
        sent_at=sent_at,
    )


def _make_pending(user: User, *, sent_at: datetime) -> None:
    user.set_unusable_password()
    user.registered_at = user.first_signed_in_at = None
    user.created_at = user.registration_sent_at = sent_at
    user.registration_deadline = timezone.localdate(sent_at) + relativedelta(months=1)
