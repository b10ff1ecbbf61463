"""Time pages with an empty outbox and with a full one, in turn.

python -m bench.mail.page_times WAITING ROUNDS: prints medians in milliseconds as JSON. Needs an empty database.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from itertools import count
from statistics import median
from typing import Any

import django
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone

if __name__ == "__main__":
    django.setup()

from allauth.mfa.totp.internal import auth as totp
from django.conf import settings

from accounts.models import User
from companies.models import Company, Domain
from nenconnect.mail.models import MailStatus, OutboxMail

PEOPLE = 1000
SENT_PER_PERSON = 60  # more than one page of any list
DOMAIN = "voorbeeld.example"
# The search path decides which of two outbox tables a request uses; all other tables are shared.
EMPTY, FULL = "public", "full_outbox, public"

TimedRequest = Callable[[], object]


@dataclass
class PageTimesCast:
    company: Company
    admin: User
    person: User
    staff: User


def insert_cast_and_mails(waiting: int) -> PageTimesCast:
    call_command("migrate", verbosity=0)
    company = Company.objects.create(name="Voorbeeld BV", customer_number="K1", allows_self_registration=True)
    Domain.objects.create(company=company, name=DOMAIN)
    people = User.objects.bulk_create(_person(number, company=company) for number in range(PEOPLE))
    User.objects.filter(pk=people[0].pk).update(role=User.Role.ADMIN)
    staff = User.objects.create_superuser("staf@nen.example", "een-lang-wachtwoord-7", name="Staf")
    totp.TOTP.activate(staff, totp.generate_totp_secret())  # without a second step the desk refuses
    _insert_mails(_sent_mails(people))
    with connection.cursor() as cursor:
        cursor.execute("CREATE SCHEMA full_outbox")
        cursor.execute("CREATE TABLE full_outbox.mail_outboxmail (LIKE public.mail_outboxmail INCLUDING ALL)")
        cursor.execute("INSERT INTO full_outbox.mail_outboxmail SELECT * FROM public.mail_outboxmail ORDER BY id")
        next_id = PEOPLE * SENT_PER_PERSON + 1
        cursor.execute(f"ALTER TABLE full_outbox.mail_outboxmail ALTER COLUMN id RESTART WITH {next_id}")
        cursor.execute(f"SET search_path TO {FULL}")
        _insert_mails(_waiting_mails(people, waiting))
        cursor.execute("VACUUM ANALYZE")
    return PageTimesCast(company, User.objects.get(pk=people[0].pk), people[1], staff)


def _person(number: int, company: Company) -> User:
    return User(
        email=f"persoon{number}@{DOMAIN}",
        name=f"Persoon {number}",
        company=company,
        password="!",
        registered_at=timezone.now(),
        first_signed_in_at=timezone.now(),
    )


def _insert_mails(mails: Iterator[OutboxMail]) -> None:
    OutboxMail.objects.bulk_create(mails, batch_size=2000)


def _sent_mails(people: list[User]) -> Iterator[OutboxMail]:
    # The past month, in both outboxes: without these mails the pages would have less to show.
    for number in range(PEOPLE * SENT_PER_PERSON):
        person, moment = (
            people[number % PEOPLE],
            timezone.now() - timedelta(days=30 - 29 * number / PEOPLE / SENT_PER_PERSON),
        )
        moments = {"created_at": moment, "due_at": moment, "sent_at": moment}
        yield _outbox_mail(
            f"sent{number}", person, status=MailStatus.SENT, sent_to=person.email, attempts=1, **moments
        )


def _waiting_mails(people: list[User], number: int) -> Iterator[OutboxMail]:
    now = timezone.now()  # some mails are due, most are not yet
    for index in range(number):
        yield _outbox_mail(
            f"waiting{index}", people[index % PEOPLE], due_at=now + timedelta(seconds=index // 20 - 60)
        )


def _outbox_mail(key: str, person: User, **fields: Any) -> OutboxMail:
    return OutboxMail(
        event="account_exists", key=key, recipient=person, message_id=f"<{key}@testserver>", **fields
    )


def timed_requests(cast: PageTimesCast) -> dict[str, TimedRequest]:
    admin, staff, outside, numbers = Client(), Client(), Client(), count(1)
    admin.force_login(cast.admin, "pages.sign_in.backends.LockingBackend")
    staff.force_login(cast.staff, "pages.sign_in.backends.LockingBackend")
    token = {"authorization": f"Bearer {settings.METRICS_TOKEN}"}

    def add_user() -> object:
        form_data = {"role": "user", "email": f"nieuw{next(numbers)}@{DOMAIN}", "name": "Nieuw"}
        response = admin.post(reverse("company:add_user"), form_data)
        assert response.status_code == 302, response.content
        return response

    queue = reverse("admin:mail_outboxmail_changelist")
    return {
        "admin's home": lambda: _get_page(admin, reverse("home:home")),
        "users overview": lambda: _get_page(admin, reverse("company:users")),
        "a person's page": lambda: _get_page(admin, reverse("company:user", args=[cast.person.pk])),
        "own mail preferences": lambda: _get_page(admin, reverse("profile:profile_mails")),
        "staff's mail queue": lambda: _get_page(staff, queue),
        "staff's queue, sent only": lambda: _get_page(staff, f"{queue}?status__exact=sent"),
        "staff's queue, past week": lambda: _get_page(staff, f"{queue}?age=week"),
        "staff's queue, one person": lambda: _get_page(staff, f"{queue}?q={cast.person.email}"),
        "/readyz": lambda: outside.get("/readyz", headers=token),
        "adding a user, with mail": add_user,
    }


def _get_page(client: Client, address: str) -> object:
    response = client.get(address)
    assert response.status_code == 200, f"{address}: {response.status_code}"
    return response


def medians_by_page(timed_requests: dict[str, TimedRequest], rounds: int) -> Iterator[tuple[str, list[float]]]:
    for name, request in timed_requests.items():
        times_by_outbox: dict[str, list[float]] = {EMPTY: [], FULL: []}
        for number in range(rounds + 2):
            for outbox in (EMPTY, FULL) if number % 2 else (FULL, EMPTY):
                times_by_outbox[outbox].append(_time_request(request, outbox))
        yield name, [median(times[2:]) for times in times_by_outbox.values()]  # the first two fill caches


def _time_request(request: TimedRequest, outbox: str) -> float:
    with connection.cursor() as cursor:
        cursor.execute(f"SET search_path TO {outbox}")
    started_at = time.perf_counter()
    request()
    return 1000 * (time.perf_counter() - started_at)


if __name__ == "__main__":
    print(
        json.dumps(
            dict(medians_by_page(timed_requests(insert_cast_and_mails(int(sys.argv[1]))), int(sys.argv[2])))
        )
    )
