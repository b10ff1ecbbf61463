"""Measure the users overview of a company, beside hand-written SQL and beside Django admin's list.

1,000,000 people in 200 companies, among them one of 100,000 and one of 1,000; nine in ten people have a licence.

Two searches: a surname that one in 40 has (the commonest in the Netherlands: one in 200), and a part of a name
that one in 10 has. The hand-written SQL counts the matches too. The growth of a search is claimed for the first
only: the second reads 10,000 people of the large company and 100 of the small one. One in 40 is an admin, so
that the small company fills a page of admins too.

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

from bench.throw_away import insert_copies, temporary_database, use_database  # sets Django up for the next

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
from bench.table import Measurement, print_table
from companies.models import Company
from licenses.actions.status_counts import recount_all
from licenses.models import License

PEOPLE = 1_000_000
COMPANIES = 200
SMALL, LARGE = 1, 2
SIZES = {SMALL: 1_000, LARGE: 100_000}
LICENSES_PER_COMPANY = 5  # of each company
ROUNDS = 40
WARM_UP = 4
MAX_RATIO_BY_HAND = 2.0
MAX_RATIO_ADMIN = 0.33
MAX_GROWTH = 1.5

SETTINGS = PRODUCTION | {"ROOT_URLCONF": "bench.overview_urls"}
OUR_PATH, FLOOR_PATH, ADMIN_PATH = (
    "/mijn-bedrijf/gebruikers/",
    "/bench/gebruikers/",
    "/bench/beheer/accounts/user/",
)
COMMON_SEARCH = "search, 1 in 10"
VIEWS = {  # the query of our list, and the same query in Django admin
    "first page": ("", ""),
    "search, 1 in 40": ("?q=van+dijk", "&q=van+dijk"),
    COMMON_SEARCH: ("?q=berg", "&q=berg"),
    "status filter": ("?status=blocked", "&is_blocked__exact=1"),
    "role filter": ("?role=admin", "&role__exact=admin"),
    "last page": ("?page={last}", "&p={last}"),
}
# Row n: the first belong to the small company, the next to the large company, the rest to the others.
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


def measurements() -> Iterator[Measurement]:
    with temporary_database("bench_overview") as database, use_database(database):
        call_command("migrate", verbosity=0)
        _insert_people()
        with override_settings(**SETTINGS):
            yield from _measure_views()


def _measure_views() -> Iterator[Measurement]:
    size = f"users: {SIZES[LARGE]:,} of {PEOPLE:,}"
    for view, queries in VIEWS.items():
        by_path = _median_times(*queries)
        ours = by_path[OUR_PATH, LARGE]
        yield Measurement(
            f"{view}, by hand", size, by_path[FLOOR_PATH, LARGE], ours, "ms", max_ratio=MAX_RATIO_BY_HAND
        )
        yield Measurement(
            f"{view}, Django admin", size, by_path[ADMIN_PATH, LARGE], ours, "ms", max_ratio=_max_ratio_admin(view)
        )
        yield Measurement(
            f"{view}, of 1,000", size, by_path[OUR_PATH, SMALL], ours, "ms", max_ratio=_max_growth(view)
        )


def _max_ratio_admin(view: str) -> float:
    return inf if _is_search_without_index(view) else MAX_RATIO_ADMIN


def _max_growth(view: str) -> float:
    return inf if _is_search_without_index(view) or view == COMMON_SEARCH else MAX_GROWTH


def _is_search_without_index(view: str) -> bool:
    """Return whether the view searches without pg_trgm.

    Such a search reads every person: only the same scan by hand is claimed as its limit.
    """
    return view.startswith("search") and not _has_trigrams()


def _median_times(query: str, admin_query: str) -> dict[tuple[str, int], float]:
    people = {company: Client() for company in SIZES}
    staff = Client()
    staff.force_login(User.objects.get(is_staff=True))
    requests: dict[tuple[str, int], tuple[Client, str]] = {}
    for company, size in SIZES.items():
        people[company].force_login(User.objects.filter(company=company, role=User.Role.ADMIN)[0])
        last = ceil(size / PER_PAGE)
        for path in (OUR_PATH, FLOOR_PATH):
            requests[path, company] = (people[company], path + query.format(last=last))
        requests[ADMIN_PATH, company] = (
            staff,
            f"{ADMIN_PATH}?company__id__exact={company}{admin_query.format(last=last)}",
        )
    for company in SIZES:
        if _people_shown(*requests[OUR_PATH, company]) != _people_shown(*requests[FLOOR_PATH, company]):
            sys.exit(f"{query}: by hand other people are shown")
    times: dict[tuple[str, int], list[float]] = {key: [] for key in requests}
    for number in range(ROUNDS + WARM_UP):
        for key in sorted(requests, reverse=bool(number % 2)):
            if key[0] == ADMIN_PATH and number % 5:
                continue  # Django admin is slow, so one round in five is enough
            seconds = _time_page(*requests[key])
            if number >= WARM_UP:
                times[key].append(seconds)
    return {key: median(seconds) * 1000 for key, seconds in times.items()}


def _time_page(client: Client, url: str) -> float:
    started_at = time.perf_counter()
    response = client.get(url)
    seconds = time.perf_counter() - started_at
    if response.status_code != 200:
        sys.exit(f"{url} answers {response.status_code}")
    return seconds


def _people_shown(client: Client, url: str) -> list[str]:
    return re.findall(r'name="user"\s+value="(\d+)"', client.get(url).content.decode())


def _insert_people() -> None:
    drop_index(connection)  # building it afterwards is much faster
    company = Company.objects.create(pk=1, name="Bedrijf", customer_number="1", contact_email="a@bedrijf.example")
    insert_copies(company, COMPANIES - 1, id="n + 1", customer_number="n + 1")
    staff = User.objects.create(
        email="nen@nen.example", is_staff=True, is_superuser=True, registered_at=timezone.now()
    )
    Authenticator.objects.create(
        user=staff, type=Authenticator.Type.TOTP, data={}
    )  # NEN's desk requires a second step
    sample = User.objects.create(email="a@bedrijf.example", company=company, registered_at=timezone.now())
    insert_copies(
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
    _insert_licenses(company)
    recount_all()
    build_index(connection)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")


def _insert_licenses(company: Company) -> None:
    license = License.objects.create(
        pk=1, company=company, name="Licentie", starts_on=date(2024, 1, 1), ends_on=date(2099, 12, 31)
    )
    name, company_id = "'Licentie ' || n", f"1 + n % {COMPANIES}"
    number = COMPANIES * LICENSES_PER_COMPANY - 1
    insert_copies(license, number, id="n + 1", name=name, company_id=company_id)
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO licenses_grant (license_id, user_id, granted_at, origin) "
            f"SELECT company_id + {COMPANIES} * (id % {LICENSES_PER_COMPANY}), id, now(), 'given' "
            "FROM accounts_user WHERE company_id IS NOT NULL AND id % 10 > 0"
        )


def _has_trigrams() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM pg_indexes WHERE indexname = %s", [INDEX])
        return cursor.fetchone() is not None


if __name__ == "__main__":
    sys.exit(print_table(measurements()))
