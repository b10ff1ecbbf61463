"""Test pasting, listing and searching the values of a label."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.actions import labels
from accounts.models import User
from companies import actions
from companies.models import Company, LabelValue
from nenconnect.audit.models import AuditEntry
from nenconnect.rules.errors import RuleError
from tests.companies.labels.values import LABEL, messages_of, names, refusal, url, value
from tests.factories import make_person

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("_english")]
LONGEST = "Afdeling voor de ontwikkeling en het onderhoud van normen 60"


def test_a_pasted_list_adds_only_the_new_label_values(
    as_admin: Client, company: Company, purchasing: LabelValue
) -> None:
    pasted = "Verkoop\r\n  INKOOP \r\n\r\nKwaliteit\u00a0 en   veiligheid\nverkoop\rWerkplaats\t\n"

    answer = as_admin.post(reverse("company:add_label_values"), {"names": pasted})

    assert names(company) == ["Inkoop", "Kwaliteit en veiligheid", "Verkoop", "Werkplaats"]
    assert messages_of(answer) == "3 values are added. 2 were in the list already."
    assert AuditEntry.objects.get(verb="label_values_added").details == {"values": 3}


def test_two_unicode_spellings_of_a_name_are_the_same_label_value(company: Company, admin: User) -> None:
    assert actions.add_label_values(company, "users", ["Caf\u00e9", "Cafe\u0301", "CAFÉ"], by=admin) == 1


@pytest.mark.parametrize(
    ("pasted", "reason"),
    [
        ("Inkoop\nVer\tkoop", "Use only letters"),
        ("Inkoop\nVer\x0bkoop", "Use only letters"),
        ("Inkoop\n\u202eVerkoop", "Use only letters"),
        ("Inkoop\n" + "x" * 61, "too long: at most 60 characters"),
        ("Inkoop\x00", "Null characters"),
        (" \n ", "required"),
    ],
)
def test_a_pasted_list_with_a_wrong_line_adds_nothing(
    as_admin: Client, company: Company, pasted: str, reason: str
) -> None:
    answer = as_admin.post(reverse("company:add_label_values"), {"names": pasted})

    assert reason in refusal(answer)
    assert names(company) == []
    assert not AuditEntry.objects.exists()


def test_a_list_has_an_end(as_admin: Client, company: Company) -> None:
    many = [f"Afdeling {number}" for number in range(1000)]
    as_admin.post(reverse("company:add_label_values"), {"names": "\n".join(many)})

    answer = as_admin.post(reverse("company:add_label_values"), {"names": "AFDELING 1\nNog een"})

    assert "would hold 1001 values, and 1000 is the most" in refusal(answer)
    assert LabelValue.objects.of(company).count() == 1000


def test_the_page_of_a_deleted_label_value_does_not_exist(
    as_admin: Client, purchasing: LabelValue, admin: User
) -> None:
    labels.delete_label_value(purchasing, by=admin)

    for name in ("rename_label_value", "merge_label_value", "delete_label_value"):
        assert as_admin.post(url(name, purchasing)).status_code == 404
    for act in (
        lambda: actions.rename_label_value(purchasing, "Aankoop", seen="Inkoop", by=admin),
        lambda: labels.delete_label_value(purchasing, by=admin),
    ):
        with pytest.raises(RuleError, match="no longer in the list"):
            act()


def test_a_long_list_is_paged_and_searched(as_admin: Client, company: Company, purchasing: LabelValue) -> None:
    LabelValue.objects.bulk_create(LabelValue(company=company, name=f"Project {n:03}") for n in range(300))
    value(company, LONGEST)

    page = as_admin.get(LABEL, {"page": 3})
    response = as_admin.get(LABEL, {"q": "ROJECT 12"})

    assert (page.context["page_obj"].paginator.num_pages, page.context["total"]) == (7, 302)
    assert [value.name for value in response.context["page_obj"]] == [f"Project 12{n}" for n in range(10)]
    assert "No value fits" in as_admin.get(LABEL, {"q": "bestaat niet"}).content.decode()
    for odd in ("x" * 500, "%"):
        assert as_admin.get(LABEL, {"q": odd}).status_code == 200


def test_the_list_counts_people_and_leads_to_them(
    as_admin: Client, company: Company, purchasing: LabelValue
) -> None:
    for _number in range(2):
        make_person(company=company, label=purchasing)

    page = as_admin.get(LABEL).content.decode()

    assert "2 users" in page
    assert f"{reverse('company:users')}?label={purchasing.pk}" in page


def test_the_list_asks_as_much_at_30_values_as_at_3(as_admin: Client, company: Company) -> None:
    Company.objects.update(user_label="Afdeling")

    def queries(more: int) -> int:
        for number in range(more):
            make_person(company=company, label=value(company, f"Afdeling {more}-{number}"))
        with CaptureQueriesContext(connection) as captured:
            assert as_admin.get(LABEL).status_code == 200
        return len(captured)

    queries(1)  # some rows are cached between pages
    assert queries(2) == queries(27) <= 8
