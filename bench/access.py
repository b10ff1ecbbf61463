"""Deciding whether a person may open one document (R25): one query, near its floor, however many grants there are.

1,000,000 people and 20,000 documents, once with 1,000 grants and once with 1,000,000. The floor is the very same
SQL, sent by hand over the same connection. Takes a minute, most of it to fill the two databases.

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

from bench.throw_away import multiply, throw_away_database, working_in  # sets Django up for the next

# isort: split
from django.core.management import call_command
from django.db import connection
from django.db.backends.base.base import BaseDatabaseWrapper
from django.utils import timezone

from accounts.models import User
from bench.table import Row, print_table
from companies.models import Company
from licenses.access import can_open
from licenses.models import Document, Grant, License

PEOPLE, DOCUMENTS, COMPANIES = 1_000_000, 20_000, 901
OF_THE_FIRST = 100_000  # people of the first company; the rest is spread over the others
LICENSES, HELD = 4, 200  # of each company, the last one company-wide; documents in each
FEW = 1_000
ROUNDS = 3_000
MOST_BY_HAND, MOST_FLAT = 5.0, 1.2

# Where things are, in SQL; the samples have number 1.
COMPANY_OF_N = f"CASE WHEN n <= {OF_THE_FIRST} THEN 1 ELSE 2 + n % {COMPANIES - 1} END"
COUNTRY_OF_N = "(ARRAY['', 'BE', 'NL', 'NL', 'NL'])[1 + n % 5]"
LICENSE_OF_N = f"{LICENSES} * (({COMPANY_OF_N}) - 1) + 2 + n % {LICENSES - 1}"


@dataclass
class Side:
    """One of the two databases, and what each question took there."""

    database: BaseDatabaseWrapper
    here: list[float] = field(default_factory=list)
    by_hand: list[float] = field(default_factory=list)


@dataclass(frozen=True)
class Question:
    user: User
    document: Document
    sql: str
    parameters: Any


def rows() -> Iterator[Row]:
    with ExitStack() as stack:
        few, many = _databases(stack)
        _ask(few, many, _questions(few))
    for side, size in ((few, "1,000 grants"), (many, "1,000,000 grants")):
        yield Row(
            "may open it, SQL by hand",
            size,
            floor=median(side.by_hand) * 1e6,
            here=median(side.here) * 1e6,
            unit="µs",
            most=MOST_BY_HAND,
        )
    yield Row(
        "may open it, 1,000 grants",
        "1,000,000 grants",
        floor=median(few.here) * 1e6,
        here=median(many.here) * 1e6,
        unit="µs",
        most=MOST_FLAT,
    )


def _databases(stack: ExitStack) -> tuple[Side, Side]:
    """Alike but for the grants."""
    database = stack.enter_context(throw_away_database("bench_few_grants"))
    with working_in(database):
        call_command("migrate", verbosity=0)
        fill()
    database.close()
    copy = stack.enter_context(throw_away_database("bench_many_grants", like="bench_few_grants"))
    give(database, where="n % 1000 = 7")
    give(copy, where="true")
    return Side(database), Side(copy)


def fill() -> None:
    company = Company.objects.create(pk=1, name="Bedrijf", customer_number="1", contact_email="a@bedrijf.example")
    multiply(company, COMPANIES - 1, id="n + 1", customer_number="n + 1")
    user = User.objects.create(
        pk=1, email="a@bedrijf.example", name="Persoon", company=company, registered_at=timezone.now()
    )
    multiply(
        user, PEOPLE, id="n + 1", email="n || '@bedrijf.example'", company_id=COMPANY_OF_N, country=COUNTRY_OF_N
    )
    document = Document.objects.create(pk=1, number="NEN", title_nl="Norm", kind="NEN", published_on="2024-03-14")
    multiply(
        document,
        DOCUMENTS,
        id="n + 1",
        number="'NEN ' || n",
        is_free="n % 50 = 0",
        is_plus="n % 10 = 1",
        plus_countries="CASE WHEN n % 10 = 1 THEN ARRAY['NL'] ELSE ARRAY[]::varchar[] END",
    )
    fill_licenses(company)


def fill_licenses(company: Company) -> None:
    license = License.objects.create(
        pk=1, company=company, name="Licentie", starts_on=date(2024, 1, 1), ends_on=date(2099, 12, 31)
    )
    multiply(
        license,
        COMPANIES * LICENSES,
        id="n + 1",
        company_id=f"1 + (n - 1) / {LICENSES}",
        is_company_wide=f"n % {LICENSES} = 0",
        is_company_wide_approved="true",
    )
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO licenses_license_documents (license_id, document_id) "
            f"SELECT id, 2 + (id * 37 + held) % {DOCUMENTS} "
            f"FROM licenses_license, generate_series(1, {HELD}) held WHERE id > 1"
        )


def give(database: BaseDatabaseWrapper, *, where: str) -> None:
    """One licence to each of these people; one in three of them until a day."""
    in_a_month = timezone.localdate() + timedelta(days=30)
    with working_in(database), connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO licenses_grant (license_id, user_id, granted_at, origin, ends_on) "
            f"SELECT {LICENSE_OF_N}, n + 1, now(), 'given', CASE WHEN n % 3 = 0 THEN date '{in_a_month}' END "
            f"FROM generate_series(1, {PEOPLE}) n WHERE {where}"
        )
        cursor.execute("VACUUM ANALYZE")


def _questions(side: Side) -> list[Question]:
    """Of people of the large company and of small ones: given, company-wide, and neither."""
    chance, found = Random(5), []
    with working_in(side.database):
        given = list(Grant.objects.order_by("user").select_related("user"))
        for grant in given[:20] + chance.sample(given, 20):
            theirs = Document.objects.filter(licenses=grant.license_id).order_by("pk")
            wide = Document.objects.filter(licenses__company=grant.user.company_id, licenses__is_company_wide=True)
            for documents in (theirs, wide.order_by("pk"), Document.objects.order_by("pk")):
                found.append(_question(grant.user, chance.choice(list(documents[:HELD]))))
    return found


def _question(user: User, document: Document) -> Question:
    """With its SQL, which must be all that is asked."""
    asked: list[tuple[str, Any]] = []

    def look(execute: Callable[..., Any], sql: str, parameters: Any, *rest: Any) -> Any:
        asked.append((sql, parameters))
        return execute(sql, parameters, *rest)

    with connection.execute_wrapper(look):
        can_open(user, document)
    if len(asked) != 1:
        sys.exit(f"deciding for one document took {len(asked)} queries")
    return Question(user, document, *asked[0])


def _ask(few: Side, many: Side, questions: list[Question]) -> None:
    """All four ways of asking in turn, each time another one first, so that the machine's moods hit all alike."""
    ways = [(side, way) for side in (few, many) for way in (_here, _by_hand)]
    for number in range(ROUNDS):
        question = questions[number % len(questions)]
        first = number % len(ways)
        answers = {way(side, question) for side, way in ways[first:] + ways[:first]}
        if len(answers) != 1:
            sys.exit(f"{question} is answered in two ways")
        if number < len(questions):  # the first time of each: caches fill
            for side in (few, many):
                side.here.clear()
                side.by_hand.clear()


def _here(side: Side, question: Question) -> bool:
    with working_in(side.database):
        began = time.perf_counter()
        answer = can_open(question.user, question.document)
        side.here.append(time.perf_counter() - began)
    return answer


def _by_hand(side: Side, question: Question) -> bool:
    began = time.perf_counter()
    with side.database.connection.cursor() as cursor:
        cursor.execute(question.sql, question.parameters)
        answer = cursor.fetchone() is not None
    side.by_hand.append(time.perf_counter() - began)
    return answer


if __name__ == "__main__":
    sys.exit(print_table(rows()))
