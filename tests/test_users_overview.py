"""The users overview (R14): its numbers by status, its pages from both ends, its licences, and what it costs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.models import SignInAttempts, StatusChange, StatusCounts, User
from accounts.trigram_index import INDEX, build_index
from companies.models import Company, LabelValue
from licenses.access import has_active_license
from licenses.actions.status_counts import count_anew, count_company, people_counts
from licenses.models import Grant
from tests.at_once import at_once
from tests.factories import admin_of, company_with, granted, license_for, pending_person, person

SignIn = Callable[[User], Client]
USERS = reverse("company:users")


def test_numbers_counted_ahead_are_read_and_not_counted_again(company: Company, colleague: User) -> None:
    count_anew()
    StatusCounts.objects.filter(company=company).update(counts=[["blocked", "user", 7]])

    assert people_counts(company).people(status="blocked") == 7


CHANGES: dict[str, Callable[[Company, User], object]] = {
    "somebody is added": lambda company, user: person(company=company),
    "somebody is blocked": lambda company, user: User.objects.filter(pk=user.pk).update(is_blocked=True),
    "somebody goes": lambda company, user: user.delete(),
    "somebody becomes an admin": lambda company, user: User.objects.filter(pk=user.pk).update(role="admin"),
    "somebody moves away": lambda company, user: User.objects.filter(pk=user.pk).update(
        company=company_with("Elders", "elders.example")
    ),
    "a licence is given": lambda company, user: granted(company.licenses.get(name="Los"), user),
    "a licence is for all": lambda company, user: license_for(company, is_company_wide=True),
    "a licence is no longer for all": lambda company, user: company.licenses.update(is_company_wide=False),
    "a licence has ended": lambda company, user: company.licenses.update(
        ends_on=timezone.localdate() - timedelta(days=1)
    ),
    "a licence begins later": lambda company, user: company.licenses.update(
        starts_on=timezone.localdate() + timedelta(days=1)
    ),
    "a licence is another company's": lambda company, user: company.licenses.update(
        company=company_with("Elders", "elders.example")
    ),
    "a licence passes to somebody else": lambda company, user: Grant.objects.update(
        user=company.people.get(role="admin")
    ),
    "a licence is taken away": lambda company, user: Grant.objects.filter(user__company=company).delete(),
    "a licence ends for one": lambda company, user: Grant.objects.filter(user__company=company).update(
        ends_on=timezone.localdate() - timedelta(days=1)
    ),
    "somebody is locked": lambda company, user: SignInAttempts.objects.create(
        address=user.email, failures=4, locked_until=timezone.now() + timedelta(minutes=9)
    ),
    "a registration expires": lambda company, user: User.objects.filter(registered_at=None).update(
        registration_deadline=timezone.localdate()
    ),
    "somebody finishes registration": lambda company, user: User.objects.filter(registered_at=None).update(
        registered_at=timezone.now()
    ),
}


@pytest.mark.parametrize("what", CHANGES)
def test_after_any_change_the_numbers_are_true_at_once_and_when_counted_anew(
    what: str, company: Company, admin: User, colleague: User
) -> None:
    long_ago = timezone.localdate() - timedelta(days=99)
    holder = person(company=company)
    pending_person(company=company)
    license_for(company, name="Los", starts_on=long_ago)
    granted(license_for(company, starts_on=long_ago), holder)
    if "no longer for all" in what:
        license_for(company, is_company_wide=True)
    count_anew()
    before = people_counts(company)

    CHANGES[what](company, colleague)

    assert people_counts(company) != before
    assert people_counts(company).counts == by_looking(company)
    count_anew()
    assert not StatusChange.objects.exists()
    assert people_counts(company).counts == by_looking(company)


def by_looking(company: Company) -> Counter[tuple[str, str]]:
    people: Any = User.objects.members_of(company).with_status(has_active_license())
    return Counter(people.values_list("status", "role"))


def test_a_new_day_counts_anew(company: Company, colleague: User) -> None:
    count_anew()
    yesterday = timezone.localdate() - timedelta(days=1)
    StatusCounts.objects.update(day=yesterday, counts=[["blocked", "user", 7]])

    assert people_counts(company).counts == by_looking(company)
    count_anew()
    assert StatusCounts.objects.get(company=company).day == timezone.localdate()


def test_signing_in_leaves_the_numbers_as_they_are(company: Company, colleague: User) -> None:
    count_anew()

    User.objects.update(last_login=timezone.now(), session_round=3, name="Anders")

    assert not StatusChange.objects.exists()


def test_ten_people_in_one_statement_leave_one_change(company: Company) -> None:
    StatusChange.objects.all().delete()

    User.objects.bulk_create(
        [User(email=f"p{n}@voorbeeld.example", company=company, registered_at=timezone.now()) for n in range(10)]
    )

    assert StatusChange.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_a_change_on_its_way_while_a_worker_counts_is_counted_later(company: Company, colleague: User) -> None:
    def block_slowly() -> None:
        with transaction.atomic():
            User.objects.filter(pk=colleague.pk).update(is_blocked=True)
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_sleep(0.4)")

    def count_meanwhile() -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_sleep(0.2)")
        count_company(company)

    outcomes = at_once([block_slowly, count_meanwhile])

    assert outcomes == [None, None]
    assert people_counts(company).counts == by_looking(company)
    assert people_counts(company).people(status="blocked") == 1


@pytest.mark.django_db(transaction=True)
def test_a_change_whose_row_the_worker_takes_away_is_in_what_it_counts(company: Company, colleague: User) -> None:
    """It commits just before the rows go, from another connection."""

    def block() -> None:
        User.objects.filter(pk=colleague.pk).update(is_blocked=True)

    def first_block(execute: Callable[..., Any], sql: str, *rest: Any) -> Any:
        if sql.startswith('DELETE FROM "accounts_statuschange"'):
            assert at_once([block]) == [None]
        return execute(sql, *rest)

    with connection.execute_wrapper(first_block):
        count_company(company)

    assert not StatusChange.objects.filter(company=company).exists()
    assert people_counts(company).people(status="blocked") == 1


@pytest.fixture
def as_admin(admin: User, sign_in: SignIn) -> Client:
    User.objects.filter(pk=admin.pk).update(language="en")
    admin.refresh_from_db()
    return sign_in(admin)


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
        person(company=company, name=f"Mens {number % 7}", last_login=seen, label=label)

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
    license_for(company, name="Iedereen", is_company_wide=True)
    granted(license_for(company, name="Bouw <b>"), colleague)
    granted(license_for(company, name="Voorbij"), colleague, ends_on=today - timedelta(days=1))

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
    holder = person(company=company)
    granted(license_for(company), holder)
    late = pending_person(company=company, registration_deadline=timezone.localdate())
    for one in (late, blocked, person(company=company)):
        SignInAttempts.objects.create(address=one.email, **locked_out)
    pending_person(company=company, registration_deadline=timezone.localdate())
    long_ago = {"failures": 4, "locked_until": timezone.now() - timedelta(minutes=1)}
    SignInAttempts.objects.create(address=holder.email, **long_ago)

    shown = {user.pk: user.status for user in page(as_admin).context["page_obj"]}

    people: Any = User.objects.members_of(company).with_status(has_active_license())
    assert shown == dict(people.values_list("pk", "status"))
    assert len(set(shown.values())) == 6


def test_of_many_licences_the_first_eight_are_named(as_admin: Client, company: Company) -> None:
    for number in range(11):
        license_for(company, name=f"Licentie {number:02}", is_company_wide=True)

    html = page(as_admin).content.decode()

    assert "<span>Licentie 07</span><span>and 3 more</span>" in html


def test_whoever_was_never_seen_stands_first_when_sorted_by_it(
    as_admin: Client, company: Company, admin: User, colleague: User
) -> None:
    person(company=company, name="Lang Geleden", last_login=timezone.now() - timedelta(days=400))
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
        person(company=company, name=f"Mens {number:02}")

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
        person(company=company, name=f"Telmens {one:02}")

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
    found = person(company=company, name=name)
    person(company=company, name="Iemand Anders")

    assert list(User.objects.members_of(company).matching(typed)) == [found]


def test_no_word_goes_on_from_the_name_into_the_address(company: Company) -> None:
    person("dijk@voorbeeld.example", company=company, name="Petra van")

    assert not User.objects.matching("vandijk").exists()
    assert not User.objects.matching("van%dijk").exists()


def test_a_search_within_a_company_is_by_a_bigint(company: Company) -> None:
    """btree_gin compares a bigint with nothing else: the index would find people of all companies first."""
    assert f"= ({company.pk})::bigint" in str(User.objects.members_of(company).query)


def queries(as_admin: Client, company: Company, people: int, query: dict[str, Any]) -> int:
    """How many a page of the list takes with so many more people, half of them with a licence."""
    license = license_for(company)
    for _ in range(people):
        granted(license, person(company=company))
        person(company=company)
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


def test_other_companies_are_not_counted(company: Company, admin: User, other_admin: User) -> None:
    admin_of(company_with("Derde", "derde.example"))

    assert people_counts(company).people() == 1
