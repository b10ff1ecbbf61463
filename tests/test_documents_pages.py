"""„Documenten": finding one, and reading why one may (not) open it (R25)."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import User
from companies.models import Company
from licenses.models import Document
from requests_app.models import DocumentRequest, LicenseRequest
from tests.factories import collection_for, company_with, document, granted, license_for

SignIn = Callable[[User], Client]

PDF = b"%PDF-1.4 a standard"


@pytest.fixture(autouse=True)
def _files_of_this_test(settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def as_colleague(colleague: User, sign_in: SignIn) -> Client:
    """The colleague's browser, in English: the words of the pages are then the source strings."""
    User.objects.filter(pk=colleague.pk).update(language="en")
    return sign_in(colleague)


def with_file(one: Document) -> Document:
    one.file.save("standard.pdf", ContentFile(PDF))
    return one


def page_of(one: Document) -> str:
    return reverse("documents:document", args=[one.pk])


def file_of(one: Document) -> str:
    return reverse("documents:open", args=[one.pk])


def shown(answer: Any) -> str:
    """What the page says, on one line and without tags."""
    main = answer.content.decode().split("<main")[1].split("</main>")[0]
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", main))


def numbers_found(client: Client, **query: str) -> list[str]:
    return [one.number for one in client.get(reverse("documents:documents"), query).context["page_obj"]]


# The list -------------------------------------------------------------------------------------------


@pytest.fixture
def shelf(db: None) -> None:
    document(
        "NEN-EN-ISO 9001:2015", title_nl="Kwaliteitsmanagementsystemen", title_en="Quality management systems"
    )
    document("NEN 1010:2020+C1:2024", title_nl="Elektrische installaties voor laagspanning", title_en="")
    document("NEN-EN 1993-1-1+C2:2011", title_nl="Ontwerp van staalconstructies", title_en="Design of steel")
    document("NPR 9001:2019", title_nl="Praktijkrichtlijn 100% staal", title_en="Guide", is_free=True)


@pytest.mark.parametrize(
    ("search", "expected"),
    [
        ("9001", ["NEN-EN-ISO 9001:2015", "NPR 9001:2019"]),
        ("nen en iso 9001", ["NEN-EN-ISO 9001:2015"]),
        ("nen-en-iso9001", ["NEN-EN-ISO 9001:2015"]),
        ("NENENISO 9001:2015", ["NEN-EN-ISO 9001:2015"]),
        ("nen – en – iso 9001", ["NEN-EN-ISO 9001:2015"]),
        ("1993-1-1", ["NEN-EN 1993-1-1+C2:2011"]),
        ("nen1010", ["NEN 1010:2020+C1:2024"]),
        ("quality 9001", ["NEN-EN-ISO 9001:2015"]),
        ("staal", ["NEN-EN 1993-1-1+C2:2011", "NPR 9001:2019"]),
        ("staal 9001", ["NPR 9001:2019"]),
        ("staal 1010", []),
        ("100%", ["NPR 9001:2019"]),
        ("_", ["NEN 1010:2020+C1:2024", "NEN-EN 1993-1-1+C2:2011", "NEN-EN-ISO 9001:2015", "NPR 9001:2019"]),
        ("%%", []),
    ],
)
def test_each_word_of_a_search_stands_in_the_number_or_a_title(
    search: str, expected: list[str], shelf: None, as_colleague: Client
) -> None:
    assert sorted(numbers_found(as_colleague, q=search)) == sorted(expected)


def test_ticks_narrow_the_list_to_what_is_readable_free_or_plus(
    as_colleague: Client, colleague: User, company: Company
) -> None:
    mine, plus, abroad = (
        document("NEN 1"),
        document("NEN 2", plus_countries=["NL"]),
        document(plus_countries=["DE"]),
    )
    document("NEN 3", is_free=True)
    document("NEN 4")
    granted(license_for(company, documents=[mine, plus, abroad]), colleague)

    assert numbers_found(as_colleague, readable="on") == ["NEN 1", "NEN 2", "NEN 3"]
    assert numbers_found(as_colleague, free="on") == ["NEN 3"]
    assert numbers_found(as_colleague, readable="on", plus="on") == ["NEN 2"]


