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
def test_somebody_is_found_by_how_words_of_name_and_address_begin(
    desk: Client, colleague: User, sought: str
) -> None:
    make_person("iemand@anders.example", name="Iemand Anders")

    page = desk.get(reverse("admin:accounts_user_changelist"), {"q": sought})

    assert [row.pk for row in page.context["cl"].result_list] == [colleague.pk]


def test_within_words_somebody_is_found_where_the_server_has_pg_trgm(desk: Client, colleague: User) -> None:
    page = desk.get(reverse("admin:accounts_user_changelist"), {"q": "ega@voorb"})

    assert (colleague in page.context["cl"].result_list) is are_built(connection)


# Impersonating does not exist ----------------------------------------------------------------------------


def test_there_is_no_page_to_set_a_password_or_to_sign_in_as_somebody_else() -> None:
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


def test_no_password_is_shown_or_taken_at_the_desk(desk: Client, colleague: User) -> None:
    url = reverse("admin:accounts_user_change", args=[colleague.pk])
    page = desk.get(url).content.decode()

    desk.post(url, {"name": "Coen", "language": "nl", "password": "x", "password1": "x", "usable_password": "x"})

    before = colleague.password
    colleague.refresh_from_db()
    assert colleague.password == before
    assert colleague.password not in page
    assert 'type="password"' not in page


def test_a_document_request_is_found_by_person_company_and_number(
    desk: Client, company: Company, colleague: User
) -> None:
    document_request = DocumentRequest.objects.create(
        company=company, user=colleague, document=make_document("NEN 7510:2024")
    )

    for sought in ("collega@", "Voorbeeld", "nen7510"):
        page = desk.get(reverse("admin:requests_app_documentrequest_changelist"), {"q": sought})
        assert list(page.context["cl"].result_list) == [document_request], sought
