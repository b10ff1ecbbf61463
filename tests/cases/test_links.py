"""C8–C15 at the pages: the links that we mail. Their rules: test_registration_links.py, test_password_reset.py."""

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
from tests.every_row import everything
from tests.factories import PASSWORD, admin_of, pending_person, person, registration_token

pytestmark = pytest.mark.django_db

SignIn = Callable[[User], Client]
HIJACKER = "van-een-kaper-12345"
FINISH = {"password": PASSWORD, "repeat": PASSWORD}


def link_of(user: User) -> str:
    return reverse("sign_in:registration", args=[registration_token(user)])


def reset_link_of(user: User) -> str:
    return reverse("sign_in:password_reset", args=[f"{user.pk}-{reset_tokens.make_token(user)}"])


def is_dead(answer: Any) -> bool:
    return [template.name for template in answer.templates][:1] == ["parts/dead_link.html"]


def finish(browser: Client, user: User, **more: Any) -> Any:
    browser.post(link_of(user))
    companies = browser.get(reverse("sign_in:choose_password")).context["form"].fields["company"].initial
    return browser.post(reverse("sign_in:choose_password"), {**FINISH, "company": companies or "none", **more})


@pytest.mark.parametrize("link", [link_of, reset_link_of])
def test_c08_opening_a_link_changes_nothing_and_its_page_sends_no_form_by_itself(
    link: Callable[[User], str], pending: User, colleague: User, client: Client
) -> None:
    """Of every mail: tests/mail/test_links.py, with a browser that runs scripts."""
    url = link(pending if link is link_of else colleague)
    before = everything()
    for method in (client.get, client.head) * 3:
        assert method(url).status_code == 200
    assert everything() == before
    page = client.get(url).content.decode()
    assert '<form method="post"' in page
    assert "onload" not in page
    assert "refresh" not in page.lower()


class TestC09:
    """Role, company and address come from the invitation: no form and no URL brings them in."""

    def hostile(self, other: Company) -> dict[str, Any]:
        """Every field of a person, as somebody who wants in would fill it."""
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

    def test_c09_registering(self, client: Client, other_company: Company) -> None:
        typed = self.hostile(other_company) | {"email": "jan@bedrijf.example", "name": "Jan"}
        client.post(reverse("sign_in:register"), typed)
        user = User.objects.get()
        assert (user.email, user.company, user.role, user.is_staff) == ("jan@bedrijf.example", None, "user", False)
        assert (user.is_pending, user.registration_origin) == (True, "self")

    def test_c09_choosing_a_password(self, client: Client, pending: User, other_company: Company) -> None:
        own = pending.company
        typed = self.hostile(other_company) | FINISH
        finish(client, pending, **{name: value for name, value in typed.items() if name != "company"})
        pending.refresh_from_db()
        assert (pending.company, pending.role, pending.is_staff) == (own, "user", False)
        assert (pending.is_superuser, pending.email) == (False, "nieuw@voorbeeld.example")
        assert not pending.is_pending

    def test_c09_choosing_a_company_that_was_not_offered(self, client: Client, other_company: Company) -> None:
        user = pending_person("jan@bedrijf.example")
        answer = finish(client, user, company=other_company.pk)
        user.refresh_from_db()
        assert (user.company, user.is_pending) == (None, True)
        assert answer.status_code in (200, 302)

    def test_c09_a_new_password(self, client: Client, colleague: User, other_company: Company) -> None:
        before = User.objects.filter(pk=colleague.pk).values(
            "company", "role", "email", "is_staff", "is_superuser"
        )
        was = before.get()
        client.post(reset_link_of(colleague))
        client.post(reverse("sign_in:new_password"), self.hostile(other_company) | FINISH)
        assert before.get() == was

    @pytest.mark.parametrize("page", ["profile:profile", "account_change_password"])
    def test_c09_ones_own_pages(self, page: str, sign_in: SignIn, colleague: User, other_company: Company) -> None:
        kept = ("company", "role", "email", "is_staff", "is_superuser", "is_blocked", "password", "registered_at")
        was = User.objects.filter(pk=colleague.pk).values(*kept).get()
        typed = self.hostile(other_company) | {"name": "Coen", "language": "nl", "country": "NL", "phone": ""}
        sign_in(colleague).post(reverse(page), typed)
        assert User.objects.filter(pk=colleague.pk).values(*kept).get() == was

    def test_c09_adding_a_user(self, sign_in: SignIn, admin: User, other_company: Company) -> None:
        typed = self.hostile(other_company) | {"email": "jan@voorbeeld.example", "name": "Jan", "role": "user"}
        typed |= {"country": "NL", "phone": "", "label": "", "is_blocked": ""}
        sign_in(admin).post(reverse("company:add_user"), typed)
        jan = User.objects.get(email="jan@voorbeeld.example")
        assert (jan.company, jan.role, jan.is_staff, jan.is_superuser) == (admin.company, "user", False, False)
        assert (jan.is_pending, jan.registration_round, jan.registration_origin) == (True, 1, "company")


