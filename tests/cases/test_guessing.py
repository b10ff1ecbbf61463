"""Test guessing passwords and addresses at the pages (C16–C18, C20)."""

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
from tests.at_once import run_at_once
from tests.cases.sign_in import NEW_PASSWORD, is_signed_in, post_sign_in
from tests.factories import PASSWORD

pytestmark = pytest.mark.django_db
SignIn = Callable[[User], Client]
WRONG = "een-verkeerd-wachtwoord"
UNKNOWN = "onbekend@voorbeeld.example"
VARYING_HEADERS = ("Content-Length", "Expires")  # these differ with the typed text and the clock


class RecordingHasher(MD5PasswordHasher):
    """Record each password that is hashed, for comparison or to fill time."""

    algorithm = "counting_all"
    hashed_passwords: list[str] = []

    def encode(self, password: str, salt: str) -> str:
        self.hashed_passwords.append(password)
        return super().encode(password, salt)


@pytest.fixture
def hashed_passwords() -> Iterator[list[str]]:
    with override_settings(PASSWORD_HASHERS=[f"{__name__}.RecordingHasher"]):
        yield RecordingHasher.hashed_passwords
        RecordingHasher.hashed_passwords.clear()


def all_equal(responses: list[Any], *typed_texts: str) -> bool:
    """Return whether status, headers and body are equal apart from typed text and form tokens."""
    contents = set()
    for response in responses:
        body = re.sub(r'csrfmiddlewaretoken" value="\w+"', "", response.content.decode())
        for text in typed_texts:
            body = body.replace(text, "")
        headers = {name: value for name, value in response.headers.items() if name not in VARYING_HEADERS}
        contents.add((response.status_code, body, str(sorted(headers.items())), str(sorted(response.cookies))))
    return len(contents) == 1


class TestC16LockAfterFour:
    def test_c16_after_four_wrong_passwords_the_right_password_is_refused(self, colleague: User) -> None:
        for _time in range(4):
            assert post_sign_in(colleague.email, WRONG).status_code == 200
        browser = Client()
        post_sign_in(colleague.email, browser=browser)
        assert not is_signed_in(browser)
        assert locked_until(colleague.email) is not None

    def test_c16_a_locked_account_stays_out_with_the_right_password(
        self, colleague: User, hashed_passwords: list[str]
    ) -> None:
        User.objects.filter(pk=colleague.pk).update(password=make_password(PASSWORD))
        for _time in range(4):
            post_sign_in(colleague.email, WRONG)
        assert User.objects.get(pk=colleague.pk).check_password(PASSWORD)
        browser = Client()
        post_sign_in(colleague.email, browser=browser)
        assert not is_signed_in(browser)

    @pytest.mark.django_db(transaction=True)
    def test_c16_of_twenty_sign_in_forms_sent_at_once_four_are_checked(self, colleague: User) -> None:
        # test_lock.py sends fifty guesses to the action; here the forms themselves are sent.
        responses = run_at_once(
            [partial(post_sign_in, colleague.email, f"{WRONG}{number}") for number in range(20)]
        )
        assert [getattr(response, "status_code", response) for response in responses] == [200] * 20
        assert SignInAttempts.objects.get().failures == 4


class TestC17OwnLock:
    def test_c17_further_guesses_do_not_prolong_a_lock_and_a_reset_ends_the_lock(self, colleague: User) -> None:
        for _time in range(4):
            post_sign_in(colleague.email, WRONG)
        locked = locked_until(colleague.email)
        for _time in range(3):
            post_sign_in(colleague.email, WRONG)
        assert locked_until(colleague.email) == locked
        browser = Client()
        browser.post(
            reverse("sign_in:password_reset", args=[f"{colleague.pk}-{reset_tokens.make_token(colleague)}"])
        )
        browser.post(reverse("sign_in:new_password"), {"password": NEW_PASSWORD, "repeat": NEW_PASSWORD})
        assert locked_until(colleague.email) is None
        post_sign_in(colleague.email, NEW_PASSWORD, browser)
        assert is_signed_in(browser)

    def test_c17_a_lock_does_not_affect_a_colleague_at_the_same_ip_address(
        self, colleague: User, admin: User
    ) -> None:
        for _time in range(4):
            post_sign_in(colleague.email, WRONG)
        browser = Client()  # the same IP address
        post_sign_in(admin.email, browser=browser)
        assert is_signed_in(browser)

    def test_c17_an_unknown_address_is_locked_in_the_same_way(self, colleague: User) -> None:
        registered = [post_sign_in(colleague.email, WRONG) for _time in range(5)]
        unknown = [post_sign_in(UNKNOWN, WRONG) for _time in range(5)]
        for pair in zip(registered, unknown, strict=True):
            assert all_equal(list(pair), colleague.email, UNKNOWN)


