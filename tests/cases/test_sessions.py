"""Test sessions, chosen passwords, redirects and what a browser may store (C19, C21, C22, C26)."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse

from accounts.actions import membership
from accounts.mails.password import reset_tokens
from accounts.models import User
from nenconnect.mail.models import OutboxMail
from tests.cases.sign_in import NEW_PASSWORD, is_signed_in, post_sign_in
from tests.factories import PASSWORD, make_person, registration_token
from tests.pages.access_cast import _arguments, browsers, things
from tests.pages.access_table import PEOPLE, TABLE

__all__ = ["browsers", "things"]

pytestmark = pytest.mark.django_db
SignIn = Callable[[User], Client]


class TestC19Blocked:
    def test_c19_blocking_ends_a_session_and_unblocking_does_not_restore_it(
        self, admin: User, colleague: User, sign_in: SignIn
    ) -> None:
        browser = sign_in(colleague)
        assert browser.get(reverse("profile:profile")).status_code == 200
        membership.block(colleague, by=admin)
        assert browser.get(reverse("profile:profile")).status_code == 302
        membership.unblock(colleague, by=admin)
        assert browser.get(reverse("profile:profile")).status_code == 302

    def test_c19_a_blocked_person_gets_no_reset_mail_and_cannot_sign_in(self, blocked: User) -> None:
        browser = Client()
        browser.post(reverse("sign_in:forgot_password"), {"email": blocked.email})
        post_sign_in(blocked.email, browser=browser)
        assert not OutboxMail.objects.exists()
        assert not is_signed_in(browser)

    def test_c19_a_session_that_survived_a_block_is_refused(self, colleague: User, sign_in: SignIn) -> None:
        # Blocking ends sessions by their number; a check of the person on every request is the second guard.
        browser = sign_in(colleague)
        User.objects.filter(pk=colleague.pk).update(is_blocked=True)
        assert browser.get(reverse("profile:profile")).status_code == 302


class TestC21ChosenPassword:
    @pytest.mark.parametrize(
        ("password", "is_good"),
        [
            ("elf-tekens1", False),
            ("nooit-eerder", True),  # 12 characters, without capitals or digits
            ("Noor Nieuw 2027", False),
            ("nieuw@voorbeeld.example", False),
            ("wachtwoord123", False),
            ("zomer" + "x" * 7 + "fiets", False),  # two words with a repeat
            ("ok " * 341 + "x", False),  # 1,024 characters that repeat
            ("".join(chr(97 + (n * n + n // 7) % 26) for n in range(1024)), True),
            ("".join(chr(97 + (n * n + n // 7) % 26) for n in range(1025)), False),
        ],
    )
    def test_c21_a_weak_password_is_refused_and_a_strong_password_is_accepted(
        self, password: str, is_good: bool, pending: User
    ) -> None:
        browser = Client()
        browser.post(reverse("sign_in:registration", args=[registration_token(pending)]))
        form_data = {"password": password, "repeat": password, "company": "none"}
        response = browser.post(reverse("sign_in:choose_password"), form_data)
        pending.refresh_from_db()
        assert pending.is_active is is_good
        assert bool(response.status_code == 200 and response.context["form"].errors.get("password")) is not is_good

    def test_c21_the_password_demands_are_visible_without_javascript(self, pending: User) -> None:
        browser = Client()
        browser.post(reverse("sign_in:registration", args=[registration_token(pending)]))
        page = browser.get(reverse("sign_in:choose_password")).content.decode()
        demands = re.findall(
            r"<li[^>]*>(.*?)</li>", page.partition('id="password-demands"')[2].partition("</ul>")[0]
        )
        assert len(demands) == 4
        assert "hidden" not in page.partition('id="password-demands"')[2].partition("</ul>")[0]


class TestC22Redirects:
    EVIL = (
        "//evil.example",
        "/\\evil.example",
        "javascript:alert(1)",
        "https://evil.example/",
        "/\t/evil.example",
    )

    @pytest.mark.parametrize("next_url", EVIL)
    def test_c22_next_never_redirects_to_another_site(
        self, next_url: str, colleague: User, sign_in: SignIn
    ) -> None:
        for fields in ({"next": next_url}, {}):
            url = reverse("account_login") + ("" if fields else f"?next={next_url}")
            response = Client().post(url, {"login": colleague.email, "password": PASSWORD, **fields})
            assert response.status_code == 302
            assert "evil" not in response.headers["Location"]
            assert "script" not in response.headers["Location"]
        language = Client().post(reverse("home:language"), {"language": "nl", "next": next_url})
        assert language.headers["Location"] == "/"
        sign_out = sign_in(colleague).post(reverse("account_logout"), {"next": next_url})
        assert "evil" not in sign_out.headers["Location"]
        assert "script" not in sign_out.headers["Location"]

    def test_c22_only_a_post_signs_out(self, colleague: User, sign_in: SignIn) -> None:
        browser = sign_in(colleague)
        browser.get(reverse("account_logout"))
        assert is_signed_in(browser)
        browser.post(reverse("account_logout"))
        assert not is_signed_in(browser)

    def test_c22_signing_in_changes_the_session_key(self, colleague: User) -> None:
        browser = Client()
        browser.post(reverse("sign_in:register"), {"name": "Iemand", "email": "iemand@bedrijf.example"})
        key_before = browser.session.session_key
        post_sign_in(colleague.email, browser=browser)
        assert is_signed_in(browser)
        assert browser.session.session_key != key_before

    def test_c22_a_password_reset_does_not_sign_in(self) -> None:
        user, browser = make_person(), Client()
        browser.post(reverse("sign_in:password_reset", args=[f"{user.pk}-{reset_tokens.make_token(user)}"]))
        browser.post(reverse("sign_in:new_password"), {"password": NEW_PASSWORD, "repeat": NEW_PASSWORD})
        assert not is_signed_in(browser)


@pytest.mark.parametrize("name", sorted(TABLE))
def test_c26_no_page_of_a_signed_in_person_may_be_cached(name, browsers, things):
    row = TABLE[name]
    url = reverse(name, args=_arguments(things[row.thing]) if row.thing else [])
    for role in PEOPLE[1:]:
        cache_control = browsers[role].get(url).headers.get("Cache-Control", "")
        assert "no-store" in cache_control, role


def test_c26_rights_are_checked_on_every_request(sign_in: SignIn, admin: User) -> None:
    browser = sign_in(admin)
    assert browser.get(reverse("company:company")).status_code == 200
    make_person(company=admin.company, role=User.Role.ADMIN)
    User.objects.filter(pk=admin.pk).update(role=User.Role.USER)
    assert browser.get(reverse("company:company")).status_code == 403
    assert settings.SESSION_ENGINE == "accounts.sessions"
