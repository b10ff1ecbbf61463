"""Measure „Aanvragen – Licenties" for an admin, beside a plain view with hand-written SQL.

10,000 requests in a company of 100,000 people; the same session and sign-in.

python -m nenconnect.demo.with_services python -m bench.requests_list
"""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from statistics import median

from bench.throw_away import insert_copies, temporary_database, use_database  # sets Django up for the next

# isort: split
from django.core.management import call_command
from django.db import connection
from django.test import Client, override_settings
from django.utils import timezone

from accounts.models import User
from bench.document_list import SETTINGS
from bench.table import Measurement, print_table
from companies.models import Company
from licenses.models import License
from requests_app.models import LicenseRequest

PEOPLE, REQUESTS = 100_000, 10_000
ROUNDS, WARM_UP, MAX_RATIO = 60, 5, 2.0
FLOOR_PATH, OUR_PATH = "/bench/aanvragen/", "/aanvragen/licenties/?period=all"


def measurements() -> Iterator[Measurement]:
    with temporary_database("bench_requests_list") as database, use_database(database):
        call_command("migrate", verbosity=0)
        admin = _insert_rows()
        with override_settings(**SETTINGS):
            times = _times_by_path(admin)
    size = f"{REQUESTS:,} requests, {PEOPLE:,} people"
    yield Measurement(
        "list of requests",
        size,
        median(times[FLOOR_PATH]) * 1000,
        median(times[OUR_PATH]) * 1000,
        "ms",
        max_ratio=MAX_RATIO,
    )


def _insert_rows() -> User:
    # 300 requests are open; most are decided, as they are after some years.
    today, now = timezone.localdate(), timezone.now()
    company = Company.objects.create(name="Groot BV", customer_number="GROOT")
    licenses = [
        License.objects.create(company=company, name=f"Pakket {n}", starts_on=today, ends_on=today)
        for n in range(20)
    ]
    registered = {"company": company, "registered_at": now, "first_signed_in_at": now, "name": "Iemand"}
    admin = User.objects.create(email="beheer@groot.example", role=User.Role.ADMIN, **registered)
    sample = User.objects.create(email="p@groot.example", **registered)
    insert_copies(sample, PEOPLE, id=f"{sample.pk} + n", email="n || 'p@groot.example'")
    first, last = licenses[0].pk, licenses[-1].pk
    license_request = LicenseRequest.objects.create(
        company=company, license=licenses[0], user=sample, reason="Werk"
    )
    insert_copies(
        license_request,
        REQUESTS,
        id=f"{license_request.pk} + n",
        user_id=f"{sample.pk} + n",
        license_id=f"{first} + n % {last - first + 1}",
        created_at="now() - n * interval '1 hour'",
        status="CASE WHEN n % 33 = 0 THEN 'open' WHEN n % 4 = 0 THEN 'rejected' ELSE 'approved' END",
        decided_at="CASE WHEN n % 33 = 0 THEN NULL ELSE now() END",
    )
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    return admin


def _times_by_path(admin: User) -> dict[str, list[float]]:
    client = Client()
    client.force_login(admin)
    times: dict[str, list[float]] = {FLOOR_PATH: [], OUR_PATH: []}
    for number in range(ROUNDS + WARM_UP):
        for path in sorted(times, reverse=bool(number % 2)):
            started_at = time.perf_counter()
            response = client.get(path)
            seconds = time.perf_counter() - started_at
            if response.status_code != 200:
                sys.exit(f"{path} answers {response.status_code}")
            if number >= WARM_UP:
                times[path].append(seconds)
    return times


if __name__ == "__main__":
    sys.exit(print_table(measurements()))
