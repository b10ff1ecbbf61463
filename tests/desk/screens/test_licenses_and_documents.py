"""Test that licences and documents change at NEN's desk by actions only (R37)."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from accounts.models import User
from companies.models import Company
from licenses.models import Document, Grant, License
from tests.factories import make_document, make_grants, make_license

pytestmark = pytest.mark.usefixtures("_english")


def change_url(row: Any) -> str:
    return reverse(f"admin:{row._meta.app_label}_{row._meta.model_name}_change", args=[row.pk])


def errors(answer: Any) -> str:
    assert answer.status_code == 200, answer.headers
    return str(answer.context["errors"])


def license_form(license: License, **changes: Any) -> dict[str, Any]:
    names = ("name", "kind", "starts_on", "ends_on")
    flags = ("is_company_wide_approved", "is_company_wide", "is_shown")
    posted = {name: str(getattr(license, name)) for name in names}
    posted |= {name: "on" if getattr(license, name) else "" for name in flags}
    return posted | {"seats": license.seats or "", "documents": []} | changes


def test_staff_can_approve_and_switch_on_company_wide_access_in_one_save(
    as_staff: Client, company: Company
) -> None:
    license = make_license(company, seats=5)
    changes = {"is_company_wide_approved": "on", "is_company_wide": "on", "seats": ""}

    answer = as_staff.post(change_url(license), license_form(license, **changes))

    assert answer.status_code == 302, errors(answer)
    license.refresh_from_db()
    assert license.is_company_wide


def test_switching_off_company_wide_access_gives_users_their_own_grant(
    as_staff: Client, company: Company, colleague: User
) -> None:
    license = make_license(company, is_company_wide=True)
    standard = make_document()

    answer = as_staff.post(
        change_url(license), license_form(license, is_company_wide="", is_shown="", documents=[standard.pk])
    )

    assert answer.status_code == 302, errors(answer)
    license.refresh_from_db()
    assert (license.is_company_wide, license.is_shown, license.documents.get()) == (False, False, standard)
    assert Grant.objects.filter(user=colleague, license=license).exists()


def test_a_licence_with_fewer_seats_than_users_is_refused_beside_the_field(
    as_staff: Client, company: Company, colleague: User, admin: User
) -> None:
    license = make_license(company, seats=5)
    make_grants(license, colleague, admin)

    answer = as_staff.post(change_url(license), license_form(license, name="Anders", seats="1"))

    assert list(answer.context["adminform"].form.errors) == ["seats"]
    license.refresh_from_db()
    assert (license.name == "Anders", license.seats) == (False, 5)


def test_a_licence_never_moves_to_another_company(
    as_staff: Client, company: Company, other_company: Company
) -> None:
    license = make_license(company)

    as_staff.post(change_url(license), license_form(license, company=other_company.pk))

    license.refresh_from_db()
    assert license.company == company


def document_form(**changes: Any) -> dict[str, Any]:
    posted = {"number": "NEN 9999:2026", "title_nl": "Proef", "kind": "NEN", "published_on": "2026-01-31"}
    return posted | {"status": "current"} | changes


def test_a_document_is_added_with_its_pdf(as_staff: Client, settings: Any, tmp_path: Any) -> None:
    settings.MEDIA_ROOT = tmp_path
    file = SimpleUploadedFile("norm.pdf", b"%PDF-1.7 inhoud %%EOF", content_type="application/pdf")

    answer = as_staff.post(reverse("admin:licenses_document_add"), document_form(file=file))

    assert answer.status_code == 302, errors(answer)
    assert Document.objects.get().file.read() == b"%PDF-1.7 inhoud %%EOF"


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"file": SimpleUploadedFile("norm.pdf", b"<html>", content_type="application/pdf")}, "file"),
        ({"is_plus": "on"}, "plus_countries"),
        ({"plus_countries": ["NL"]}, "is_plus"),
        ({"number": "NEN\u202e1"}, "number"),
    ],
)
def test_an_invalid_document_is_refused_beside_the_field(
    as_staff: Client, changes: dict[str, Any], field: str
) -> None:
    answer = as_staff.post(reverse("admin:licenses_document_add"), document_form(**changes))

    assert list(answer.context["adminform"].form.errors) == [field]
    assert not Document.objects.exists()


def test_the_document_search_field_finds_a_number_without_its_spaces(as_staff: Client) -> None:
    standard = make_document("NEN-EN-ISO 9001:2015")
    query = {"app_label": "licenses", "model_name": "license", "field_name": "documents", "term": "iso9001"}

    results = as_staff.get(reverse("admin:autocomplete"), query).json()["results"]

    assert [row["id"] for row in results] == [str(standard.pk)]
