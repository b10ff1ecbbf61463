"""The overview of users: its pages, its filters and what it costs (R14)."""

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
def test_the_pages_together_are_everyone_once_and_in_order(as_admin: Client, company: Company, sort: str) -> None:
    """Pages beyond the middle are read from the end."""
    Company.objects.update(user_label="Afdeling")
    value = LabelValue.objects.create(company=company, name="Bouw")
    for number in range(80):
        seen = timezone.now() - timedelta(days=number) if number % 3 else None
        label = value if number % 2 else None
        make_person(company=company, name=f"Mens {number % 7}", last_login=seen, label=label)

    pages = [page(as_admin, sort=sort, page=number).context["page_obj"] for number in range(1, 5)]
    keys = [user.pk for one in pages for user in one]

    assert [len(one.object_list) for one in pages] == [25, 25, 25, 6]
    assert sorted(keys) == sorted(User.objects.members_of(company).values_list("pk", flat=True))
    if sort == "name":
        assert keys == [
            user.pk
            for user in sorted(User.objects.members_of(company), key=lambda one: (one.name.lower(), one.pk))
        ]


def test_the_picture_filters_and_says_what_is_chosen(as_admin: Client, company: Company, blocked: User) -> None:
    everyone = page(as_admin, sort="-name", page=1, q="bram").content.decode()
    assert f'href="{USERS}?sort=-name&amp;status=blocked"' in everyone

    chosen = page(as_admin, status="blocked")

    assert names(chosen) == [blocked.name]
    assert 'aria-current="true"' in chosen.content.decode()
    assert [(bar["status"], bar["number"]) for bar in chosen.context["figure"]] == [
        ("blocked", 1),
        ("no_license", 1),
    ]


