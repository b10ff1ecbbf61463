"""C18, C24 and C25 at NEN's desk: no rule that holds for a company admin is broken through Django admin."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.contrib import admin as django_admin
from django.core import serializers
from django.db.models import Model
from django.test import Client
from django.urls import reverse

from accounts.models import User
from companies.models import Company
from licenses.models import Document, Grant, License
from requests_app.actions.asking import request_license
from requests_app.models import DocumentRequest, LicenseRequest
from tests.factories import PASSWORD, document, granted, in_role, license_for, person, with_app

pytestmark = pytest.mark.usefixtures("_english")
SignIn = Callable[[User], Client]
ROWS = ("user", "company", "license", "grant", "document", "license_request", "document_request")


@pytest.fixture
def desk(sign_in: SignIn, staff: User) -> Client:
    """An administrator: whoever may do most."""
    return sign_in(staff)


@pytest.fixture
def world(company: Company, admin: User, colleague: User) -> dict[str, Model]:
    standard = document()
    license = license_for(company, seats=2, documents=[standard])
    granted(license, admin, colleague)
    return {
        "user": admin,
        "company": company,
        "license": license,
        "grant": Grant.objects.get(user=colleague),
        "document": standard,
        "license_request": request_license(license_for(company), by=colleague),
        "document_request": DocumentRequest.objects.create(company=company, user=colleague, document=document()),
    }


def url_of(row: Model, page: str) -> str:
    arguments = [] if page == "changelist" else [row.pk]
    return reverse(f"admin:{row._meta.app_label}_{row._meta.model_name}_{page}", args=arguments)


def stored(row: Model) -> dict[str, Any]:
    row.refresh_from_db()
    fields: dict[str, Any] = serializers.serialize("python", [row])[0]["fields"]
    return fields


def every_field(row: Model, **changes: Any) -> dict[str, Any]:
    """Each column and relation of the model by its name, with a value that would change it."""
    posted: dict[str, Any] = {}
    for field in row._meta.get_fields():
        posted[field.name] = "1" if field.is_relation else "on"
    return posted | changes


# C18: every door asks the same check -------------------------------------------------------------------


def test_c18_the_desk_has_no_door_of_its_own(client: Client, staff: User) -> None:
    with_app(staff)
    login = reverse("admin:login")

    client.post(login, {"username": staff.email, "password": PASSWORD})

    assert "_auth_user_id" not in client.session
    assert client.get(reverse("admin:index"))["Location"].startswith("/")


def test_c18_blocked_staff_are_out_with_the_next_click(desk: Client, staff: User) -> None:
    assert desk.get(reverse("admin:index")).status_code == 200

    User.objects.filter(pk=staff.pk).update(is_blocked=True)

    assert desk.get(reverse("admin:index")).status_code == 302


def test_c18_staff_without_a_second_step_set_one_up_first(client: Client, db: None) -> None:
    client.force_login(in_role(person("kaal@nen.example", is_staff=True), "customer_service"))

    assert client.get(reverse("admin:accounts_user_changelist")).status_code == 302


def test_c18_the_desk_changes_no_password(desk: Client) -> None:
    answer = desk.get(reverse("admin:password_change"))

    assert answer["Location"] == reverse("account_change_password")


# C24: another company's things --------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["user", "company", "license"])
def test_c24_what_is_of_another_managers_company_is_not_there(
    sign_in: SignIn, world: dict[str, Model], name: str
) -> None:
    browser = sign_in(in_role(person("am@nen.example", is_staff=True), "account_manager"))
    row, before = world[name], stored(world[name])

    assert browser.get(url_of(row, "change")).status_code == 302  # Django's way to say that it is not there
    browser.post(url_of(row, "change"), every_field(row))
    browser.post(url_of(row, "changelist"), {"action": "block", "_selected_action": [row.pk]})

    assert stored(row) == before
    assert len(browser.get(url_of(row, "changelist")).context["cl"].result_list) == 0


def test_c24_a_licence_is_not_moved_to_another_company_by_its_number(
    desk: Client, world: dict[str, Model], other_company: Company
) -> None:
    license, before = world["license"], stored(world["license"])

    desk.post(url_of(license, "change"), every_field(license, company=other_company.pk, name="Anders"))

    assert stored(license)["company"] == before["company"]


# C25: save, delete, bulk, inline, history ---------------------------------------------------------------


@pytest.mark.parametrize("name", ROWS)
def test_c25_nothing_is_deleted_one_by_one_or_in_bulk(desk: Client, world: dict[str, Model], name: str) -> None:
    row = world[name]
    before = stored(row)

    assert desk.post(url_of(row, "delete"), {"post": "yes"}).status_code == 403
    for extra in ({}, {"select_across": "1"}):
        sent = {"action": "delete_selected", "_selected_action": [row.pk], "post": "yes", **extra}
        desk.post(url_of(row, "changelist"), sent)

    assert stored(row) == before


def test_c25_no_list_of_the_desk_offers_to_delete_or_to_edit_in_place(desk: Client, staff: User) -> None:
    for model_admin in django_admin.site._registry.values():
        assert not model_admin.list_editable
        for inline in getattr(model_admin, "inlines", []):
            assert not issubclass(inline.model, (User, Grant, LicenseRequest, DocumentRequest))
    page = desk.get(reverse("admin:accounts_user_changelist")).content.decode()
    assert "delete_selected" not in page


@pytest.mark.parametrize("name", ["grant", "license_request", "document_request"])
def test_c25_what_companies_decide_is_only_looked_at(desk: Client, world: dict[str, Model], name: str) -> None:
    row = world[name]
    before = stored(row)

    assert desk.post(url_of(row, "change"), every_field(row)).status_code == 403

    assert stored(row) == before


def test_c25_every_field_posted_at_once_changes_of_a_person_no_more_than_the_form_shows(
    desk: Client, world: dict[str, Model], other_company: Company
) -> None:
    admin = world["user"]
    before = stored(admin)
    changes = {"company": other_company.pk, "role": "user", "name": "Anneke", "language": "nl", "country": "NL"}
    changes["email"] = before["email"]

    answer = desk.post(url_of(admin, "change"), every_field(admin, **changes))

    assert answer.status_code == 302, answer.context["errors"]
    after = stored(admin)
    changed = {name for name in before if before[name] != after[name]}
    shown = {"name", "phone", "country", "language", "is_mail_rerouted"}
    assert changed <= shown | {"searched"}  # what the database makes of name and address
    assert after["name"] == "Anneke"


@pytest.mark.parametrize("action", ["block", "make_user"])
def test_c25_the_last_admin_stays_also_when_all_are_selected(
    desk: Client, world: dict[str, Model], company: Company, action: str
) -> None:
    sent = {"action": action, "_selected_action": [world["user"].pk], "select_across": "1"}

    desk.post(reverse("admin:accounts_user_changelist"), sent)

    assert User.objects.active_admins_of(company).count() == 1


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"seats": "1"}, "seats"),
        ({"seats": "0"}, "seats"),
        ({"seats": "", "is_company_wide": "on"}, "is_company_wide"),
        ({"is_company_wide": "on", "is_company_wide_approved": "on"}, "seats"),
        ({"ends_on": "2001-01-01"}, "ends_on"),
        ({"max_documents": "5"}, "max_documents"),
        ({"documents": ["999999999"]}, "documents"),
        ({"kind": "gratis"}, "kind"),
    ],
)
def test_c25_terms_that_no_licence_can_have_are_refused_beside_the_field(
    desk: Client, world: dict[str, Model], changes: dict[str, Any], field: str
) -> None:
    license = world["license"]
    before = stored(license)
    assert isinstance(license, License)
    posted = {"name": "Anders", "kind": "package", "seats": "2", "is_shown": "on"}
    posted |= {"starts_on": f"{license.starts_on}", "ends_on": f"{license.ends_on}"}
    documents = list(license.documents.values_list("pk", flat=True))

    answer = desk.post(url_of(license, "change"), {**posted, "documents": documents, **changes})

    assert field in answer.context["adminform"].form.errors
    assert stored(license) == before


def test_c25_a_term_the_wrong_way_round_is_refused_on_the_companys_page_too(
    desk: Client, company: Company
) -> None:
    today = date.today()
    row = {"name": "X", "kind": "package", "starts_on": today, "ends_on": today - timedelta(days=1), "seats": "1"}
    posted = {f"licenses-2-0-{name}": value for name, value in row.items()}
    fields = ("name", "customer_number", "contact_person", "contact_phone", "contact_email")
    posted |= {name: getattr(company, name) for name in fields}
    for prefix, total in (("domains", 0), ("licenses", 0), ("licenses-2", 1)):
        posted |= {f"{prefix}-TOTAL_FORMS": total, f"{prefix}-INITIAL_FORMS": 0}

    desk.post(url_of(company, "change"), posted)

    assert not License.objects.exists()


def test_c25_every_field_posted_at_once_makes_a_document_no_other_thing(
    desk: Client, world: dict[str, Model]
) -> None:
    standard = world["document"]
    before = stored(standard)
    assert isinstance(standard, Document)

    desk.post(url_of(standard, "change"), every_field(standard, number=standard.number, sort_key="zzz"))

    after = stored(standard)
    assert {after[name] == before[name] for name in ("file", "file_missing_since")} == {True}


@pytest.mark.parametrize("name", ROWS)
def test_c25_history_shows_and_changes_nothing(desk: Client, world: dict[str, Model], name: str) -> None:
    row = world[name]
    before = stored(row)

    assert desk.get(url_of(row, "history")).status_code == 200
    desk.post(url_of(row, "history"), every_field(row))

    assert stored(row) == before
