"""The people of the demo, in every status that the users overview knows (R14)."""

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
class Person:
    name: str
    email: str
    role: Role = Role.USER
    country: str = "NL"
    language: str = "nl"
    phone: str = ""
    label: str = ""  # which of the company's values, by its name
    is_requested: bool = False
    is_expired: bool = False
    is_blocked: bool = False
    is_mail_rerouted: bool = False
    has_signed_in: bool = True


ADMIN = User.Role.ADMIN
QUALITY = "Kwaliteit en veiligheid"

VOORBEELD = [
    Person("Anouk de Graaf", "beheerder@voorbeeld.example", role=ADMIN, phone="010 123 45 67", label=QUALITY),
    Person("Tom Verhoeven", "gebruiker@voorbeeld.example", phone="06 12 34 56 78", has_signed_in=False),
    Person("Hanneke Smit", "h.smit@voorbeeld.example", role=ADMIN, phone="010 123 45 68", label="Inkoop"),
    Person("Rob Jansen", "r.jansen@voorbeeld.example", label="Engineering"),
    Person("Fatima El Idrissi", "f.elidrissi@voorbeeld.example", label="Engineering"),
    Person("Joost van den Berg", "j.vandenberg@voorbeeld.example", label="Engineering"),
    Person("Marieke Postma", "m.postma@voorbeeld.example", label="Inkoop"),
    Person("Daan Kuipers", "d.kuipers@voorbeeld.example", label=QUALITY),
    Person("Sevda Yilmaz", "s.yilmaz@voorbeeld.example"),
    Person("Willem-Jan Hoekstra", "w.hoekstra@voorbeeld.example", country="BE", label="Engineering"),
    Person("Lotte Brouwer", "l.brouwer@voorbeeld.example"),
    Person("Pieter Dijkstra", "p.dijkstra@voorbeeld.example", label="Werkplaats"),
    Person("Sanne van Leeuwen", "s.vanleeuwen@voorbeeld.example", country="DE", language="en", label=QUALITY),
    Person("Ahmed Bouzid", "a.bouzid@voorbeeld.example"),
    Person("Nadia Rahimi", "n.rahimi@voorbeeld.example", country=""),
    Person("Bas van der Meer", "b.vandermeer@voorbeeld.example"),
    Person("Esther Koster", "e.koster@voorbeeld.example"),
    Person("Gerard Peeters", "werkplaats@voorbeeld.example", is_mail_rerouted=True, label="Werkplaats"),
    Person("Wendy de Wit", "w.dewit@voorbeeld.example", is_blocked=True, label="Inkoop"),
    Person("Kees Timmermans", "k.timmermans@voorbeeld.example", label="Werkplaats"),  # locked, see LOCKED
    Person("Femke Huisman", "f.huisman@voorbeeld.example", is_requested=True),
    Person("Ruben Schouten", "r.schouten@voorbeeld.example", is_expired=True),
    Person("Mohamed Aydin", "m.aydin@voorbeeld.example", is_expired=True),
]
BOUWBEDRIJF = [
    Person("Jeroen van Dalen", "beheerder@bouwbedrijf.example", role=ADMIN, phone="030 765 43 21"),
    Person("Henk Bosman", "henk.bosman@bouwbedrijf.example"),
    Person("Linda Scholten", "linda.scholten@bouwbedrijf.example"),
    Person("Sjoerd Wiersma", "sjoerd.wiersma@bouwbedrijf.example"),
    Person("Patricia Claes", "patricia.claes@bouwbedrijf.example", country="BE"),
    Person("Dirk Janssens", "dirk.janssens@bouwbedrijf.example", country="BE"),
    Person("Yusuf Demir", "yusuf.demir@bouwbedrijf.example"),
    Person("Marjan Kok", "marjan.kok@bouwbedrijf.example"),
    Person("Erik Hofman", "erik.hofman@bouwbedrijf.example"),
    Person("Thijs van Vliet", "thijs.vanvliet@bouwbedrijf.example"),
    Person("Rianne Bakker", "rianne.bakker@bouwbedrijf.example", is_blocked=True),
    Person("Carla Mulder", "carla.mulder@bouwbedrijf.example", role=ADMIN, is_requested=True),
    Person("Omar Haddad", "omar.haddad@bouwbedrijf.example", is_expired=True),
]
PERSONAL = [
    Person("Paula Zonneveld", "zonder@bedrijf.example"),
    Person("Iris Maas", "iris.maas@voorbeeld.example"),  # can join: her address is on the company's domain (R8)
    Person("Victor Lemmens", "victor@adviesbureau.example", country="BE"),
]
STAFF = [Person("Ingrid Noordhoek", "nen@nen.example"), Person("Mark Terpstra", "m.terpstra@nen.example")]
LOCKED = "k.timmermans@voorbeeld.example"


