"""„Aanvragen – Licenties" for an admin, beside the same rows by hand-written SQL in a plain Django view.

10,000 requests in a company of 100,000 people; the same session and sign-in.

python -m nenconnect.demo.with_services python -m bench.requests_list
"""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from statistics import median

from bench.throw_away import multiply, throw_away_database, working_in  # sets Django up for the next

# isort: split
from django.core.management import call_command
from django.db import connection
from django.test import Client, override_settings
from django.utils import timezone

from accounts.models import User
from bench.document_list import SETTINGS
from bench.table import Row, print_table
from companies.models import Company
from licenses.models import License
from requests_app.models import LicenseRequest

PEOPLE, REQUESTS = 100_000, 10_000
ROUNDS, WARM_UP, MOST = 60, 5, 2.0
FLOOR, HERE = "/bench/aanvragen/", "/aanvragen/licenties/?period=all"


def rows() -> Iterator[Row]:
    with throw_away_database("bench_requests_list") as database, working_in(database):
        call_command("migrate", verbosity=0)
        admin = _fill()
        with override_settings(**SETTINGS):
            times = _measure(admin)
    size = f"{REQUESTS:,} requests, {PEOPLE:,} people"
    yield Row("list of requests", size, median(times[FLOOR]) * 1000, median(times[HERE]) * 1000, "ms", most=MOST)


def _fill() -> User:
    """Most requests are decided, as they are after some years; 300 are open."""
    today, now = timezone.localdate(), timezone.now()
    company = Company.objects.create(name="Groot BV", customer_number="GROOT")
    licenses = [
        License.objects.create(company=company, name=f"Pakket {n}", starts_on=today, ends_on=today)
        for n in range(20)
    ]
    registered = {"company": company, "registered_at": now, "first_signed_in_at": now, "name": "Iemand"}
    admin = User.objects.create(email="beheer@groot.example", role=User.Role.ADMIN, **registered)
    sample = User.objects.create(email="p@groot.example", **registered)
    multiply(sample, PEOPLE, id=f"{sample.pk} + n", email="n || 'p@groot.example'")
    first, last = licenses[0].pk, licenses[-1].pk
    asked = LicenseRequest.objects.create(company=company, license=licenses[0], user=sample, reason="Werk")
    multiply(
        asked,
        REQUESTS,
        id=f"{asked.pk} + n",
        user_id=f"{sample.pk} + n",
        license_id=f"{first} + n % {last - first + 1}",
        created_at="now() - n * interval '1 hour'",
        status="CASE WHEN n % 33 = 0 THEN 'open' WHEN n % 4 = 0 THEN 'rejected' ELSE 'approved' END",
        decided_at="CASE WHEN n % 33 = 0 THEN NULL ELSE now() END",
    )
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    return admin


def _measure(admin: User) -> dict[str, list[float]]:
    client = Client()
    client.force_login(admin)
    times: dict[str, list[float]] = {FLOOR: [], HERE: []}
    for number in range(ROUNDS + WARM_UP):
        for path in sorted(times, reverse=bool(number % 2)):
            began = time.perf_counter()
            answer = client.get(path)
            took = time.perf_counter() - began
            if answer.status_code != 200:
                sys.exit(f"{path} answers {answer.status_code}")
            if number >= WARM_UP:
                times[path].append(took)
    return times


if __name__ == "__main__":
    sys.exit(print_table(rows()))
