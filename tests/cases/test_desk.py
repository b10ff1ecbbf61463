"""Test that Django admin breaks no rule that holds for a company admin (C18, C24, C25)."""

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
from tests.factories import (
    PASSWORD,
    add_authenticator_app,
    make_document,
    make_grants,
    make_license,
    make_person,
    set_staff_roles,
)

pytestmark = pytest.mark.usefixtures("_english")
SignIn = Callable[[User], Client]
ROWS = ("user", "company", "license", "grant", "document", "license_request", "document_request")


@pytest.fixture
def desk(sign_in: SignIn, staff: User) -> Client:
    """Sign in as an administrator, who has all staff rights."""
    return sign_in(staff)


@pytest.fixture
def rows_by_name(company: Company, admin: User, colleague: User) -> dict[str, Model]:
    stored_document = make_document()
    license = make_license(company, seats=2, documents=[stored_document])
    make_grants(license, admin, colleague)
    return {
        "user": admin,
        "company": company,
        "license": license,
        "grant": Grant.objects.get(user=colleague),
        "document": stored_document,
        "license_request": request_license(make_license(company), by=colleague),
        "document_request": DocumentRequest.objects.create(
            company=company, user=colleague, document=make_document()
        ),
    }


def desk_url(row: Model, page: str) -> str:
    arguments = [] if page == "changelist" else [row.pk]
    return reverse(f"admin:{row._meta.app_label}_{row._meta.model_name}_{page}", args=arguments)


def stored_fields(row: Model) -> dict[str, Any]:
    row.refresh_from_db()
    fields: dict[str, Any] = serializers.serialize("python", [row])[0]["fields"]
    return fields


def every_field(row: Model, **changes: Any) -> dict[str, Any]:
    """Return form data that would change each column and relation of the model."""
    form_data: dict[str, Any] = {}
    for field in row._meta.get_fields():
        form_data[field.name] = "1" if field.is_relation else "on"
    return form_data | changes


# C18: every sign-in uses the same check ----------------------------------------------------------------


def test_c18_the_desk_has_no_sign_in_of_its_own(client: Client, staff: User) -> None:
    add_authenticator_app(staff)
    login = reverse("admin:login")

    client.post(login, {"username": staff.email, "password": PASSWORD})

    assert "_auth_user_id" not in client.session
    assert client.get(reverse("admin:index"))["Location"].startswith("/")


def test_c18_blocked_staff_lose_access_at_their_next_click(desk: Client, staff: User) -> None:
    assert desk.get(reverse("admin:index")).status_code == 200

    User.objects.filter(pk=staff.pk).update(is_blocked=True)

    assert desk.get(reverse("admin:index")).status_code == 302


def test_c18_staff_without_a_second_step_cannot_open_the_desk(client: Client, db: None) -> None:
    client.force_login(set_staff_roles(make_person("kaal@nen.example", is_staff=True), "customer_service"))

    assert client.get(reverse("admin:accounts_user_changelist")).status_code == 302


def test_c18_the_desk_redirects_to_the_sites_own_password_page(desk: Client) -> None:
    response = desk.get(reverse("admin:password_change"))

    assert response["Location"] == reverse("account_change_password")


# C24: rows of another company ---------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["user", "company", "license"])
def test_c24_an_account_manager_cannot_see_or_change_rows_of_another_managers_company(
    sign_in: SignIn, rows_by_name: dict[str, Model], name: str
) -> None:
    browser = sign_in(set_staff_roles(make_person("am@nen.example", is_staff=True), "account_manager"))
    row, before = rows_by_name[name], stored_fields(rows_by_name[name])

    assert browser.get(desk_url(row, "change")).status_code == 302  # Django redirects when a row does not exist
    browser.post(desk_url(row, "change"), every_field(row))
    browser.post(desk_url(row, "changelist"), {"action": "block", "_selected_action": [row.pk]})

    assert stored_fields(row) == before
    assert len(browser.get(desk_url(row, "changelist")).context["cl"].result_list) == 0


def test_c24_posting_another_company_does_not_move_a_licence(
    desk: Client, rows_by_name: dict[str, Model], other_company: Company
) -> None:
    license, before = rows_by_name["license"], stored_fields(rows_by_name["license"])

    desk.post(desk_url(license, "change"), every_field(license, company=other_company.pk, name="Anders"))

    assert stored_fields(license)["company"] == before["company"]


# C25: save, delete, bulk, inline, history ---------------------------------------------------------------


@pytest.mark.parametrize("name", ROWS)
def test_c25_the_desk_deletes_no_row_alone_or_in_bulk(
    desk: Client, rows_by_name: dict[str, Model], name: str
) -> None:
    row = rows_by_name[name]
    before = stored_fields(row)

    assert desk.post(desk_url(row, "delete"), {"post": "yes"}).status_code == 403
    for extra in ({}, {"select_across": "1"}):
        form_data = {"action": "delete_selected", "_selected_action": [row.pk], "post": "yes", **extra}
        desk.post(desk_url(row, "changelist"), form_data)

    assert stored_fields(row) == before


