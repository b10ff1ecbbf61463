"""Test renaming, merging and deleting values of a label."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.actions import labels
from accounts.models import User
from companies.models import Company, LabelValue
from nenconnect.audit.models import AuditEntry
from nenconnect.rules.errors import RuleError
from tests.companies.labels.values import LABEL, label_of, messages_of, names, refusal, url, value
from tests.factories import make_person

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("_english")]


def test_renaming_carries_people_along(
    as_admin: Client, company: Company, colleague: User, purchasing: LabelValue
) -> None:
    User.objects.filter(pk=colleague.pk).update(label=purchasing)
    page = url("rename_label_value", purchasing)

    assert "1 person has this value and keeps it" in as_admin.get(page).content.decode()
    answer = as_admin.post(page, {"name": " Inkoop en  logistiek", "seen": "Inkoop"})

    assert answer.headers["Location"] == LABEL
    assert messages_of(answer) == "“Inkoop” is called “Inkoop en logistiek” now."
    assert label_of(colleague) == "Inkoop en logistiek"


def test_another_case_is_another_name_of_the_same_value(
    as_admin: Client, company: Company, purchasing: LabelValue
) -> None:
    as_admin.post(url("rename_label_value", purchasing), {"name": "INKOOP", "seen": "Inkoop"})

    assert names(company) == ["INKOOP"]


def test_renaming_to_a_name_that_exists_offers_to_merge(
    as_admin: Client, company: Company, colleague: User, purchasing: LabelValue
) -> None:
    buying = value(company, "Aankoop")
    User.objects.filter(pk=colleague.pk).update(label=buying)

    answer = as_admin.post(url("rename_label_value", buying), {"name": "inkoop", "seen": "Aankoop"})

    assert refusal(answer) == "The list already has a value “Inkoop”."
    offer = f"{url('merge_label_value', buying)}?into={purchasing.pk}"
    assert offer in answer.content.decode()
    assert "1 person with “Aankoop” gets “Inkoop”" in as_admin.get(offer).content.decode()
    assert names(company) == ["Aankoop", "Inkoop"]


def test_the_second_admin_to_rename_a_value_sees_its_new_name(
    as_admin: Client, company: Company, purchasing: LabelValue
) -> None:
    as_admin.post(url("rename_label_value", purchasing), {"name": "Aankoop", "seen": "Inkoop"})

    answer = as_admin.post(url("rename_label_value", purchasing), {"name": "Aanschaf", "seen": "Inkoop"})

    assert "“Inkoop” is now called “Aankoop”" in refusal(answer)
    assert names(company) == ["Aankoop"]


def test_merging_label_values_changes_as_many_people_as_its_page_counted(
    as_admin: Client, company: Company, admin: User, purchasing: LabelValue
) -> None:
    buying = value(company, "Aankoop")
    people = [make_person(company=company, label=buying) for _number in range(3)]
    keeper = make_person(company=company, label=purchasing)
    page = url("merge_label_value", buying)

    assert "Choose the value that stays" in as_admin.get(page).content.decode()
    captured = as_admin.get(page, {"into": purchasing.pk}).content.decode()
    assert "3 people with “Aankoop” get “Inkoop”" in captured
    assert {label_of(person) for person in people} == {"Aankoop"}
    answer = as_admin.post(page, {"into": purchasing.pk})

    assert messages_of(answer) == "“Aankoop” is merged with “Inkoop”; 3 people are carried along."
    assert {label_of(person) for person in [*people, keeper]} == {"Inkoop"}
    assert names(company) == ["Inkoop"]
    entry = AuditEntry.objects.get(verb="label_values_merged")
    assert (entry.actor_id, entry.subjects) == (admin.pk, {"labelvalue": purchasing.pk})
    assert entry.details == {"merged": buying.pk, "people": 3}


def test_merging_label_values_updates_all_people_in_one_statement(
    company: Company, admin: User, purchasing: LabelValue
) -> None:
    def updates(number: int) -> int:
        other = value(company, f"Aankoop {number}")
        for _number in range(number):
            make_person(company=company, label=other)
        with CaptureQueriesContext(connection) as captured:
            assert labels.merge_label_values(other, into=purchasing, by=admin) == number
        return len(captured)

    assert updates(3) == updates(30)


@pytest.mark.parametrize("into", ["", "0", "abc", "99999999999999999999"])
def test_merging_with_nothing_is_refused(
    as_admin: Client, company: Company, purchasing: LabelValue, into: str
) -> None:
    value(company, "Aankoop")

    assert refusal(as_admin.post(url("merge_label_value", purchasing), {"into": into}))
    assert refusal(as_admin.get(url("merge_label_value", purchasing), {"into": into}))
    assert names(company) == ["Aankoop", "Inkoop"]


def test_merging_with_itself_or_another_companys_value_is_refused(
    as_admin: Client, company: Company, other_company: Company, admin: User, purchasing: LabelValue
) -> None:
    foreign = value(other_company, "Aankoop")

    for into in (purchasing, foreign):
        assert refusal(as_admin.post(url("merge_label_value", purchasing), {"into": into.pk}))
        with pytest.raises(RuleError):
            labels.merge_label_values(purchasing, into=into, by=admin)
    assert names(company) == ["Inkoop"]
    assert names(other_company) == ["Aankoop"]


def test_deleting_a_label_value_says_how_many_people_lose_it(
    as_admin: Client, company: Company, purchasing: LabelValue
) -> None:
    people = [make_person(company=company, label=purchasing) for _number in range(2)]
    page = url("delete_label_value", purchasing)

    assert "2 people have this value, and have none afterwards" in as_admin.get(page).content.decode()
    assert names(company) == ["Inkoop"]
    answer = as_admin.post(page)

    assert messages_of(answer) == "“Inkoop” is deleted; 2 people had it."
    assert {label_of(person) for person in people} == {None}
    assert names(company) == []
    assert AuditEntry.objects.get(verb="label_value_deleted").details == {"people": 2}
