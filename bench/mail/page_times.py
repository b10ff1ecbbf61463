"""How long pages take with an empty outbox and with a full one, one request of each in turn.

python -m bench.mail.page_times WAITING ROUNDS: prints medians in milliseconds as JSON. Wants an empty database.
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
SENT_EACH = 60  # more than a page of any list shows
DOMAIN = "voorbeeld.example"
# Which of two tables a request finds; all other tables are the same ones.
EMPTY, FULL = "public", "full_outbox, public"

Request = Callable[[], object]


@dataclass
class Cast:
    company: Company
    admin: User
    person: User
    staff: User


def fill(waiting: int) -> Cast:
    call_command("migrate", verbosity=0)
    company = Company.objects.create(name="Voorbeeld BV", customer_number="K1", allows_self_registration=True)
    Domain.objects.create(company=company, name=DOMAIN)
    people = User.objects.bulk_create(_person(number, company=company) for number in range(PEOPLE))
    User.objects.filter(pk=people[0].pk).update(role=User.Role.ADMIN)
    staff = User.objects.create_superuser("staf@nen.example", "een-lang-wachtwoord-7", name="Staf")
    totp.TOTP.activate(staff, totp.generate_totp_secret())  # else the desk stays shut
    _write(_sent(people))
    with connection.cursor() as cursor:
        cursor.execute("CREATE SCHEMA full_outbox")
        cursor.execute("CREATE TABLE full_outbox.mail_outboxmail (LIKE public.mail_outboxmail INCLUDING ALL)")
        cursor.execute("INSERT INTO full_outbox.mail_outboxmail SELECT * FROM public.mail_outboxmail ORDER BY id")
        next_id = PEOPLE * SENT_EACH + 1
        cursor.execute(f"ALTER TABLE full_outbox.mail_outboxmail ALTER COLUMN id RESTART WITH {next_id}")
        cursor.execute(f"SET search_path TO {FULL}")
        _write(_waiting(people, waiting))
        cursor.execute("VACUUM ANALYZE")
    return Cast(company, User.objects.get(pk=people[0].pk), people[1], staff)


def _person(number: int, company: Company) -> User:
    return User(
        email=f"persoon{number}@{DOMAIN}",
        name=f"Persoon {number}",
        company=company,
        password="!",
        registered_at=timezone.now(),
        first_signed_in_at=timezone.now(),
    )


def _write(mails: Iterator[OutboxMail]) -> None:
    OutboxMail.objects.bulk_create(mails, batch_size=2000)


def _sent(people: list[User]) -> Iterator[OutboxMail]:
    """What went out in the past month, for both: without it the pages would have less to show."""
    for number in range(PEOPLE * SENT_EACH):
        person, moment = (
            people[number % PEOPLE],
            timezone.now() - timedelta(days=30 - 29 * number / PEOPLE / SENT_EACH),
        )
        when = {"created_at": moment, "due_at": moment, "sent_at": moment}
        yield _mail(f"sent{number}", person, status=MailStatus.SENT, sent_to=person.email, attempts=1, **when)


def _waiting(people: list[User], number: int) -> Iterator[OutboxMail]:
    """Spread over the people; some are due, most are not yet."""
    now = timezone.now()
    for each in range(number):
        yield _mail(f"waiting{each}", people[each % PEOPLE], due_at=now + timedelta(seconds=each // 20 - 60))


def _mail(key: str, person: User, **fields: Any) -> OutboxMail:
    return OutboxMail(
        event="account_exists", key=key, recipient=person, message_id=f"<{key}@testserver>", **fields
    )


def requests(cast: Cast) -> dict[str, Request]:
    admin, staff, outside, numbers = Client(), Client(), Client(), count(1)
    admin.force_login(cast.admin, "pages.sign_in.backends.LockingBackend")
    staff.force_login(cast.staff, "pages.sign_in.backends.LockingBackend")
    token = {"authorization": f"Bearer {settings.METRICS_TOKEN}"}

    def add_user() -> object:
        new = {"role": "user", "email": f"nieuw{next(numbers)}@{DOMAIN}", "name": "Nieuw"}
        answer = admin.post(reverse("company:add_user"), new)
        assert answer.status_code == 302, answer.content
        return answer

    queue = reverse("admin:mail_outboxmail_changelist")
    return {
        "admin's home": lambda: _page(admin, reverse("home:home")),
        "users overview": lambda: _page(admin, reverse("company:users")),
        "a person's page": lambda: _page(admin, reverse("company:user", args=[cast.person.pk])),
        "own mail preferences": lambda: _page(admin, reverse("profile:profile_mails")),
        "staff's mail queue": lambda: _page(staff, queue),
        "staff's queue, sent only": lambda: _page(staff, f"{queue}?status__exact=sent"),
        "staff's queue, past week": lambda: _page(staff, f"{queue}?age=week"),
        "staff's queue, one person": lambda: _page(staff, f"{queue}?q={cast.person.email}"),
        "/readyz": lambda: outside.get("/readyz", headers=token),
        "adding a user, with mail": add_user,
    }


def _page(client: Client, address: str) -> object:
    answer = client.get(address)
    assert answer.status_code == 200, f"{address}: {answer.status_code}"
    return answer


def measure(requests: dict[str, Request], rounds: int) -> Iterator[tuple[str, list[float]]]:
    for name, request in requests.items():
        found: dict[str, list[float]] = {EMPTY: [], FULL: []}
        for number in range(rounds + 2):
            for outbox in (EMPTY, FULL) if number % 2 else (FULL, EMPTY):
                found[outbox].append(_timed(request, outbox))
        yield name, [median(times[2:]) for times in found.values()]  # the first ones fill caches


def _timed(request: Request, outbox: str) -> float:
    with connection.cursor() as cursor:
        cursor.execute(f"SET search_path TO {outbox}")
    began = time.perf_counter()
    request()
    return 1000 * (time.perf_counter() - began)


if __name__ == "__main__":
    print(json.dumps(dict(measure(requests(fill(int(sys.argv[1]))), int(sys.argv[2])))))
