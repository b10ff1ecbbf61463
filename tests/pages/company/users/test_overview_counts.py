"""Test the saved numbers of users by status, which must be right after each change (R14)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from django.utils import timezone

from accounts.models import SignInAttempts, StatusChange, StatusCounts, User
from companies.models import Company
from licenses.access import has_active_license
from licenses.actions.status_counts import count_company, people_counts, recount_all
from licenses.models import Grant
from tests.at_once import run_at_once
from tests.factories import make_admin, make_company, make_grants, make_license, make_pending_person, make_person


def test_saved_status_counts_are_used_without_counting_again(company: Company, colleague: User) -> None:
    recount_all()
    StatusCounts.objects.filter(company=company).update(counts=[["blocked", "user", 7]])

    assert people_counts(company).people(status="blocked") == 7


CHANGES: dict[str, Callable[[Company, User], object]] = {
    "somebody is added": lambda company, user: make_person(company=company),
    "somebody is blocked": lambda company, user: User.objects.filter(pk=user.pk).update(is_blocked=True),
    "somebody goes": lambda company, user: user.delete(),
    "somebody becomes an admin": lambda company, user: User.objects.filter(pk=user.pk).update(role="admin"),
    "somebody moves away": lambda company, user: User.objects.filter(pk=user.pk).update(
        company=make_company("Elders", "elders.example")
    ),
    "a licence is given": lambda company, user: make_grants(company.licenses.get(name="Los"), user),
    "a licence is for all": lambda company, user: make_license(company, is_company_wide=True),
    "a licence is no longer for all": lambda company, user: company.licenses.update(is_company_wide=False),
    "a licence has ended": lambda company, user: company.licenses.update(
        ends_on=timezone.localdate() - timedelta(days=1)
    ),
    "a licence begins later": lambda company, user: company.licenses.update(
        starts_on=timezone.localdate() + timedelta(days=1)
    ),
    "a licence is another company's": lambda company, user: company.licenses.update(
        company=make_company("Elders", "elders.example")
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
def test_status_counts_are_right_directly_after_each_change_and_after_a_recount(
    what: str, company: Company, admin: User, colleague: User
) -> None:
    long_ago = timezone.localdate() - timedelta(days=99)
    holder = make_person(company=company)
    make_pending_person(company=company)
    make_license(company, name="Los", starts_on=long_ago)
    make_grants(make_license(company, starts_on=long_ago), holder)
    if "no longer for all" in what:
        make_license(company, is_company_wide=True)
    recount_all()
    before = people_counts(company)

    CHANGES[what](company, colleague)

    assert people_counts(company) != before
    assert people_counts(company).counts == counts_from_people(company)
    recount_all()
    assert not StatusChange.objects.exists()
    assert people_counts(company).counts == counts_from_people(company)


def counts_from_people(company: Company) -> Counter[tuple[str, str]]:
    people: Any = User.objects.members_of(company).with_status(has_active_license())
    return Counter(people.values_list("status", "role"))


def test_status_counts_of_yesterday_are_not_used(company: Company, colleague: User) -> None:
    recount_all()
    yesterday = timezone.localdate() - timedelta(days=1)
    StatusCounts.objects.update(day=yesterday, counts=[["blocked", "user", 7]])

    assert people_counts(company).counts == counts_from_people(company)
    recount_all()
    assert StatusCounts.objects.get(company=company).day == timezone.localdate()


def test_signing_in_or_a_new_name_records_no_status_change(company: Company, colleague: User) -> None:
    recount_all()

    User.objects.update(last_login=timezone.now(), session_round=3, name="Anders")

    assert not StatusChange.objects.exists()


def test_inserting_ten_people_in_one_statement_records_one_status_change(company: Company) -> None:
    StatusChange.objects.all().delete()

    User.objects.bulk_create(
        [User(email=f"p{n}@voorbeeld.example", company=company, registered_at=timezone.now()) for n in range(10)]
    )

    assert StatusChange.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_a_change_not_yet_committed_during_a_recount_is_counted_later(company: Company, colleague: User) -> None:
    def block_slowly() -> None:
        with transaction.atomic():
            User.objects.filter(pk=colleague.pk).update(is_blocked=True)
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_sleep(0.4)")

    def count_meanwhile() -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_sleep(0.2)")
        count_company(company)

    outcomes = run_at_once([block_slowly, count_meanwhile])

    assert outcomes == [None, None]
    assert people_counts(company).counts == counts_from_people(company)
    assert people_counts(company).people(status="blocked") == 1


@pytest.mark.django_db(transaction=True)
def test_a_change_committed_just_before_the_worker_deletes_its_row_is_counted(
    company: Company, colleague: User
) -> None:
    # The change commits from another connection.
    def block() -> None:
        User.objects.filter(pk=colleague.pk).update(is_blocked=True)

    def first_block(execute: Callable[..., Any], sql: str, *rest: Any) -> Any:
        if sql.startswith('DELETE FROM "accounts_statuschange"'):
            assert run_at_once([block]) == [None]
        return execute(sql, *rest)

    with connection.execute_wrapper(first_block):
        count_company(company)

    assert not StatusChange.objects.filter(company=company).exists()
    assert people_counts(company).people(status="blocked") == 1


def test_status_counts_include_one_company_only(company: Company, admin: User, other_admin: User) -> None:
    make_admin(make_company("Derde", "derde.example"))

    assert people_counts(company).people() == 1
