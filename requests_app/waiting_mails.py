"""Declare the mails about requests that wait: to the admins, the contact person and the requester."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, timedelta

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.mails.reminders import hours_of_reminder, look_at_notice
from accounts.models import User
from companies.models import Company
from companies.working_hours import next_hours, start_of
from nenconnect.mail.actions import new_mail, queue_mail
from nenconnect.mail.bulk import queue_mails
from nenconnect.mail.events import Context, To, Unwanted, mail
from nenconnect.mail.models import OutboxMail
from nenconnect.mail.rerouting import ContactPerson
from requests_app import mail_cast
from requests_app.mails import for_decider, kind_of, row_for_requester
from requests_app.models import REQUEST_KINDS, AccessRequest, RequestQuerySet

LISTED = 10  # in one mail; the rest is counted
GRACE = timedelta(days=7)


def send_request_nudged(row: AccessRequest) -> None:
    for reader in User.objects.noticed_at_once(row.company):
        queue_mail("request_nudged", to=reader, about=row)


def send_request_expired(row: AccessRequest) -> None:
    queue_mail("request_expired", to=row.requester, about=row)


def send_digests(admins: Iterable[User], today: date) -> None:
    queue_mails(_digest_mail(admin, admin.company, today) for admin in admins if admin.company)


def _digest_mail(admin: User, company: Company, today: date) -> OutboxMail:
    return new_mail(
        "requests_digest",
        to_id=admin.pk,
        about=company,
        once_per=f"{today:%Y%m%d}",
        due_at=next_hours(timezone.now(), company.time_zone, on_working_days=True),
        expires_at=start_of(today, company.time_zone) + GRACE,
    )


def send_requests_unanswered(companies: Iterable[Company], today: date) -> None:
    """Mail the contact person of each company, who may have no account; never a blocked person."""
    queue_mails(mail for company in companies if (mail := _unanswered_mail(company, today)))


def _unanswered_mail(company: Company, today: date) -> OutboxMail | None:
    address = company.contact_email.lower()
    account = User.objects.filter(email=address).first()
    if not address or (account and not account.is_active):
        return None
    return new_mail(
        "requests_unanswered",
        to_id=account.pk if account else None,
        about=company,
        once_per=f"{today:%Y%m%d}",
        due_at=next_hours(timezone.now(), company.time_zone, on_working_days=True),
        expires_at=start_of(today, company.time_zone) + GRACE,
        address="" if account else address,
    )


def _working_hours(mail: OutboxMail, now: datetime) -> datetime:
    return hours_of_reminder(mail, now, on_working_days=True)


@mail(label=_("Reminder of one request, by the requester"), to=To.ADMINS, sample=mail_cast.about_one_request)
def request_nudged(mail: OutboxMail) -> Context:
    row = for_decider(mail, kind_of(mail))
    if not row.is_open:
        raise Unwanted("the request is decided")
    return _context_of(row)


@mail(label=_("Request closed by itself"), sample=mail_cast.about_one_request)
def request_expired(mail: OutboxMail) -> Context:
    return _context_of(row_for_requester(mail, kind_of(mail)))


@mail(label=_("New requests together"), to=To.ADMINS, hours=_working_hours, sample=mail_cast.about_several)
def requests_digest(mail: OutboxMail) -> Context:
    company = Company.objects.filter(pk=mail.id_of(Company)).first()
    if company is None or mail.recipient not in User.objects.active_admins_of(company):
        raise Unwanted("the reader is no admin any more")
    newest_of_each = [row for kind in REQUEST_KINDS for row in _open_rows(kind, company)[:LISTED]]
    number = sum(kind.objects.pending().of(company).count() for kind in REQUEST_KINDS)
    if not newest_of_each:
        raise Unwanted("what it tells of is decided")
    newest = sorted(newest_of_each, key=lambda row: row.created_at, reverse=True)[:LISTED]
    listed = [_context_of(row) for row in newest]
    return {
        "company": company,
        "listed": listed,
        "more": number - len(listed),
        "number": number,
        **look_at_notice(mail),
    }


@mail(label=_("Requests left without an answer"), to=To.CONTACT_PERSON, sample=mail_cast.about_unanswered)
def requests_unanswered(mail: OutboxMail) -> Context:
    """Show numbers only: the names of requesters are for the admins (C29)."""
    company = Company.objects.filter(pk=mail.id_of(Company)).first()
    if company is None or company.contact_email.lower() not in {
        mail.address,
        getattr(mail.recipient, "email", ""),
    }:
        raise Unwanted("the reader is the contact person no more")
    number = sum(
        kind.objects.pending().of(company).filter(escalated_on__isnull=False).count() for kind in REQUEST_KINDS
    )
    if not number:
        raise Unwanted("what it tells of is decided")
    return {
        "company": company,
        "number": number,
        "admins": list(User.objects.active_admins_of(company).order_by("name", "pk")),
        "addressee": mail.recipient or ContactPerson(name=company.contact_person, email=mail.address),
    }


def _open_rows(kind: type[AccessRequest], company: Company) -> RequestQuerySet:
    rows = kind.objects.pending().of(company).select_related("company", "user", kind.item_field)
    newest_first: RequestQuerySet = rows.order_by("-created_at", "-pk")
    return newest_first


def _context_of(row: AccessRequest) -> Context:
    return {"row": row, "what": str(row.item), "link": row.page}
