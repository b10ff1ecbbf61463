"""Test the overview of users: its pages, filters and number of queries (R14)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.models import SignInAttempts, User
from accounts.trigram_index import INDEX, build_index
from companies.models import Company, LabelValue
from licenses.access import has_active_license
from tests.factories import make_grants, make_license, make_pending_person, make_person

SignIn = Callable[[User], Client]
USERS = reverse("company:users")


def page(as_admin: Client, **query: Any) -> Any:
    answer = as_admin.get(USERS, query)
    assert answer.status_code == 200
    return answer


def names(answer: Any) -> list[str]:
    return [user.name for user in answer.context["page_obj"]]


@pytest.mark.parametrize("sort", ["name", "-name", "status", "-email", "licenses", "label", "-label", "last_seen"])
def test_the_pages_of_the_overview_list_each_person_once_in_order(
    as_admin: Client, company: Company, sort: str
) -> None:
    # Pages beyond the middle are read from the end.
    Company.objects.update(user_label="Afdeling")
    value = LabelValue.objects.create(company=company, name="Bouw")
    for number in range(80):
        seen = timezone.now() - timedelta(days=number) if number % 3 else None
        label = value if number % 2 else None
        make_person(company=company, name=f"Mens {number % 7}", last_login=seen, label=label)

    pages = [page(as_admin, sort=sort, page=number).context["page_obj"] for number in range(1, 5)]
    keys = [user.pk for page_obj in pages for user in page_obj]

    assert [len(page_obj.object_list) for page_obj in pages] == [25, 25, 25, 6]
    assert sorted(keys) == sorted(User.objects.members_of(company).values_list("pk", flat=True))
    if sort == "name":
        assert keys == [
            user.pk
            for user in sorted(
                User.objects.members_of(company), key=lambda member: (member.name.lower(), member.pk)
            )
        ]


def test_the_bars_of_the_status_figure_filter_the_overview(
    as_admin: Client, company: Company, blocked: User
) -> None:
    everyone = page(as_admin, sort="-name", page=1, q="bram").content.decode()
    assert f'href="{USERS}?sort=-name&amp;status=blocked"' in everyone

    chosen = page(as_admin, status="blocked")

    assert names(chosen) == [blocked.name]
    assert 'aria-current="true"' in chosen.content.decode()
    assert [(bar["status"], bar["number"]) for bar in chosen.context["figure"]] == [
        ("blocked", 1),
        ("no_license", 1),
    ]


def test_the_overview_names_the_active_licences_of_a_person(
    as_admin: Client, company: Company, colleague: User
) -> None:
    today = timezone.localdate()
    make_license(company, name="Iedereen", is_company_wide=True)
    make_grants(make_license(company, name="Bouw <b>"), colleague)
    make_grants(make_license(company, name="Voorbij"), colleague, ends_on=today - timedelta(days=1))

    html = page(as_admin, q=colleague.name).content.decode()

    tip = html.partition(f'id="licenses-{colleague.pk}"')[2].partition("</td>")[0]
    assert f'aria-describedby="licenses-{colleague.pk}"' in html
    assert "<span>Bouw &lt;b&gt;</span>" in tip
    assert "<span>Iedereen</span>" in tip
    assert "Voorbij" not in tip


def test_each_row_of_the_overview_has_the_status_that_the_query_gives(
    as_admin: Client, company: Company, pending: User, blocked: User
) -> None:
    # The page calls `status_now`; the filter, the order and the numbers call `with_status`.
    locked_out = {"failures": 4, "locked_until": timezone.now() + timedelta(minutes=9)}
    holder = make_person(company=company)
    make_grants(make_license(company), holder)
    late = make_pending_person(company=company, registration_deadline=timezone.localdate())
    for person in (late, blocked, make_person(company=company)):
        SignInAttempts.objects.create(address=person.email, **locked_out)
    make_pending_person(company=company, registration_deadline=timezone.localdate())
    long_ago = {"failures": 4, "locked_until": timezone.now() - timedelta(minutes=1)}
    SignInAttempts.objects.create(address=holder.email, **long_ago)

    shown = {user.pk: user.status for user in page(as_admin).context["page_obj"]}

    people: Any = User.objects.members_of(company).with_status(has_active_license())
    assert shown == dict(people.values_list("pk", "status"))
    assert len(set(shown.values())) == 6


def test_the_overview_names_the_first_eight_of_many_licences(as_admin: Client, company: Company) -> None:
    for number in range(11):
        make_license(company, name=f"Licentie {number:02}", is_company_wide=True)

    html = page(as_admin).content.decode()

    assert "<span>Licentie 07</span><span>and 3 more</span>" in html


def test_sorting_the_overview_by_last_seen_puts_people_never_seen_first(
    as_admin: Client, company: Company, admin: User, colleague: User
) -> None:
    make_person(company=company, name="Lang Geleden", last_login=timezone.now() - timedelta(days=400))
    User.objects.filter(pk=colleague.pk).update(last_login=None)

    assert names(page(as_admin, sort="last_seen")) == [colleague.name, "Lang Geleden", admin.name]
    assert names(page(as_admin, sort="-last_seen")) == [admin.name, "Lang Geleden", colleague.name]


def test_a_change_on_the_page_of_a_person_keeps_the_filter_of_the_overview(
    as_admin: Client, colleague: User
) -> None:
    keep = "?back=q%3Dcoen%26page%3D1"
    person_page = reverse("company:user", args=[colleague.pk]) + keep

    answer = as_admin.post(reverse("company:block", args=[colleague.pk]) + keep)

    assert answer.headers["Location"] == person_page
    back = as_admin.get(person_page).content.decode()
    assert f'href="{USERS}?q=coen&amp;page=1"' in back


def test_a_search_without_results_because_of_filters_offers_to_drop_the_filters(
    as_admin: Client, colleague: User
) -> None:
    html = page(as_admin, q="coen", status="blocked", sort="-name").content.decode()

    assert f'href="{USERS}?q=coen&amp;sort=-name"' in html
    assert "Search without filters" not in page(as_admin, q="nobody").content.decode()


def test_the_overview_tells_an_admin_alone_that_they_are_the_only_user(as_admin: Client, admin: User) -> None:
    html = page(as_admin).content.decode()

    assert "You are the only one yet" in html
    assert 'class="status-figure"' not in html


def test_a_long_overview_links_to_its_first_and_last_page(as_admin: Client, company: Company) -> None:
    for number in range(80):
        make_person(company=company, name=f"Mens {number:02}")

    first, last = page(as_admin).content.decode(), page(as_admin, page=4).content.decode()

    assert 'href="?page=4"' in first
    assert 'href="?page=1"' in last


@pytest.mark.parametrize("query", [{}, {"q": "a", "page": 1}, {"status": "no_license"}, {"role": "user"}])
def test_each_view_of_the_overview_takes_as_many_queries_for_30_people_as_for_3(
    as_admin: Client, company: Company, query: dict[str, Any]
) -> None:
    few = queries(as_admin, company, 2, query)

    assert queries(as_admin, company, 28, query) == few


def test_a_search_in_the_overview_takes_as_many_queries_as_the_whole_list(
    as_admin: Client, company: Company
) -> None:
    # One query returns the people of the page and their number.
    everyone = queries(as_admin, company, 30, {})

    assert queries(as_admin, company, 0, {"q": "voorbeeld"}) == everyone
    results = page(as_admin, q="voorbeeld").context["page_obj"]
    assert (len(results.object_list), results.paginator.count) == (25, 61)


@pytest.mark.parametrize(
    ("number", "shown"),
    [("1", 1), ("3", 3), ("4", 3), ("999999999", 3), ("9" * 40, 1), ("0", 1), ("-1", 1), ("x", 1)],
)
def test_a_page_number_outside_a_search_shows_its_last_or_first_page(
    as_admin: Client, company: Company, number: str, shown: int
) -> None:
    for index in range(60):
        make_person(company=company, name=f"Telmens {index:02}")

    results = page(as_admin, q="telmens", page=number).context["page_obj"]

    assert (results.number, results.paginator.count) == (shown, 60)
    assert [user.name for user in results] == [f"Telmens {index:02}" for index in range(60)][
        25 * (shown - 1) : 25 * shown
    ]


def test_a_search_without_results_has_one_empty_page(as_admin: Client) -> None:
    results = page(as_admin, q="nergens", page=3).context["page_obj"]

    assert (results.number, results.paginator.count, results.object_list) == (1, 0, [])


@pytest.mark.parametrize(
    ("name", "typed"),
    [
        ("Renée Özil", "RENÉE özil"),
        ("ΓΙΩΡΓΟΣ", "γιωργος"),
        ("100%_zeker", "0%_z"),
        ("Terug\\streep", "g\\s"),
        ("O'Brien", "o'b"),
    ],
)
def test_the_search_of_people_ignores_case_and_escapes_wildcards(company: Company, name: str, typed: str) -> None:
    person = make_person(company=company, name=name)
    make_person(company=company, name="Iemand Anders")

    assert list(User.objects.members_of(company).matching(typed)) == [person]


def test_a_search_word_does_not_match_across_name_and_address(company: Company) -> None:
    make_person("dijk@voorbeeld.example", company=company, name="Petra van")

    assert not User.objects.matching("vandijk").exists()
    assert not User.objects.matching("van%dijk").exists()


def test_the_search_within_a_company_compares_with_a_bigint_to_use_the_index(company: Company) -> None:
    # btree_gin compares bigints with bigints only: without the cast the index returns all companies.
    assert f"= ({company.pk})::bigint" in str(User.objects.members_of(company).query)


def queries(as_admin: Client, company: Company, people: int, query: dict[str, Any]) -> int:
    """Add twice so many people, half of them with a licence; count the queries of a page of the list."""
    license = make_license(company)
    for _ in range(people):
        make_grants(license, make_person(company=company))
        make_person(company=company)
    with CaptureQueriesContext(connection) as captured:
        page(as_admin, **query)
    return len(captured)


def test_the_search_index_is_built_only_where_pg_trgm_is_available(db: None) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_available_extensions WHERE name = 'pg_trgm'")
        (is_there,) = cursor.fetchone()
        assert build_index(connection) is bool(is_there)
        cursor.execute("SELECT count(*) FROM pg_indexes WHERE indexname = %s", [INDEX])
        assert cursor.fetchone() == (is_there,)