def test_replaced_and_withdrawn_documents_are_listed_when_asked_for(as_colleague: Client) -> None:
    document("NEN 1:2024")
    document("NEN 1:2012", status="replaced")
    document("NEN 2:2012", status="withdrawn")

    assert numbers_found(as_colleague) == ["NEN 1:2024"]
    assert numbers_found(as_colleague, status="all") == ["NEN 1:2012", "NEN 1:2024", "NEN 2:2012"]
    assert numbers_found(as_colleague, q="2:2012", status="all") == ["NEN 2:2012"]
    for query, said in (("", "2 replaced or withdrawn documents fit too"), ("?q=nen2", "1 replaced or withdrawn")):
        answer = as_colleague.get(reverse("documents:documents") + query)
        assert said in shown(answer)
        assert "status=all" in answer.content.decode()


def test_the_list_is_narrowed_to_a_licence_that_the_person_knows(
    as_colleague: Client, colleague: User, company: Company
) -> None:
    one, two, three = document("NEN 1"), document("NEN 2"), document("NEN 3")
    shown_one = license_for(company, documents=[one], name="Bouw")
    hidden_but_held = license_for(company, documents=[two], is_shown=False)
    granted(hidden_but_held, colleague)
    hidden_for_all = license_for(company, documents=[three], is_shown=False, is_company_wide=True)

    assert numbers_found(as_colleague, license=str(shown_one.pk)) == ["NEN 1"]
    assert numbers_found(as_colleague, license=str(hidden_but_held.pk)) == ["NEN 2"]
    assert numbers_found(as_colleague, license=str(hidden_for_all.pk)) == ["NEN 3"]
    page = as_colleague.get(reverse("documents:documents"), {"license": shown_one.pk})
    assert "The documents of “Bouw”." in shown(page)
    assert f'<option value="{shown_one.pk}" selected>' in page.content.decode()  # the next search keeps it


def test_a_licence_that_the_person_does_not_know_narrows_nothing_and_is_not_named(
    as_colleague: Client, company: Company, other_company: Company
) -> None:
    document("NEN 1")
    hidden = license_for(company, is_shown=False, name="Geheim")
    strange = license_for(other_company, name="Van een ander")

    for value in (hidden.pk, strange.pk, "x", "9" * 30):
        page = as_colleague.get(reverse("documents:documents"), {"license": value})
        assert [one.number for one in page.context["page_obj"]] == ["NEN 1"]
        for name in ("Geheim", "Van een ander"):
            assert name not in page.content.decode()


def test_an_admin_sees_the_documents_of_a_hidden_licence(admin: User, company: Company, sign_in: SignIn) -> None:
    license = license_for(company, documents=[document("NEN 1")], is_shown=False)
    document("NEN 2")

    assert numbers_found(sign_in(admin), license=str(license.pk)) == ["NEN 1"]


def test_the_list_offers_opening_only_where_the_person_may(as_colleague: Client) -> None:
    free, closed = with_file(document(is_free=True)), with_file(document())

    page = as_colleague.get(reverse("documents:documents")).content.decode()

    assert file_of(free) in page
    assert file_of(closed) not in page


def test_a_page_has_25_documents_and_keeps_the_search(as_colleague: Client) -> None:
    for number in range(30):
        document(f"NEN {number:03}")

    first = as_colleague.get(reverse("documents:documents"), {"q": "NEN"})
    last = as_colleague.get(reverse("documents:documents"), {"q": "NEN", "page": "2"})

    assert len(first.context["page_obj"]) == 25
    assert "q=NEN&amp;page=2" in first.content.decode()
    assert len(last.context["page_obj"]) == 5


@pytest.mark.parametrize("page", ["0", "-1", "99", "x", "", "9" * 5000])
def test_a_page_number_that_is_none_shows_a_page_all_the_same(page: str, as_colleague: Client) -> None:
    assert as_colleague.get(reverse("documents:documents"), {"page": page}).status_code == 200


@pytest.mark.parametrize("search", ["x" * 201])
def test_a_search_that_is_no_good_is_told_at_its_field(search: str, shelf: None, as_colleague: Client) -> None:
    answer = as_colleague.get(reverse("documents:documents"), {"q": search})

    assert answer.status_code == 200
    assert answer.context["filter"].errors["q"]
    assert list(answer.context["page_obj"]) == []


def test_empty_lists_say_what_to_do(as_colleague: Client) -> None:
    assert "no documents yet" in shown(as_colleague.get(reverse("documents:documents")))
    document("NEN 1")
    assert "Try fewer words" in shown(as_colleague.get(reverse("documents:documents"), {"q": "zzz"}))


def test_the_list_takes_as_many_queries_for_3_as_for_30_documents(as_colleague: Client, company: Company) -> None:
    def queries() -> int:
        with CaptureQueriesContext(
            connection,
        ) as captured:
            as_colleague.get(reverse("documents:documents"))
        return len(captured)

    def shelve(count: int) -> None:
        license_for(company, documents=[document() for _ in range(count)], is_company_wide=True)

    shelve(3)
    few = queries()
    shelve(27)
    assert queries() == few


