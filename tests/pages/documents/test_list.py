"""Test the list of „Documenten": searching and filtering."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import User
from companies.models import Company
from tests.factories import make_document, make_grants, make_license
from tests.pages.documents.document_pages import file_of, main_text, with_file

SignIn = Callable[[User], Client]


def numbers_listed(client: Client, **query: str) -> list[str]:
    return [document.number for document in client.get(reverse("documents:documents"), query).context["page_obj"]]


@pytest.fixture
def shelf(db: None) -> None:
    make_document(
        "NEN-EN-ISO 9001:2015", title_nl="Kwaliteitsmanagementsystemen", title_en="Quality management systems"
    )
    make_document("NEN 1010:2020+C1:2024", title_nl="Elektrische installaties voor laagspanning", title_en="")
    make_document("NEN-EN 1993-1-1+C2:2011", title_nl="Ontwerp van staalconstructies", title_en="Design of steel")
    make_document("NPR 9001:2019", title_nl="Praktijkrichtlijn 100% staal", title_en="Guide", is_free=True)


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
def test_each_word_of_a_document_search_must_match_the_number_or_a_title(
    search: str, expected: list[str], shelf: None, as_colleague: Client
) -> None:
    assert sorted(numbers_listed(as_colleague, q=search)) == sorted(expected)


def test_the_document_list_can_be_filtered_on_readable_free_and_plus(
    as_colleague: Client, colleague: User, company: Company
) -> None:
    mine, plus, abroad = (
        make_document("NEN 1"),
        make_document("NEN 2", plus_countries=["NL"]),
        make_document(plus_countries=["DE"]),
    )
    make_document("NEN 3", is_free=True)
    make_document("NEN 4")
    make_grants(make_license(company, documents=[mine, plus, abroad]), colleague)

    assert numbers_listed(as_colleague, readable="on") == ["NEN 1", "NEN 2", "NEN 3"]
    assert numbers_listed(as_colleague, free="on") == ["NEN 3"]
    assert numbers_listed(as_colleague, readable="on", plus="on") == ["NEN 2"]


def test_replaced_and_withdrawn_documents_are_listed_only_on_request(as_colleague: Client) -> None:
    make_document("NEN 1:2024")
    make_document("NEN 1:2012", status="replaced")
    make_document("NEN 2:2012", status="withdrawn")

    assert numbers_listed(as_colleague) == ["NEN 1:2024"]
    assert numbers_listed(as_colleague, status="all") == ["NEN 1:2012", "NEN 1:2024", "NEN 2:2012"]
    assert numbers_listed(as_colleague, q="2:2012", status="all") == ["NEN 2:2012"]
    for query, notice in (
        ("", "2 replaced or withdrawn documents fit too"),
        ("?q=nen2", "1 replaced or withdrawn"),
    ):
        answer = as_colleague.get(reverse("documents:documents") + query)
        assert notice in main_text(answer)
        assert "status=all" in answer.content.decode()


def test_the_document_list_can_be_filtered_on_a_licence_visible_to_the_person(
    as_colleague: Client, colleague: User, company: Company
) -> None:
    first, second, third = make_document("NEN 1"), make_document("NEN 2"), make_document("NEN 3")
    shown_license = make_license(company, documents=[first], name="Bouw")
    hidden_but_granted = make_license(company, documents=[second], is_shown=False)
    make_grants(hidden_but_granted, colleague)
    hidden_for_all = make_license(company, documents=[third], is_shown=False, is_company_wide=True)

    assert numbers_listed(as_colleague, license=str(shown_license.pk)) == ["NEN 1"]
    assert numbers_listed(as_colleague, license=str(hidden_but_granted.pk)) == ["NEN 2"]
    assert numbers_listed(as_colleague, license=str(hidden_for_all.pk)) == ["NEN 3"]
    page = as_colleague.get(reverse("documents:documents"), {"license": shown_license.pk})
    assert "The documents of “Bouw”." in main_text(page)
    assert f'<option value="{shown_license.pk}" selected>' in page.content.decode()  # the next search keeps it


def test_the_document_list_ignores_a_licence_that_is_hidden_from_the_person(
    as_colleague: Client, company: Company, other_company: Company
) -> None:
    make_document("NEN 1")
    hidden = make_license(company, is_shown=False, name="Geheim")
    strange = make_license(other_company, name="Van een ander")

    for value in (hidden.pk, strange.pk, "x", "9" * 30):
        page = as_colleague.get(reverse("documents:documents"), {"license": value})
        assert [document.number for document in page.context["page_obj"]] == ["NEN 1"]
        for name in ("Geheim", "Van een ander"):
            assert name not in page.content.decode()


def test_an_admin_can_filter_the_document_list_on_a_hidden_licence(
    admin: User, company: Company, sign_in: SignIn
) -> None:
    license = make_license(company, documents=[make_document("NEN 1")], is_shown=False)
    make_document("NEN 2")

    assert numbers_listed(sign_in(admin), license=str(license.pk)) == ["NEN 1"]


def test_the_document_list_links_only_files_that_the_person_can_open(as_colleague: Client) -> None:
    free, closed = with_file(make_document(is_free=True)), with_file(make_document())

    page = as_colleague.get(reverse("documents:documents")).content.decode()

    assert file_of(free) in page
    assert file_of(closed) not in page


def test_a_page_of_the_document_list_has_25_documents_and_keeps_the_search(as_colleague: Client) -> None:
    for number in range(30):
        make_document(f"NEN {number:03}")

    first = as_colleague.get(reverse("documents:documents"), {"q": "NEN"})
    last = as_colleague.get(reverse("documents:documents"), {"q": "NEN", "page": "2"})

    assert len(first.context["page_obj"]) == 25
    assert "q=NEN&amp;page=2" in first.content.decode()
    assert len(last.context["page_obj"]) == 5


@pytest.mark.parametrize("page", ["0", "-1", "99", "x", "", "9" * 5000])
def test_the_document_list_accepts_an_invalid_page_number(page: str, as_colleague: Client) -> None:
    assert as_colleague.get(reverse("documents:documents"), {"page": page}).status_code == 200


@pytest.mark.parametrize("search", ["x" * 201])
def test_a_document_search_that_is_too_long_is_an_error_at_its_field(
    search: str, shelf: None, as_colleague: Client
) -> None:
    answer = as_colleague.get(reverse("documents:documents"), {"q": search})

    assert answer.status_code == 200
    assert answer.context["filter"].errors["q"]
    assert list(answer.context["page_obj"]) == []


def test_an_empty_document_list_explains_what_to_do(as_colleague: Client) -> None:
    assert "no documents yet" in main_text(as_colleague.get(reverse("documents:documents")))
    make_document("NEN 1")
    assert "Try fewer words" in main_text(as_colleague.get(reverse("documents:documents"), {"q": "zzz"}))


def test_the_document_list_takes_as_many_queries_for_30_documents_as_for_3(
    as_colleague: Client, company: Company
) -> None:
    def queries() -> int:
        with CaptureQueriesContext(
            connection,
        ) as captured:
            as_colleague.get(reverse("documents:documents"))
        return len(captured)

    def add_documents(count: int) -> None:
        make_license(company, documents=[make_document() for _ in range(count)], is_company_wide=True)

    add_documents(3)
    few = queries()
    add_documents(27)
    assert queries() == few
