"""Measure fifty admins approving the same 200 requests at once: each is decided once, with one mail.

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
from bench.document_list import UNCOLLECTED_FILES
from bench.table import Measurement, print_table
from companies.models import Company
from licenses.models import Grant, License
from nenconnect.mail.models import OutboxMail
from requests_app.models import LicenseRequest

ADMINS, REQUESTS = 50, 200
MAX_SECONDS = 60  # seconds until the last answer
SETTINGS = {"ALLOWED_HOSTS": ["*"], "STORAGES": settings.STORAGES | {"staticfiles": UNCOLLECTED_FILES}}


def measurements() -> Iterator[Measurement]:
    call_command("migrate", verbosity=0)
    with override_settings(**SETTINGS):
        admins, ids = _insert_rows()
        status_counts, seconds = _approve_at_once(admins, ids)
    _check_decided_once(status_counts, ids)
    size = f"{ADMINS} admins, {REQUESTS} requests"
    yield Measurement("50 press approve at once", size, MAX_SECONDS, seconds, "s", max_ratio=1.0)


def _insert_rows() -> tuple[list[User], list[int]]:
    today = timezone.localdate()
    company = Company.objects.create(name="Groot BV", customer_number=secrets.token_hex(8))
    license = License.objects.create(company=company, name="Bouw", starts_on=today, ends_on=today)
    registered = {"company": company, "registered_at": timezone.now(), "first_signed_in_at": timezone.now()}
    people = [
        User(email=f"p{n}@{company.customer_number}.example", name="Iemand", **registered)
        for n in range(ADMINS + REQUESTS)
    ]
    for admin in people[:ADMINS]:
        admin.role = User.Role.ADMIN
    User.objects.bulk_create(people)
    license_requests = [
        LicenseRequest(company=company, license=license, user=person) for person in people[ADMINS:]
    ]
    return people[:ADMINS], [row.pk for row in LicenseRequest.objects.bulk_create(license_requests)]


def _approve_at_once(admins: list[User], ids: list[int]) -> tuple[Counter[int], float]:
    status_counts: Counter[int] = Counter()
    barrier = Barrier(len(admins), timeout=60)
    browsers = [Client(raise_request_exception=False) for _admin in admins]
    for browser, admin in zip(browsers, admins, strict=True):
        browser.force_login(admin)

    def approve(browser: Client) -> None:
        barrier.wait()
        response = browser.post(reverse("requests:approve_licenses"), {"chosen": ids})
        status_counts[response.status_code] += 1
        connection.close()

    threads = [Thread(target=partial(approve, browser)) for browser in browsers]
    started_at = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return status_counts, time.perf_counter() - started_at


def _check_decided_once(status_counts: Counter[int], ids: list[int]) -> None:
    license_requests = LicenseRequest.objects.filter(pk__in=ids)
    counts = {
        "answers": dict(status_counts),
        "decided": license_requests.filter(status="approved").count(),
        "grants": Grant.objects.filter(user__licenserequests__in=license_requests).count(),
        "mails": OutboxMail.objects.filter(event="request_approved", about__licenserequest__in=ids).count(),
    }
    if counts != {"answers": {200: ADMINS}, "decided": REQUESTS, "grants": REQUESTS, "mails": REQUESTS}:
        sys.exit(f"Not each request was decided once: {counts}")


if __name__ == "__main__":
    sys.exit(print_table(measurements()))
