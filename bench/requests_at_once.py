"""Fifty admins press „Goedkeuren" on the same 200 requests at once: each decided once, 200 mails, no 500.

python -m nenconnect.demo.with_services python -m bench.requests_at_once
"""

from __future__ import annotations

import secrets
import sys
import time
from collections import Counter
from collections.abc import Iterator
from functools import partial
from threading import Barrier, Thread

import bench.throw_away  # noqa: F401 - sets Django up for the next

# isort: split
from django.conf import settings
from django.core.management import call_command
from django.db import connection
from django.test import Client, override_settings
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from bench.document_list import PLAIN_FILES
from bench.table import Row, print_table
from companies.models import Company
from licenses.models import Grant, License
from nenconnect.mail.models import OutboxMail
from requests_app.models import LicenseRequest

ADMINS, REQUESTS = 50, 200
LONGEST = 60  # seconds until the last of them is answered
SETTINGS = {"ALLOWED_HOSTS": ["*"], "STORAGES": settings.STORAGES | {"staticfiles": PLAIN_FILES}}


def rows() -> Iterator[Row]:
    """In the database of the settings: each thread has a connection to it, with the site's own time limits."""
    call_command("migrate", verbosity=0)
    with override_settings(**SETTINGS):
        admins, ids = _fill()
        answers, seconds = _press(admins, ids)
    _check(answers, ids)
    size = f"{ADMINS} admins, {REQUESTS} requests"
    yield Row("50 press approve at once", size, LONGEST, seconds, "s", most=1.0)


def _fill() -> tuple[list[User], list[int]]:
    today = timezone.localdate()
    company = Company.objects.create(name="Groot BV", customer_number=secrets.token_hex(8))
    license = License.objects.create(company=company, name="Bouw", starts_on=today, ends_on=today)
    registered = {"company": company, "registered_at": timezone.now(), "first_signed_in_at": timezone.now()}
    people = [
        User(email=f"p{n}@{company.customer_number}.example", name="Iemand", **registered)
        for n in range(ADMINS + REQUESTS)
    ]
    for one in people[:ADMINS]:
        one.role = User.Role.ADMIN
    User.objects.bulk_create(people)
    asked = [LicenseRequest(company=company, license=license, user=one) for one in people[ADMINS:]]
    return people[:ADMINS], [row.pk for row in LicenseRequest.objects.bulk_create(asked)]


def _press(admins: list[User], ids: list[int]) -> tuple[Counter[int], float]:
    """What they were answered, and how long the last one waited."""
    answers: Counter[int] = Counter()
    barrier = Barrier(len(admins), timeout=60)
    browsers = [Client(raise_request_exception=False) for _admin in admins]
    for browser, one in zip(browsers, admins, strict=True):
        browser.force_login(one)

    def press(browser: Client) -> None:
        barrier.wait()
        answer = browser.post(reverse("requests:approve_licenses"), {"chosen": ids})
        answers[answer.status_code] += 1
        connection.close()

    threads = [Thread(target=partial(press, browser)) for browser in browsers]
    began = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers, time.perf_counter() - began


def _check(answers: Counter[int], ids: list[int]) -> None:
    rows = LicenseRequest.objects.filter(pk__in=ids)
    told = {
        "answers": dict(answers),
        "decided": rows.filter(status="approved").count(),
        "grants": Grant.objects.filter(user__licenserequests__in=rows).count(),
        "mails": OutboxMail.objects.filter(
            event="license_request_approved", about__licenserequest__in=ids
        ).count(),
    }
    if told != {"answers": {200: ADMINS}, "decided": REQUESTS, "grants": REQUESTS, "mails": REQUESTS}:
        sys.exit(f"Not each decided once: {told}")


if __name__ == "__main__":
    sys.exit(print_table(rows()))
