"""The users overview of one company, beside the same rows by SQL written by hand and beside Django admin's list.

1,000,000 people in 200 companies: one of 100,000, one of 1,000; a licence for each but every tenth.

Two searches: for a surname that one in 40 has (the commonest of the Netherlands: one in 200), and for a part of a
name that one in 10 has. By hand as well it is counted how many are found. How a search grows is claimed of the
first: for the second 10,000 people are read, of the company of 1,000 only 100. One in 40 is an admin, so that the
small company's page of them is full as well.

python -m nenconnect.demo.with_services python -m bench.overview
"""

from __future__ import annotations

import re
import sys
import time
from collections.abc import Iterator
from datetime import date, timedelta
from math import ceil, inf
from statistics import median

from bench.throw_away import multiply, throw_away_database, working_in  # sets Django up for the next

# isort: split
from allauth.mfa.models import Authenticator
from django.core.management import call_command
from django.db import connection
from django.test import Client, override_settings
from django.utils import timezone

from accounts.models import User
from accounts.trigram_index import INDEX, build_index, drop_index
from bench.document_list import SETTINGS as PRODUCTION
from bench.overview_urls import PER_PAGE
from bench.table import Row, print_table
from companies.models import Company
from licenses.actions.status_counts import count_anew
from licenses.models import License

PEOPLE = 1_000_000
COMPANIES = 200
SMALL, LARGE = 1, 2
SIZES = {SMALL: 1_000, LARGE: 100_000}
LICENSES = 5  # of each company
ROUNDS = 40
WARM_UP = 4
MOST_BY_HAND = 2.0
MOST_OF_ADMIN = 0.33
MOST_GROWTH = 1.5

SETTINGS = PRODUCTION | {"ROOT_URLCONF": "bench.overview_urls"}
OURS, BY_HAND, ADMIN = "/mijn-bedrijf/gebruikers/", "/bench/gebruikers/", "/bench/beheer/accounts/user/"
COMMON = "search, 1 in 10"
VIEWS = {  # of our list, and what Django admin calls the same
    "first page": ("", ""),
    "search, 1 in 40": ("?q=van+dijk", "&q=van+dijk"),
    COMMON: ("?q=berg", "&q=berg"),
    "status filter": ("?status=blocked", "&is_blocked__exact=1"),
    "role filter": ("?role=admin", "&role__exact=admin"),
    "last page": ("?page={last}", "&p={last}"),
}
# Number n: the first are the small company's, the next the large one's, the others have the rest.
COMPANY_OF_N = f"CASE WHEN n <= 1000 THEN 1 WHEN n <= 101000 THEN 2 ELSE 3 + n % {COMPANIES - 2} END"
SURNAMES = (
    "van Dijk,de Jong,Jansen,de Vries,van den Berg,Bakker,Janssen,Visser,Smit,Meijer,de Boer,Mulder,de Groot,Bos,"
    "Vos,Peters,Hendriks,van Leeuwen,Dekker,Brouwer,de Wit,Dijkstra,Smits,de Graaf,van der Meer,Kok,Jacobs,"
    "Bergman,van der Linden,Vermeulen,van Vliet,Maas,Lindenberg,Koster,Prins,Huisman,Peeters,Postma,Bergsma,Kuiper"
)
NAME_OF_N = (
    "(ARRAY['Jan','Piet','Anna','Fatima','Koen','Els','Noor','Bram'])[1 + n % 8] || ' ' || "
    f"(string_to_array('{SURNAMES}', ','))[1 + (n / 8) % 40] || ' ' || md5(n::text)"
)


def rows() -> Iterator[Row]:
    with throw_away_database("bench_overview") as database, working_in(database):
        call_command("migrate", verbosity=0)
        _fill()
        with override_settings(**SETTINGS):
            yield from _measured()


def _measured() -> Iterator[Row]:
    size = f"users: {SIZES[LARGE]:,} of {PEOPLE:,}"
    for view, queries in VIEWS.items():
        by_path = _measure(*queries)
        ours = by_path[OURS, LARGE]
        yield Row(f"{view}, by hand", size, by_path[BY_HAND, LARGE], ours, "ms", most=MOST_BY_HAND)
        yield Row(f"{view}, Django admin", size, by_path[ADMIN, LARGE], ours, "ms", most=_most_of_admin(view))
        yield Row(f"{view}, of 1,000", size, by_path[OURS, SMALL], ours, "ms", most=_most_growth(view))


