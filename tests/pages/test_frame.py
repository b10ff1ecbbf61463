"""Test the menu, the language and the error pages."""

from __future__ import annotations

import re

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse

from accounts.models import User
from pages.home.footer import language

# Language -------------------------------------------------------------------------------------------


def test_a_person_can_choose_a_language_while_they_move_to_another_company(rf, other_company, colleague):
    request = rf.post(reverse("home:language"), {"language": "en", "next": "/hulp/"})
    request.user = User.objects.get(pk=colleague.pk)
    User.objects.filter(pk=colleague.pk).update(company=other_company)

    response = language(request)

    assert (response.status_code, response["Location"]) == (302, "/hulp/")
    assert response.cookies[settings.LANGUAGE_COOKIE_NAME].value == "en"


def test_a_visitor_chooses_a_language_and_comes_back_to_the_same_page(client, db):
    assert client.get("/hulp/")["Content-Language"] == "nl"
    response = client.post(reverse("home:language"), {"language": "en", "next": "/hulp/"})
    assert response["Location"] == "/hulp/"
    assert client.get("/hulp/")["Content-Language"] == "en"


def test_the_language_that_a_signed_in_person_chooses_is_saved_on_their_account(sign_in, colleague):
    browser = sign_in(colleague)
    browser.post(reverse("home:language"), {"language": "en"})
    colleague.refresh_from_db()
    assert colleague.language == "en"
    assert browser.get("/")["Content-Language"] == "en"


@pytest.mark.parametrize("data", [{"language": "xx"}, {}, {"language": "en", "next": "//evil.example"}])
def test_an_unknown_language_or_a_foreign_address_leads_home(client, db, data):
    assert client.post(reverse("home:language"), data)["Location"] == reverse("home:home")


# Frame ----------------------------------------------------------------------------------------------


def test_the_menu_shows_what_the_role_may_open(sign_in, admin, colleague, personal, staff):
    def menu(user: User) -> set[str]:
        page = sign_in(user).get(reverse("home:help")).content.decode()
        return set(re.findall(r'href="(/[^"]*)"', page))

    company_page, requests, desk = "/mijn-bedrijf/", "/aanvragen/licenties/", "/beheer/"
    assert {company_page, requests} <= menu(admin)
    assert requests in menu(colleague)
    assert company_page not in menu(colleague)
    assert not {company_page, requests} & menu(personal)
    assert desk in menu(staff)
    assert desk not in menu(admin)


def test_an_unknown_page_is_a_404_and_a_form_without_csrf_token_has_its_own_page(db):
    strict = Client(enforce_csrf_checks=True)
    assert strict.get("/bestaat-niet/").status_code == 404
    response = strict.post(reverse("sign_in:register"), {"name": "x", "email": "x@voorbeeld.example"})
    assert (response.status_code, response.templates[0].name) == (403, "403_csrf.html")
