"""Test the company's label: its name, switching it off, and where it is shown."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import User
from companies import actions
from companies.models import Company, LabelValue
from nenconnect.audit.models import AuditEntry
from nenconnect.rules.errors import RuleError
from tests.companies.labels.values import LABEL, label_of, messages_of, refusal, url, value
from tests.factories import make_person

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("_english")]
SignIn = Callable[[User], Client]


# The label itself -----------------------------------------------------------------------------------


def test_an_admin_names_the_label(as_admin: Client, company: Company, admin: User) -> None:
    answer = as_admin.post(reverse("company:change_label"), {"user_label": "  Afdeling "})

    assert answer.headers["Location"] == LABEL
    assert messages_of(answer) == "The label is “Afdeling” now."
    company.refresh_from_db()
    assert company.user_label == "Afdeling"
    entry = AuditEntry.objects.get(verb="company_changed")
    assert (entry.actor_id, entry.details) == (admin.pk, {"fields": ["user_label"]})


@pytest.mark.parametrize("name", ["Afde\u202eling", "x" * 41, "Afde\x00ling", "Afde\tling", "\u200b"])
def test_a_label_that_is_no_name_is_refused(as_admin: Client, company: Company, name: str) -> None:
    assert refusal(as_admin.post(reverse("company:change_label"), {"user_label": name}))

    company.refresh_from_db()
    assert company.user_label == ""


def test_the_action_refuses_an_invalid_label_name(company: Company, admin: User) -> None:
    with pytest.raises(RuleError):
        actions.set_label(company, "users", "Afde\u202eling", by=admin)
    with pytest.raises(RuleError):
        actions.set_label(company, "users", "x" * 41, by=admin)


def test_a_label_switched_off_is_hidden_and_comes_back_with_the_values_of_people(
    as_admin: Client, as_colleague: Client, company: Company, colleague: User, purchasing: LabelValue
) -> None:
    User.objects.filter(pk=colleague.pk).update(label=purchasing)

    page = as_admin.get(reverse("company:change_label")).content.decode()
    assert "1 person has a value of this label now" in page
    answer = as_admin.post(reverse("company:change_label"), {"user_label": ""})

    assert messages_of(answer) == "You use no label now."
    assert "are kept with the people and requests that have them" in as_admin.get(LABEL).content.decode()
    for browser, hidden in (
        (as_admin, reverse("company:users")),
        (as_admin, url("user", colleague)),
        (as_admin, url("edit_user", colleague)),
        (as_colleague, reverse("profile:profile")),
    ):
        assert "Inkoop" not in browser.get(hidden).content.decode(), hidden
    as_colleague.post(reverse("profile:profile"), {"name": "Coen", "language": "en"})
    as_admin.post(reverse("company:change_label"), {"user_label": "Afdeling"})
    assert "Inkoop" in as_admin.get(url("user", colleague)).content.decode()


def test_the_settings_page_leads_to_the_label(as_admin: Client, purchasing: LabelValue) -> None:
    page = as_admin.get(reverse("company:settings")).content.decode()

    assert "Afdeling" in page
    assert LABEL in page


# The overview ---------------------------------------------------------------------------------------


def names_found(as_admin: Client, **query: Any) -> list[str]:
    return [user.name for user in as_admin.get(reverse("company:users"), query).context["page_obj"]]


def test_the_overview_has_the_label_as_column_and_filter(
    as_admin: Client, company: Company, other_company: Company, colleague: User, purchasing: LabelValue
) -> None:
    User.objects.filter(pk=colleague.pk).update(label=purchasing)
    sales = value(company, "Verkoop")
    make_person(company=company, name="Vera Verkoop", label=sales)
    foreign = value(other_company, "Vreemd")

    page = as_admin.get(reverse("company:users"))
    assert "Afdeling" in [column["label"] for column in page.context["columns"]]
    assert "Vreemd" not in page.content.decode()
    assert names_found(as_admin, label=purchasing.pk) == ["Coen Collega"]
    assert names_found(as_admin, label="none") == ["Anneke Beheerder"]
    for nothing in ("", "zonder", foreign.pk, "0"):  # not a choice here: nothing is filtered
        assert len(names_found(as_admin, label=nothing)) == 3
    assert names_found(as_admin, sort="label") == ["Coen Collega", "Vera Verkoop", "Anneke Beheerder"]
    assert names_found(as_admin, sort="-label") == ["Vera Verkoop", "Coen Collega", "Anneke Beheerder"]


def test_the_filter_survives_opening_a_person(as_admin: Client, colleague: User, purchasing: LabelValue) -> None:
    User.objects.filter(pk=colleague.pk).update(label=purchasing)
    listed = as_admin.get(reverse("company:users"), {"label": purchasing.pk})

    page = as_admin.get(url("user", colleague) + listed.context["keep"]).content.decode()

    assert f"{reverse('company:users')}?label={purchasing.pk}" in page


def test_a_company_without_label_has_neither(as_admin: Client) -> None:
    page = as_admin.get(reverse("company:users"))

    assert "label" not in page.context["filter"].fields
    assert "Label" not in [column["label"] for column in page.context["columns"]]


def test_the_overview_asks_as_much_with_30_labels_as_with_3(as_admin: Client, company: Company) -> None:
    Company.objects.update(user_label="Afdeling")

    def queries(more: int) -> int:
        for number in range(more):
            make_person(company=company, label=value(company, f"Afdeling {more}-{number}"))
        with CaptureQueriesContext(connection) as captured:
            assert as_admin.get(reverse("company:users")).status_code == 200
        return len(captured)

    queries(1)  # some rows are cached between pages
    assert queries(2) == queries(27)


# NEN's desk -----------------------------------------------------------------------------------------


def desk_page(user: User) -> str:
    return reverse("admin:accounts_user_change", args=[user.pk])


def test_staff_change_the_label_of_a_person_to_a_value_of_the_company(
    sign_in: SignIn, staff: User, colleague: User, other_company: Company, purchasing: LabelValue
) -> None:
    foreign = value(other_company, "Vreemd")
    browser = sign_in(staff)
    posted = {"name": "Coen", "phone": "", "country": "NL", "language": "nl", "label": purchasing.pk}

    assert "Vreemd" not in browser.get(desk_page(colleague)).content.decode()
    assert browser.post(desk_page(colleague), posted | {"label": foreign.pk}).status_code == 200
    assert label_of(colleague) is None
    assert browser.post(desk_page(colleague), posted).status_code == 302
    assert label_of(colleague) == "Inkoop"


def test_staff_see_no_label_field_for_a_company_without_a_label(
    sign_in: SignIn, staff: User, personal: User, colleague: User
) -> None:
    for user in (personal, colleague):
        page = sign_in(staff).get(desk_page(user))
        assert "label" not in page.context["adminform"].form.fields
    posted = {"name": "Pim", "phone": "", "country": "NL", "language": "nl"}
    assert sign_in(staff).post(desk_page(personal), posted).status_code == 302


def test_staff_see_the_companys_label(
    sign_in: SignIn, staff: User, company: Company, purchasing: LabelValue
) -> None:
    page = sign_in(staff).get(reverse("admin:companies_company_change", args=[company.pk])).content.decode()

    assert "Afdeling: 1 value" in page or "Afdeling: 1 waarde" in page
