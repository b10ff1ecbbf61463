"""„Logboek" of one company with 1,000,000 lines, beside the same lines by SQL written by hand in a plain view.

10,000 people, of whom each has 100 lines; half of the lines are of one kind. The last page beside the first; and
beside them the audit at NEN's desk, of that company, and the page of one person with what happened to them.

python -m nenconnect.demo.with_services python -m bench.logbook
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
from bench.document_list import SETTINGS as PRODUCTION
from bench.table import Row, print_table
from companies.models import Company
from nenconnect.audit.models import AuditEntry
from tests.factories import with_app

MILLION = 1_000_000
PEOPLE = 10_000
SIZE = "1,000,000 lines of a company"
ROUNDS = 30
WARM_UP = 3
MOST = 2.0
MOST_LATER = 1.3  # of a page far back, beside the first
MOST_PERSON = 1.3  # of somebody with 100 of a million lines, beside the same where these are all
OURS, DESK = "/mijn-bedrijf/logboek/", "/beheer/audit/auditentry/"
SETTINGS = PRODUCTION | {"ROOT_URLCONF": "bench.floor_logbook_urls"}


def rows() -> Iterator[Row]:
    with throw_away_database("bench_logbook") as database, working_in(database):
        call_command("migrate", verbosity=0)
        company, person = _company("K1", PEOPLE, MILLION), User.objects.get(email="p7@k1.example")
        few = _company("K2", 1, 100)
        staff = with_app(_person("nen@nen.example", is_staff=True, is_superuser=True))
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")
        with override_settings(**SETTINGS):
            admin, other, desk = (_signed_in(one) for one in (_admin(company), _admin(few), staff))
            yield from _logbook(admin, person)
            yield from _others(admin, other, desk)


def _logbook(admin: Client, person: User) -> Iterator[Row]:
    oldest = AuditEntry.objects.filter(company_id=person.company_id).order_by("pk")[60].pk
    pages = {
        "first page": ("/bench/logboek/all/50/", OURS),
        "of one kind": ("/bench/logboek/what/50/?value=blocked", f"{OURS}?what=blocked"),
        "one person": (f"/bench/logboek/whom/50/?value={person.email}", f"{OURS}?q={person.email}"),
    }
    for name, (by_hand, ours) in pages.items():
        floor, here = _measure((admin, by_hand), (admin, ours))
        yield Row(f"logbook, {name}, by hand", SIZE, floor, here, "ms", most=MOST)
    for name, query in {"last page": f"?before={oldest}", "back from it": f"?after={oldest}"}.items():
        first, here = _measure((admin, OURS), (admin, OURS + query))
        yield Row(f"logbook, {name}, the first", SIZE, first, here, "ms", most=MOST_LATER)


def _others(admin: Client, other: Client, desk: Client) -> Iterator[Row]:
    few, many = (Company.objects.get(customer_number=number) for number in ("K2", "K1"))
    floor, here = _measure(*[(desk, f"{DESK}?company_id={one.pk}") for one in (few, many)])
    yield Row("desk, a company's audit, of 100", SIZE, floor, here, "ms", most=MOST_LATER)
    people = [User.objects.get(email=email) for email in ("p1@k2.example", "p7@k1.example")]
    pages = [f"/mijn-bedrijf/gebruikers/{one.pk}/" for one in people]
    floor, here = _measure((other, pages[0]), (admin, pages[1]))
    yield Row("a person's page, among 100 lines", SIZE, floor, here, "ms", most=MOST_PERSON)


def _measure(*asked: tuple[Client, str]) -> list[float]:
    """Milliseconds, each in turn."""
    times: list[list[float]] = [[] for _one in asked]
    for number in range(ROUNDS + WARM_UP):
        for place in sorted(range(len(asked)), reverse=bool(number % 2)):
            client, url = asked[place]
            began = time.perf_counter()
            answer = client.get(url)
            took = time.perf_counter() - began
            if answer.status_code != 200:
                sys.exit(f"{url} answers {answer.status_code}")
            if number >= WARM_UP:
                times[place].append(took)
    return [median(took) * 1000 for took in times]


def _company(number: str, people: int, lines: int) -> Company:
    company = Company.objects.create(name=f"Bedrijf {number}", customer_number=number)
    admin = _person(f"a@{number.lower()}.example", company=company, role=User.Role.ADMIN)
    sample = _person(f"p0@{number.lower()}.example", company=company)
    spread = {"id": "sample.id + n", "name": "'Persoon ' || n"}
    multiply(sample, people, email=f"'p' || n || '@{number.lower()}.example'", **spread)
    entry = AuditEntry.objects.create(verb="blocked", actor_id=admin.pk, company_id=company.pk, origin="page")
    multiply(
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
    """Past the numbers that were given by hand."""
    with connection.cursor() as cursor:
        for table in ("accounts_user", "audit_auditentry"):
            cursor.execute(f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), max(id)) FROM {table}")


def _person(email: str, **fields: object) -> User:
    return User.objects.create(email=email, name=email, registered_at=timezone.now(), **fields)


def _admin(company: Company) -> User:
    return User.objects.get(company=company, role=User.Role.ADMIN)


def _signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


if __name__ == "__main__":
    sys.exit(print_table(rows()))
