"""Test the page of a document: opening it, requesting it, or the reason why not (R25)."""

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
from tests.pages.documents.document_pages import file_of, main_text, with_file

SignIn = Callable[[User], Client]


def page_of(document: Document) -> str:
    return reverse("documents:document", args=[document.pk])


def test_the_page_of_a_document_links_a_holder_of_its_licence_to_the_file(
    as_colleague: Client, colleague: User, company: Company
) -> None:
    document = with_file(make_document())
    make_grants(make_license(company, name="Techniek", documents=[document]), colleague)

    answer = as_colleague.get(page_of(document))

    assert "You have the licence “Techniek”." in main_text(answer)
    assert file_of(document) in answer.content.decode()


def test_the_page_of_a_document_offers_to_request_a_shown_licence_with_it(
    as_colleague: Client, company: Company
) -> None:
    document = make_document()
    license = make_license(company, documents=[document])

    page = as_colleague.get(page_of(document)).content.decode()

    assert f"{reverse('requests:request_license')}?license={license.pk}" in page
    assert reverse("requests:request_document", args=[document.pk]) not in page
    assert file_of(document) not in page


@pytest.mark.parametrize("way", ["hidden", "collection"])
def test_a_document_of_a_hidden_licence_or_for_the_collection_can_be_requested(
    way: str, as_colleague: Client, company: Company
) -> None:
    document = make_document()
    if way == "hidden":
        make_license(company, documents=[document], is_shown=False)
    else:
        make_collection(company)

    page = as_colleague.get(page_of(document)).content.decode()

    assert reverse("requests:request_document", args=[document.pk]) in page


def test_the_page_of_a_requested_document_links_to_the_open_request(
    as_colleague: Client, colleague: User, company: Company
) -> None:
    licensed_document, unlicensed_document = make_document(), make_document()
    license = make_license(company, documents=[licensed_document])
    make_collection(company)
    license_request = LicenseRequest.objects.create(company=company, user=colleague, license=license)
    document_request = DocumentRequest.objects.create(
        company=company, user=colleague, document=unlicensed_document
    )

    first, second = as_colleague.get(page_of(licensed_document)), as_colleague.get(page_of(unlicensed_document))

    assert reverse("requests:license_request", args=[license_request.pk]) in first.content.decode()
    assert reverse("requests:document_request", args=[document_request.pk]) in second.content.decode()
    assert "an admin of your company decides on it." in main_text(first)
    assert "an admin of your company decides on it." in main_text(second)


def test_the_page_of_a_document_without_licence_or_collection_offers_no_request(as_colleague: Client) -> None:
    assert "You cannot request anything for this document" in main_text(as_colleague.get(page_of(make_document())))


@pytest.mark.parametrize(("country", "says"), [("FR", "not available in France"), ("", "Fill in my country")])
def test_a_plus_document_of_another_country_cannot_be_requested(
    country: str, says: str, as_colleague: Client, colleague: User, company: Company
) -> None:
    User.objects.update(country=country)
    document = make_document(plus_countries=["NL"])
    make_license(company, documents=[document])

    answer = as_colleague.get(page_of(document))

    assert says in main_text(answer)
    assert reverse("requests:request_license") not in answer.content.decode()


def test_a_plus_document_says_that_both_country_and_licence_are_missing(
    as_colleague: Client, colleague: User, company: Company
) -> None:
    User.objects.update(country="")
    colleague.refresh_from_db()
    document = make_document(plus_countries=["NL"])
    license = make_license(company, documents=[document])

    assert "your country, and a licence that holds it" in main_text(as_colleague.get(page_of(document)))
    make_grants(license, colleague)
    assert "a licence that holds it" not in main_text(as_colleague.get(page_of(document)))


def test_the_page_of_a_document_tells_a_personal_account_how_to_join_a_company(
    personal: User, sign_in: SignIn
) -> None:
    User.objects.update(language="en")
    outside = main_text(sign_in(personal).get(page_of(make_document())))
    make_company("Bedrijf BV", "bedrijf.example")
    inside = sign_in(personal).get(page_of(make_document()))

    assert "Ask one of its admins" in outside
    assert "you can join it" in main_text(inside)
    assert reverse("profile:profile") in inside.content.decode().split("<main")[1]


def test_a_replaced_document_leads_to_the_newer_one(as_colleague: Client) -> None:
    new = make_document("NEN 2:2024")
    old = make_document("NEN 2:2014", status=Document.Status.REPLACED, replaced_by=new)

    answer = as_colleague.get(page_of(old))

    assert "There is a newer version" in main_text(answer)
    assert page_of(new) in answer.content.decode()


def test_the_title_of_a_document_is_in_the_readers_language_if_available(colleague: User, sign_in: SignIn) -> None:
    both = make_document(title_nl="Staal", title_en="Steel")
    dutch_only = make_document(title_nl="Beton", title_en="")
    in_dutch = sign_in(colleague).get(page_of(both)).content.decode()
    User.objects.update(language="en")
    in_english = sign_in(colleague).get(page_of(both)).content.decode()

    assert '<p class="lead">' in in_dutch
    assert '<span lang="nl">Staal</span>' in in_dutch
    assert '<span lang="en">Steel</span>' in in_english
    assert '<span lang="nl">Beton</span>' in sign_in(colleague).get(page_of(dutch_only)).content.decode()


def test_the_page_of_an_unknown_document_is_a_404(as_colleague: Client) -> None:
    assert as_colleague.get("/documenten/987654321/").status_code == 404
    assert as_colleague.get("/documenten/99999999999999999999999/").status_code == 404