def test_the_names_of_licences_stand_beside_their_number(
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


def test_each_row_says_the_status_that_the_database_says(
    as_admin: Client, company: Company, pending: User, blocked: User
) -> None:
    """The page knows the facts already and asks `status_now`; filter, order and numbers ask `with_status`."""
    locked_out = {"failures": 4, "locked_until": timezone.now() + timedelta(minutes=9)}
    holder = make_person(company=company)
    make_grants(make_license(company), holder)
    late = make_pending_person(company=company, registration_deadline=timezone.localdate())
    for one in (late, blocked, make_person(company=company)):
        SignInAttempts.objects.create(address=one.email, **locked_out)
    make_pending_person(company=company, registration_deadline=timezone.localdate())
    long_ago = {"failures": 4, "locked_until": timezone.now() - timedelta(minutes=1)}
    SignInAttempts.objects.create(address=holder.email, **long_ago)

    shown = {user.pk: user.status for user in page(as_admin).context["page_obj"]}

    people: Any = User.objects.members_of(company).with_status(has_active_license())
    assert shown == dict(people.values_list("pk", "status"))
    assert len(set(shown.values())) == 6


def test_of_many_licences_the_first_eight_are_named(as_admin: Client, company: Company) -> None:
    for number in range(11):
        make_license(company, name=f"Licentie {number:02}", is_company_wide=True)

    html = page(as_admin).content.decode()

    assert "<span>Licentie 07</span><span>and 3 more</span>" in html


def test_whoever_was_never_seen_stands_first_when_sorted_by_it(
    as_admin: Client, company: Company, admin: User, colleague: User
) -> None:
    make_person(company=company, name="Lang Geleden", last_login=timezone.now() - timedelta(days=400))
    User.objects.filter(pk=colleague.pk).update(last_login=None)

    assert names(page(as_admin, sort="last_seen")) == [colleague.name, "Lang Geleden", admin.name]
    assert names(page(as_admin, sort="-last_seen")) == [admin.name, "Lang Geleden", colleague.name]


def test_the_filter_survives_what_is_changed_on_the_persons_page(as_admin: Client, colleague: User) -> None:
    keep = "?back=q%3Dcoen%26page%3D1"
    person_page = reverse("company:user", args=[colleague.pk]) + keep

    answer = as_admin.post(reverse("company:block", args=[colleague.pk]) + keep)

    assert answer.headers["Location"] == person_page
    back = as_admin.get(person_page).content.decode()
    assert f'href="{USERS}?q=coen&amp;page=1"' in back


def test_a_search_that_only_the_filters_leave_empty_can_go_on_without_them(
    as_admin: Client, colleague: User
) -> None:
    html = page(as_admin, q="coen", status="blocked", sort="-name").content.decode()

    assert f'href="{USERS}?q=coen&amp;sort=-name"' in html
    assert "Search without filters" not in page(as_admin, q="nobody").content.decode()


def test_an_admin_alone_is_told_what_to_do_first(as_admin: Client, admin: User) -> None:
    html = page(as_admin).content.decode()

    assert "You are the only one yet" in html
    assert 'class="status-figure"' not in html


def test_a_long_list_has_a_way_to_its_last_page(as_admin: Client, company: Company) -> None:
    for number in range(80):
        make_person(company=company, name=f"Mens {number:02}")

    first, last = page(as_admin).content.decode(), page(as_admin, page=4).content.decode()

    assert 'href="?page=4"' in first
    assert 'href="?page=1"' in last


@pytest.mark.parametrize("query", [{}, {"q": "a", "page": 1}, {"status": "no_license"}, {"role": "user"}])
def test_each_view_of_the_list_asks_as_much_at_30_people_as_at_3(
    as_admin: Client, company: Company, query: dict[str, Any]
) -> None:
    few = queries(as_admin, company, 2, query)

    assert queries(as_admin, company, 28, query) == few


def test_a_search_asks_no_more_than_the_list_of_everyone(as_admin: Client, company: Company) -> None:
    """The people on the page and how many there are come of one query."""
    everyone = queries(as_admin, company, 30, {})

    assert queries(as_admin, company, 0, {"q": "voorbeeld"}) == everyone
    found = page(as_admin, q="voorbeeld").context["page_obj"]
    assert (len(found.object_list), found.paginator.count) == (25, 61)


@pytest.mark.parametrize(
    ("number", "shown"),
    [("1", 1), ("3", 3), ("4", 3), ("999999999", 3), ("9" * 40, 1), ("0", 1), ("-1", 1), ("x", 1)],
)
def test_a_page_of_a_search_that_is_not_there_is_the_last_or_the_first(
    as_admin: Client, company: Company, number: str, shown: int
) -> None:
    for one in range(60):
        make_person(company=company, name=f"Telmens {one:02}")

    found = page(as_admin, q="telmens", page=number).context["page_obj"]

    assert (found.number, found.paginator.count) == (shown, 60)
    assert [user.name for user in found] == [f"Telmens {one:02}" for one in range(60)][
        25 * (shown - 1) : 25 * shown
    ]


def test_a_search_that_finds_nobody_has_one_page_and_nobody_on_it(as_admin: Client) -> None:
    found = page(as_admin, q="nergens", page=3).context["page_obj"]

    assert (found.number, found.paginator.count, found.object_list) == (1, 0, [])


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
def test_the_search_looks_through_names_whatever_the_case(company: Company, name: str, typed: str) -> None:
    found = make_person(company=company, name=name)
    make_person(company=company, name="Iemand Anders")

    assert list(User.objects.members_of(company).matching(typed)) == [found]


def test_no_word_goes_on_from_the_name_into_the_address(company: Company) -> None:
    make_person("dijk@voorbeeld.example", company=company, name="Petra van")

    assert not User.objects.matching("vandijk").exists()
    assert not User.objects.matching("van%dijk").exists()


def test_a_search_within_a_company_is_by_a_bigint(company: Company) -> None:
    """btree_gin compares a bigint with nothing else: the index would find people of all companies first."""
    assert f"= ({company.pk})::bigint" in str(User.objects.members_of(company).query)


def queries(as_admin: Client, company: Company, people: int, query: dict[str, Any]) -> int:
    """How many a page of the list takes with so many more people, half of them with a licence."""
    license = make_license(company)
    for _ in range(people):
        make_grants(license, make_person(company=company))
        make_person(company=company)
    with CaptureQueriesContext(connection) as asked:
        page(as_admin, **query)
    return len(asked)


def test_without_pg_trgm_the_search_goes_on_without_an_index(db: None) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_available_extensions WHERE name = 'pg_trgm'")
        (is_there,) = cursor.fetchone()
        assert build_index(connection) is bool(is_there)
        cursor.execute("SELECT count(*) FROM pg_indexes WHERE indexname = %s", [INDEX])
        assert cursor.fetchone() == (is_there,)