def _most_of_admin(view: str) -> float:
    return inf if _is_scan(view) else MOST_OF_ADMIN


def _most_growth(view: str) -> float:
    return inf if _is_scan(view) or view == COMMON else MOST_GROWTH


def _is_scan(view: str) -> bool:
    """Without pg_trgm a search looks at everybody: the same scan by hand is its limit, and no other is claimed."""
    return view.startswith("search") and not _has_trigrams()


def _measure(query: str, admin_query: str) -> dict[tuple[str, int], float]:
    """Milliseconds by path and company, each in turn."""
    people = {company: Client() for company in SIZES}
    staff = Client()
    staff.force_login(User.objects.get(is_staff=True))
    asked: dict[tuple[str, int], tuple[Client, str]] = {}
    for company, size in SIZES.items():
        people[company].force_login(User.objects.filter(company=company, role=User.Role.ADMIN)[0])
        last = ceil(size / PER_PAGE)
        for path in (OURS, BY_HAND):
            asked[path, company] = (people[company], path + query.format(last=last))
        asked[ADMIN, company] = (staff, f"{ADMIN}?company__id__exact={company}{admin_query.format(last=last)}")
    for company in SIZES:
        if _people_on(*asked[OURS, company]) != _people_on(*asked[BY_HAND, company]):
            sys.exit(f"{query}: by hand other people are shown")
    times: dict[tuple[str, int], list[float]] = {key: [] for key in asked}
    for number in range(ROUNDS + WARM_UP):
        for key in sorted(asked, reverse=bool(number % 2)):
            if key[0] == ADMIN and number % 5:
                continue  # it takes long enough
            took = _ask(*asked[key])
            if number >= WARM_UP:
                times[key].append(took)
    return {key: median(took) * 1000 for key, took in times.items()}


def _ask(client: Client, url: str) -> float:
    began = time.perf_counter()
    answer = client.get(url)
    took = time.perf_counter() - began
    if answer.status_code != 200:
        sys.exit(f"{url} answers {answer.status_code}")
    return took


def _people_on(client: Client, url: str) -> list[str]:
    return re.findall(r'name="user"\s+value="(\d+)"', client.get(url).content.decode())


def _fill() -> None:
    drop_index(connection)  # to build it afterwards takes far less
    company = Company.objects.create(pk=1, name="Bedrijf", customer_number="1", contact_email="a@bedrijf.example")
    multiply(company, COMPANIES - 1, id="n + 1", customer_number="n + 1")
    staff = User.objects.create(
        email="nen@nen.example", is_staff=True, is_superuser=True, registered_at=timezone.now()
    )
    Authenticator.objects.create(user=staff, type=Authenticator.Type.TOTP, data={})  # NEN's desk asks for one
    sample = User.objects.create(email="a@bedrijf.example", company=company, registered_at=timezone.now())
    multiply(
        sample,
        PEOPLE,
        id="1000 + n",
        name=NAME_OF_N,
        email="md5(n::text) || '@bedrijf.example'",
        company_id=COMPANY_OF_N,
        role="CASE WHEN n % 40 = 1 THEN 'admin' ELSE 'user' END",
        is_blocked="n % 50 = 7",
        registered_at="CASE WHEN n % 20 = 3 THEN NULL ELSE sample.registered_at END",
        registration_deadline=f"CASE WHEN n % 20 = 3 THEN DATE '{timezone.localdate() + timedelta(days=9)}' END",
        last_login="CASE WHEN n % 4 > 0 THEN sample.registered_at - n % 1000 * INTERVAL '1 day' END",
    )
    sample.delete()
    _fill_licenses(company)
    count_anew()
    build_index(connection)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")


def _fill_licenses(company: Company) -> None:
    license = License.objects.create(
        pk=1, company=company, name="Licentie", starts_on=date(2024, 1, 1), ends_on=date(2099, 12, 31)
    )
    name, company_id = "'Licentie ' || n", f"1 + n % {COMPANIES}"
    multiply(license, COMPANIES * LICENSES - 1, id="n + 1", name=name, company_id=company_id)
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO licenses_grant (license_id, user_id, granted_at, origin) "
            f"SELECT company_id + {COMPANIES} * (id % {LICENSES}), id, now(), 'given' FROM accounts_user "
            "WHERE company_id IS NOT NULL AND id % 10 > 0"
        )


def _has_trigrams() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM pg_indexes WHERE indexname = %s", [INDEX])
        return cursor.fetchone() is not None


if __name__ == "__main__":
    sys.exit(print_table(rows()))
