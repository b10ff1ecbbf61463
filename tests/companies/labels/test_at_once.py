"""Test two people who change values of a label at the same time."""

from __future__ import annotations

from time import sleep

import pytest

from accounts.actions import details, labels
from accounts.models import User
from companies import actions
from companies.models import Company, LabelValue
from nenconnect.rules.errors import RuleError
from tests.at_once import run_at_once, slow_writes
from tests.companies.labels.values import label_of, names, value
from tests.factories import make_person

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("_english")]


@pytest.mark.django_db(transaction=True)
def test_renaming_and_merging_a_label_value_at_the_same_time_leaves_one_value(
    company: Company, admin: User, purchasing: LabelValue
) -> None:
    # Whichever comes first: the people have one value that is in the list, and no one gets an error page.
    buying = value(company, "Aankoop")
    people = [make_person(company=company, label=buying) for _number in range(3)]

    def rename() -> None:
        sleep(0.1)  # looks while the other is about to delete, and writes after
        actions.rename_label_value(buying, "Verwerving", seen="Aankoop", by=admin)

    def merge() -> int:
        return labels.merge_label_values(buying, into=purchasing, by=admin)

    with slow_writes("companies_labelvalue", seconds=0.3):
        renamed, merged = run_at_once([rename, merge])

    assert merged == 3
    assert renamed is None or isinstance(renamed, RuleError)
    assert names(company) == ["Inkoop"]
    assert {label_of(item) for item in people} == {"Inkoop"}


@pytest.mark.django_db(transaction=True)
def test_two_admins_renaming_to_the_same_name_at_once_leave_one_value(
    company: Company, admin: User, purchasing: LabelValue
) -> None:
    buying = value(company, "Aankoop")

    def rename(item: LabelValue) -> None:
        actions.rename_label_value(item, "Verwerving", seen=item.name, by=admin)

    with slow_writes("companies_labelvalue"):
        outcomes = run_at_once([lambda: rename(buying), lambda: rename(purchasing)])

    assert sorted(type(outcome).__name__ for outcome in outcomes) == ["NoneType", "RuleError"]


@pytest.mark.django_db(transaction=True)
def test_two_values_are_merged_with_each_other_at_once(
    company: Company, admin: User, purchasing: LabelValue
) -> None:
    buying = value(company, "Aankoop")
    people = [make_person(company=company, label=item) for item in (buying, purchasing)]

    with slow_writes("accounts_user"):
        outcomes = run_at_once(
            [
                lambda: labels.merge_label_values(buying, into=purchasing, by=admin),
                lambda: labels.merge_label_values(purchasing, into=buying, by=admin),
            ]
        )

    assert sorted(type(outcome).__name__ for outcome in outcomes) == ["RuleError", "int"]
    assert len(names(company)) == 1
    assert {label_of(item) for item in people} == set(names(company))


@pytest.mark.django_db(transaction=True)
def test_a_value_is_picked_and_deleted_at_once(
    company: Company, admin: User, colleague: User, purchasing: LabelValue
) -> None:
    with slow_writes("accounts_user"):
        picked, deleted = run_at_once(
            [
                lambda: details.change_details(colleague, by=colleague, label=purchasing),
                lambda: labels.delete_label_value(purchasing, by=admin),
            ]
        )

    assert picked is None or isinstance(picked, RuleError)
    assert isinstance(deleted, int)
    assert label_of(colleague) is None
    assert names(company) == []


@pytest.mark.django_db(transaction=True)
def test_two_admins_pasting_the_same_list_at_once_add_each_value_once(company: Company, admin: User) -> None:
    pasted = [f"Afdeling {number}" for number in range(20)]

    with slow_writes("companies_labelvalue"):
        outcomes = run_at_once([lambda: actions.add_label_values(company, "users", pasted, by=admin)] * 2)

    assert sorted(outcomes, key=str) == [0, 20]
