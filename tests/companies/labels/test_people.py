"""Test label values of people."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.actions import details, joining, registration
from accounts.actions.registration import NewColleague
from accounts.models import User
from companies.models import Company, LabelValue
from licenses.actions.granting import remove_colleague
from nenconnect.rules.errors import RuleError
from tests.companies.labels.values import label_of, url, value

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("_english")]
SignIn = Callable[[User], Client]


def test_a_person_chooses_a_label_value_in_the_profile(
    as_colleague: Client, colleague: User, purchasing: LabelValue
) -> None:
    page = as_colleague.get(reverse("profile:profile"))
    assert list(page.context["form"].fields) == ["name", "phone", "country", "label", "language"]
    assert "Afdeling" in page.content.decode()

    posted = {"name": "Coen", "language": "en", "label": purchasing.pk}
    assert as_colleague.post(reverse("profile:profile"), posted).status_code == 302
    assert label_of(colleague) == "Inkoop"
    assert as_colleague.get(reverse("profile:profile")).context["form"]["label"].value() == purchasing.pk

    as_colleague.post(reverse("profile:profile"), posted | {"label": ""})
    assert label_of(colleague) is None


def test_the_profile_stays_within_8_queries_with_it(
    as_colleague: Client, colleague: User, purchasing: LabelValue
) -> None:
    User.objects.filter(pk=colleague.pk).update(label=purchasing)
    as_colleague.get(reverse("profile:profile"))  # some queries run once in a session

    with CaptureQueriesContext(connection) as captured:
        as_colleague.get(reverse("profile:profile"))

    assert len(captured) <= 8, [query["sql"] for query in captured]


def test_an_admin_sets_the_label_value_on_the_page_of_a_person(
    as_admin: Client, colleague: User, purchasing: LabelValue
) -> None:
    posted = {"name": "Coen", "label": purchasing.pk}

    assert as_admin.post(url("edit_user", colleague), posted).status_code == 302

    assert label_of(colleague) == "Inkoop"
    page = as_admin.get(url("user", colleague)).content.decode()
    assert "<dt>Afdeling</dt>" in page
    assert "Inkoop" in page
    form = as_admin.get(url("edit_user", colleague)).context["form"]
    assert form["label"].value() == purchasing.pk


def test_an_admin_adds_a_user_with_it(as_admin: Client, purchasing: LabelValue) -> None:
    page = as_admin.get(reverse("company:add_user"))
    assert list(page.context["form"].fields) == [
        "role", "email", "name", "phone", "country", "label", "is_blocked", "is_mail_rerouted", "license",
    ]  # fmt: skip

    posted = {"role": "user", "email": "jan@voorbeeld.example", "name": "Jan", "label": purchasing.pk}
    as_admin.post(reverse("company:add_user"), posted)

    assert label_of(User.objects.get(email="jan@voorbeeld.example")) == "Inkoop"


@pytest.mark.parametrize("is_used", [True, False])
def test_another_companys_value_is_refused_in_every_form(
    as_admin: Client,
    as_colleague: Client,
    company: Company,
    other_company: Company,
    colleague: User,
    is_used: bool,
) -> None:
    if is_used:
        Company.objects.update(user_label="Afdeling")
        value(company, "Inkoop")
    foreign = value(other_company, "Verkoop").pk
    posted = {"role": "user", "name": "Jan", "email": "jan@voorbeeld.example", "language": "nl", "label": foreign}

    answers = [
        as_admin.post(url("edit_user", colleague), posted),
        as_admin.post(reverse("company:add_user"), posted),
        as_colleague.post(reverse("profile:profile"), posted),
    ]

    assert [answer.status_code for answer in answers] == ([200] * 3 if is_used else [302] * 3)
    assert not User.objects.filter(label__isnull=False).exists()


def test_the_actions_refuse_another_companys_value(
    company: Company, other_company: Company, admin: User, colleague: User
) -> None:
    foreign = value(other_company, "Verkoop")
    new = NewColleague(email="jan@voorbeeld.example", name="Jan", label=foreign)

    with pytest.raises(RuleError):
        details.change_details(colleague, by=admin, label=foreign)
    with pytest.raises(RuleError):
        registration.add_user(company, new, by=admin)


def test_choosing_a_label_value_that_was_just_deleted_gives_an_error_at_the_field(
    as_admin: Client,
    as_colleague: Client,
    colleague: User,
    purchasing: LabelValue,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # Between the form's look and the action's: another admin deletes it.
    gone = LabelValue(pk=purchasing.pk + 999, name="Inkoop", company=purchasing.company)
    monkeypatch.setattr("django.forms.ModelChoiceField.to_python", lambda field, raw: gone if raw else None)
    posted = {"name": "Coen", "language": "en", "label": "1", "role": "user", "email": "jan@voorbeeld.example"}

    for browser, page in (
        (as_admin, url("edit_user", colleague)),
        (as_admin, reverse("company:add_user")),
        (as_colleague, reverse("profile:profile")),
    ):
        answer = browser.post(page, posted)
        assert "no longer in the list" in answer.context["form"].errors["label"][0], page


def test_a_label_without_values_is_not_shown_in_forms(
    as_admin: Client, as_colleague: Client, colleague: User
) -> None:
    Company.objects.update(user_label="Afdeling")

    for browser, page in (
        (as_admin, url("edit_user", colleague)),
        (as_admin, reverse("company:add_user")),
        (as_colleague, reverse("profile:profile")),
    ):
        assert "label" not in browser.get(page).context["form"].fields


def test_a_person_without_a_company_has_no_label(personal: User, sign_in: SignIn, purchasing: LabelValue) -> None:
    browser = sign_in(personal)

    browser.post(reverse("profile:profile"), {"name": "Pim", "language": "nl", "label": purchasing.pk})

    assert "label" not in browser.get(reverse("profile:profile")).context["form"].fields
    assert label_of(personal) is None


def test_leaving_the_company_removes_the_label(
    company: Company, admin: User, colleague: User, purchasing: LabelValue
) -> None:
    User.objects.filter(pk=colleague.pk).update(label=purchasing)
    colleague.refresh_from_db()

    remove_colleague(colleague, by=admin)
    colleague.refresh_from_db()
    assert (colleague.company, colleague.label) == (None, None)
    joining.join(colleague, company)

    assert label_of(colleague) is None
