"""Invent people for the samples of mails, without the database.

The names are as long as they come, with characters that HTML escapes; the links open nothing.
"""

from __future__ import annotations

from datetime import timedelta

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language

from accounts.models import AddressChange, Deputy, JoinInvitation, MoveRequest, User
from companies.models import Company, Domain
from nenconnect.mail.events import Context

OPENS_NOTHING = "Voorbeeld-dat-niets-opent:1"
COMPANY = "Ingenieursbureau De Vries, Van der Meulen & Partners <Noord-Nederland> B.V."
DEPARTMENT = "Advies, ontwerp & beheer <Zuid>"
PERSON = "Anne-Wil Wilhelmina van den Bergh-Smitskamp & Zn. <inkoop>"
ADDRESS = "anne-wil.van.den.bergh-smitskamp+inkoop@ingenieursbureau-de-vries-van-der-meulen.example"
ADMIN = "Jan-Pieter O'Connor & Co"


def company() -> Company:
    return Company(pk=0, name=COMPANY, closed_because="Het contract is beëindigd & afgerekend.")


def person() -> User:
    return User(
        pk=0,
        name=PERSON,
        email=ADDRESS,
        company=company(),
        language=language(),
        registration_origin=User.Origin.COMPANY,
        registration_deadline=timezone.localdate() + timedelta(days=30),
    )


def admin() -> User:
    return User(pk=0, name=ADMIN, email="beheer@voorbeeld.example", company=company(), language=language())


def language() -> str:
    return get_language() or "nl"


def link(page: str) -> str:
    return reverse(page, args=[OPENS_NOTHING])


def reminder() -> Context:
    return {"stop_link": link("profile:stop_reminders")}


def about_person() -> Context:
    return {"person": person()}


def about_registration() -> Context:
    return {"person": person(), "link": link("sign_in:registration")}


def about_address_change() -> Context:
    changing = person()
    return {"person": changing, "change": AddressChange(pk=0, user=changing, address=f"nieuw.{ADDRESS}")}


def about_invitation() -> Context:
    invited = person()
    return {"person": invited, "invitation": JoinInvitation(pk=0, company=company(), user=invited)}


def about_move() -> Context:
    other = Company(pk=0, name=COMPANY, department=DEPARTMENT)
    details = {"from_company": company(), "to_company": other, "asked_at": timezone.now()}
    return {"move": MoveRequest(pk=0, user=person(), **details)}


def about_deputy() -> Context:
    today = timezone.localdate()
    days = {"first_day": today, "last_day": today + timedelta(days=14)}
    return {"deputy": Deputy(pk=0, company=company(), user=person(), admin=admin(), **days)}


def about_domain() -> Context:
    domain = Domain(pk=0, company=company(), name=ADDRESS.partition("@")[2], proof_token="0" * 32)
    domain.proof_missing_since = timezone.now()
    return {"company": domain.company, "domain": domain}
