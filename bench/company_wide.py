"""Measure switching company-wide off for 100,000 people (R21), beside a bare INSERT … SELECT.

python -m nenconnect.demo.with_services python -m bench.company_wide
"""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from datetime import date
from statistics import median

from bench.throw_away import insert_copies, temporary_database, use_database  # sets Django up for the next

# isort: split
from django.core.management import call_command
from django.db import connection, transaction
from django.utils import timezone

from accounts.models import User
from bench.table import Measurement, print_table
from companies.models import Company
from licenses.actions.switches import end_company_wide, set_company_wide
from licenses.models import CompanyWideEnd, License

PEOPLE = 100_000
ROUNDS = 5
MIN_RATIO = 0.5

_BARE_INSERT = """
INSERT INTO licenses_grant (license_id, user_id, granted_at, granted_by_id, origin)
SELECT %s, id, now(), %s, 'company_wide' FROM accounts_user WHERE company_id = %s AND is_active
"""


def measurements() -> Iterator[Measurement]:
    with temporary_database("bench_company_wide") as database, use_database(database):
        call_command("migrate", verbosity=0)
        license, admin = _insert_rows()
        floor_times, our_times, page_times = [], [], []
        for _round in range(ROUNDS):
            floor_times.append(_time_bare_insert(license, admin))
            page_times.append(_time_page(license, admin))
            our_times.append(_time_worker())
    size = f"{PEOPLE:,} people"
    rates = PEOPLE / median(floor_times), PEOPLE / median(our_times)
    yield Measurement("company-wide off, worker", size, *rates, "rows/s", min_ratio=MIN_RATIO)
    yield Measurement("company-wide off, the admin", size, 0, median(page_times) * 1000, "ms")


def _insert_rows() -> tuple[License, User]:
    company = Company.objects.create(pk=1, name="Bedrijf", customer_number="1", contact_email="a@bedrijf.example")
    admin = User.objects.create(
        pk=1, email="a@bedrijf.example", name="Persoon", company=company, registered_at=timezone.now()
    )
    insert_copies(admin, PEOPLE - 1, id="n + 1", email="n || '@bedrijf.example'")
    license = License.objects.create(
        company=company,
        name="Licentie",
        starts_on=date(2024, 1, 1),
        ends_on=date(2099, 12, 31),
        is_company_wide_approved=True,
    )
    return license, admin


def _reset_rows(license: License) -> None:
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE licenses_grant")
        cursor.execute("VACUUM ANALYZE accounts_user")
    CompanyWideEnd.objects.all().delete()
    License.objects.filter(pk=license.pk).update(is_company_wide=True)


def _time_bare_insert(license: License, admin: User) -> float:
    _reset_rows(license)
    started_at = time.perf_counter()
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_BARE_INSERT, [license.pk, admin.pk, license.company_id])
    return time.perf_counter() - started_at


def _time_page(license: License, admin: User) -> float:
    _reset_rows(license)
    started_at = time.perf_counter()
    with transaction.atomic():  # the page of the admin only schedules the work
        set_company_wide(license, False, by=admin)
        transaction.get_connection().run_on_commit.clear()  # no worker runs that could be woken
    return time.perf_counter() - started_at


def _time_worker() -> float:
    started_at = time.perf_counter()
    end_company_wide()
    return time.perf_counter() - started_at


if __name__ == "__main__":
    sys.exit(print_table(measurements()))
