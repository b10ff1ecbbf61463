"""Measure „Logboek" of a company with 1,000,000 lines, beside a plain view with hand-written SQL.

10,000 people with 100 lines each; half of the lines are of one kind. The last page is measured beside the first.
Also the company's audit at NEN's desk, and the page of one person with what happened to them.

python -m nenconnect.demo.with_services python -m bench.logbook
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
from bench.document_list import SETTINGS as PRODUCTION
from bench.table import Measurement, print_table
from companies.models import Company
from nenconnect.audit.models import AuditEntry
from tests.factories import add_authenticator_app

MILLION = 1_000_000
PEOPLE = 10_000
SIZE = "1,000,000 lines of a company"
ROUNDS = 30
WARM_UP = 3
MAX_RATIO = 2.0
MAX_RATIO_LATER = 1.3  # a page far back, beside the first page
MAX_RATIO_PERSON = 1.3  # a person with 100 of a million lines, beside a person in a company with 100 lines
OUR_PATH, DESK_PATH = "/mijn-bedrijf/logboek/", "/beheer/audit/auditentry/"
SETTINGS = PRODUCTION | {"ROOT_URLCONF": "bench.floor_logbook_urls"}


def measurements() -> Iterator[Measurement]:
    with temporary_database("bench_logbook") as database, use_database(database):
        call_command("migrate", verbosity=0)
        company, person = _insert_company("K1", PEOPLE, MILLION), User.objects.get(email="p7@k1.example")
        small_company = _insert_company("K2", 1, 100)
        staff = add_authenticator_app(_insert_person("nen@nen.example", is_staff=True, is_superuser=True))
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")
        with override_settings(**SETTINGS):
            admin, small_admin, desk = (
                _signed_in(user) for user in (_admin_of(company), _admin_of(small_company), staff)
            )
            yield from _logbook_pages(admin, person)
            yield from _desk_and_person_pages(admin, small_admin, desk)


def _logbook_pages(admin: Client, person: User) -> Iterator[Measurement]:
    oldest = AuditEntry.objects.filter(company_id=person.company_id).order_by("pk")[60].pk
    views = {
        "first page": ("/bench/logboek/all/50/", OUR_PATH),
        "of one kind": ("/bench/logboek/what/50/?value=blocked", f"{OUR_PATH}?what=blocked"),
        "one person": (f"/bench/logboek/whom/50/?value={person.email}", f"{OUR_PATH}?q={person.email}"),
    }
    for name, (by_hand, ours) in views.items():
        floor, here = _median_times((admin, by_hand), (admin, ours))
        yield Measurement(f"logbook, {name}, by hand", SIZE, floor, here, "ms", max_ratio=MAX_RATIO)
    for name, query in {"last page": f"?before={oldest}", "back from it": f"?after={oldest}"}.items():
        first, here = _median_times((admin, OUR_PATH), (admin, OUR_PATH + query))
        yield Measurement(f"logbook, {name}, the first", SIZE, first, here, "ms", max_ratio=MAX_RATIO_LATER)


def _desk_and_person_pages(admin: Client, small_admin: Client, desk: Client) -> Iterator[Measurement]:
    small_company, large_company = (Company.objects.get(customer_number=number) for number in ("K2", "K1"))
    floor, here = _median_times(
        *[(desk, f"{DESK_PATH}?company_id={company.pk}") for company in (small_company, large_company)]
    )
    yield Measurement("desk, a company's audit, of 100", SIZE, floor, here, "ms", max_ratio=MAX_RATIO_LATER)
    people = [User.objects.get(email=email) for email in ("p1@k2.example", "p7@k1.example")]
    pages = [f"/mijn-bedrijf/gebruikers/{person.pk}/" for person in people]
    floor, here = _median_times((small_admin, pages[0]), (admin, pages[1]))
    yield Measurement("a person's page, among 100 lines", SIZE, floor, here, "ms", max_ratio=MAX_RATIO_PERSON)


def _median_times(*pages: tuple[Client, str]) -> list[float]:
    times: list[list[float]] = [[] for _page in pages]
    for number in range(ROUNDS + WARM_UP):
        for position in sorted(range(len(pages)), reverse=bool(number % 2)):
            client, url = pages[position]
            started_at = time.perf_counter()
            response = client.get(url)
            seconds = time.perf_counter() - started_at
            if response.status_code != 200:
                sys.exit(f"{url} answers {response.status_code}")
            if number >= WARM_UP:
                times[position].append(seconds)
    return [median(seconds) * 1000 for seconds in times]


def _insert_company(number: str, people: int, lines: int) -> Company:
    company = Company.objects.create(name=f"Bedrijf {number}", customer_number=number)
    admin = _insert_person(f"a@{number.lower()}.example", company=company, role=User.Role.ADMIN)
    sample = _insert_person(f"p0@{number.lower()}.example", company=company)
    columns = {"id": "sample.id + n", "name": "'Persoon ' || n"}
    insert_copies(sample, people, email=f"'p' || n || '@{number.lower()}.example'", **columns)
    entry = AuditEntry.objects.create(verb="blocked", actor_id=admin.pk, company_id=company.pk, origin="page")
    insert_copies(
        entry,
        lines,
        id="sample.id + n",
        at="sample.at + n * interval '1 second'",
        verb="CASE WHEN n % 2 = 0 THEN 'blocked' ELSE 'unblocked' END",
        subjects=f"jsonb_build_object('user', {sample.pk} + 1 + n / 2 % {people})",
    )
    _set_sequences()
    return company


def _set_sequences() -> None:
    with connection.cursor() as cursor:  # ids were given by hand
        for table in ("accounts_user", "audit_auditentry"):
            cursor.execute(f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), max(id)) FROM {table}")


def _insert_person(email: str, **fields: object) -> User:
    return User.objects.create(email=email, name=email, registered_at=timezone.now(), **fields)


def _admin_of(company: Company) -> User:
    return User.objects.get(company=company, role=User.Role.ADMIN)


def _signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


if __name__ == "__main__":
    sys.exit(print_table(measurements()))
