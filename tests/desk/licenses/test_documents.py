"""Test documents of a licence at NEN's desk, by list and by rule."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.test import Client
from django.urls import reverse

from accounts.models import User
from companies.models import Company
from licenses.models import Grant, License, Opening
from nenconnect.audit.models import AuditEntry
from tests.factories import make_collection, make_document, make_grants, make_license

pytestmark = pytest.mark.usefixtures("_english")
SignIn = Callable[[User], Client]


def documents_url(license: License) -> str:
    return reverse("admin:licenses_license_documents", args=[license.pk])


def test_a_pasted_document_list_shows_unknown_numbers_before_saving(desk: Client, company: Company) -> None:
    license = make_license(company, documents=[make_document("NEN 1:2020")])
    make_document("NEN-EN 2:2021")
    sent = {"how": "add", "numbers": "nen en 2:2021\r\nNEN 99:1999, nen1:2020"}

    page = desk.post(documents_url(license), sent)

    assert license.documents.count() == 1
    assert (page.context["number"], list(page.context["missing"])) == (2, ["NEN 99:1999"])
    assert page.context["noticed"].documents_in == 1
    answer = desk.post(documents_url(license), sent | {"sure": page.context["sure"]})
    assert answer.status_code == 302
    assert sorted(license.documents.values_list("number", flat=True)) == ["NEN 1:2020", "NEN-EN 2:2021"]


def test_a_document_rule_adds_no_documents_that_appear_after_saving(desk: Client, company: Company) -> None:
    right = make_document("NPR 5000:2024", kind="NPR", published_on=date(2024, 1, 1))
    make_document("NPR 5001:2019", kind="NPR", published_on=date(2019, 1, 1))
    make_document("NPR 5002:2024", kind="NPR", status="withdrawn")
    make_document("NPR 6000:2024", kind="NPR")
    make_document("NEN 5000:2024")
    license = make_license(company)
    sent = {"how": "set", "kind": "NPR", "begins": "npr 5", "status": "current", "since": "2024-01-01"}

    page = desk.post(documents_url(license), sent)
    desk.post(documents_url(license), sent | {"sure": page.context["sure"]})
    make_document("NPR 5003:2024", kind="NPR")

    assert list(license.documents.all()) == [right]


def test_a_document_change_is_shown_again_when_the_found_documents_changed(desk: Client, company: Company) -> None:
    license = make_license(company)
    make_document("NPR 1:2024", kind="NPR")
    sent = {"how": "add", "kind": "NPR"}
    shown = desk.post(documents_url(license), sent).context["sure"]
    make_document("NPR 2:2024", kind="NPR")

    answer = desk.post(documents_url(license), sent | {"sure": shown})

    assert (answer.status_code, answer.context["number"]) == (200, 2)
    assert not license.documents.exists()


@pytest.mark.parametrize(
    ("limit", "refusal"), [({"max_documents": 1}, "may have"), ({"allowed_kinds": ["NPR"]}, "kind")]
)
def test_a_custom_collection_refuses_documents_beyond_its_maximum_or_allowed_kinds(
    desk: Client, company: Company, limit: dict[str, Any], refusal: str
) -> None:
    license = make_collection(company, **limit)
    make_document("NEN 1:2020"), make_document("NEN 2:2020")

    page = desk.post(documents_url(license), {"how": "add", "kind": "NEN"})

    assert refusal in str(page.context["form"].errors)


def test_setting_documents_without_numbers_or_a_rule_is_refused(desk: Client, company: Company) -> None:
    license = make_license(company, documents=[make_document()])

    page = desk.post(documents_url(license), {"how": "set", "numbers": " "})

    assert "Paste numbers, or fill in a rule" in str(page.context["form"].errors)


def test_a_reader_cannot_download_the_rest_of_a_document_removed_from_the_licence(
    desk: Client, sign_in: SignIn, company: Company, colleague: User, settings: Any, tmp_path: Any
) -> None:
    settings.MEDIA_ROOT = tmp_path
    standard = make_document()
    standard.file.save("norm.pdf", ContentFile(b"%PDF-1.7 " + b"x" * 5000 + b"%%EOF"))
    license = make_license(company, documents=[standard])
    make_grants(license, colleague)
    reader = sign_in(colleague)
    file = reader.post(reverse("documents:open", args=[standard.pk]))["Location"]
    assert reader.get(file, headers={"Range": "bytes=0-99"}).status_code == 206
    sent = {"how": "remove", "numbers": standard.number}

    page = desk.post(documents_url(license), sent)
    desk.post(documents_url(license), sent | {"sure": page.context["sure"]})

    assert page.context["noticed"].reading == 1
    assert reader.get(file, headers={"Range": "bytes=100-199"}).status_code in {302, 403, 404}
    assert Opening.objects.get().user == colleague
    assert "license_documents_set" in set(AuditEntry.objects.values_list("verb", flat=True))
    assert Grant.objects.filter(user=colleague, license=license).exists()
