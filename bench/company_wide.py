"""Company-wide switched off for 100,000 people (R21): the worker's rows per second, beside a bare INSERT … SELECT.

python -m nenconnect.demo.with_services python -m bench.company_wide
"""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from datetime import date
from statistics import median

from bench.throw_away import multiply, throw_away_database, working_in  # sets Django up for the next

# isort: split
from django.core.management import call_command
from django.db import connection, transaction
from django.utils import timezone

from accounts.models import User
from bench.table import Row, print_table
from companies.models import Company
from licenses.actions.switches import end_company_wide, set_company_wide
from licenses.models import CompanyWideEnd, License

PEOPLE = 100_000
ROUNDS = 5
LEAST = 0.5

_BARE = """
INSERT INTO licenses_grant (license_id, user_id, granted_at, granted_by_id, origin)
SELECT %s, id, now(), %s, 'company_wide' FROM accounts_user WHERE company_id = %s AND is_active
"""


def rows() -> Iterator[Row]:
    with throw_away_database("bench_company_wide") as database, working_in(database):
        call_command("migrate", verbosity=0)
        license, admin = _fill()
        bare, here, asked = [], [], []
        for _round in range(ROUNDS):
            bare.append(_bare(license, admin))
            asked.append(_ask(license, admin))
            here.append(_work())
    size = f"{PEOPLE:,} people"
    rates = PEOPLE / median(bare), PEOPLE / median(here)
    yield Row("company-wide off, worker", size, *rates, "rows/s", least=LEAST)
    yield Row("company-wide off, the admin", size, 0, median(asked) * 1000, "ms")


def _fill() -> tuple[License, User]:
    company = Company.objects.create(pk=1, name="Bedrijf", customer_number="1", contact_email="a@bedrijf.example")
    admin = User.objects.create(
        pk=1, email="a@bedrijf.example", name="Persoon", company=company, registered_at=timezone.now()
    )
    multiply(admin, PEOPLE - 1, id="n + 1", email="n || '@bedrijf.example'")
    license = License.objects.create(
        company=company,
        name="Licentie",
        starts_on=date(2024, 1, 1),
        ends_on=date(2099, 12, 31),
        is_company_wide_approved=True,
    )
    return license, admin


def _anew(license: License) -> None:
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE licenses_grant")
        cursor.execute("VACUUM ANALYZE accounts_user")
    CompanyWideEnd.objects.all().delete()
    License.objects.filter(pk=license.pk).update(is_company_wide=True)


def _bare(license: License, admin: User) -> float:
    _anew(license)
    began = time.perf_counter()
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_BARE, [license.pk, admin.pk, license.company_id])
    return time.perf_counter() - began


def _ask(license: License, admin: User) -> float:
    """What the admin's page waits for: only that it is asked."""
    _anew(license)
    began = time.perf_counter()
    with transaction.atomic():
        set_company_wide(license, False, by=admin)
        transaction.get_connection().run_on_commit.clear()  # the nudge: no worker is there
    return time.perf_counter() - began


def _work() -> float:
    began = time.perf_counter()
    end_company_wide()
    return time.perf_counter() - began


if __name__ == "__main__":
    sys.exit(print_table(rows()))
