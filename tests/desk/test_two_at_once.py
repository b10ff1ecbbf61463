"""Test that an older page of one member of staff does not undo a colleague's change."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.db import models
from django.test import Client
from django.urls import reverse

from accounts.actions import details
from accounts.models import User
from companies.models import Company
from licenses.actions import terms
from licenses.actions.documents import save_document
from licenses.models import Document, License
from nenconnect.audit.models import AuditEntry
from tests.at_once import run_at_once
from tests.desk.desk_form import filled_in
from tests.factories import make_company, make_document, make_license, make_person

pytestmark = pytest.mark.usefixtures("_english")
SignIn = Callable[[User], Client]


@pytest.fixture
def desk(sign_in: SignIn, db: None) -> Client:
    return sign_in(make_person("nen-een@nen.example", is_staff=True, is_superuser=True, language="en"))


def url_of(thing: models.Model) -> str:
    return reverse(f"admin:{thing._meta.label_lower.replace('.', '_')}_change", args=[thing.pk])


def open_page(browser: Client, thing: models.Model) -> dict[str, Any]:
    return filled_in(browser, url_of(thing))


def errors(answer: Any) -> str:
    return str(answer.context["adminform"].form.errors) if answer.context else ""


def test_saving_an_old_licence_page_does_not_undo_a_renewal(desk: Client, company: Company, staff: User) -> None:
    license = make_license(company, name="Oud")
    page = open_page(desk, license)
    until = terms.renew(license, by=staff, seen=license.ends_on)

    answer = desk.post(url_of(license), page | {"name": "Nieuw"})

    license.refresh_from_db()
    assert (license.name, license.ends_on) == ("Nieuw", until), errors(answer)


def test_a_last_day_that_two_people_changed_needs_a_second_save(
    desk: Client, company: Company, staff: User
) -> None:
    license = make_license(company)
    page = open_page(desk, license) | {"ends_on": "2056-01-01"}
    terms.change_terms(license, by=staff, ends_on=date(2055, 1, 1))

    answer = desk.post(url_of(license), page)

    assert "Another person changed this to “1 January 2055”" in errors(answer)
    license.refresh_from_db()
    assert license.ends_on == date(2055, 1, 1)
    assert desk.post(url_of(license), page | {"initial-ends_on": "2055-01-01"}).status_code == 302
    license.refresh_from_db()
    assert license.ends_on == date(2056, 1, 1)


def test_saving_an_old_page_of_a_user_keeps_the_phone_number_from_an_admin(
    desk: Client, admin: User, colleague: User
) -> None:
    page = open_page(desk, colleague)
    details.change_details(colleague, by=admin, phone="0611111111")

    answer = desk.post(url_of(colleague), page | {"name": "Nieuwe Naam"})

    colleague.refresh_from_db()
    assert (colleague.name, colleague.phone) == ("Nieuwe Naam", "0611111111"), errors(answer)


def test_saving_an_old_document_page_keeps_a_title_that_a_colleague_changed(desk: Client, staff: User) -> None:
    standard = make_document()
    page = open_page(desk, standard)
    save_document(Document.objects.get(pk=standard.pk), by=staff, title_en="Mended")

    answer = desk.post(url_of(standard), page | {"title_nl": "Nieuw"})

    standard.refresh_from_db()
    assert (standard.title_nl, standard.title_en) == ("Nieuw", "Mended"), errors(answer)


def test_a_conflicting_change_of_countries_shows_the_names_of_the_countries(desk: Client, staff: User) -> None:
    standard = make_document(is_plus=True, plus_countries=["NL"])
    page = open_page(desk, standard) | {"plus_countries": ["DE"]}
    save_document(Document.objects.get(pk=standard.pk), by=staff, plus_countries=["NL", "BE"])

    assert "Another person changed this to “Netherlands, Belgium”" in errors(desk.post(url_of(standard), page))


def changed_by_two(sign_in: SignIn, thing: models.Model, field: str) -> list[int]:
    browsers = [sign_in(make_person(f"nen{n}@nen.example", is_staff=True, is_superuser=True)) for n in (1, 2)]
    pages = [open_page(browser, thing) | {field: f"Van {n}"} for n, browser in enumerate(browsers)]
    saves = [lambda n=n: browsers[n].post(url_of(thing), pages[n]) for n in (0, 1)]
    return sorted(getattr(response, "status_code", 0) for response in run_at_once(saves))


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("make", "field", "verb"),
    [
        (lambda: make_license(make_company("Een BV")), "name", "license_changed"),
        (lambda: make_person(company=make_company("Een BV")), "name", "details_changed"),
        (make_document, "title_nl", "document_changed"),
    ],
)
def test_two_simultaneous_saves_of_the_same_page_warn_the_second_person(
    sign_in: SignIn, make: Callable[[], License | User | Document], field: str, verb: str
) -> None:
    assert changed_by_two(sign_in, make(), field) == [200, 302]
    assert AuditEntry.objects.filter(verb=verb).count() == 1


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    "make", [lambda: make_company("Een BV"), lambda: make_license(make_company("Een BV")), make_document]
)
def test_posting_to_a_history_page_shows_the_history_without_an_error(
    sign_in: SignIn, make: Callable[[], models.Model]
) -> None:
    browser = sign_in(make_person("nen-een@nen.example", is_staff=True, is_superuser=True))

    assert browser.post(url_of(make()).replace("change", "history")).status_code == 200
