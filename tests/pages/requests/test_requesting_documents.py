"""Test requesting a standard: one click through a licence with it, or else the form (R29)."""

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


def test_a_standard_can_be_requested_with_one_click_through_its_licence(
    company: Company, colleague: User, sign_in: SignIn
) -> None:
    document = make_document()
    license = make_license(company, name="Bouw & installatie", documents=[document])
    browser = sign_in(colleague)

    page = form_of(browser, document.pk)
    button = f'name="license"\n                    value="{license.pk}"'
    assert "Bouw &amp; installatie" in page
    assert button in page
    answer = browser.post(reverse("requests:request_license"), {"license": license.pk})

    license_request = LicenseRequest.objects.get()
    assert (license_request.user, license_request.license, license_request.is_open) == (colleague, license, True)
    assert answer.headers["Location"] == reverse("requests:license_request", args=[license_request.pk])
    assert not DocumentRequest.objects.exists()


@pytest.mark.parametrize("why", ["hidden", "nothing holds it"])
def test_the_form_for_a_standard_offers_no_licence_that_cannot_be_requested(
    why: str, company: Company, colleague: User, sign_in: SignIn
) -> None:
    document = make_document()
    make_collection(company, name="Maatwerk")
    if why == "hidden":
        make_license(company, name="Geheim", documents=[document], is_shown=False)

    page = form_of(sign_in(colleague), document.pk)

    assert reverse("requests:request_license") not in page.split("<main", 1)[1]
    assert "Geheim" not in page
    assert 'name="reason"' in page


def test_the_required_asterisk_is_explained_only_on_forms_that_have_one(
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


def test_the_request_form_of_a_company_without_admin_promises_no_working_days(
    company: Company, colleague: User, sign_in: SignIn
) -> None:
    make_license(company)
    page = sign_in(colleague).get(reverse("requests:request_license")).content.decode()
    assert "werkdagen" not in page
