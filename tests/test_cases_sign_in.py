"""C16–C22 and C26 at the pages: signing in and staying out. Their rules: test_lock.py, test_passwords.py."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import pytest
from django.conf import settings
from django.contrib.auth.hashers import MD5PasswordHasher, make_password
from django.test import Client, override_settings
from django.urls import reverse

from accounts.actions import membership
from accounts.actions.sign_in import locked_until
from accounts.mails.password import reset_tokens
from accounts.models import SignInAttempts, User
from nenconnect.mail.models import OutboxMail
from tests.at_once import at_once
from tests.factories import PASSWORD, person, registration_token
from tests.test_access import PEOPLE, TABLE, _arguments, browsers, things

__all__ = ["browsers", "things"]

pytestmark = pytest.mark.django_db

SignIn = Callable[[User], Client]
WRONG = "een-verkeerd-wachtwoord"
NEW_PASSWORD = "rustige-koffie-in-delft"
UNKNOWN = "onbekend@voorbeeld.example"
OF_THE_MOMENT = ("Content-Length", "Expires")  # with what was typed, and with the clock


class CountingHasher(MD5PasswordHasher):
    """Tells how often a password was hashed, to compare it or for nothing."""

    algorithm = "counting_all"
    hashed: list[str] = []

    def encode(self, password: str, salt: str) -> str:
        self.hashed.append(password)
        return super().encode(password, salt)


@pytest.fixture
def hashed() -> Iterator[list[str]]:
    with override_settings(PASSWORD_HASHERS=[f"{__name__}.CountingHasher"]):
        yield CountingHasher.hashed
        CountingHasher.hashed.clear()


def signs_in(address: str, password: str = PASSWORD, browser: Client | None = None, **more: str) -> Any:
    return (browser or Client()).post(reverse("account_login"), {"login": address, "password": password, **more})


def is_in(browser: Client) -> bool:
    return "_auth_user_id" in browser.session


def same(answers: list[Any], *typed: str) -> bool:
    """Status, headers and body, without what the visitor typed and each form's own token."""
    seen = set()
    for answer in answers:
        body = re.sub(r'csrfmiddlewaretoken" value="\w+"', "", answer.content.decode())
        for text in typed:
            body = body.replace(text, "")
        headers = {name: value for name, value in answer.headers.items() if name not in OF_THE_MOMENT}
        seen.add((answer.status_code, body, str(sorted(headers.items())), str(sorted(answer.cookies))))
    return len(seen) == 1


class TestC16:
    def test_c16_the_fourth_wrong_password_locks_and_the_right_one_is_too_late(self, colleague: User) -> None:
        for _time in range(4):
            assert signs_in(colleague.email, WRONG).status_code == 200
        browser = Client()
        signs_in(colleague.email, browser=browser)
        assert not is_in(browser)
        assert locked_until(colleague.email) is not None

    def test_c16_what_is_locked_is_not_even_compared(self, colleague: User, hashed: list[str]) -> None:
        User.objects.filter(pk=colleague.pk).update(password=make_password(PASSWORD))
        for _time in range(4):
            signs_in(colleague.email, WRONG)
        assert User.objects.get(pk=colleague.pk).check_password(PASSWORD)
        browser = Client()
        signs_in(colleague.email, browser=browser)
        assert not is_in(browser)

    @pytest.mark.django_db(transaction=True)
    def test_c16_of_twenty_forms_sent_at_once_four_are_looked_at(self, colleague: User) -> None:
        """Of fifty guesses: test_lock.py. Here as pages; the right password is the last to be sent."""
        answers = at_once([partial(signs_in, colleague.email, f"{WRONG}{number}") for number in range(20)])
        assert [getattr(answer, "status_code", answer) for answer in answers] == [200] * 20
        assert SignInAttempts.objects.get().failures == 4


class TestC17:
    def test_c17_guessing_on_does_not_prolong_a_lock_and_a_reset_ends_it(self, colleague: User) -> None:
        for _time in range(4):
            signs_in(colleague.email, WRONG)
        until = locked_until(colleague.email)
        for _time in range(3):
            signs_in(colleague.email, WRONG)
        assert locked_until(colleague.email) == until
        browser = Client()
        browser.post(
            reverse("sign_in:password_reset", args=[f"{colleague.pk}-{reset_tokens.make_token(colleague)}"])
        )
        browser.post(reverse("sign_in:new_password"), {"password": NEW_PASSWORD, "repeat": NEW_PASSWORD})
        assert locked_until(colleague.email) is None
        signs_in(colleague.email, NEW_PASSWORD, browser)
        assert is_in(browser)

    def test_c17_the_lock_of_one_is_not_that_of_the_office(self, colleague: User, admin: User) -> None:
        for _time in range(4):
            signs_in(colleague.email, WRONG)
        browser = Client()  # the same IP address
        signs_in(admin.email, browser=browser)
        assert is_in(browser)

    def test_c17_an_unknown_address_locks_alike(self, colleague: User) -> None:
        known = [signs_in(colleague.email, WRONG) for _time in range(5)]
        unknown = [signs_in(UNKNOWN, WRONG) for _time in range(5)]
        for pair in zip(known, unknown, strict=True):
            assert same(list(pair), colleague.email, UNKNOWN)


