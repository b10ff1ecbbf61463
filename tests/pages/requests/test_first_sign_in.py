"""The first sign-in: choosing licences and requesting them (R18)."""

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
from tests.pages.requests.request_pages import CHOICE, said, shown

SignIn = Callable[[User], Client]


def test_the_choice_shows_what_is_open_and_what_can_be_requested(as_colleague: Client, company: Company) -> None:
    make_license(company, name="Basis", is_company_wide=True)
    make_license(company, name="Techniek")
    make_license(company, name="Geheim", is_shown=False)
    make_license(company, name="Verlopen", ends_on=timezone.localdate() - timedelta(days=1))

    page = shown(as_colleague.get(reverse(CHOICE)))

    before, after = page.split("You can request this")
    assert "Basis" in before
    assert "Techniek" in after
    assert "Skip" in after
    assert "Geheim" not in page
    assert "Verlopen" not in page


def test_the_name_of_a_licence_or_its_documents_lead_to_what_is_in_it(
    as_colleague: Client, company: Company
) -> None:
    licenses = [make_license(company, is_company_wide=True), make_license(company)]

    for url in (reverse(CHOICE), reverse("profile:profile_licenses")):
        page = as_colleague.get(url).content.decode()
        for license in licenses:
            assert f'href="{reverse("documents:documents")}?license={license.pk}"' in page


def test_several_are_asked_for_at_once_with_one_reason(as_colleague: Client, company: Company) -> None:
    wanted = [make_license(company), make_license(company)]

    answer = as_colleague.post(reverse(CHOICE), {"licenses": [one.pk for one in wanted], "reason": "Project"})

    assert answer["Location"] == reverse("home:home")
    assert "2 requests were sent" in said(answer)
    assert {(row.license, row.reason) for row in LicenseRequest.objects.all()} == {
        (one, "Project") for one in wanted
    }


def test_choosing_nothing_is_told_and_pressing_twice_goes_home(as_colleague: Client, company: Company) -> None:
    license = make_license(company)
    assert "Choose at least one licence" in shown(as_colleague.post(reverse(CHOICE), {"reason": "x"}))
    for _press in range(2):
        assert as_colleague.post(reverse(CHOICE), {"licenses": [license.pk]})["Location"] == reverse("home:home")
    assert LicenseRequest.objects.count() == 1


def test_with_nothing_to_choose_the_first_sign_in_goes_home(
    as_colleague: Client, personal: User, sign_in: SignIn
) -> None:
    assert as_colleague.get(reverse(CHOICE))["Location"] == reverse("home:home")
    assert sign_in(personal).get(reverse(CHOICE))["Location"] == reverse("home:home")


def test_when_one_of_the_chosen_cannot_be_requested_none_is(as_colleague: Client, company: Company) -> None:
    fine, hidden = make_license(company), make_license(company, is_shown=False)

    answer = as_colleague.post(reverse(CHOICE), {"licenses": [fine.pk, hidden.pk]})

    assert "You cannot request this licence" in shown(answer)
    assert not LicenseRequest.objects.exists()