# The page of a document -----------------------------------------------------------------------------


def test_who_may_read_it_gets_one_button_that_opens_it(
    as_colleague: Client, colleague: User, company: Company
) -> None:
    one = with_file(document())
    granted(license_for(company, name="Techniek", documents=[one]), colleague)

    answer = as_colleague.get(page_of(one))

    assert "You have the licence “Techniek”." in shown(answer)
    assert file_of(one) in answer.content.decode()


def test_a_shown_licence_that_holds_it_can_be_requested_from_the_page(
    as_colleague: Client, company: Company
) -> None:
    one = document()
    license = license_for(company, documents=[one])

    page = as_colleague.get(page_of(one)).content.decode()

    assert f"{reverse('requests:request_license')}?license={license.pk}" in page
    assert reverse("requests:request_document", args=[one.pk]) not in page
    assert file_of(one) not in page


@pytest.mark.parametrize("way", ["hidden", "collection"])
def test_a_document_of_a_hidden_licence_or_for_the_collection_can_be_requested_itself(
    way: str, as_colleague: Client, company: Company
) -> None:
    one = document()
    if way == "hidden":
        license_for(company, documents=[one], is_shown=False)
    else:
        collection_for(company)

    page = as_colleague.get(page_of(one)).content.decode()

    assert reverse("requests:request_document", args=[one.pk]) in page


def test_what_is_requested_already_is_not_offered_again(
    as_colleague: Client, colleague: User, company: Company
) -> None:
    held, wanted = document(), document()
    license = license_for(company, documents=[held])
    collection_for(company)
    asked = LicenseRequest.objects.create(company=company, user=colleague, license=license)
    asked_too = DocumentRequest.objects.create(company=company, user=colleague, document=wanted)

    first, second = as_colleague.get(page_of(held)), as_colleague.get(page_of(wanted))

    assert reverse("requests:license_request", args=[asked.pk]) in first.content.decode()
    assert reverse("requests:document_request", args=[asked_too.pk]) in second.content.decode()
    assert "an admin of your company decides on it." in shown(first)
    assert "an admin of your company decides on it." in shown(second)


def test_without_a_licence_or_collection_the_page_says_that_nothing_can_be_requested(as_colleague: Client) -> None:
    assert "There is nothing that you can request" in shown(as_colleague.get(page_of(document())))


@pytest.mark.parametrize(("country", "says"), [("FR", "not available in France"), ("", "Fill in my country")])
def test_a_plus_document_of_another_country_is_not_offered_to_be_requested(
    country: str, says: str, as_colleague: Client, colleague: User, company: Company
) -> None:
    User.objects.update(country=country)
    one = document(plus_countries=["NL"])
    license_for(company, documents=[one])

    answer = as_colleague.get(page_of(one))

    assert says in shown(answer)
    assert reverse("requests:request_license") not in answer.content.decode()


def test_a_plus_document_without_country_and_licence_says_that_both_are_missing(
    as_colleague: Client, colleague: User, company: Company
) -> None:
    User.objects.update(country="")
    colleague.refresh_from_db()
    one = document(plus_countries=["NL"])
    license = license_for(company, documents=[one])

    assert "your country, and a licence that holds it" in shown(as_colleague.get(page_of(one)))
    granted(license, colleague)
    assert "a licence that holds it" not in shown(as_colleague.get(page_of(one)))


def test_a_personal_account_is_told_how_to_get_in(personal: User, sign_in: SignIn) -> None:
    User.objects.update(language="en")
    outside = shown(sign_in(personal).get(page_of(document())))
    company_with("Bedrijf BV", "bedrijf.example")
    inside = sign_in(personal).get(page_of(document()))

    assert "Ask one of its admins" in outside
    assert "you can join it" in shown(inside)
    assert reverse("profile:profile") in inside.content.decode().split("<main")[1]


def test_a_replaced_document_leads_to_the_newer_one(as_colleague: Client) -> None:
    new = document("NEN 2:2024")
    old = document("NEN 2:2014", status=Document.Status.REPLACED, replaced_by=new)

    answer = as_colleague.get(page_of(old))

    assert "There is a newer version" in shown(answer)
    assert page_of(new) in answer.content.decode()


def test_the_title_is_in_the_readers_language_where_there_is_one(colleague: User, sign_in: SignIn) -> None:
    both = document(title_nl="Staal", title_en="Steel")
    dutch_only = document(title_nl="Beton", title_en="")
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