def test_c10_what_was_set_before_the_link_was_opened_is_worth_nothing_after(pending: User, client: Client) -> None:
    """Neither a password nor a session that a hijacker had opened."""
    User.objects.filter(pk=pending.pk).update(password=make_password(HIJACKER))
    pending.refresh_from_db()
    hijacker = Client()
    hijacker.force_login(pending)
    finish(client, pending)
    pending.refresh_from_db()
    assert pending.is_active
    assert authenticate(None, email=pending.email, password=HIJACKER) is None
    assert authenticate(None, email=pending.email, password=PASSWORD) == pending
    assert hijacker.get(reverse("profile:profile")).status_code == 302


def test_c10_no_page_before_the_mailed_link_asks_for_a_password(client: Client) -> None:
    assert 'type="password"' not in client.get(reverse("sign_in:register")).content.decode()
    assert is_dead(client.get(reverse("sign_in:choose_password")))
    assert is_dead(client.post(reverse("sign_in:choose_password"), FINISH))


def test_c11_sending_again_ends_the_old_link_of_the_row(company: Company, admin: User, client: Client) -> None:
    """How often, and that expiry is looked at when the password comes in: test_registration_links.py."""
    user = add_user(company, NewColleague(email="jan@voorbeeld.example", name="Jan"), by=admin)
    old = link_of(user)
    User.objects.filter(pk=user.pk).update(registration_sent_at=timezone.now() - timedelta(minutes=4))
    client.post(old)  # opened, and the password is still to be chosen
    send_registration_again(user, by=admin)
    assert is_dead(client.get(old))
    assert is_dead(client.post(reverse("sign_in:choose_password"), FINISH))
    assert not is_dead(client.get(link_of(user)))
    assert User.objects.filter(email=user.email).count() == 1


class TestC12:
    @pytest.mark.parametrize("end", [membership.block, remove_colleague])
    def test_c12_blocking_and_removing_end_both_kinds_of_links(self, end, admin: User, client: Client) -> None:
        """In the transaction of the change: what is rolled back ends nothing."""
        invited = pending_person(company=admin.company)
        link = link_of(invited)
        client.post(link)
        end(invited, by=admin)
        assert is_dead(client.get(link))
        assert is_dead(client.post(reverse("sign_in:choose_password"), FINISH))

    def test_c12_blocking_ends_a_reset_that_is_halfway(self, admin: User, colleague: User, client: Client) -> None:
        link = reset_link_of(colleague)
        client.post(link)
        membership.block(colleague, by=admin)
        assert is_dead(client.get(link))
        assert is_dead(client.post(reverse("sign_in:new_password"), FINISH))
        membership.unblock(colleague, by=admin)
        assert is_dead(client.get(link))

    def test_c12_a_link_of_somebody_who_is_gone_is_dead(self, client: Client) -> None:
        invited = pending_person()
        link = link_of(invited)
        invited.delete()
        assert is_dead(client.get(link))

    def test_c12_a_link_outlives_who_sent_it(self, company: Company, admin: User, client: Client) -> None:
        user = add_user(company, NewColleague(email="jan@voorbeeld.example", name="Jan"), by=admin)
        remove_colleague(admin, by=admin_of(company))
        assert finish(client, user).status_code == 302
        user.refresh_from_db()
        assert (user.company, user.is_active) == (company, True)


