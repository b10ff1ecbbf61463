"""The frame and the pages of accounts, as a browser sees them."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings
from django.core.signing import Signer
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.actions.membership import block
from accounts.mails.password import reset_tokens
from accounts.mails.registration import REGISTRATION_SALT
from accounts.models import JoinInvitation, SignInAttempts, User
from nenconnect.audit.models import AuditEntry
from nenconnect.mail.models import OutboxMail
from pages.home.footer import language
from requests_app.models import LicenseRequest
from tests.factories import (
    PASSWORD,
    admin_of,
    company_with,
    document,
    granted,
    license_for,
    pending_person,
    person,
)

NEW_PASSWORD = "rustige-koffie-in-delft"


@pytest.fixture
def english(client: Client) -> Client:
    """A visitor who reads the source strings."""
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = "en"
    return client


def link_for(user: User) -> str:
    token = Signer(salt=REGISTRATION_SALT).sign_object([user.pk, user.registration_round])
    return reverse("sign_in:registration", args=[token])


def reset_link_for(user: User) -> str:
    return reverse("sign_in:password_reset", args=[f"{user.pk}-{reset_tokens.make_token(user)}"])


def without_tokens(page: bytes) -> bytes:
    return re.sub(rb'csrfmiddlewaretoken" value="[^"]+"', b"", page)


def is_dead(page: Any) -> bool:
    return [template.name for template in page.templates][:1] == ["parts/dead_link.html"]


def try_sign_in(client: Client, address: str, password: str = PASSWORD, **data: str):
    return client.post(reverse("account_login"), {"login": address, "password": password, **data})


# Registering oneself -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("known", ["collega", "nieuw", "geblokkeerd", "onbekend"])
def test_registering_gives_the_same_answer_for_every_address(client, colleague, pending, blocked, known):
    data = {"name": "Iemand", "email": f"{known}@voorbeeld.example"}
    response = client.post(reverse("sign_in:register"), data)
    assert (response.status_code, response["Location"]) == (302, reverse("sign_in:register_done"))
    done = client.get(reverse("sign_in:register_done"))
    assert done.status_code == 200
    assert without_tokens(done.content).count(data["email"].encode()) == 2  # as typed, in the lead and in the list


def test_registering_with_a_new_address_mails_the_link(client, db):
    client.post(reverse("sign_in:register"), {"name": "Iemand", "email": "IEMAND@Voorbeeld.example"})
    mail = OutboxMail.objects.get()
    assert mail.recipient
    assert (mail.event, mail.recipient.email) == ("registration_requested", "iemand@voorbeeld.example")


def test_registering_with_a_known_address_mails_that_it_has_an_account(client, colleague):
    client.post(reverse("sign_in:register"), {"name": "Iemand", "email": colleague.email})
    assert OutboxMail.objects.get().event == "account_exists"
    colleague.refresh_from_db()
    assert colleague.name == "Coen Collega"


@pytest.mark.parametrize("address", ["geen adres", "a@acme.nl@evil.com", "a@localhost", "=?utf-8?q?x?=@acme.nl"])
def test_registering_with_what_is_no_address_says_so_at_the_field_and_keeps_what_was_typed(english, db, address):
    response = english.post(reverse("sign_in:register"), {"name": "Iemand", "email": address})
    assert response.status_code == 200
    assert response.context["form"].errors["email"]
    assert 'href="#id_email"' in response.content.decode()
    assert 'value="Iemand"' in response.content.decode()
    assert not OutboxMail.objects.exists()


@pytest.mark.parametrize("name", ["Jan\vJansen", "Jan\u202esnaJ", "Jan\nBcc: x@y.nl", "x" * 151, ""])
def test_registering_refuses_a_name_that_is_not_one_line_of_text(client, db, name):
    response = client.post(reverse("sign_in:register"), {"name": name, "email": "iemand@voorbeeld.example"})
    assert response.context["form"].errors["name"]
    assert not User.objects.exists()


# The link of the registration mail ---------------------------------------------------------------------------


def test_opening_the_registration_link_changes_nothing_however_often(client, pending):
    before = list(User.objects.values())
    for method in (client.get, client.head):
        for _ in range(3):
            page = method(link_for(pending))
            assert (page.status_code, is_dead(page)) == (200, False)
    assert list(User.objects.values()) == before
    assert "registration_token" not in client.session


def test_the_registration_page_sends_its_address_nowhere(client, pending):
    assert client.get(link_for(pending))["Referrer-Policy"] == "strict-origin"


def test_the_person_finishes_registration_and_signs_in_with_the_address_filled_in(client, pending):
    response = client.post(link_for(pending))
    assert response["Location"] == reverse("sign_in:choose_password")  # no token in the address any more
    data = {"company": "none", "password": NEW_PASSWORD, "repeat": NEW_PASSWORD}
    response = client.post(reverse("sign_in:choose_password"), data)
    assert response["Location"] == reverse("account_login")
    pending.refresh_from_db()
    assert pending.is_active
    assert f'value="{pending.email}"' in client.get(reverse("account_login")).content.decode()
    assert try_sign_in(client, pending.email, NEW_PASSWORD)["Location"] == reverse("requests:license_choice")


def test_the_first_sign_in_of_an_admin_leads_to_what_there_is_to_do(client, company):
    first = admin_of(company, first_signed_in_at=None)
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
def test_a_password_that_does_not_meet_the_demands_is_refused_at_its_field(
    client, company, password, repeat, field
):
    someone = pending_person("noor.nieuw@voorbeeld.example", company=company, name="Noor Nieuw")
    client.post(link_for(someone))
    data = {"company": "none", "password": password, "repeat": repeat}
    response = client.post(reverse("sign_in:choose_password"), data)
    assert response.status_code == 200
    assert response.context["form"].errors[field]
    someone.refresh_from_db()
    assert someone.is_pending


def test_a_password_of_1024_signs_is_accepted(client, pending):
    long = (NEW_PASSWORD * 50)[:1024]
    client.post(link_for(pending))
    client.post(reverse("sign_in:choose_password"), {"company": "none", "password": long, "repeat": long})
    assert try_sign_in(client, pending.email, long).status_code == 302


def test_used_and_unknown_links_show_one_page(english, pending, colleague):
    dead = [
        reverse("sign_in:registration", args=["onzin"]),
        link_for(colleague),
        reverse("sign_in:choose_password"),
    ]
    pages = {without_tokens(english.get(url).content).replace(url.encode(), b"") for url in dead}
    assert len(pages) == 1
    assert is_dead(english.get(dead[0]))


def test_a_dead_reset_link_speaks_of_the_password_and_not_of_registration(english, db):
    page = english.get(reverse("sign_in:password_reset", args=["1-geen"]))
    assert is_dead(page)
    text = page.content.decode()
    assert "Ask for a new mail with a link to choose a password." in text
    assert "Was the link broken off in your mail?" in text
    assert "registration mail" not in text


def test_a_dead_link_leads_whoever_is_signed_in_home(sign_in, colleague):
    User.objects.filter(pk=colleague.pk).update(language="en")
    text = sign_in(colleague).get(reverse("sign_in:registration", args=["onzin"])).content.decode()
    assert f"You are signed in as {colleague.email}" in text
    assert "Register once more" not in text


def test_an_admin_reads_while_choosing_a_password_that_they_become_one(english, company):
    someone = pending_person(company=company, role=User.Role.ADMIN)
    english.post(link_for(someone))
    page = english.get(reverse("sign_in:choose_password")).content.decode()
    assert "You will be a company admin of Voorbeeld BV." in page


def test_a_weak_password_and_a_second_one_that_differs_are_both_told(client, sign_in, pending, colleague):
    client.post(link_for(pending))
    typed = {"company": "none", "password": "kort", "repeat": "anders", "current": PASSWORD}
    finishing = client.post(reverse("sign_in:choose_password"), typed)
    changing = sign_in(colleague).post(reverse("account_change_password"), typed)
    for page in (finishing, changing):
        assert {"password", "repeat"} <= page.context["form"].errors.keys()


@pytest.mark.parametrize("password", ["kort", "qwerty123456", "nieuw@voorbeeld"])
@pytest.mark.parametrize("language", ["nl", "en"])
def test_what_is_wrong_with_a_password_is_said_in_the_language_of_the_page(client, pending, password, language):
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = language
    client.post(link_for(pending))
    data = {"company": "none", "password": password, "repeat": password}
    page = client.post(reverse("sign_in:choose_password"), data)
    said = " ".join(page.context["form"].errors["password"])
    assert ("wachtwoord" in said) == (language == "nl")
    assert ("password" in said) == (language == "en")


def test_joining_is_possible_for_whom_nen_asked_from_another_domain(sign_in, company, personal):
    JoinInvitation.objects.create(company=company, user=personal, role="admin", origin=User.Origin.NEN)
    User.objects.filter(pk=personal.pk).update(language="en")
    browser = sign_in(personal)
    assert "You become an admin of this company." in browser.get("/").content.decode()
    browser.post(reverse("profile:join", args=[company.pk]))
    personal.refresh_from_db()
    assert (personal.company, personal.role) == (company, "admin")


def test_a_forgotten_password_of_whoever_is_signed_in_is_asked_with_their_own_address(sign_in, colleague):
    page = sign_in(colleague).get(reverse("sign_in:forgot_password")).content.decode()
    assert f'value="{colleague.email}"' in page
    assert f'href="{reverse("account_change_password")}"' in page


def test_the_profile_promises_no_change_of_address_by_an_admin(sign_in, colleague):
    User.objects.filter(pk=colleague.pk).update(language="en")
    for name in ("profile:profile", "home:help"):
        page = sign_in(colleague).get(reverse(name)).content.decode()
        assert "Do you have a new address? NEN Klantenservice helps you." in page
        assert "can change" not in page.replace("You can change them here", "")


def test_an_expired_link_says_so_and_whom_to_ask(english, company):
    late = pending_person(company=company, registration_deadline=timezone.localdate())
    page = english.get(link_for(late))
    assert is_dead(page)
    assert company.contact_email in page.content.decode()
    assert "had to be finished before" in page.content.decode()


def test_a_link_that_expires_between_opening_and_sending_is_refused(client, pending):
    client.post(link_for(pending))
    User.objects.filter(pk=pending.pk).update(registration_deadline=timezone.localdate())
    data = {"company": "none", "password": NEW_PASSWORD, "repeat": NEW_PASSWORD}
    assert is_dead(client.post(reverse("sign_in:choose_password"), data))


def test_the_link_of_somebody_else_asks_to_sign_out_first(sign_in, colleague, pending):
    browser = sign_in(colleague)
    page = browser.post(link_for(pending))
    assert page.status_code == 200
    assert colleague.email in page.content.decode()
    assert "registration_token" not in browser.session
    response = browser.post(reverse("account_logout"), {"next": link_for(pending)})
    assert response["Location"] == link_for(pending)


def test_the_person_chooses_one_of_the_companies_that_are_open_to_the_address(client, company):
    other = company_with("Voorbeeld Techniek", "voorbeeld.example")
    someone = pending_person("twee@voorbeeld.example")
    client.post(link_for(someone))
    page = client.get(reverse("sign_in:choose_password")).content.decode()
    assert page.count('type="radio"') == 3
    data = {"password": NEW_PASSWORD, "repeat": NEW_PASSWORD}
    assert client.post(reverse("sign_in:choose_password"), data).context["form"].errors["company"]
    client.post(reverse("sign_in:choose_password"), {"company": other.pk, **data})
    someone.refresh_from_db()
    assert (someone.company, someone.role) == (other, User.Role.USER)


def test_a_company_that_was_not_offered_cannot_be_chosen(client, company, other_company):
    company_with("Voorbeeld Techniek", "voorbeeld.example")
    someone = pending_person("twee@voorbeeld.example")
    client.post(link_for(someone))
    data = {"company": other_company.pk, "password": NEW_PASSWORD, "repeat": NEW_PASSWORD, "role": "admin"}
    assert client.post(reverse("sign_in:choose_password"), data).context["form"].errors["company"]
    someone.refresh_from_db()
    assert someone.is_pending


def test_a_domain_removed_while_choosing_a_password_is_told_before_the_account_becomes_personal(client, company):
    someone = pending_person("een@voorbeeld.example")
    client.post(link_for(someone))
    company.domains.all().delete()
    data = {"company": company.pk, "password": NEW_PASSWORD, "repeat": NEW_PASSWORD}
    response = client.post(reverse("sign_in:choose_password"), data)
    assert response["Location"] == reverse("sign_in:choose_password")
    someone.refresh_from_db()
    assert someone.is_pending
    client.post(reverse("sign_in:choose_password"), {**data, "company": "none"})
    someone.refresh_from_db()
    assert (someone.is_active, someone.company) == (True, None)


# Signing in --------------------------------------------------------------------------------------------------


def test_sign_in_refuses_alike_whoever_it_is(english, colleague, pending, blocked):
    addresses = [colleague.email, pending.email, "onbekend@voorbeeld.example", blocked.email, "geen adres"]
    pages = set()
    for address in addresses:
        page = try_sign_in(english, address, "verkeerd-wachtwoord-1")
        assert page.status_code == 200
        pages.add(without_tokens(page.content).replace(address.encode(), b""))
    assert len(pages) == 1


def test_a_blocked_person_with_the_right_password_reads_the_same_as_with_a_wrong_one(english, blocked):
    right = try_sign_in(english, blocked.email)
    wrong = try_sign_in(english, blocked.email, "verkeerd-wachtwoord-1")
    assert without_tokens(right.content) == without_tokens(wrong.content)
    assert "_auth_user_id" not in english.session


@pytest.mark.parametrize("address", ["collega@voorbeeld.example", "onbekend@voorbeeld.example"])
def test_the_fourth_wrong_password_says_until_when_known_or_not(english, colleague, address):
    for _ in range(3):
        page = try_sign_in(english, address, "verkeerd-wachtwoord-1")
    assert "locked until" not in page.content.decode()
    page = try_sign_in(english, address.upper(), "verkeerd-wachtwoord-1")
    until = timezone.localtime(SignInAttempts.objects.get(address=address).locked_until)
    assert f"locked until {until:%H:%M}" in page.content.decode()
    assert f"locked until {until:%H:%M}" in try_sign_in(english, address).content.decode()  # the right password


def test_next_leads_only_to_our_own_pages(client, colleague):
    assert try_sign_in(client, colleague.email, next="/documenten/")["Location"] == "/documenten/"
    for evil in ("//evil.example", "/\\evil.example", "javascript:alert(1)", "https://evil.example/"):
        client.logout()
        assert try_sign_in(client, colleague.email, next=evil)["Location"] == reverse("home:home")


def test_signing_out_is_asked_by_get_and_done_by_post(sign_in, colleague):
    browser = sign_in(colleague)
    assert browser.get(reverse("account_logout")).status_code == 200
    assert "_auth_user_id" in browser.session
    browser.post(reverse("account_logout"))
    assert "_auth_user_id" not in browser.session


def test_blocking_ends_the_open_session_with_the_next_click(sign_in, admin, colleague):
    browser = sign_in(colleague)
    assert browser.get(reverse("profile:profile")).status_code == 200
    block(colleague, by=admin)
    response = browser.get(reverse("profile:profile"))
    assert response["Location"].startswith(reverse("account_login"))


# Passwords ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("known", ["collega", "nieuw", "geblokkeerd", "onbekend"])
def test_a_forgotten_password_gives_the_same_answer_for_every_address(client, colleague, pending, blocked, known):
    response = client.post(reverse("sign_in:forgot_password"), {"email": f"{known}@voorbeeld.example"})
    assert (response.status_code, response["Location"]) == (302, reverse("sign_in:forgot_password_done"))
    assert OutboxMail.objects.filter(event="password_reset").count() == (known == "collega")


def test_opening_the_reset_link_changes_nothing(client, colleague):
    before = list(User.objects.values())
    for method in (client.get, client.head):
        page = method(reset_link_for(colleague))
        assert (page.status_code, is_dead(page)) == (200, False)
    assert list(User.objects.values()) == before


def test_a_reset_sets_the_password_ends_sessions_and_locks_and_signs_nobody_in(client, sign_in, colleague):
    other_device = sign_in(colleague)
    SignInAttempts.objects.create(
        address=colleague.email, failures=4, locked_until=timezone.now() + timedelta(minutes=20)
    )
    colleague.refresh_from_db()
    link = reset_link_for(colleague)
    assert client.post(link)["Location"] == reverse("sign_in:new_password")
    data = {"password": NEW_PASSWORD, "repeat": NEW_PASSWORD}
    assert client.post(reverse("sign_in:new_password"), data)["Location"] == reverse("account_login")
    assert "_auth_user_id" not in client.session
    assert other_device.get(reverse("profile:profile")).status_code == 302
    assert is_dead(client.get(link))  # once
    assert _signed_in(client, colleague.email, NEW_PASSWORD)


def test_a_reset_link_that_was_mailed_before_blocking_is_dead(client, admin, colleague):
    link = reset_link_for(colleague)
    block(colleague, by=admin)
    assert is_dead(client.get(link))
    assert is_dead(client.post(link))


def test_changing_the_password_keeps_this_session_and_ends_the_others(sign_in, colleague):
    here, elsewhere = sign_in(colleague), sign_in(colleague)
    data = {"current": PASSWORD, "password": NEW_PASSWORD, "repeat": NEW_PASSWORD}
    assert here.post(reverse("account_change_password"), data).status_code == 302
    assert here.get(reverse("profile:profile")).status_code == 200
    assert elsewhere.get(reverse("profile:profile")).status_code == 302
    assert AuditEntry.objects.filter(verb="password_changed", actor_id=colleague.pk).exists()


def test_wrong_present_passwords_lock_the_account_as_at_the_sign_in(sign_in, colleague):
    browser = sign_in(colleague)
    data = {"current": "verkeerd-wachtwoord-1", "password": NEW_PASSWORD, "repeat": NEW_PASSWORD}
    for _ in range(4):
        response = browser.post(reverse("account_change_password"), data)
    assert response.context["form"].errors["current"]
    assert SignInAttempts.objects.get(address=colleague.email).locked_until
    data["current"] = PASSWORD
    assert browser.post(reverse("account_change_password"), data).status_code == 200


# Language ----------------------------------------------------------------------------------------------------


def test_choosing_a_language_while_one_is_moved_to_another_company_is_no_error(rf, other_company, colleague):
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


def test_the_language_of_whoever_is_signed_in_goes_on_the_account(sign_in, colleague):
    browser = sign_in(colleague)
    browser.post(reverse("home:language"), {"language": "en"})
    colleague.refresh_from_db()
    assert colleague.language == "en"
    assert browser.get("/")["Content-Language"] == "en"


@pytest.mark.parametrize("data", [{"language": "xx"}, {}, {"language": "en", "next": "//evil.example"}])
def test_an_unknown_language_or_a_foreign_address_leads_home(client, db, data):
    assert client.post(reverse("home:language"), data)["Location"] == reverse("home:home")


# Home --------------------------------------------------------------------------------------------------------


def test_a_visitor_is_led_to_registering_and_signing_in(client, db):
    page = client.get("/").content.decode()
    assert reverse("sign_in:register") in page
    assert reverse("account_login") in page


def test_home_tells_a_user_how_much_there_is_to_read(sign_in, company, colleague):
    document(is_free=True)
    granted(license_for(company, documents=[document(), document()]), colleague)
    document()
    assert sign_in(colleague).get("/").context["readable"] == 3


def test_home_offers_a_personal_account_the_companies_it_may_join(sign_in, company, personal):
    JoinInvitation.objects.create(company=company, user=personal)
    company.domains.create(name="bedrijf.example")
    browser = sign_in(personal)
    assert reverse("profile:join", args=[company.pk]) in browser.get("/").content.decode()
    assert browser.post(reverse("profile:join", args=[company.pk])).status_code == 302
    personal.refresh_from_db()
    assert personal.company == company


def test_joining_a_company_whose_domain_does_not_admit_the_address_is_404(sign_in, company, personal):
    assert sign_in(personal).post(reverse("profile:join", args=[company.pk])).status_code == 404


def test_home_tells_the_first_admin_to_add_a_colleague(sign_in, admin):
    assert reverse("company:add_user") in sign_in(admin).get("/").content.decode()


def test_home_tells_an_admin_what_there_is_to_do(
    sign_in, company, admin, colleague, django_assert_max_num_queries
):
    for seats, people in ((1, [colleague]), (2, [colleague])):
        license = license_for(company, seats=seats)
        granted(license, *people)
        LicenseRequest.objects.create(company=company, user=admin, license=license)
    late = pending_person(company=company, registration_deadline=timezone.localdate())
    soon = pending_person(company=company, registration_deadline=timezone.localdate() + timedelta(days=7))
    pending_person(company=company, registration_deadline=timezone.localdate() + timedelta(days=8))
    pending_person(company=company, registration_deadline=timezone.localdate(), is_blocked=True)
    browser = sign_in(admin)
    with django_assert_max_num_queries(8):
        context = browser.get("/").context
    assert context["license_requests"] == {"own": 2, "all": 2}
    assert list(context["expiring"]) == [late, soon]
    assert [license.seats for license in context["almost_full"]] == [1]
    assert context["is_only_admin"]


def test_home_of_an_admin_costs_the_same_with_thirty_of_everything(
    sign_in, company, admin, django_assert_max_num_queries
):
    for _ in range(30):
        someone = pending_person(company=company, registration_deadline=timezone.localdate())
        license = license_for(company, seats=1)
        granted(license, someone)
        LicenseRequest.objects.create(company=company, user=someone, license=license)
    browser = sign_in(admin)
    with django_assert_max_num_queries(8):
        assert browser.get("/").status_code == 200


def test_the_name_of_a_requester_is_on_no_home_page_but_the_admins(sign_in, company, admin, colleague):
    canary = person(company=company, name="Karel Kanarie")
    LicenseRequest.objects.create(company=company, user=canary, license=license_for(company))
    assert b"Kanarie" not in sign_in(colleague).get("/").content


# Profile -----------------------------------------------------------------------------------------------------

DETAILS = {"name": "Coen de Collega", "phone": "+31 15 123 45 67", "country": "BE", "language": "en"}


def test_the_profile_saves_own_data_and_nothing_else(sign_in, company, other_company, colleague):
    browser = sign_in(colleague)
    more = {"email": "x@y.nl", "role": "admin", "company": other_company.pk, "is_staff": "on", "is_blocked": "on"}
    assert browser.post(reverse("profile:profile"), {**more, **DETAILS}).status_code == 302
    saved = User.objects.get(pk=colleague.pk)
    assert {name: str(getattr(saved, name)) for name in DETAILS} == DETAILS
    assert (saved.email, saved.role, saved.company) == (colleague.email, "user", company)
    assert (saved.is_staff, saved.is_blocked) == (False, False)


def test_the_profile_keeps_what_was_typed_when_something_is_wrong(sign_in, colleague):
    response = sign_in(colleague).post(reverse("profile:profile"), {**DETAILS, "name": ""})
    assert response.context["form"].errors["name"]
    assert DETAILS["phone"] in response.content.decode()
    colleague.refresh_from_db()
    assert (colleague.name, colleague.phone) == ("Coen Collega", "")


def test_the_licences_of_the_profile_say_what_one_has_asked_and_can_ask(sign_in, company, admin, colleague):
    has, asked, can_ask = (license_for(company, name=name) for name in ("Bouw", "Zorg", "Staal"))
    hidden = license_for(company, name="Verborgen", is_shown=False)
    granted(has, colleague)
    LicenseRequest.objects.create(company=company, user=colleague, license=asked)
    context = sign_in(colleague).get(reverse("profile:profile_licenses")).context
    assert [reason.license for reason in context["have"]] == [has]
    assert [row.license for row in context["asked"]] == [asked]
    assert list(context["can_ask"]) == [can_ask]
    assert hidden not in context["can_ask"]


# Frame -------------------------------------------------------------------------------------------------------


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


def test_an_unknown_page_and_a_form_without_its_token_say_what_to_do(db):
    strict = Client(enforce_csrf_checks=True)
    assert strict.get("/bestaat-niet/").status_code == 404
    response = strict.post(reverse("sign_in:register"), {"name": "x", "email": "x@voorbeeld.example"})
    assert (response.status_code, response.templates[0].name) == (403, "403_csrf.html")


def _signed_in(client: Client, address: str, password: str) -> bool:
    return client.login(email=address, password=password)


# NEN's desk --------------------------------------------------------------------------------------------------


def person_form(**changes: Any) -> dict[str, Any]:
    posted = {
        "email": "vers@elders.example",
        "name": "Vera Vers",
        "role": "user",
        "language": "nl",
        "country": "NL",
    }
    return posted | changes


def test_staff_add_a_user_to_a_company_who_gets_the_registration_mail(sign_in, staff, company):
    answer = sign_in(staff).post(reverse("admin:accounts_user_add"), person_form(company=company.pk, role="admin"))
    assert answer.status_code == 302
    user = User.objects.get(email="vers@elders.example")
    assert (user.company, user.role, user.registration_origin) == (company, "admin", "nen")
    assert OutboxMail.objects.get().recipient == user


def test_staff_read_at_the_field_why_a_user_cannot_be_added(sign_in, staff, company, other_admin):
    data = person_form(company=company.pk, email=other_admin.email)
    answer = sign_in(staff).post(reverse("admin:accounts_user_add"), data)
    assert "email" in answer.context["adminform"].form.errors
    other_admin.refresh_from_db()
    assert other_admin.company != company


def test_staff_change_details_by_the_action_and_nothing_else(sign_in, staff, company, admin):
    url = reverse("admin:accounts_user_change", args=[admin.pk])
    data = person_form(name="Anneke de Baas", role="user", is_blocked="on", password="x", company="")
    assert sign_in(staff).post(url, data).status_code == 302
    admin.refresh_from_db()
    assert (admin.name, admin.role, admin.company) == ("Anneke de Baas", "admin", company)
    assert not admin.is_blocked
    assert admin.check_password(PASSWORD)
    assert AuditEntry.objects.filter(verb="details_changed", actor_id=staff.pk).exists()


def test_staff_see_no_password_and_delete_nobody(sign_in, staff, colleague):
    page = sign_in(staff).get(reverse("admin:accounts_user_change", args=[colleague.pk])).content.decode()
    assert "password" not in page.lower().replace("password_change", "")
    assert sign_in(staff).post(reverse("admin:accounts_user_delete", args=[colleague.pk])).status_code == 403


def test_staff_end_a_lock_of_an_address_known_or_not(sign_in, staff, colleague):
    until = timezone.now() + timedelta(minutes=20)
    rows = [
        SignInAttempts.objects.create(address=address, failures=4, locked_until=until)
        for address in (colleague.email, "onbekend@voorbeeld.example")
    ]
    data = {"action": "end_lock", "_selected_action": [row.pk for row in rows]}
    sign_in(staff).post(reverse("admin:accounts_signinattempts_changelist"), data)
    assert not SignInAttempts.objects.exclude(failures=0, locked_until=None).exists()
    assert AuditEntry.objects.filter(verb="lock_ended", actor_id=staff.pk).count() == 1
