"""Guessing passwords and addresses at the pages (C16–C18, C20)."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import pytest
from django.contrib.auth.hashers import MD5PasswordHasher, make_password
from django.test import Client, override_settings
from django.urls import reverse

from accounts.actions.sign_in import locked_until
from accounts.mails.password import reset_tokens
from accounts.models import SignInAttempts, User
from tests.at_once import at_once
from tests.cases.sign_in import NEW_PASSWORD, is_in, signs_in
from tests.factories import PASSWORD

pytestmark = pytest.mark.django_db
SignIn = Callable[[User], Client]
WRONG = "een-verkeerd-wachtwoord"
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