def add_people(people: list[Person], company: Company | None, *, now: datetime) -> None:
    """Adds who is missing; whoever is there already stays as they are."""
    known = set(User.objects.filter(email__in=[one.email for one in people]).values_list("email", flat=True))
    missing = [one for one in people if one.email not in known]
    if missing:
        password = make_password(DEMO_PASSWORD)  # slow on purpose, so once for all
        labels = {value.name: value for value in LabelValue.objects.of(company)} if company else {}
        rows = [_row(one, company, labels.get(one.label), password=password, now=now) for one in missing]
        created = {row.email: row.created_at for row in rows}
        rows = User.objects.bulk_create(rows)
        for row in rows:  # auto_now_add has put this moment there
            row.created_at = created[row.email]
        User.objects.bulk_update(rows, ["created_at"])
        sent = [(row, row.registration_sent_at) for row in rows]
        OutboxMail.objects.bulk_create([_registration_mail(row, sent_at) for row, sent_at in sent if sent_at])


def add_staff(*, now: datetime) -> User:
    """NEN staff: one who may do everything, and one account manager."""
    add_people(STAFF, None, now=now)
    User.objects.filter(email__in=[one.email for one in STAFF]).update(is_staff=True)
    User.objects.filter(email=STAFF[0].email).update(is_superuser=True)
    for one, role in zip(STAFF, (StaffRole.ADMINISTRATOR, StaffRole.ACCOUNT_MANAGER), strict=True):
        Group.objects.get_or_create(name=role)[0].user_set.add(User.objects.get(email=one.email))
    return User.objects.get(email=STAFF[0].email)


def lock_somebody(*, now: datetime) -> None:
    """A lock ends after half an hour, so each start begins it anew."""
    SignInAttempts.objects.update_or_create(
        address=LOCKED, defaults={"failures": ALLOWED_FAILURES + 1, "locked_until": now + LOCK_TIME}
    )


def _row(one: Person, company: Company | None, label: LabelValue | None, *, password: str, now: datetime) -> User:
    since = now - timedelta(days=Random(one.email).randint(370, 900))
    row = User(
        email=one.email,
        name=one.name,
        company=company,
        role=one.role,
        country=one.country,
        language=one.language,
        phone=one.phone,
        label=label,
        is_blocked=one.is_blocked,
        is_mail_rerouted=one.is_mail_rerouted,
        registration_origin=User.Origin.COMPANY if company else User.Origin.SELF,
        registration_round=1,
        password=password,
        registered_at=since + timedelta(days=2),
        first_signed_in_at=since + timedelta(days=2) if one.has_signed_in else None,
        created_at=since,
    )
    if one.is_requested or one.is_expired:
        _make_pending(row, sent_at=now - (timedelta(days=75) if one.is_expired else timedelta(days=9)))
    return row


def _registration_mail(row: User, sent_at: datetime) -> OutboxMail:
    """As it was sent then: on the page of the person, and in NEN's mail queue."""
    return OutboxMail(
        event="registration_invited",
        key=f"registration_invited:user{row.pk}:round{row.registration_round}:to{row.pk}",
        recipient=row,
        about={"user": row.pk},
        message_id=new_message_id(),
        status=MailStatus.SENT,
        sent_to=row.email,
        attempts=1,
        created_at=sent_at,
        due_at=sent_at,
        sent_at=sent_at,
    )


def _make_pending(row: User, *, sent_at: datetime) -> None:
    row.set_unusable_password()
    row.registered_at = row.first_signed_in_at = None
    row.created_at = row.registration_sent_at = sent_at
    row.registration_deadline = timezone.localdate(sent_at) + relativedelta(months=1)
