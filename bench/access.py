"""Measure the check whether a person may open one document (R25): one query, fast with many grants.

1,000,000 people and 20,000 documents, once with 1,000 grants and once with 1,000,000. The floor is the same SQL,
sent by hand over the same connection. Takes a minute, mostly to fill the two databases.

python -m nenconnect.demo.with_services python -m bench.access
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import date, timedelta
from random import Random
from statistics import median
from typing import Any

from bench.throw_away import insert_copies, temporary_database, use_database  # sets Django up for the next

# isort: split
from django.core.management import call_command
from django.db import connection
from django.db.backends.base.base import BaseDatabaseWrapper
from django.utils import timezone

from accounts.models import User
from bench.table import Measurement, print_table
from companies.models import Company
from licenses.access import can_open
from licenses.models import Document, Grant, License

PEOPLE, DOCUMENTS, COMPANIES = 1_000_000, 20_000, 901
PEOPLE_IN_FIRST = 100_000  # people in the first company; the others are spread over the other companies
LICENSES_PER_COMPANY, DOCUMENTS_PER_LICENSE = (
    4,
    200,
)  # licences per company, the last of them company-wide; documents per licence
FEW_GRANTS = 1_000
ROUNDS = 3_000
MAX_RATIO_BY_HAND, MAX_GROWTH = 5.0, 1.2

# Which company, country and licence belong to row number n, in SQL; the samples have number 1.
COMPANY_OF_N = f"CASE WHEN n <= {PEOPLE_IN_FIRST} THEN 1 ELSE 2 + n % {COMPANIES - 1} END"
COUNTRY_OF_N = "(ARRAY['', 'BE', 'NL', 'NL', 'NL'])[1 + n % 5]"
LICENSE_OF_N = f"{LICENSES_PER_COMPANY} * (({COMPANY_OF_N}) - 1) + 2 + n % {LICENSES_PER_COMPANY - 1}"


@dataclass
class MeasuredDatabase:
    """Hold one of the two databases and the times measured there, in seconds."""

    database: BaseDatabaseWrapper
    our_times: list[float] = field(default_factory=list)
    by_hand_times: list[float] = field(default_factory=list)


@dataclass(frozen=True)
class AccessCheck:
    user: User
    document: Document
    sql: str
    parameters: Any


def measurements() -> Iterator[Measurement]:
    with ExitStack() as stack:
        few_grants, many_grants = _two_databases(stack)
        _time_all(few_grants, many_grants, _access_checks(few_grants))
    for measured, size in ((few_grants, "1,000 grants"), (many_grants, "1,000,000 grants")):
        yield Measurement(
            "may open it, SQL by hand",
            size,
            floor=median(measured.by_hand_times) * 1e6,
            measured=median(measured.our_times) * 1e6,
            unit="µs",
            max_ratio=MAX_RATIO_BY_HAND,
        )
    yield Measurement(
        "may open it, 1,000 grants",
        "1,000,000 grants",
        floor=median(few_grants.our_times) * 1e6,
        measured=median(many_grants.our_times) * 1e6,
        unit="µs",
        max_ratio=MAX_GROWTH,
    )


def _two_databases(stack: ExitStack) -> tuple[MeasuredDatabase, MeasuredDatabase]:
    database = stack.enter_context(temporary_database("bench_few_grants"))
    with use_database(database):
        call_command("migrate", verbosity=0)
        insert_people_and_documents()
    database.close()
    copy = stack.enter_context(temporary_database("bench_many_grants", like="bench_few_grants"))
    insert_grants(database, where="n % 1000 = 7")
    insert_grants(copy, where="true")
    return MeasuredDatabase(database), MeasuredDatabase(copy)


def insert_people_and_documents() -> None:
    company = Company.objects.create(pk=1, name="Bedrijf", customer_number="1", contact_email="a@bedrijf.example")
    insert_copies(company, COMPANIES - 1, id="n + 1", customer_number="n + 1")
    user = User.objects.create(
        pk=1, email="a@bedrijf.example", name="Persoon", company=company, registered_at=timezone.now()
    )
    insert_copies(
        user, PEOPLE, id="n + 1", email="n || '@bedrijf.example'", company_id=COMPANY_OF_N, country=COUNTRY_OF_N
    )
    document = Document.objects.create(pk=1, number="NEN", title_nl="Norm", kind="NEN", published_on="2024-03-14")
    insert_copies(
        document,
        DOCUMENTS,
        id="n + 1",
        number="'NEN ' || n",
        is_free="n % 50 = 0",
        is_plus="n % 10 = 1",
        plus_countries="CASE WHEN n % 10 = 1 THEN ARRAY['NL'] ELSE ARRAY[]::varchar[] END",
    )
    _insert_licenses(company)


def _insert_licenses(company: Company) -> None:
    license = License.objects.create(
        pk=1, company=company, name="Licentie", starts_on=date(2024, 1, 1), ends_on=date(2099, 12, 31)
    )
    insert_copies(
        license,
        COMPANIES * LICENSES_PER_COMPANY,
        id="n + 1",
        name="'Licentie ' || n",
        company_id=f"1 + (n - 1) / {LICENSES_PER_COMPANY}",
        is_company_wide=f"n % {LICENSES_PER_COMPANY} = 0",
        is_company_wide_approved="true",
    )
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO licenses_license_documents (license_id, document_id) "
            f"SELECT id, 2 + (id * 37 + n) % {DOCUMENTS} "
            f"FROM licenses_license, generate_series(1, {DOCUMENTS_PER_LICENSE}) n WHERE id > 1"
        )


def insert_grants(database: BaseDatabaseWrapper, *, where: str) -> None:
    """Grant one licence to each of these people; one in three grants has a last day."""
    last_day = timezone.localdate() + timedelta(days=30)
    with use_database(database), connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO licenses_grant (license_id, user_id, granted_at, origin, ends_on) "
            f"SELECT {LICENSE_OF_N}, n + 1, now(), 'given', CASE WHEN n % 3 = 0 THEN date '{last_day}' END "
            f"FROM generate_series(1, {PEOPLE}) n WHERE {where}"
        )
        cursor.execute("VACUUM ANALYZE")


def _access_checks(measured: MeasuredDatabase) -> list[AccessCheck]:
    random, checks = Random(5), []
    with use_database(measured.database):
        grants = list(Grant.objects.order_by("user").select_related("user"))
        for grant in grants[:20] + random.sample(grants, 20):
            granted_documents = Document.objects.filter(licenses=grant.license_id).order_by("pk")
            company_wide_documents = Document.objects.filter(
                licenses__company=grant.user.company_id, licenses__is_company_wide=True
            )
            for documents in (
                granted_documents,
                company_wide_documents.order_by("pk"),
                Document.objects.order_by("pk"),
            ):
                checks.append(_access_check(grant.user, random.choice(list(documents[:DOCUMENTS_PER_LICENSE]))))
    return checks


def _access_check(user: User, document: Document) -> AccessCheck:
    queries: list[tuple[str, Any]] = []

    def record_query(execute: Callable[..., Any], sql: str, parameters: Any, *rest: Any) -> Any:
        queries.append((sql, parameters))
        return execute(sql, parameters, *rest)

    with connection.execute_wrapper(record_query):
        can_open(user, document)
    if len(queries) != 1:
        sys.exit(f"deciding for one document took {len(queries)} queries")
    return AccessCheck(user, document, *queries[0])


def _time_all(few_grants: MeasuredDatabase, many_grants: MeasuredDatabase, checks: list[AccessCheck]) -> None:
    """Time all four in turn, each round starting with another, so that other load affects all alike."""
    timings = [
        (measured, time_check)
        for measured in (few_grants, many_grants)
        for time_check in (_time_our_check, _time_by_hand)
    ]
    for number in range(ROUNDS):
        check = checks[number % len(checks)]
        first = number % len(timings)
        answers = {time_check(measured, check) for measured, time_check in timings[first:] + timings[:first]}
        if len(answers) != 1:
            sys.exit(f"{check} is answered in two ways")
        if number < len(checks):  # the first time of each fills caches
            for measured in (few_grants, many_grants):
                measured.our_times.clear()
                measured.by_hand_times.clear()


def _time_our_check(measured: MeasuredDatabase, check: AccessCheck) -> bool:
    with use_database(measured.database):
        started_at = time.perf_counter()
        is_allowed = can_open(check.user, check.document)
        measured.our_times.append(time.perf_counter() - started_at)
    return is_allowed


def _time_by_hand(measured: MeasuredDatabase, check: AccessCheck) -> bool:
    started_at = time.perf_counter()
    with measured.database.connection.cursor() as cursor:
        cursor.execute(check.sql, check.parameters)
        is_allowed = cursor.fetchone() is not None
    measured.by_hand_times.append(time.perf_counter() - started_at)
    return is_allowed


if __name__ == "__main__":
    sys.exit(print_table(measurements()))
