"""Test the link of the registration mail, until the password is chosen."""

from __future__ import annotations

import pytest
from django.conf import settings
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from tests.factories import PASSWORD, make_admin, make_pending_person
from tests.pages.sign_in.links import NEW_PASSWORD, is_dead, link_for, try_sign_in, without_tokens


def test_opening_the_registration_link_several_times_changes_nothing(client, pending):
    before = list(User.objects.values())
    for method in (client.get, client.head):
        for _ in range(3):
            page = method(link_for(pending))
            assert (page.status_code, is_dead(page)) == (200, False)
    assert list(User.objects.values()) == before
    assert "registration_token" not in client.session


def test_the_registration_page_sends_no_path_as_referrer(client, pending):
    assert client.get(link_for(pending))["Referrer-Policy"] == "strict-origin"


def test_finishing_registration_leads_to_signing_in_with_the_address_filled_in(client, pending):
    response = client.post(link_for(pending))
    assert response["Location"] == reverse("sign_in:choose_password")  # without the token in the URL
    data = {"company": "none", "password": NEW_PASSWORD, "repeat": NEW_PASSWORD}
    response = client.post(reverse("sign_in:choose_password"), data)
    assert response["Location"] == reverse("account_login")
    pending.refresh_from_db()
    assert pending.is_active
    assert f'value="{pending.email}"' in client.get(reverse("account_login")).content.decode()
    assert try_sign_in(client, pending.email, NEW_PASSWORD)["Location"] == reverse("requests:license_choice")


def test_the_first_sign_in_of_an_admin_leads_to_the_home_page(client, company):
    first = make_admin(company, first_signed_in_at=None)
    assert try_sign_in(client, first.email)["Location"] == reverse("home:home")


@pytest.mark.parametrize(
    ("password", "repeat", "field"),
    [
        ("kort", "kort", "password"),
        ("noor-nieuw-voorbeeld", "noor-nieuw-voorbeeld", "password"),
        ("qwerty123456", "qwerty123456", "password"),
        ("x" * 1025, "x" * 1025, "password"),
        (NEW_PASSWORD, NEW_PASSWORD + "x", "repeat"),
    ],
)
def test_a_weak_or_mistyped_password_is_refused_at_its_field(client, company, password, repeat, field):
    someone = make_pending_person("noor.nieuw@voorbeeld.example", company=company, name="Noor Nieuw")
    client.post(link_for(someone))
    data = {"company": "none", "password": password, "repeat": repeat}
    response = client.post(reverse("sign_in:choose_password"), data)
    assert response.status_code == 200
    assert response.context["form"].errors[field]
    someone.refresh_from_db()
    assert someone.is_pending


def test_a_password_of_1024_characters_is_accepted(client, pending):
    long = (NEW_PASSWORD * 50)[:1024]
    client.post(link_for(pending))
    client.post(reverse("sign_in:choose_password"), {"company": "none", "password": long, "repeat": long})
    assert try_sign_in(client, pending.email, long).status_code == 302


def test_used_and_unknown_registration_links_show_the_same_page(english, pending, colleague):
    dead = [
        reverse("sign_in:registration", args=["onzin"]),
        link_for(colleague),
        reverse("sign_in:choose_password"),
    ]
    pages = {without_tokens(english.get(url).content).replace(url.encode(), b"") for url in dead}
    assert len(pages) == 1
    assert is_dead(english.get(dead[0]))


def test_a_dead_registration_link_tells_a_signed_in_person_who_they_are(sign_in, colleague):
    User.objects.filter(pk=colleague.pk).update(language="en")
    text = sign_in(colleague).get(reverse("sign_in:registration", args=["onzin"])).content.decode()
    assert f"You are signed in as {colleague.email}" in text
    assert "Register once more" not in text


def test_a_newcomer_reads_while_choosing_a_password_that_they_become_admin(english, company):
    someone = make_pending_person(company=company, role=User.Role.ADMIN)
    english.post(link_for(someone))
    page = english.get(reverse("sign_in:choose_password")).content.decode()
    assert "At Voorbeeld BV you will be a company admin." in page


def test_a_weak_password_and_a_different_repeat_are_reported_together(client, sign_in, pending, colleague):
    client.post(link_for(pending))
    typed = {"company": "none", "password": "kort", "repeat": "anders", "current": PASSWORD}
    finishing = client.post(reverse("sign_in:choose_password"), typed)
    changing = sign_in(colleague).post(reverse("account_change_password"), typed)
    for page in (finishing, changing):
        assert {"password", "repeat"} <= page.context["form"].errors.keys()


@pytest.mark.parametrize("password", ["kort", "qwerty123456", "nieuw@voorbeeld"])
@pytest.mark.parametrize("language", ["nl", "en"])
def test_password_errors_are_in_the_language_of_the_page(client, pending, password, language):
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = language
    client.post(link_for(pending))
    data = {"company": "none", "password": password, "repeat": password}
    page = client.post(reverse("sign_in:choose_password"), data)
    errors = " ".join(page.context["form"].errors["password"])
    assert ("wachtwoord" in errors) == (language == "nl")
    assert ("password" in errors) == (language == "en")


def test_an_expired_registration_link_names_the_contact_of_the_company(english, company):
    late = make_pending_person(company=company, registration_deadline=timezone.localdate())
    page = english.get(link_for(late))
    assert is_dead(page)
    assert company.contact_email in page.content.decode()
    assert "had to be finished before" in page.content.decode()


def test_a_registration_link_that_expires_before_the_form_is_sent_is_refused(client, pending):
    client.post(link_for(pending))
    User.objects.filter(pk=pending.pk).update(registration_deadline=timezone.localdate())
    data = {"company": "none", "password": NEW_PASSWORD, "repeat": NEW_PASSWORD}
    assert is_dead(client.post(reverse("sign_in:choose_password"), data))


def test_the_registration_link_of_another_person_requires_signing_out_first(sign_in, colleague, pending):
    browser = sign_in(colleague)
    page = browser.post(link_for(pending))
    assert page.status_code == 200
    assert colleague.email in page.content.decode()
    assert "registration_token" not in browser.session
    response = browser.post(reverse("account_logout"), {"next": link_for(pending)})
    assert response["Location"] == link_for(pending)