class TestC13:
    def test_c13_used_replaced_and_unknown_links_show_one_page(self, client: Client, pending: User) -> None:
        unknown = client.get(reverse("sign_in:registration", args=["geen"]))
        used = link_of(pending)
        finish(client, pending)
        answers = [unknown, Client().get(used)]
        assert [is_dead(answer) for answer in answers] == [True, True]
        assert len({(answer.status_code, _plain(answer)) for answer in answers}) == 1

    def test_c13_an_expired_link_shows_it_too_and_whom_to_ask(self, client: Client, company: Company) -> None:
        late = pending_person(company=company, registration_deadline="2020-01-31")
        answer = client.get(link_of(late))
        assert is_dead(answer)
        assert company.contact_email in answer.content.decode()

    @pytest.mark.parametrize("link", [link_of, reset_link_of])
    def test_c13_whoever_is_signed_in_as_another_is_asked_to_sign_out(
        self, link: Callable[[User], str], sign_in: SignIn, admin: User, pending: User
    ) -> None:
        about = pending if link is link_of else person()
        browser = sign_in(admin)
        for answer in (browser.get(link(about)), browser.post(link(about))):
            assert [template.name for template in answer.templates][:1] == ["parts/sign_out_first.html"]


class TestC14:
    @pytest.mark.parametrize("link", [link_of, reset_link_of])
    def test_c14_a_link_lies_in_no_table_is_not_in_the_next_address_and_goes_nowhere(
        self, link: Callable[[User], str], pending: User, colleague: User, client: Client
    ) -> None:
        """A signed value: the database holds neither it nor what could be made of it without the secret key."""
        url = link(pending if link is link_of else colleague)
        token = url.split("/")[-2]
        first = client.get(url)
        assert first.headers["Referrer-Policy"] == "strict-origin"  # no-referrer: see docs/decisions/pages.md
        assert "no-store" in first.headers["Cache-Control"]
        assert token not in str(everything())
        after = client.post(url)
        assert token not in after.headers["Location"]
        page = client.get(after.headers["Location"])
        assert page.headers["Referrer-Policy"] == "strict-origin"
        assert token not in page.content.decode()

    def test_c14_no_log_shows_it(self, pending: User, client: Client, caplog: pytest.LogCaptureFixture) -> None:
        """The access log: test_access_log.py. Here what Django itself writes of a refused form."""
        url = link_of(pending)
        with caplog.at_level(logging.INFO):
            Client(enforce_csrf_checks=True).post(url)
        assert url.split("/")[-2] not in mask(caplog.text)

    def test_c14_signatures_have_128_bits_or_more(self, pending: User, colleague: User) -> None:
        assert len(registration_token(pending).rpartition(":")[2]) * 6 >= 128
        assert len(reset_tokens.make_token(colleague).rpartition("-")[2]) * 4 >= 128


class TestC15:
    def test_c15_a_host_that_is_not_ours_gets_no_answer(self, client: Client, settings: Any) -> None:
        assert "*" not in settings.ALLOWED_HOSTS
        with override_settings(ALLOWED_HOSTS=["connect.nen.example"]):
            answer = client.post("/registreren/", {"name": "Jan"}, headers={"host": "evil.example"})
        assert answer.status_code == 400

    @pytest.mark.parametrize("page", ["/registreren/", "/wachtwoord-vergeten/"])
    def test_c15_what_a_request_says_of_its_host_is_no_link(
        self, page: str, client: Client, colleague: User
    ) -> None:
        """The mail as it is sent: test_last_look.py."""
        headers = {"x-forwarded-host": "evil.example", "forwarded": "host=evil.example"}
        answer = client.post(page, {"name": "Coen", "email": colleague.email}, headers=headers)
        assert "evil.example" not in answer.headers["Location"]
        assert "evil.example" not in str(OutboxMail.objects.values())


def test_c11_a_replaced_link_is_refused_by_the_action_itself(pending: User) -> None:
    old = registration_token(pending)
    User.objects.filter(pk=pending.pk).update(registration_round=2)
    assert find_registration(old) is None
    with pytest.raises(RuleError):
        finish_registration(old, password=PASSWORD)


def _plain(answer: Any) -> str:
    """Without the form's token, and the address of the page itself."""
    lines = answer.content.decode().replace(answer.request["PATH_INFO"], "").splitlines()
    return "".join(line for line in lines if "csrfmiddlewaretoken" not in line)
