"""Test that NEN sees what a company will notice of new licences before anything is saved (R37)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from companies.models import Company
from licenses.models import License
from nenconnect.audit.models import AuditEntry
from nenconnect.mail.models import OutboxMail
from tests.desk.company_forms.forms import change_form, change_url, company_form, errors, inline
from tests.factories import make_document, make_person, set_staff_roles

pytestmark = pytest.mark.usefixtures("_english")
SignIn = Callable[[User], Client]
LOOK = {"_look": "1"}


@pytest.fixture
def desk(sign_in: SignIn) -> Client:
    return sign_in(
        set_staff_roles(make_person("nieuw@nen.example", is_staff=True, language="en"), "customer_service")
    )


def with_license(company: Company, **fields: Any) -> dict[str, Any]:
    today = timezone.localdate()
    row = {"name": "Nieuw pakket", "kind": "package", "starts_on": f"{today}", "ends_on": f"{today}"} | fields
    return change_form(company, **inline("licenses-2", [row]))


def test_the_company_page_previews_how_many_users_a_new_licence_lets_read(
    desk: Client, company: Company, admin: User, colleague: User
) -> None:
    standard = make_document()
    wide = {"is_company_wide_approved": "on", "is_company_wide": "on", "documents": [standard.pk]}
    posted = with_license(company, **wide)

    page = desk.post(change_url(company), posted | LOOK)

    ((license, noticed),) = page.context["coming"].licenses
    assert (str(license), noticed.gain, noticed.documents_in) == ("Nieuw pakket", 2, 1)
    assert "Nothing is saved yet" in page.content.decode()
    assert not License.objects.exists()
    assert not AuditEntry.objects.exists()
    assert desk.post(change_url(company), posted).status_code == 302
    assert License.objects.open_to(colleague).exists()


def test_the_company_preview_keeps_the_typed_values_and_shows_no_errors(desk: Client, company: Company) -> None:
    posted = with_license(company, seats="12") | {"contact_person": "Iemand Anders"}

    page = desk.post(change_url(company), posted | LOOK)

    text = page.content.decode()
    assert 'value="Nieuw pakket"' in text
    assert 'value="12"' in text
    assert 'value="Iemand Anders"' in text
    assert 'class="errornote"' not in text
    company.refresh_from_db()
    assert company.contact_person != "Iemand Anders"


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"is_shown": "on"}, "can ask for it"),
        ({}, "It is not in the licence selection"),
        ({"is_company_wide_approved": "on", "is_company_wide": "on"}, "can read with it at once"),
    ],
)
def test_the_company_preview_explains_how_future_users_get_the_new_licence(
    desk: Client, company: Company, fields: dict[str, str], sentence: str
) -> None:
    text = desk.post(change_url(company), with_license(company, **fields) | LOOK).content.decode()

    assert sentence in text
    assert "It holds no documents yet" in text


def test_the_company_preview_shows_the_first_day_of_a_licence_that_begins_later(
    desk: Client, company: Company, colleague: User
) -> None:
    begins = timezone.localdate() + timedelta(days=40)
    term = {"starts_on": f"{begins}", "ends_on": f"{begins}", "is_shown": "on", "documents": [make_document().pk]}

    page = desk.post(change_url(company), with_license(company, **term) | LOOK)

    ((_license, noticed),) = page.context["coming"].licenses
    assert (noticed.offered, noticed.begins_on) == (0, begins)
    assert f"It begins on {begins.day} {begins:%B %Y}" in page.content.decode()


def test_the_company_preview_refuses_unapproved_company_wide_access(desk: Client, company: Company) -> None:
    page = desk.post(change_url(company), with_license(company, is_company_wide="on") | LOOK)

    assert page.context.get("coming") is None
    assert "NEN has not approved company-wide access" in errors(page)


def test_the_company_preview_mentions_that_no_new_licence_was_filled_in(desk: Client, company: Company) -> None:
    page = desk.post(change_url(company), change_form(company) | LOOK)

    assert "You have not filled in a new licence." in page.content.decode()


def test_the_preview_of_a_new_company_shows_its_licences_and_the_mailed_admin(desk: Client, db: None) -> None:
    page = desk.post(reverse("admin:companies_company_add"), company_form() | LOOK)

    coming = page.context["coming"]
    assert coming.word_to_admin == "The registration mail goes to ada@nieuw.example."
    assert [str(license) for license, _noticed in coming.licenses] == ["Voor iedereen", "Op aanvraag"]
    assert not Company.objects.exists()
    assert not User.objects.filter(email="ada@nieuw.example").exists()
    assert not OutboxMail.objects.exists()
    assert not AuditEntry.objects.exists()
    assert desk.post(reverse("admin:companies_company_add"), company_form()).status_code == 302
    assert Company.objects.get().licenses.count() == 2


def test_saving_a_new_company_opens_its_page_or_another_empty_form(desk: Client, db: None) -> None:
    url = reverse("admin:companies_company_add")

    assert desk.post(url, company_form())["Location"] == change_url(Company.objects.get())
    other = {"customer_number": "K900002", "admin_email": "bob@ander.example", "domains-0-name": "ander.example"}
    other |= {"_addanother": "1"}
    assert desk.post(url, company_form(**other))["Location"] == url


def test_the_preview_of_a_new_company_recognises_an_admin_with_an_account(desk: Client, db: None) -> None:
    make_person("ada@nieuw.example")

    posted = company_form(**{"domains-0-announced": "nieuw.example"})
    page = desk.post(reverse("admin:companies_company_add"), posted | LOOK)

    assert "The owner gets a mail" in page.context["coming"].word_to_admin


def test_the_dutch_link_to_add_a_licence_has_no_capital_in_mid_sentence(sign_in: SignIn, company: Company) -> None:
    nel = set_staff_roles(make_person("nel@nen.example", is_staff=True, language="nl"), "customer_service")

    text = sign_in(nel).get(change_url(company)).content.decode()

    assert "Nog toevoegen: Nieuwe licentie" in text
    assert "Nog een Nieuwe" not in text
