"""Declare the mails about a company's domains and about its closing."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts import mail_cast
from accounts.models import User, UserQuerySet
from companies.models import Company, Domain
from nenconnect.mail.actions import queue_mail
from nenconnect.mail.batch import row_of
from nenconnect.mail.events import Context, To, Unwanted, mail
from nenconnect.mail.insert_for_people import Written, queue_for_people
from nenconnect.mail.models import OutboxMail


def queue_domain_added(domain: Domain, people: UserQuerySet, most: int, *, after: int = 0) -> Written:
    """Mail these people that they can join (R8), once per person and domain."""
    return queue_for_people("domain_added", people, about=domain, most=most, after=after)


def send_proof_missing(domain: Domain, *, is_last: bool) -> None:
    """Mail admins and the account manager when a proof goes missing, and a week before it lapses."""
    assert domain.proof_missing_since is not None
    once_per = f"missing{domain.proof_missing_since:%Y%m%d}" + (":last" if is_last else "")
    for reader in _readers(domain.company):
        queue_mail("domain_proof_missing", to=reader, about=domain, once_per=once_per)


def send_company_closed(company: Company) -> None:
    assert company.closed_at is not None
    _tell_admins("company_closed", company, company.closed_at)


def send_company_reopened(company: Company, closed_at: datetime) -> None:
    _tell_admins("company_reopened", company, closed_at)


def _tell_admins(event: str, company: Company, closed_at: datetime) -> None:
    for admin in User.objects.active_admins_of(company):
        queue_mail(event, to=admin, about=company, once_per=f"{closed_at:%Y%m%d%H%M%S}")


def _readers(company: Company) -> UserQuerySet:
    is_admin = Q(company=company, role=User.Role.ADMIN)
    is_manager = Q(pk=company.account_manager_id or 0, is_staff=True)
    return User.objects.active().filter(is_admin | is_manager)


@mail(label=_("You can join a company"), sample=lambda: mail_cast.about_domain() | mail_cast.about_person())
def domain_added(mail: OutboxMail) -> Context:
    """Send only to a person that the domain still accepts and who has no company."""
    domain = row_of(mail, Domain.objects.select_related("company"))
    person = mail.recipient  # read with the claim, a moment ago
    if domain is None or domain.company.is_closed:
        raise Unwanted("the domain was removed, or the company closed")
    if not isinstance(person, User) or not person.is_active:
        raise Unwanted("the account is not active")
    if person.company_id or person.is_staff:
        raise Unwanted("the person belongs to a company already")
    if not domain.admits(person.email):
        raise Unwanted("the domain does not admit the address any more")
    return {"person": person, "company": domain.company, "domain": domain}


@mail(
    label=_("Proof of a domain gone"),
    to=To.ADMINS,
    sample=lambda: mail_cast.about_domain() | {"lapses_at": timezone.now() + timedelta(days=30)},
)
def domain_proof_missing(mail: OutboxMail) -> Context:
    domain = row_of(mail, Domain.objects.select_related("company"))
    if domain is None or domain.proof_missing_since is None or domain.company.is_closed:
        raise Unwanted("the record is back, or the domain or company is gone")
    if mail.recipient not in _readers(domain.company):
        raise Unwanted("the reader has nothing to do with the company any more")
    return {"domain": domain, "company": domain.company, "lapses_at": domain.proof_lapses_at}


@mail(label=_("Company closed"), to=To.ADMINS, sample=lambda: {"company": mail_cast.company()})
def company_closed(mail: OutboxMail) -> Context:
    company = _open_company_of(mail)
    if not company.is_closed:
        raise Unwanted("the company is open again")
    return {"company": company}


@mail(label=_("Company opened again"), to=To.ADMINS, sample=lambda: {"company": mail_cast.company()})
def company_reopened(mail: OutboxMail) -> Context:
    company = _open_company_of(mail)
    if company.is_closed:
        raise Unwanted("the company is closed again")
    return {"company": company}


def _open_company_of(mail: OutboxMail) -> Company:
    company, reader = row_of(mail, Company.objects.all()), mail.recipient
    is_admin = isinstance(reader, User) and reader.is_active and reader.is_company_admin
    if company is None or not is_admin or reader.company_id != company.pk:  # type: ignore[union-attr]
        raise Unwanted("the reader is no admin of the company any more")
    return company
