"""Test that a link leads to its page after registering, signing in or terms, and never to another site (C22)."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import unquote, urlencode

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse

from accounts.actions.registering_oneself import MAX_NEXT, register_self
from accounts.mails.password import reset_tokens
from accounts.models import User
from companies.models import Company
from nenconnect.links.own_paths import own_path, with_next
from tests.factories import (
    PASSWORD,
    make_document,
    make_license,
    make_pending_person,
    make_person,
    make_terms_version,
    registration_token,
)

pytestmark = pytest.mark.django_db

SignIn = Callable[[User], Client]
ADDRESS = "nieuw@voorbeeld.example"
ELSEWHERE = [
    "//evil.example/x",
    "/\\evil.example",
    "\\/evil.example",
    "/\t/evil.example",
    "/\n/evil.example",
    "///evil.example",
    "https://evil.example/",
    "http://testserver/documenten/",
    "javascript:alert(1)",
    "evil.example",
    "/documenten/\x00",
    " /documenten/",
    "",
]
to_elsewhere = pytest.mark.parametrize("after", ELSEWHERE)


@pytest.fixture
def page(company: Company) -> str:
    """Return the URL of a document with a query, as a mail or a colleague links to it."""
    make_license(company, name="Aan te vragen")
    return f"{reverse('documents:document', args=[make_document(is_free=True).pk])}?van=mail&x=1"


def next_of(address: str, page: str) -> str:
    return f"{address}?{urlencode({'next': page})}"


def register_from(browser: Client, after: str, address: str = ADDRESS) -> None:
    browser.post(next_of(reverse("sign_in:register"), after), {"name": "Noor", "email": address})


def finish_registration(browser: Client, user: User) -> str:
    """Finish registration by the link of the mail; return where the browser is redirected."""
    browser.post(reverse("sign_in:registration", args=[registration_token(user)]))
    form = {"password": PASSWORD, "repeat": PASSWORD, "company": (user.company_id and "none") or _offered(browser)}
    return str(browser.post(reverse("sign_in:choose_password"), form)["Location"])


def _offered(browser: Client) -> str:
    companies = browser.get(reverse("sign_in:choose_password")).context["companies"]
    return str(companies[0].pk) if companies else "none"


def sign_in_at(browser: Client, address: str, url: str) -> str:
    return str(browser.post(url, {"login": address, "password": PASSWORD})["Location"])


def test_a_deep_link_survives_registering_in_another_browser_and_the_first_sign_in(
    client: Client, page: str
) -> None:
    to_sign_in = client.get(page)["Location"]
    assert unquote(to_sign_in) == f"{reverse('account_login')}?next={page}"
    sign_in_page = client.get(to_sign_in).content.decode()
    to_register = next_of(reverse("sign_in:register"), page)
    assert sign_in_page.count(f'href="{to_register.replace("&", "&amp;")}"') == 2  # the text's and the menu's
    register_from(client, page)
    user = User.objects.get(email=ADDRESS)

    other_browser = Client()  # the mail is opened on another computer
    to_sign_in = finish_registration(other_browser, user)
    assert to_sign_in == next_of(reverse("account_login"), page)
    licenses = sign_in_at(other_browser, user.email, to_sign_in)

    assert licenses == next_of(reverse("requests:license_choice"), page)
    choice = other_browser.get(licenses).content.decode()
    assert f'href="{page.replace("&", "&amp;")}"' in choice  # Skip
    requested = other_browser.post(licenses, {"licenses": _first_license(choice)})
    assert requested["Location"] == page
    assert other_browser.get(page).status_code == 200
    user.refresh_from_db()
    assert user.registration_next == ""


def _first_license(page: str) -> str:
    return page.partition('name="licenses" value="')[2].partition('"')[0]


def test_a_deep_link_survives_accepting_new_terms(client: Client, company: Company, page: str) -> None:
    user = make_person(company=company, first_signed_in_at=None)
    version = make_terms_version()

    licenses = sign_in_at(client, user.email, next_of(reverse("account_login"), page))
    terms = client.get(licenses)["Location"]
    assert terms == next_of(reverse("sign_in:accept_terms"), licenses)

    assert client.post(terms, {"version": version.pk})["Location"] == licenses
    assert page.replace("&", "&amp;") in client.get(licenses).content.decode()


def test_a_person_without_licences_to_request_goes_to_the_deep_link_at_once(client: Client, page: str) -> None:
    user = make_person(company=None, first_signed_in_at=None)

    assert sign_in_at(client, user.email, next_of(reverse("account_login"), page)) == page
    again = client.get(next_of(reverse("requests:license_choice"), page))
    assert again["Location"] == page


def test_the_first_sign_in_of_an_admin_leads_to_the_deep_link(client: Client, company: Company, page: str) -> None:
    user = make_person(company=company, role=User.Role.ADMIN, first_signed_in_at=None)

    assert sign_in_at(client, user.email, next_of(reverse("account_login"), page)) == page


def test_a_person_added_by_an_admin_who_registers_keeps_the_deep_link(
    client: Client, page: str, pending: User
) -> None:
    User.objects.filter(pk=pending.pk).update(registration_sent_at=None)
    register_from(client, page, pending.email)

    assert finish_registration(Client(), pending) == next_of(reverse("account_login"), page)


def test_registering_again_from_another_page_replaces_the_deep_link(client: Client, page: str) -> None:
    register_from(client, "/hulp/")
    User.objects.update(registration_sent_at=None)
    register_from(client, page)

    assert User.objects.get().registration_next == page


def test_registering_again_at_once_keeps_the_first_deep_link(client: Client, page: str) -> None:
    register_from(client, page)
    register_from(client, "/hulp/")

    assert User.objects.get().registration_next == page


def test_the_pages_of_registering_pass_the_deep_link_on_to_signing_in(client: Client, page: str) -> None:
    client.post(next_of(reverse("sign_in:register"), page), {"name": "", "email": "geen adres"})
    answer = client.post(next_of(reverse("sign_in:register"), page), {"name": "Noor", "email": ADDRESS})

    assert answer["Location"] == next_of(reverse("sign_in:register_done"), page)
    for address in (reverse("sign_in:register"), answer["Location"]):
        shown = client.get(next_of(address.partition("?")[0], page)).content.decode()
        assert next_of(reverse("account_login"), page).replace("&", "&amp;") in shown


def test_registering_while_signed_in_leads_to_the_deep_link(sign_in: SignIn, colleague: User, page: str) -> None:
    assert sign_in(colleague).get(next_of(reverse("sign_in:register"), page))["Location"] == page


def test_choosing_a_language_while_signing_in_keeps_the_deep_link(client: Client, page: str) -> None:
    here = next_of(reverse("account_login"), page)

    answer = client.post(reverse("home:language"), {"language": "en", "next": here})

    assert answer["Location"] == here


@to_elsewhere
def test_no_page_of_registering_or_signing_in_links_to_another_site(
    client: Client, company: Company, after: str
) -> None:
    make_license(company)
    user = make_person(company=company, first_signed_in_at=None)
    query = {"next": after}

    register = client.get(reverse("sign_in:register"), query)
    if register.status_code == 200:  # a NUL is refused before
        assert "evil" not in register.content.decode().replace("?next=%2F%2Fevil", "?").partition("<footer")[0]
    landed = client.post(next_of(reverse("account_login"), after), {"login": user.email, "password": PASSWORD})
    assert landed.get("Location", "/").split("?")[0] in {reverse("requests:license_choice"), "/"}
    assert "next" not in landed.get("Location", "")
    choice = client.get(reverse("requests:license_choice"), query)
    assert choice.status_code == 400 or f'href="{reverse("home:home")}">' in choice.content.decode()


@to_elsewhere
def test_registering_does_not_save_a_next_page_of_another_site(company: Company, after: str) -> None:
    register_self(ADDRESS, "Noor", language="nl", after=after)

    assert User.objects.get().registration_next == ""


@to_elsewhere
def test_a_foreign_next_page_in_the_database_is_not_followed(client: Client, after: str) -> None:
    user = make_pending_person(registration_next=after.replace("\x00", ""))

    if after != "/documenten/\x00":
        assert finish_registration(client, user) == reverse("account_login")


def test_registering_does_not_save_a_next_page_that_is_too_long() -> None:
    register_self(ADDRESS, "Noor", language="nl", after="/" + "x" * MAX_NEXT)

    assert User.objects.get().registration_next == ""


def test_own_path_leaves_paths_of_the_site_unchanged() -> None:
    for path in ("/", "/documenten/?q=a%20b&x=/y#z", "/documenten/1/"):
        assert own_path(path) == path
    assert with_next("/inloggen/", "") == "/inloggen/"
    assert own_path(None) == ""


@pytest.mark.parametrize("is_reset", [True, False])
def test_signing_out_for_another_persons_link_leads_back_to_that_link(
    client: Client, colleague: User, pending: User, is_reset: bool
) -> None:
    # Signing out ends the session that has the link (C13).
    other = make_person()
    if is_reset:
        token = f"{other.pk}-{reset_tokens.make_token(other)}"
        link, second = reverse("sign_in:password_reset", args=[token]), reverse("sign_in:new_password")
    else:
        link = reverse("sign_in:registration", args=[registration_token(pending)])
        second = reverse("sign_in:choose_password")
    client.post(link)
    client.post(reverse("account_login"), {"login": colleague.email, "password": PASSWORD})  # in another tab
    page = client.get(second).content.decode()
    assert f'value="{link}"' in page

    answer = client.post(reverse("account_logout"), {"next": link})

    assert answer["Location"] == link
    assert client.get(link).context["person"] in {pending, other}


def test_the_sign_in_page_without_next_has_no_next_in_its_links(client: Client) -> None:
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = "en"
    assert "?next" not in client.get(reverse("account_login")).content.decode().partition("<footer")[0]
