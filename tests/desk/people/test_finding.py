"""Test finding people at NEN's desk by name and address, and that they are never impersonated."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.urls import get_resolver, reverse

from accounts.models import User
from accounts.trigram_index import are_built
from companies.models import Company
from requests_app.models import DocumentRequest
from tests.factories import make_document, make_person

pytestmark = pytest.mark.usefixtures("_english")


# Finding --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("sought", ["collega@", "Collega@Voorbeeld.example", "coen", "coll COEN", "voorb"])
def test_searching_people_finds_a_user_by_the_start_of_name_or_address(
    desk: Client, colleague: User, sought: str
) -> None:
    make_person("iemand@anders.example", name="Iemand Anders")

    page = desk.get(reverse("admin:accounts_user_changelist"), {"q": sought})

    assert [row.pk for row in page.context["cl"].result_list] == [colleague.pk]


def test_searching_people_in_the_middle_of_words_needs_the_trigram_index(desk: Client, colleague: User) -> None:
    page = desk.get(reverse("admin:accounts_user_changelist"), {"q": "ega@voorb"})

    assert (colleague in page.context["cl"].result_list) is are_built(connection)


# Impersonating does not exist ----------------------------------------------------------------------------


def test_the_desk_has_no_page_to_set_a_password_or_impersonate_a_user() -> None:
    def routes(patterns: Any, before: str = "") -> list[str]:
        names = []
        for pattern in patterns:
            route = before + str(pattern.pattern)
            names += (
                routes(pattern.url_patterns, route)
                if hasattr(pattern, "url_patterns")
                else [f"{route} {pattern.name}"]
            )
        return names

    desk = [route for route in routes(get_resolver().url_patterns) if route.startswith("beheer/")]
    assert any("accounts_user_change" in route for route in desk)
    for word in ("impersonat", "hijack", "login_as", "loginas", "inloggen-als", "masquerade", "/password/"):
        assert [route for route in desk if word in route and "admin" not in route.split()[-1]] == []


def test_the_page_of_a_user_does_not_show_or_change_the_password(desk: Client, colleague: User) -> None:
    url = reverse("admin:accounts_user_change", args=[colleague.pk])
    page = desk.get(url).content.decode()

    desk.post(url, {"name": "Coen", "language": "nl", "password": "x", "password1": "x", "usable_password": "x"})

    before = colleague.password
    colleague.refresh_from_db()
    assert colleague.password == before
    assert colleague.password not in page
    assert 'type="password"' not in page


def test_searching_document_requests_finds_person_company_and_document_number(
    desk: Client, company: Company, colleague: User
) -> None:
    document_request = DocumentRequest.objects.create(
        company=company, user=colleague, document=make_document("NEN 7510:2024")
    )

    for sought in ("collega@", "Voorbeeld", "nen7510"):
        page = desk.get(reverse("admin:requests_app_documentrequest_changelist"), {"q": sought})
        assert list(page.context["cl"].result_list) == [document_request], sought
