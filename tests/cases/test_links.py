"""Test the links in our mails at the pages (C8–C15).

The rules: test_registration_links.py, test_password_reset.py.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth import authenticate
from django.contrib.auth.hashers import make_password
from django.test import Client, override_settings
from django.urls import reverse
from django.utils import timezone

from accounts.actions import membership
from accounts.actions.finishing_registration import find_registration, finish_registration
from accounts.actions.registration import NewColleague, add_user, send_registration_again
from accounts.mails.password import reset_tokens
from accounts.models import User
from companies.models import Company
from licenses.actions.granting import remove_colleague
from nenconnect.links.masking import mask
from nenconnect.mail.models import OutboxMail
from nenconnect.rules.errors import RuleError
from tests.every_row import rows_of_every_table
from tests.factories import PASSWORD, make_admin, make_pending_person, make_person, registration_token

pytestmark = pytest.mark.django_db

SignIn = Callable[[User], Client]
HIJACKER_PASSWORD = "van-een-kaper-12345"
NEW_PASSWORD_FIELDS = {"password": PASSWORD, "repeat": PASSWORD}


def registration_link_of(user: User) -> str:
    return reverse("sign_in:registration", args=[registration_token(user)])


def reset_link_of(user: User) -> str:
    return reverse("sign_in:password_reset", args=[f"{user.pk}-{reset_tokens.make_token(user)}"])


def is_dead(response: Any) -> bool:
    return [template.name for template in response.templates][:1] == ["parts/dead_link.html"]


def finish_registration_in(browser: Client, user: User, **fields: Any) -> Any:
    browser.post(registration_link_of(user))
    companies = browser.get(reverse("sign_in:choose_password")).context["form"].fields["company"].initial
    return browser.post(
        reverse("sign_in:choose_password"), {**NEW_PASSWORD_FIELDS, "company": companies or "none", **fields}
    )


@pytest.mark.parametrize("link", [registration_link_of, reset_link_of])
def test_c08_opening_a_mailed_link_changes_nothing_and_submits_no_form(
    link: Callable[[User], str], pending: User, colleague: User, client: Client
) -> None:
    # tests/mail/test_links.py does this for every mail, with a browser that runs scripts.
    url = link(pending if link is registration_link_of else colleague)
    before = rows_of_every_table()
    for method in (client.get, client.head) * 3:
        assert method(url).status_code == 200
    assert rows_of_every_table() == before
    page = client.get(url).content.decode()
    assert '<form method="post"' in page
    assert "onload" not in page
    assert "refresh" not in page.lower()


class TestC09Invitation:
    """Test that role, company and address come from the invitation; no form or URL can change them."""

    def hostile_form(self, other: Company) -> dict[str, Any]:
        """Return every field of a person with values that an attacker would send."""
        fields = {field.name: "on" for field in User._meta.get_fields()}
        return fields | {
            "id": 1,
            "pk": 1,
            "email": "kaper@evil.example",
            "company": other.pk,
            "company_id": other.pk,
            "role": "admin",
            "registered_at": timezone.now().isoformat(),
            "registration_origin": "nen",
            "registration_round": 99,
            "token": "x",
        }

    def test_c09_registering_ignores_fields_for_role_company_and_status(
        self, client: Client, other_company: Company
    ) -> None:
        form_data = self.hostile_form(other_company) | {"email": "jan@bedrijf.example", "name": "Jan"}
        client.post(reverse("sign_in:register"), form_data)
        user = User.objects.get()
        assert (user.email, user.company, user.role, user.is_staff) == ("jan@bedrijf.example", None, "user", False)
        assert (user.is_pending, user.registration_origin) == (True, "self")

    def test_c09_choosing_a_password_ignores_fields_for_role_company_and_address(
        self, client: Client, pending: User, other_company: Company
    ) -> None:
        own_company = pending.company
        form_data = self.hostile_form(other_company) | NEW_PASSWORD_FIELDS
        finish_registration_in(
            client, pending, **{name: value for name, value in form_data.items() if name != "company"}
        )
        pending.refresh_from_db()
        assert (pending.company, pending.role, pending.is_staff) == (own_company, "user", False)
        assert (pending.is_superuser, pending.email) == (False, "nieuw@voorbeeld.example")
        assert not pending.is_pending

    def test_c09_a_company_that_was_not_offered_cannot_be_chosen(
        self, client: Client, other_company: Company
    ) -> None:
        user = make_pending_person("jan@bedrijf.example")
        response = finish_registration_in(client, user, company=other_company.pk)
        user.refresh_from_db()
        assert (user.company, user.is_pending) == (None, True)
        assert response.status_code in (200, 302)

    def test_c09_a_password_reset_changes_no_other_field(
        self, client: Client, colleague: User, other_company: Company
    ) -> None:
        fields = User.objects.filter(pk=colleague.pk).values(
            "company", "role", "email", "is_staff", "is_superuser"
        )
        before = fields.get()
        client.post(reset_link_of(colleague))
        client.post(reverse("sign_in:new_password"), self.hostile_form(other_company) | NEW_PASSWORD_FIELDS)
        assert fields.get() == before

    @pytest.mark.parametrize("page", ["profile:profile", "account_change_password"])
    def test_c09_profile_pages_ignore_fields_for_role_company_and_address(
        self, page: str, sign_in: SignIn, colleague: User, other_company: Company
    ) -> None:
        protected = (
            "company",
            "role",
            "email",
            "is_staff",
            "is_superuser",
            "is_blocked",
            "password",
            "registered_at",
        )
        before = User.objects.filter(pk=colleague.pk).values(*protected).get()
        form_data = self.hostile_form(other_company) | {
            "name": "Coen",
            "language": "nl",
            "country": "NL",
            "phone": "",
        }
        sign_in(colleague).post(reverse(page), form_data)
        assert User.objects.filter(pk=colleague.pk).values(*protected).get() == before

    def test_c09_adding_a_user_ignores_fields_for_company_and_staff_rights(
        self, sign_in: SignIn, admin: User, other_company: Company
    ) -> None:
        form_data = self.hostile_form(other_company) | {
            "email": "jan@voorbeeld.example",
            "name": "Jan",
            "role": "user",
        }
        form_data |= {"country": "NL", "phone": "", "label": "", "is_blocked": ""}
        sign_in(admin).post(reverse("company:add_user"), form_data)
        jan = User.objects.get(email="jan@voorbeeld.example")
        assert (jan.company, jan.role, jan.is_staff, jan.is_superuser) == (admin.company, "user", False, False)
        assert (jan.is_pending, jan.registration_round, jan.registration_origin) == (True, 1, "company")


def test_c10_finishing_a_registration_ends_earlier_passwords_and_sessions(pending: User, client: Client) -> None:
    # A hijacker may have set a password and opened a session before.
    User.objects.filter(pk=pending.pk).update(password=make_password(HIJACKER_PASSWORD))
    pending.refresh_from_db()
    hijacker = Client()
    hijacker.force_login(pending)
    finish_registration_in(client, pending)
    pending.refresh_from_db()
    assert pending.is_active
    assert authenticate(None, email=pending.email, password=HIJACKER_PASSWORD) is None
    assert authenticate(None, email=pending.email, password=PASSWORD) == pending
    assert hijacker.get(reverse("profile:profile")).status_code == 302


def test_c10_no_page_asks_for_a_password_before_the_mailed_link(client: Client) -> None:
    assert 'type="password"' not in client.get(reverse("sign_in:register")).content.decode()
    assert is_dead(client.get(reverse("sign_in:choose_password")))
    assert is_dead(client.post(reverse("sign_in:choose_password"), NEW_PASSWORD_FIELDS))


def test_c11_a_new_registration_mail_ends_the_earlier_link(company: Company, admin: User, client: Client) -> None:
    user = add_user(company, NewColleague(email="jan@voorbeeld.example", name="Jan"), by=admin)
    old_link = registration_link_of(user)
    User.objects.filter(pk=user.pk).update(registration_sent_at=timezone.now() - timedelta(minutes=4))
    client.post(old_link)  # opened, but no password chosen yet
    send_registration_again(user, by=admin)
    assert is_dead(client.get(old_link))
    assert is_dead(client.post(reverse("sign_in:choose_password"), NEW_PASSWORD_FIELDS))
    assert not is_dead(client.get(registration_link_of(user)))
    assert User.objects.filter(email=user.email).count() == 1


class TestC12EndedLinks:
    @pytest.mark.parametrize("end_access", [membership.block, remove_colleague])
    def test_c12_blocking_or_removing_a_pending_person_ends_the_registration_link(
        self, end_access, admin: User, client: Client
    ) -> None:
        invited = make_pending_person(company=admin.company)
        link = registration_link_of(invited)
        client.post(link)
        end_access(invited, by=admin)
        assert is_dead(client.get(link))
        assert is_dead(client.post(reverse("sign_in:choose_password"), NEW_PASSWORD_FIELDS))

    def test_c12_blocking_a_person_ends_a_started_password_reset(
        self, admin: User, colleague: User, client: Client
    ) -> None:
        link = reset_link_of(colleague)
        client.post(link)
        membership.block(colleague, by=admin)
        assert is_dead(client.get(link))
        assert is_dead(client.post(reverse("sign_in:new_password"), NEW_PASSWORD_FIELDS))
        membership.unblock(colleague, by=admin)
        assert is_dead(client.get(link))

    def test_c12_the_link_of_a_deleted_person_is_dead(self, client: Client) -> None:
        invited = make_pending_person()
        link = registration_link_of(invited)
        invited.delete()
        assert is_dead(client.get(link))

    def test_c12_a_link_still_works_after_its_sender_left(
        self, company: Company, admin: User, client: Client
    ) -> None:
        user = add_user(company, NewColleague(email="jan@voorbeeld.example", name="Jan"), by=admin)
        remove_colleague(admin, by=make_admin(company))
        assert finish_registration_in(client, user).status_code == 302
        user.refresh_from_db()
        assert (user.company, user.is_active) == (company, True)


class TestC13DeadLinkPage:
    def test_c13_used_and_unknown_links_show_the_same_page(self, client: Client, pending: User) -> None:
        unknown = client.get(reverse("sign_in:registration", args=["geen"]))
        used = registration_link_of(pending)
        finish_registration_in(client, pending)
        responses = [unknown, Client().get(used)]
        assert [is_dead(response) for response in responses] == [True, True]
        assert len({(response.status_code, _comparable_text(response)) for response in responses}) == 1

    def test_c13_an_expired_link_shows_the_contact_of_the_company(self, client: Client, company: Company) -> None:
        expired_person = make_pending_person(company=company, registration_deadline="2020-01-31")
        response = client.get(registration_link_of(expired_person))
        assert is_dead(response)
        assert company.contact_email in response.content.decode()

    @pytest.mark.parametrize("link", [registration_link_of, reset_link_of])
    def test_c13_a_link_of_another_person_asks_to_sign_out_first(
        self, link: Callable[[User], str], sign_in: SignIn, admin: User, pending: User
    ) -> None:
        addressee = pending if link is registration_link_of else make_person()
        browser = sign_in(admin)
        for response in (browser.get(link(addressee)), browser.post(link(addressee))):
            assert [template.name for template in response.templates][:1] == ["parts/sign_out_first.html"]


class TestC14SecretLinks:
    @pytest.mark.parametrize("link", [registration_link_of, reset_link_of])
    def test_c14_a_mailed_link_is_not_stored_redirected_or_sent_as_referrer(
        self, link: Callable[[User], str], pending: User, colleague: User, client: Client
    ) -> None:
        # A link is a signed value: without the secret key the database cannot recreate it.
        url = link(pending if link is registration_link_of else colleague)
        token = url.split("/")[-2]
        first_response = client.get(url)
        assert (
            first_response.headers["Referrer-Policy"] == "strict-origin"
        )  # no-referrer: see docs/decisions/pages.md
        assert "no-store" in first_response.headers["Cache-Control"]
        assert token not in str(rows_of_every_table())
        redirect = client.post(url)
        assert token not in redirect.headers["Location"]
        page = client.get(redirect.headers["Location"])
        assert page.headers["Referrer-Policy"] == "strict-origin"
        assert token not in page.content.decode()

    def test_c14_the_log_masks_the_link_of_a_refused_form(
        self, pending: User, client: Client, caplog: pytest.LogCaptureFixture
    ) -> None:
        # What Django logs of a refused form; test_access_log.py tests the access log.
        url = registration_link_of(pending)
        with caplog.at_level(logging.INFO):
            Client(enforce_csrf_checks=True).post(url)
        assert url.split("/")[-2] not in mask(caplog.text)

    def test_c14_signatures_have_at_least_128_bits(self, pending: User, colleague: User) -> None:
        assert len(registration_token(pending).rpartition(":")[2]) * 6 >= 128
        assert len(reset_tokens.make_token(colleague).rpartition("-")[2]) * 4 >= 128


class TestC15Host:
    def test_c15_a_request_for_another_host_is_refused(self, client: Client, settings: Any) -> None:
        assert "*" not in settings.ALLOWED_HOSTS
        with override_settings(ALLOWED_HOSTS=["connect.nen.example"]):
            response = client.post("/registreren/", {"name": "Jan"}, headers={"host": "evil.example"})
        assert response.status_code == 400

    @pytest.mark.parametrize("page", ["/registreren/", "/wachtwoord-vergeten/"])
    def test_c15_a_forwarded_host_appears_in_no_redirect_and_no_mail(
        self, page: str, client: Client, colleague: User
    ) -> None:
        headers = {"x-forwarded-host": "evil.example", "forwarded": "host=evil.example"}
        response = client.post(page, {"name": "Coen", "email": colleague.email}, headers=headers)
        assert "evil.example" not in response.headers["Location"]
        assert "evil.example" not in str(OutboxMail.objects.values())


def test_c11_the_registration_action_refuses_a_replaced_link(pending: User) -> None:
    old_token = registration_token(pending)
    User.objects.filter(pk=pending.pk).update(registration_round=2)
    assert find_registration(old_token) is None
    with pytest.raises(RuleError):
        finish_registration(old_token, password=PASSWORD)


def _comparable_text(response: Any) -> str:
    """Return the page without its form token and its own address."""
    lines = response.content.decode().replace(response.request["PATH_INFO"], "").splitlines()
    return "".join(line for line in lines if "csrfmiddlewaretoken" not in line)