class TestC18OneCounter:
    def password_forms(self, user: User, sign_in: SignIn) -> dict[str, Callable[[str], Any]]:
        """Return one function per form that asks for the current password; it posts a wrong one."""
        browser = sign_in(user)
        change = {"password": NEW_PASSWORD, "repeat": NEW_PASSWORD}
        return {
            "sign-in": lambda password: post_sign_in(user.email, password),
            "sign-in, written otherwise": lambda password: post_sign_in(f" {user.email.upper()} ", password),
            "change of password": lambda password: browser.post(
                reverse("account_change_password"), {"current": password, **change}
            ),
            "Django admin": lambda password: Client().post(
                reverse("admin:login"), {"username": user.email, "password": password}, follow=True
            ),
        }

    def test_c18_every_password_form_counts_on_the_same_counter(self, colleague: User, sign_in: SignIn) -> None:
        doors = self.password_forms(colleague, sign_in)
        for name in ("sign-in", "sign-in, written otherwise", "change of password", "sign-in"):
            doors[name](WRONG)
        attempts = SignInAttempts.objects.get()
        assert (attempts.address, attempts.failures) == (colleague.email, 4)
        assert attempts.locked_until is not None

    def test_c18_no_password_form_accepts_the_right_password_while_locked(
        self, colleague: User, sign_in: SignIn
    ) -> None:
        doors = self.password_forms(colleague, sign_in)
        for _time in range(4):
            post_sign_in(colleague.email, WRONG)
        for name, door in doors.items():
            response = door(PASSWORD)
            assert response.status_code == 200, name
            assert "_auth_user_id" not in response.client.session or name == "change of password"
        colleague.refresh_from_db()
        assert colleague.check_password(PASSWORD)

    def test_c18_the_sign_in_of_django_admin_redirects_to_our_sign_in(self, staff: User) -> None:
        response = Client().post(reverse("admin:login"), {"username": staff.email, "password": PASSWORD})
        assert response.headers["Location"].startswith(reverse("account_login"))


class TestC20SameAnswer:
    """Test that new, registered, pending, blocked and unknown addresses get the same answer.

    bench/sign_in_times.py measures the time.
    """

    @pytest.fixture
    def addresses(self, colleague: User, pending: User, blocked: User, personal: User) -> list[str]:
        return [colleague.email, pending.email, blocked.email, personal.email, UNKNOWN]

    def test_c20_sign_in_answers_the_same_for_every_address(self, addresses: list[str]) -> None:
        assert all_equal([post_sign_in(address, WRONG) for address in addresses], *addresses)

    @pytest.mark.parametrize("page", ["sign_in:register", "sign_in:forgot_password"])
    def test_c20_registering_and_resetting_answer_the_same_for_every_address(
        self, page: str, addresses: list[str]
    ) -> None:
        for attempt in range(2):
            visitors = [Client() for _address in addresses]
            redirects = [
                visitor.post(reverse(page), {"name": "Iemand", "email": address})
                for visitor, address in zip(visitors, addresses, strict=True)
            ]
            assert all_equal(redirects, *addresses), attempt
            contents = [visitor.get(redirects[0].headers["Location"]) for visitor in visitors]
            assert all_equal(contents, *addresses), attempt

    def test_c20_each_attempt_hashes_one_password(self, addresses: list[str], hashed_passwords: list[str]) -> None:
        User.objects.exclude(registered_at=None).update(password=make_password(PASSWORD))
        for address in [*addresses, "geen adres"]:
            hashed_passwords.clear()
            post_sign_in(address, WRONG)
            assert len(hashed_passwords) == 1, address

    def test_c20_an_attempt_on_a_locked_address_hashes_one_password(
        self, addresses: list[str], hashed_passwords: list[str]
    ) -> None:
        for address in addresses:
            for _time in range(4):
                post_sign_in(address, WRONG)
            hashed_passwords.clear()
            post_sign_in(address, WRONG)
            assert len(hashed_passwords) == 1, address
