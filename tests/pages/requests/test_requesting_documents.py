"""Asking for a standard: one click where a licence that one can ask for holds it, else the form (R29)."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from companies.models import Company
from licenses.models import License
from requests_app.actions.asking import request_document
from requests_app.models import DocumentRequest, LicenseRequest
from tests.factories import make_collection, make_document, make_license

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("_english")]
SignIn = Callable[[User], Client]


def form_of(browser: Client, pk: int) -> str:
    return browser.get(reverse("requests:request_document", args=[pk])).content.decode()


def test_the_licence_that_holds_a_standard_is_asked_for_with_one_click(
    company: Company, colleague: User, sign_in: SignIn
) -> None:
    wanted = make_document()
    license = make_license(company, name="Bouw & installatie", documents=[wanted])
    browser = sign_in(colleague)

    page = form_of(browser, wanted.pk)
    button = f'name="license"\n                    value="{license.pk}"'
    assert "Bouw &amp; installatie" in page
    assert button in page
    answer = browser.post(reverse("requests:request_license"), {"license": license.pk})

    asked = LicenseRequest.objects.get()
    assert (asked.user, asked.license, asked.is_open) == (colleague, license, True)
    assert answer.headers["Location"] == reverse("requests:license_request", args=[asked.pk])
    assert not DocumentRequest.objects.exists()


@pytest.mark.parametrize("why", ["hidden", "nothing holds it"])
def test_no_licence_is_offered_that_cannot_be_asked_for(
    why: str, company: Company, colleague: User, sign_in: SignIn
) -> None:
    wanted = make_document()
    make_collection(company, name="Maatwerk")
    if why == "hidden":
        make_license(company, name="Geheim", documents=[wanted], is_shown=False)

    page = form_of(sign_in(colleague), wanted.pk)

    assert reverse("requests:request_license") not in page.split("<main", 1)[1]
    assert "Geheim" not in page
    assert 'name="reason"' in page


def test_the_asterisk_is_explained_only_where_one_stands(
    company: Company, admin: User, colleague: User, sign_in: SignIn
) -> None:
    make_collection(company)
    row = request_document(make_document(), by=colleague)
    url = reverse("requests:approve_document", args=[row.pk])
    browser = sign_in(admin)
    assert "Velden met * zijn verplicht" not in browser.get(url).content.decode()

    make_collection(company)

    assert "Velden met * zijn verplicht" in browser.get(url).content.decode()
    assert License.objects.count() == 2


def test_without_an_admin_nobody_promises_anything(company: Company, colleague: User, sign_in: SignIn) -> None:
    make_license(company)
    page = sign_in(colleague).get(reverse("requests:request_license")).content.decode()
    assert "werkdagen" not in page
