"""A document's page: opening it, requesting it, or the reason why not (R25)."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from companies.models import Company
from licenses.models import Document
from requests_app.models import DocumentRequest, LicenseRequest
from tests.factories import make_collection, make_company, make_document, make_grants, make_license
from tests.pages.documents.shown import file_of, shown, with_file

SignIn = Callable[[User], Client]


def page_of(one: Document) -> str:
    return reverse("documents:document", args=[one.pk])


def test_who_may_read_it_gets_one_button_that_opens_it(
    as_colleague: Client, colleague: User, company: Company
) -> None:
    one = with_file(make_document())
    make_grants(make_license(company, name="Techniek", documents=[one]), colleague)

    answer = as_colleague.get(page_of(one))

    assert "You have the licence “Techniek”." in shown(answer)
    assert file_of(one) in answer.content.decode()


def test_a_shown_licence_that_holds_it_can_be_requested_from_the_page(
    as_colleague: Client, company: Company
) -> None:
    one = make_document()
    license = make_license(company, documents=[one])

    page = as_colleague.get(page_of(one)).content.decode()

    assert f"{reverse('requests:request_license')}?license={license.pk}" in page
    assert reverse("requests:request_document", args=[one.pk]) not in page
    assert file_of(one) not in page


@pytest.mark.parametrize("way", ["hidden", "collection"])
def test_a_document_of_a_hidden_licence_or_for_the_collection_can_be_requested_itself(
    way: str, as_colleague: Client, company: Company
) -> None:
    one = make_document()
    if way == "hidden":
        make_license(company, documents=[one], is_shown=False)
    else:
        make_collection(company)

    page = as_colleague.get(page_of(one)).content.decode()

    assert reverse("requests:request_document", args=[one.pk]) in page


def test_what_is_requested_already_is_not_offered_again(
    as_colleague: Client, colleague: User, company: Company
) -> None:
    held, wanted = make_document(), make_document()
    license = make_license(company, documents=[held])
    make_collection(company)
    asked = LicenseRequest.objects.create(company=company, user=colleague, license=license)
    asked_too = DocumentRequest.objects.create(company=company, user=colleague, document=wanted)

    first, second = as_colleague.get(page_of(held)), as_colleague.get(page_of(wanted))

    assert reverse("requests:license_request", args=[asked.pk]) in first.content.decode()
    assert reverse("requests:document_request", args=[asked_too.pk]) in second.content.decode()
    assert "an admin of your company decides on it." in shown(first)
    assert "an admin of your company decides on it." in shown(second)


def test_without_a_licence_or_collection_the_page_says_that_nothing_can_be_requested(as_colleague: Client) -> None:
    assert "There is nothing that you can request" in shown(as_colleague.get(page_of(make_document())))


@pytest.mark.parametrize(("country", "says"), [("FR", "not available in France"), ("", "Fill in my country")])
def test_a_plus_document_of_another_country_is_not_offered_to_be_requested(
    country: str, says: str, as_colleague: Client, colleague: User, company: Company
) -> None:
    User.objects.update(country=country)
    one = make_document(plus_countries=["NL"])
    make_license(company, documents=[one])

    answer = as_colleague.get(page_of(one))

    assert says in shown(answer)
    assert reverse("requests:request_license") not in answer.content.decode()


def test_a_plus_document_without_country_and_licence_says_that_both_are_missing(
    as_colleague: Client, colleague: User, company: Company
) -> None:
    User.objects.update(country="")
    colleague.refresh_from_db()
    one = make_document(plus_countries=["NL"])
    license = make_license(company, documents=[one])

    assert "your country, and a licence that holds it" in shown(as_colleague.get(page_of(one)))
    make_grants(license, colleague)
    assert "a licence that holds it" not in shown(as_colleague.get(page_of(one)))


def test_a_personal_account_is_told_how_to_get_in(personal: User, sign_in: SignIn) -> None:
    User.objects.update(language="en")
    outside = shown(sign_in(personal).get(page_of(make_document())))
    make_company("Bedrijf BV", "bedrijf.example")
    inside = sign_in(personal).get(page_of(make_document()))

    assert "Ask one of its admins" in outside
    assert "you can join it" in shown(inside)
    assert reverse("profile:profile") in inside.content.decode().split("<main")[1]


def test_a_replaced_document_leads_to_the_newer_one(as_colleague: Client) -> None:
    new = make_document("NEN 2:2024")
    old = make_document("NEN 2:2014", status=Document.Status.REPLACED, replaced_by=new)

    answer = as_colleague.get(page_of(old))

    assert "There is a newer version" in shown(answer)
    assert page_of(new) in answer.content.decode()


def test_the_title_is_in_the_readers_language_where_there_is_one(colleague: User, sign_in: SignIn) -> None:
    both = make_document(title_nl="Staal", title_en="Steel")
    dutch_only = make_document(title_nl="Beton", title_en="")
    in_dutch = sign_in(colleague).get(page_of(both)).content.decode()
    User.objects.update(language="en")
    in_english = sign_in(colleague).get(page_of(both)).content.decode()

    assert '<p class="lead">' in in_dutch
    assert '<span lang="nl">Staal</span>' in in_dutch
    assert '<span lang="en">Steel</span>' in in_english
    assert '<span lang="nl">Beton</span>' in sign_in(colleague).get(page_of(dutch_only)).content.decode()


def test_a_document_that_is_not_there_is_a_404(as_colleague: Client) -> None:
    assert as_colleague.get("/documenten/987654321/").status_code == 404
    assert as_colleague.get("/documenten/99999999999999999999999/").status_code == 404