def test_c25_no_list_of_the_desk_offers_deleting_or_editing_in_place(desk: Client, staff: User) -> None:
    for model_admin in django_admin.site._registry.values():
        assert not model_admin.list_editable
        for inline in getattr(model_admin, "inlines", []):
            assert not issubclass(inline.model, (User, Grant, LicenseRequest, DocumentRequest))
    page = desk.get(reverse("admin:accounts_user_changelist")).content.decode()
    assert "delete_selected" not in page


@pytest.mark.parametrize("name", ["grant", "license_request", "document_request"])
def test_c25_staff_cannot_change_grants_and_requests(
    desk: Client, rows_by_name: dict[str, Model], name: str
) -> None:
    row = rows_by_name[name]
    before = stored_fields(row)

    assert desk.post(desk_url(row, "change"), every_field(row)).status_code == 403

    assert stored_fields(row) == before


def test_c25_posting_every_field_of_a_person_changes_only_fields_on_the_form(
    desk: Client, rows_by_name: dict[str, Model], other_company: Company
) -> None:
    admin = rows_by_name["user"]
    before = stored_fields(admin)
    changes = {"company": other_company.pk, "role": "user", "name": "Anneke", "language": "nl", "country": "NL"}
    changes |= {"email": before["email"], "is_mail_rerouted": ""}  # an admin reads their own mail (R32)

    response = desk.post(desk_url(admin, "change"), every_field(admin, **changes))

    assert response.status_code == 302, response.context["errors"]
    after = stored_fields(admin)
    changed = {name for name in before if before[name] != after[name]}
    fields_on_form = {"name", "phone", "country", "language"}
    assert changed <= fields_on_form | {"searched"}  # a column that the database derives from name and address
    assert after["name"] == "Anneke"


@pytest.mark.parametrize("action", ["block", "make_user"])
def test_c25_a_bulk_action_on_all_people_leaves_the_last_admin(
    desk: Client, rows_by_name: dict[str, Model], company: Company, action: str
) -> None:
    form_data = {"action": action, "_selected_action": [rows_by_name["user"].pk], "select_across": "1"}

    desk.post(reverse("admin:accounts_user_changelist"), form_data)

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
def test_c25_an_invalid_licence_term_is_refused_with_an_error_at_the_field(
    desk: Client, rows_by_name: dict[str, Model], changes: dict[str, Any], field: str
) -> None:
    license = rows_by_name["license"]
    before = stored_fields(license)
    assert isinstance(license, License)
    form_data = {"name": "Anders", "kind": "package", "seats": "2", "is_shown": "on"}
    form_data |= {"starts_on": f"{license.starts_on}", "ends_on": f"{license.ends_on}"}
    documents = list(license.documents.values_list("pk", flat=True))

    response = desk.post(desk_url(license, "change"), {**form_data, "documents": documents, **changes})

    assert field in response.context["adminform"].form.errors
    assert stored_fields(license) == before


def test_c25_the_company_page_refuses_a_licence_that_ends_before_it_starts(desk: Client, company: Company) -> None:
    today = date.today()
    license_fields = {
        "name": "X",
        "kind": "package",
        "starts_on": today,
        "ends_on": today - timedelta(days=1),
        "seats": "1",
    }
    form_data = {f"licenses-2-0-{name}": value for name, value in license_fields.items()}
    fields = ("name", "customer_number", "contact_person", "contact_phone", "contact_email")
    form_data |= {name: getattr(company, name) for name in fields}
    for prefix, total in (("domains", 0), ("licenses", 0), ("licenses-2", 1)):
        form_data |= {f"{prefix}-TOTAL_FORMS": total, f"{prefix}-INITIAL_FORMS": 0}

    desk.post(desk_url(company, "change"), form_data)

    assert not License.objects.exists()


def test_c25_posting_every_field_of_a_document_does_not_change_its_file(
    desk: Client, rows_by_name: dict[str, Model]
) -> None:
    stored_document = rows_by_name["document"]
    before = stored_fields(stored_document)
    assert isinstance(stored_document, Document)

    desk.post(
        desk_url(stored_document, "change"),
        every_field(stored_document, number=stored_document.number, sort_key="zzz"),
    )

    after = stored_fields(stored_document)
    assert {after[name] == before[name] for name in ("file", "file_missing_since")} == {True}


@pytest.mark.parametrize("name", ROWS)
def test_c25_the_history_page_changes_nothing(desk: Client, rows_by_name: dict[str, Model], name: str) -> None:
    row = rows_by_name[name]
    before = stored_fields(row)

    assert desk.get(desk_url(row, "history")).status_code == 200
    desk.post(desk_url(row, "history"), every_field(row))

    assert stored_fields(row) == before
