"""The company's label for users: its values in „Instellingen", picked in „Mijn profiel" and on a person's page."""

from __future__ import annotations

from collections.abc import Callable
from time import sleep
from typing import Any

import pytest
from django.contrib.messages import get_messages
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.actions import details, joining, labels, registration
from accounts.actions.registration import NewColleague
from accounts.models import User
from companies import actions
from companies.models import Company, LabelValue
from licenses.actions.granting import remove_colleague
from nenconnect.audit.models import AuditEntry
from nenconnect.rules.errors import RuleError
from tests.at_once import at_once, slow_writes
from tests.factories import person

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("_english")]
SignIn = Callable[[User], Client]

LABEL = reverse("company:label")
LONGEST = "Afdeling voor de ontwikkeling en het onderhoud van normen 60"


@pytest.fixture
def as_admin(admin: User, sign_in: SignIn) -> Client:
    """The admin's, in English: the words of the pages are then the source strings."""
    User.objects.filter(pk=admin.pk).update(language="en")
    admin.refresh_from_db()
    return sign_in(admin)


@pytest.fixture
def as_colleague(colleague: User, sign_in: SignIn) -> Client:
    User.objects.filter(pk=colleague.pk).update(language="en")
    colleague.refresh_from_db()
    return sign_in(colleague)


@pytest.fixture
def purchasing(company: Company) -> LabelValue:
    """„Inkoop", a value of the label „Afdeling" that Voorbeeld BV uses."""
    Company.objects.filter(pk=company.pk).update(user_label="Afdeling")
    company.refresh_from_db()
    return value(company, "Inkoop")


def value(company: Company, name: str) -> LabelValue:
    return LabelValue.objects.create(company=company, name=name)


def names(company: Company) -> list[str]:
    return [one.name for one in LabelValue.objects.of(company)]


def label_of(user: User) -> str | None:
    label = User.objects.select_related("label").get(pk=user.pk).label
    return label.name if label else None


def url(name: str, thing: LabelValue | User) -> str:
    return reverse(f"company:{name}", args=[thing.pk])


def said(answer: Any) -> str:
    return " ".join(str(message) for message in get_messages(answer.wsgi_request))


def refusal(answer: Any) -> str:
    assert answer.status_code == 200, said(answer)
    return " ".join(error for errors in answer.context["form"].errors.values() for error in errors)


# The label itself -----------------------------------------------------------------------------------


def test_an_admin_names_the_label(as_admin: Client, company: Company, admin: User) -> None:
    answer = as_admin.post(reverse("company:change_label"), {"user_label": "  Afdeling "})

    assert answer.headers["Location"] == LABEL
    assert said(answer) == "The label is “Afdeling” now."
    company.refresh_from_db()
    assert company.user_label == "Afdeling"
    entry = AuditEntry.objects.get(verb="company_changed")
    assert (entry.actor_id, entry.details) == (admin.pk, {"fields": ["user_label"]})


@pytest.mark.parametrize("name", ["Afde\u202eling", "x" * 41, "Afde\x00ling", "Afde\tling", "\u200b"])
def test_a_label_that_is_no_name_is_refused(as_admin: Client, company: Company, name: str) -> None:
    assert refusal(as_admin.post(reverse("company:change_label"), {"user_label": name}))

    company.refresh_from_db()
    assert company.user_label == ""


def test_the_action_refuses_such_a_name_whatever_the_form_let_through(company: Company, admin: User) -> None:
    with pytest.raises(RuleError):
        actions.set_label(company, "users", "Afde\u202eling", by=admin)
    with pytest.raises(RuleError):
        actions.set_label(company, "users", "x" * 41, by=admin)


def test_a_label_out_of_use_is_hidden_and_comes_back_with_what_people_had(
    as_admin: Client, as_colleague: Client, company: Company, colleague: User, purchasing: LabelValue
) -> None:
    User.objects.filter(pk=colleague.pk).update(label=purchasing)

    page = as_admin.get(reverse("company:change_label")).content.decode()
    assert "1 person has a value now" in page
    answer = as_admin.post(reverse("company:change_label"), {"user_label": ""})

    assert said(answer) == "You use no label now."
    assert "are kept, and nobody sees them" in as_admin.get(LABEL).content.decode()
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


# Its values -----------------------------------------------------------------------------------------


