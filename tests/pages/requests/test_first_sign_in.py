"""Test the first sign-in: choosing licences and requesting them (R18)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from companies.models import Company
from requests_app.models import LicenseRequest
from tests.factories import make_license
from tests.pages.requests.request_pages import CHOICE, main_text, messages_of

SignIn = Callable[[User], Client]


def test_the_choice_at_first_sign_in_shows_open_and_requestable_licences(
    as_colleague: Client, company: Company
) -> None:
    make_license(company, name="Basis", is_company_wide=True)
    make_license(company, name="Techniek")
    make_license(company, name="Geheim", is_shown=False)
    make_license(company, name="Verlopen", ends_on=timezone.localdate() - timedelta(days=1))

    page = main_text(as_colleague.get(reverse(CHOICE)))

    before, after = page.split("You can request this")
    assert "Basis" in before
    assert "Techniek" in after
    assert "Skip" in after
    assert "Geheim" not in page
    assert "Verlopen" not in page


def test_the_licences_of_the_choice_and_the_profile_link_to_their_documents(
    as_colleague: Client, company: Company
) -> None:
    licenses = [make_license(company, is_company_wide=True), make_license(company)]

    for url in (reverse(CHOICE), reverse("profile:profile_licenses")):
        page = as_colleague.get(url).content.decode()
        for license in licenses:
            assert f'href="{reverse("documents:documents")}?license={license.pk}"' in page


def test_several_licences_can_be_requested_together_with_one_reason(
    as_colleague: Client, company: Company
) -> None:
    requested = [make_license(company), make_license(company)]

    answer = as_colleague.post(
        reverse(CHOICE), {"licenses": [license.pk for license in requested], "reason": "Project"}
    )

    assert answer["Location"] == reverse("home:home")
    assert "2 requests were sent" in messages_of(answer)
    assert {(row.license, row.reason) for row in LicenseRequest.objects.all()} == {
        (license, "Project") for license in requested
    }


def test_choosing_no_licence_is_an_error_and_choosing_twice_makes_one_request(
    as_colleague: Client, company: Company
) -> None:
    license = make_license(company)
    assert "Choose at least one licence" in main_text(as_colleague.post(reverse(CHOICE), {"reason": "x"}))
    for _press in range(2):
        assert as_colleague.post(reverse(CHOICE), {"licenses": [license.pk]})["Location"] == reverse("home:home")
    assert LicenseRequest.objects.count() == 1


def test_the_choice_without_licences_redirects_to_the_home_page(
    as_colleague: Client, personal: User, sign_in: SignIn
) -> None:
    assert as_colleague.get(reverse(CHOICE))["Location"] == reverse("home:home")
    assert sign_in(personal).get(reverse(CHOICE))["Location"] == reverse("home:home")


def test_a_choice_with_a_licence_that_cannot_be_requested_requests_none(
    as_colleague: Client, company: Company
) -> None:
    fine, hidden = make_license(company), make_license(company, is_shown=False)

    answer = as_colleague.post(reverse(CHOICE), {"licenses": [fine.pk, hidden.pk]})

    assert "You cannot request this licence" in main_text(answer)
    assert not LicenseRequest.objects.exists()
