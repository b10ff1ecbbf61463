"""Sessions and passwords that are chosen, and what a browser stores (C19, C21, C22, C26)."""

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
from tests.cases.sign_in import NEW_PASSWORD, is_in, signs_in
from tests.factories import PASSWORD, person, registration_token
from tests.pages.access_cast import _arguments, browsers, things
from tests.pages.access_table import PEOPLE, TABLE

__all__ = ["browsers", "things"]

pytestmark = pytest.mark.django_db
SignIn = Callable[[User], Client]


class TestC19:
    def test_c19_blocked_is_out_with_the_next_click_and_unblocking_revives_nothing(
        self, admin: User, colleague: User, sign_in: SignIn
    ) -> None:
        browser = sign_in(colleague)
        assert browser.get(reverse("profile:profile")).status_code == 200
        membership.block(colleague, by=admin)
        assert browser.get(reverse("profile:profile")).status_code == 302
        membership.unblock(colleague, by=admin)
        assert browser.get(reverse("profile:profile")).status_code == 302

    def test_c19_blocked_gets_no_reset_mail_and_the_right_password_is_no_way_in(self, blocked: User) -> None:
        browser = Client()
        browser.post(reverse("sign_in:forgot_password"), {"email": blocked.email})
        signs_in(blocked.email, browser=browser)
        assert not OutboxMail.objects.exists()
        assert not is_in(browser)

    def test_c19_a_session_that_outlived_a_block_by_mishap_is_refused_all_the_same(
        self, colleague: User, sign_in: SignIn
    ) -> None:
        """The session's own number is one guard, looking at the person on every request is the other."""
        browser = sign_in(colleague)
        User.objects.filter(pk=colleague.pk).update(is_blocked=True)
        assert browser.get(reverse("profile:profile")).status_code == 302


class TestC21:
    @pytest.mark.parametrize(
        ("password", "is_good"),
        [
            ("elf-tekens1", False),
            ("nooit-eerder", True),  # 12, and of no capitals or digits
            ("Noor Nieuw 2027", False),
            ("nieuw@voorbeeld.example", False),
            ("wachtwoord123", False),
            ("zomer" + "x" * 7 + "fiets", False),  # two words and a repeat
            ("ok " * 341 + "x", False),  # 1,024, and a repeat
            ("".join(chr(97 + (n * n + n // 7) % 26) for n in range(1024)), True),
            ("".join(chr(97 + (n * n + n // 7) % 26) for n in range(1025)), False),
        ],
    )
    def test_c21_passwords_are_judged_when_they_are_chosen(
        self, password: str, is_good: bool, pending: User
    ) -> None:
        browser = Client()
        browser.post(reverse("sign_in:registration", args=[registration_token(pending)]))
        typed = {"password": password, "repeat": password, "company": "none"}
        answer = browser.post(reverse("sign_in:choose_password"), typed)
        pending.refresh_from_db()
        assert pending.is_active is is_good
        assert bool(answer.status_code == 200 and answer.context["form"].errors.get("password")) is not is_good

    def test_c21_the_demands_read_well_without_javascript(self, pending: User) -> None:
        browser = Client()
        browser.post(reverse("sign_in:registration", args=[registration_token(pending)]))
        page = browser.get(reverse("sign_in:choose_password")).content.decode()
        demands = re.findall(
            r"<li[^>]*>(.*?)</li>", page.partition('id="password-demands"')[2].partition("</ul>")[0]
        )
        assert len(demands) == 4
        assert "hidden" not in page.partition('id="password-demands"')[2].partition("</ul>")[0]


class TestC22:
    EVIL = (
        "//evil.example",
        "/\\evil.example",
        "javascript:alert(1)",
        "https://evil.example/",
        "/\t/evil.example",
    )

    @pytest.mark.parametrize("after", EVIL)
    def test_c22_next_leads_to_our_own_paths_alone(self, after: str, colleague: User, sign_in: SignIn) -> None:
        for where in ({"next": after}, {}):
            url = reverse("account_login") + ("" if where else f"?next={after}")
            answer = Client().post(url, {"login": colleague.email, "password": PASSWORD, **where})
            assert answer.status_code == 302
            assert "evil" not in answer.headers["Location"]
            assert "script" not in answer.headers["Location"]
        language = Client().post(reverse("home:language"), {"language": "nl", "next": after})
        assert language.headers["Location"] == "/"
        out = sign_in(colleague).post(reverse("account_logout"), {"next": after})
        assert "evil" not in out.headers["Location"]
        assert "script" not in out.headers["Location"]

    def test_c22_signing_out_wants_a_post(self, colleague: User, sign_in: SignIn) -> None:
        browser = sign_in(colleague)
        browser.get(reverse("account_logout"))
        assert is_in(browser)
        browser.post(reverse("account_logout"))
        assert not is_in(browser)

    def test_c22_the_session_key_changes_at_the_sign_in(self, colleague: User) -> None:
        browser = Client()
        browser.post(reverse("sign_in:register"), {"name": "Iemand", "email": "iemand@bedrijf.example"})
        before = browser.session.session_key
        signs_in(colleague.email, browser=browser)
        assert is_in(browser)
        assert browser.session.session_key != before

    def test_c22_a_reset_signs_nobody_in(self) -> None:
        user, browser = person(), Client()
        browser.post(reverse("sign_in:password_reset", args=[f"{user.pk}-{reset_tokens.make_token(user)}"]))
        browser.post(reverse("sign_in:new_password"), {"password": NEW_PASSWORD, "repeat": NEW_PASSWORD})
        assert not is_in(browser)


@pytest.mark.parametrize("name", sorted(TABLE))
def test_c26_no_page_of_whoever_is_signed_in_is_stored(name, browsers, things):
    """Each URL of the site, for each kind of person: whatever it answers, no cache and no „back" keeps it."""
    row = TABLE[name]
    url = reverse(name, args=_arguments(things[row.thing]) if row.thing else [])
    for who in PEOPLE[1:]:
        stored = browsers[who].get(url).headers.get("Cache-Control", "")
        assert "no-store" in stored, who


def test_c26_rights_are_looked_up_on_every_request(sign_in: SignIn, admin: User) -> None:
    browser = sign_in(admin)
    assert browser.get(reverse("company:company")).status_code == 200
    person(company=admin.company, role=User.Role.ADMIN)
    User.objects.filter(pk=admin.pk).update(role=User.Role.USER)
    assert browser.get(reverse("company:company")).status_code == 403
    assert settings.SESSION_ENGINE == "accounts.sessions"
