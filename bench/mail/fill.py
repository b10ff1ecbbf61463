"""Insert people and their waiting mails, in our outbox and in django-post-office.

python -m bench.mail.fill NUMBER, with bench.post_office_settings.
"""

from __future__ import annotations

import os
import sys
from datetime import timedelta
from typing import Any

import django
from django.conf import settings
from django.core.management import call_command
from django.db import connection, models
from django.utils import timezone

if __name__ == "__main__":
    django.setup()

from post_office import mail as post_office
from post_office.models import EmailTemplate

from accounts.models import User
from companies.models import Company
from licenses.models import License
from nenconnect.mail.actions import new_mail
from nenconnect.mail.batch import Batch
from nenconnect.mail.events import context_of
from nenconnect.mail.models import OutboxMail
from requests_app.models import LicenseRequest, RequestStatus

PER_COMPANY = 100
TEMPLATES = settings.BASE_DIR / "templates" / "mail"
EVENTS = ("registration_invited", "request_approved")
TABLES = ("mail_outboxmail", "post_office_email")  # copied to saved_… tables, from which each round starts


def insert_mails(number: int) -> None:
    call_command("migrate", verbosity=0)
    for first in range(0, number, PER_COMPANY):
        _insert_company(first, min(PER_COMPANY, number - first))
    mails = list(OutboxMail.objects.select_related("recipient", "on_behalf_of").order_by("due_at", "pk"))
    Batch(mails)
    _insert_post_office_mails(mails)
    with connection.cursor() as cursor:
        for table in TABLES:
            cursor.execute(f"CREATE TABLE saved_{table} AS SELECT * FROM {table} ORDER BY id")


# Ours -----------------------------------------------------------------------------------------------


def _insert_company(first: int, size: int) -> None:
    # Half of the people are invited; the other half requested a licence and get it.
    company = Company.objects.create(name=f"Bedrijf {first} BV", customer_number=f"K{first:06}")
    today = timezone.localdate()
    term = {"starts_on": today, "ends_on": today + timedelta(days=300)}
    license = License.objects.create(company=company, name=f"Bouw & Installatie {first}", **term)
    people = [_person(first + number, company, is_pending=number % 2 == 0) for number in range(size)]
    User.objects.bulk_create(people)
    license_requests = [_approved_request(person, license) for person in people if not person.is_pending]
    LicenseRequest.objects.bulk_create(license_requests)
    invited = (_waiting_mail("registration_invited", person, person) for person in people if person.is_pending)
    approved = (
        _waiting_mail("request_approved", license_request.user, license_request)
        for license_request in license_requests
        if license_request.user
    )
    OutboxMail.objects.bulk_create(mail for pair in zip(invited, approved, strict=True) for mail in pair)


def _person(number: int, company: Company, *, is_pending: bool) -> User:
    now = timezone.now()
    invited = {
        "registration_round": 1,
        "registration_sent_at": now,
        "registration_deadline": now.date() + timedelta(days=30),
    }
    return User(
        email=f"persoon{number}@bedrijf{company.pk}.example",
        name=f"Persoon {number}",
        company=company,
        password="!",
        registration_origin=User.Origin.COMPANY,
        **invited if is_pending else {"registered_at": now},
    )


def _approved_request(person: User, license: License) -> LicenseRequest:
    assert person.company is not None
    decided = {"status": RequestStatus.APPROVED, "decided_at": timezone.now(), "decided_by": person}
    return LicenseRequest(company=person.company, user=person, license=license, **decided)


def _waiting_mail(event: str, to: User, about: models.Model) -> OutboxMail:
    return new_mail(event, to_id=to.pk, about=about, once_per=f"round{to.registration_round}")


# django-post-office's -------------------------------------------------------------------------------


def _insert_post_office_mails(mails: list[OutboxMail]) -> None:
    templates = {event: _template(event) for event in EVENTS}
    post_office.send_many(
        [
            {
                "recipients": [mail.recipient.email],
                "template": templates[mail.event],
                "context": _json_context(context_of(mail)) | {"site_url": settings.SITE_URL},
                "headers": {"Auto-Submitted": "auto-generated", "X-Auto-Response-Suppress": "All"},
                "render_on_delivery": True,
            }
            for mail in mails
            if isinstance(mail.recipient, User)
        ]
    )


def _template(event: str) -> EmailTemplate:
    subject, content, html = (
        (TEMPLATES / event / name).read_text() for name in ("subject.txt", "body.txt", "body.html")
    )
    one_line = " ".join(subject.split())
    return EmailTemplate.objects.create(name=event, subject=one_line, content=content, html_content=html)


def _json_context(context: dict[str, Any]) -> dict[str, Any]:
    if person := context.get("person"):
        fields = ("name", "email", "registration_origin", "registration_deadline", "is_company_admin")
        company = {"company": {"name": person.company.name}}
        return {"link": context["link"], "person": {name: getattr(person, name) for name in fields} | company}
    row = context["row"]
    names = {"user": {"name": row.user.name}, "wanted_title": row.wanted_title, "reading_page": row.reading_page}
    return {"row": names}


if __name__ == "__main__":
    os.umask(0o077)
    insert_mails(int(sys.argv[1]))