def test_a_pasted_list_adds_what_is_not_there_yet(
    as_admin: Client, company: Company, purchasing: LabelValue
) -> None:
    pasted = "Verkoop\r\n  INKOOP \r\n\r\nKwaliteit\u00a0 en   veiligheid\nverkoop\rWerkplaats\t\n"

    answer = as_admin.post(reverse("company:add_label_values"), {"names": pasted})

    assert names(company) == ["Inkoop", "Kwaliteit en veiligheid", "Verkoop", "Werkplaats"]
    assert said(answer) == "3 values are added. 2 were in the list already."
    assert AuditEntry.objects.get(verb="label_values_added").details == {"values": 3}


def test_two_ways_to_write_one_letter_are_one_value(company: Company, admin: User) -> None:
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
def test_one_wrong_line_of_a_list_and_nothing_is_added(
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


def test_renaming_carries_people_along(
    as_admin: Client, company: Company, colleague: User, purchasing: LabelValue
) -> None:
    User.objects.filter(pk=colleague.pk).update(label=purchasing)
    page = url("rename_label_value", purchasing)

    assert "1 person has this value and keeps it" in as_admin.get(page).content.decode()
    answer = as_admin.post(page, {"name": " Inkoop en  logistiek", "seen": "Inkoop"})

    assert answer.headers["Location"] == LABEL
    assert said(answer) == "“Inkoop” is called “Inkoop en logistiek” now."
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

    assert refusal(answer) == "There is a value “Inkoop” already."
    offer = f"{url('merge_label_value', buying)}?into={purchasing.pk}"
    assert offer in answer.content.decode()
    assert "1 person with “Aankoop” gets “Inkoop”" in as_admin.get(offer).content.decode()
    assert names(company) == ["Aankoop", "Inkoop"]


def test_whoever_renames_second_is_told_of_the_first(
    as_admin: Client, company: Company, purchasing: LabelValue
) -> None:
    as_admin.post(url("rename_label_value", purchasing), {"name": "Aankoop", "seen": "Inkoop"})

    answer = as_admin.post(url("rename_label_value", purchasing), {"name": "Aanschaf", "seen": "Inkoop"})

    assert "“Inkoop” was renamed to “Aankoop” meanwhile" in refusal(answer)
    assert names(company) == ["Aankoop"]


def test_merging_says_in_numbers_what_it_does_and_then_does_it(
    as_admin: Client, company: Company, admin: User, purchasing: LabelValue
) -> None:
    buying = value(company, "Aankoop")
    people = [person(company=company, label=buying) for _number in range(3)]
    keeper = person(company=company, label=purchasing)
    page = url("merge_label_value", buying)

    assert "Choose the value that stays" in as_admin.get(page).content.decode()
    asked = as_admin.get(page, {"into": purchasing.pk}).content.decode()
    assert "3 people with “Aankoop” get “Inkoop”" in asked
    assert {label_of(one) for one in people} == {"Aankoop"}
    answer = as_admin.post(page, {"into": purchasing.pk})

    assert said(answer) == "“Aankoop” is merged with “Inkoop”; 3 people are carried along."
    assert {label_of(one) for one in [*people, keeper]} == {"Inkoop"}
    assert names(company) == ["Inkoop"]
    entry = AuditEntry.objects.get(verb="label_values_merged")
    assert (entry.actor_id, entry.subjects) == (admin.pk, {"labelvalue": purchasing.pk})
    assert entry.details == {"merged": buying.pk, "people": 3}


def test_people_are_carried_along_in_one_statement(company: Company, admin: User, purchasing: LabelValue) -> None:
    def updates(number: int) -> int:
        other = value(company, f"Aankoop {number}")
        for _number in range(number):
            person(company=company, label=other)
        with CaptureQueriesContext(connection) as asked:
            assert labels.merge_label_values(other, into=purchasing, by=admin) == number
        return len(asked)

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


def test_deleting_says_how_many_lose_it(as_admin: Client, company: Company, purchasing: LabelValue) -> None:
    people = [person(company=company, label=purchasing) for _number in range(2)]
    page = url("delete_label_value", purchasing)

    assert "2 people have this value, and have none afterwards" in as_admin.get(page).content.decode()
    assert names(company) == ["Inkoop"]
    answer = as_admin.post(page)

    assert said(answer) == "“Inkoop” is deleted; 2 people had it."
    assert {label_of(one) for one in people} == {None}
    assert names(company) == []
    assert AuditEntry.objects.get(verb="label_value_deleted").details == {"people": 2}


def test_a_value_that_a_colleague_deleted_is_a_page_that_is_gone(
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
    found = as_admin.get(LABEL, {"q": "ROJECT 12"})

    assert (page.context["page_obj"].paginator.num_pages, page.context["total"]) == (7, 302)
    assert [one.name for one in found.context["page_obj"]] == [f"Project 12{n}" for n in range(10)]
    assert "No value fits" in as_admin.get(LABEL, {"q": "bestaat niet"}).content.decode()
    for odd in ("x" * 500, "%"):
        assert as_admin.get(LABEL, {"q": odd}).status_code == 200


def test_the_list_counts_people_and_leads_to_them(
    as_admin: Client, company: Company, purchasing: LabelValue
) -> None:
    for _number in range(2):
        person(company=company, label=purchasing)

    page = as_admin.get(LABEL).content.decode()

    assert "2 users" in page
    assert f"{reverse('company:users')}?label={purchasing.pk}" in page


def test_the_list_asks_as_much_at_30_values_as_at_3(as_admin: Client, company: Company) -> None:
    Company.objects.update(user_label="Afdeling")

    def queries(more: int) -> int:
        for number in range(more):
            person(company=company, label=value(company, f"Afdeling {more}-{number}"))
        with CaptureQueriesContext(connection) as asked:
            assert as_admin.get(LABEL).status_code == 200
        return len(asked)

    queries(1)  # what is remembered between pages is asked once
    assert queries(2) == queries(27) <= 8


# People ---------------------------------------------------------------------------------------------


def test_a_person_picks_it_in_the_profile(as_colleague: Client, colleague: User, purchasing: LabelValue) -> None:
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
    as_colleague.get(reverse("profile:profile"))  # what is noted once in a session

    with CaptureQueriesContext(connection) as asked:
        as_colleague.get(reverse("profile:profile"))

    assert len(asked) <= 8, [query["sql"] for query in asked]


def test_an_admin_sets_it_on_the_persons_page(as_admin: Client, colleague: User, purchasing: LabelValue) -> None:
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


def test_a_value_that_goes_while_somebody_picks_it_is_said_at_the_field(
    as_admin: Client,
    as_colleague: Client,
    colleague: User,
    purchasing: LabelValue,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Between the form's look and the action's: another admin deletes it."""
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


def test_without_values_nobody_is_asked_to_choose(as_admin: Client, as_colleague: Client, colleague: User) -> None:
    Company.objects.update(user_label="Afdeling")

    for browser, page in (
        (as_admin, url("edit_user", colleague)),
        (as_admin, reverse("company:add_user")),
        (as_colleague, reverse("profile:profile")),
    ):
        assert "label" not in browser.get(page).context["form"].fields


def test_whoever_has_no_company_has_no_label(personal: User, sign_in: SignIn, purchasing: LabelValue) -> None:
    browser = sign_in(personal)

    browser.post(reverse("profile:profile"), {"name": "Pim", "language": "nl", "label": purchasing.pk})

    assert "label" not in browser.get(reverse("profile:profile")).context["form"].fields
    assert label_of(personal) is None


def test_whoever_leaves_leaves_the_label_behind(
    company: Company, admin: User, colleague: User, purchasing: LabelValue
) -> None:
    User.objects.filter(pk=colleague.pk).update(label=purchasing)
    colleague.refresh_from_db()

    remove_colleague(colleague, by=admin)
    colleague.refresh_from_db()
    assert (colleague.company, colleague.label) == (None, None)
    joining.join(colleague, company)

    assert label_of(colleague) is None


# The overview ---------------------------------------------------------------------------------------


def found(as_admin: Client, **query: Any) -> list[str]:
    return [user.name for user in as_admin.get(reverse("company:users"), query).context["page_obj"]]


def test_the_overview_has_the_label_as_column_and_filter(
    as_admin: Client, company: Company, other_company: Company, colleague: User, purchasing: LabelValue
) -> None:
    User.objects.filter(pk=colleague.pk).update(label=purchasing)
    sales = value(company, "Verkoop")
    person(company=company, name="Vera Verkoop", label=sales)
    foreign = value(other_company, "Vreemd")

    page = as_admin.get(reverse("company:users"))
    assert "Afdeling" in [column["label"] for column in page.context["columns"]]
    assert "Vreemd" not in page.content.decode()
    assert found(as_admin, label=purchasing.pk) == ["Coen Collega"]
    assert found(as_admin, label="none") == ["Anneke Beheerder"]
    for nothing in ("", "zonder", foreign.pk, "0"):  # not a choice here: nothing is filtered
        assert len(found(as_admin, label=nothing)) == 3
    assert found(as_admin, sort="label") == ["Coen Collega", "Vera Verkoop", "Anneke Beheerder"]
    assert found(as_admin, sort="-label") == ["Vera Verkoop", "Coen Collega", "Anneke Beheerder"]


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
            person(company=company, label=value(company, f"Afdeling {more}-{number}"))
        with CaptureQueriesContext(connection) as asked:
            assert as_admin.get(reverse("company:users")).status_code == 200
        return len(asked)

    queries(1)  # what is remembered between pages is asked once
    assert queries(2) == queries(27)


# NEN's desk -----------------------------------------------------------------------------------------


def desk_page(user: User) -> str:
    return reverse("admin:accounts_user_change", args=[user.pk])


def test_staff_change_it_within_the_company(
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


def test_staff_see_no_label_where_there_is_none(
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


# At once --------------------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_renaming_and_merging_one_value_at_once(company: Company, admin: User, purchasing: LabelValue) -> None:
    """Whichever comes first: the people have one value that is in the list, and nobody gets an error page."""
    buying = value(company, "Aankoop")
    people = [person(company=company, label=buying) for _number in range(3)]

    def rename() -> None:
        sleep(0.1)  # looks while the other is about to delete, and writes after
        actions.rename_label_value(buying, "Verwerving", seen="Aankoop", by=admin)

    def merge() -> int:
        return labels.merge_label_values(buying, into=purchasing, by=admin)

    with slow_writes("companies_labelvalue", seconds=0.3):
        renamed, merged = at_once([rename, merge])

    assert merged == 3
    assert renamed is None or isinstance(renamed, RuleError)
    assert names(company) == ["Inkoop"]
    assert {label_of(one) for one in people} == {"Inkoop"}


@pytest.mark.django_db(transaction=True)
def test_two_admins_rename_to_one_name_at_once(company: Company, admin: User, purchasing: LabelValue) -> None:
    buying = value(company, "Aankoop")

    def rename(one: LabelValue) -> None:
        actions.rename_label_value(one, "Verwerving", seen=one.name, by=admin)

    with slow_writes("companies_labelvalue"):
        outcomes = at_once([lambda: rename(buying), lambda: rename(purchasing)])

    assert sorted(type(outcome).__name__ for outcome in outcomes) == ["NoneType", "RuleError"]


@pytest.mark.django_db(transaction=True)
def test_two_values_are_merged_with_each_other_at_once(
    company: Company, admin: User, purchasing: LabelValue
) -> None:
    buying = value(company, "Aankoop")
    people = [person(company=company, label=one) for one in (buying, purchasing)]

    with slow_writes("accounts_user"):
        outcomes = at_once(
            [
                lambda: labels.merge_label_values(buying, into=purchasing, by=admin),
                lambda: labels.merge_label_values(purchasing, into=buying, by=admin),
            ]
        )

    assert sorted(type(outcome).__name__ for outcome in outcomes) == ["RuleError", "int"]
    assert len(names(company)) == 1
    assert {label_of(one) for one in people} == set(names(company))


@pytest.mark.django_db(transaction=True)
def test_a_value_is_picked_and_deleted_at_once(
    company: Company, admin: User, colleague: User, purchasing: LabelValue
) -> None:
    with slow_writes("accounts_user"):
        picked, deleted = at_once(
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
def test_two_admins_paste_one_list_at_once(company: Company, admin: User) -> None:
    pasted = [f"Afdeling {number}" for number in range(20)]

    with slow_writes("companies_labelvalue"):
        outcomes = at_once([lambda: actions.add_label_values(company, "users", pasted, by=admin)] * 2)

    assert sorted(outcomes, key=str) == [0, 20]