class TestC18:
    def doors(self, user: User, sign_in: SignIn) -> dict[str, Callable[[str], Any]]:
        """Every page that asks for the present password."""
        inside = sign_in(user)
        change = {"password": NEW_PASSWORD, "repeat": NEW_PASSWORD}
        return {
            "sign-in": lambda password: signs_in(user.email, password),
            "sign-in, written otherwise": lambda password: signs_in(f" {user.email.upper()} ", password),
            "change of password": lambda password: inside.post(
                reverse("account_change_password"), {"current": password, **change}
            ),
            "Django admin": lambda password: Client().post(
                reverse("admin:login"), {"username": user.email, "password": password}, follow=True
            ),
        }

    def test_c18_every_door_counts_on_one_counter(self, colleague: User, sign_in: SignIn) -> None:
        doors = self.doors(colleague, sign_in)
        for name in ("sign-in", "sign-in, written otherwise", "change of password", "sign-in"):
            doors[name](WRONG)
        attempts = SignInAttempts.objects.get()
        assert (attempts.address, attempts.failures) == (colleague.email, 4)
        assert attempts.locked_until is not None

    def test_c18_no_door_opens_while_it_is_locked(self, colleague: User, sign_in: SignIn) -> None:
        doors = self.doors(colleague, sign_in)
        for _time in range(4):
            signs_in(colleague.email, WRONG)
        for name, door in doors.items():
            answer = door(PASSWORD)
            assert answer.status_code == 200, name
            assert "_auth_user_id" not in answer.client.session or name == "change of password"
        colleague.refresh_from_db()
        assert colleague.check_password(PASSWORD)

    def test_c18_django_admin_has_no_sign_in_of_its_own(self, staff: User) -> None:
        answer = Client().post(reverse("admin:login"), {"username": staff.email, "password": PASSWORD})
        assert answer.headers["Location"].startswith(reverse("account_login"))


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


class TestC20:
    """New, known, pending, blocked, unknown: all read the same. How long it takes: bench/sign_in_times.py."""

    @pytest.fixture
    def addresses(self, colleague: User, pending: User, blocked: User, personal: User) -> list[str]:
        return [colleague.email, pending.email, blocked.email, personal.email, UNKNOWN]

    def test_c20_at_the_sign_in(self, addresses: list[str]) -> None:
        assert same([signs_in(address, WRONG) for address in addresses], *addresses)

    @pytest.mark.parametrize("page", ["sign_in:register", "sign_in:forgot_password"])
    def test_c20_at_registering_and_a_forgotten_password(self, page: str, addresses: list[str]) -> None:
        for again in range(2):
            visitors = [Client() for _address in addresses]
            sent = [
                visitor.post(reverse(page), {"name": "Iemand", "email": address})
                for visitor, address in zip(visitors, addresses, strict=True)
            ]
            assert same(sent, *addresses), again
            seen = [visitor.get(sent[0].headers["Location"]) for visitor in visitors]
            assert same(seen, *addresses), again

    def test_c20_the_hash_always_runs_once(self, addresses: list[str], hashed: list[str]) -> None:
        User.objects.exclude(registered_at=None).update(password=make_password(PASSWORD))
        for address in [*addresses, "geen adres"]:
            hashed.clear()
            signs_in(address, WRONG)
            assert len(hashed) == 1, address

    def test_c20_locked_too(self, addresses: list[str], hashed: list[str]) -> None:
        for address in addresses:
            for _time in range(4):
                signs_in(address, WRONG)
            hashed.clear()
            signs_in(address, WRONG)
            assert len(hashed) == 1, address


class TestC21:
    @pytest.mark.parametrize(
        ("password", "is_good"),
        [
            ("elf-tekens1", False),
            ("nooit-eerder", True),  # 12, and of no capitals or digits
            ("Noor Nieuw 2027", False),
            ("nieuw@voorbeeld.example", False),
            ("wachtwoord123", False),
            ("zomer" + "x" * 7 + "fiets", True),
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
