"""Test signing in by passkey, with a security key of the test."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import timedelta
from urllib.parse import urlsplit

import pytest
import time_machine
from allauth.mfa.models import Authenticator
from allauth.mfa.webauthn.internal.auth import STATE_SESSION_KEY
from django.conf import settings
from django.test import Client, override_settings
from django.urls import reverse
from django.utils import timezone

from accounts.actions import second_step
from accounts.models import User
from tests.accounts.second_step.soft_key import SoftKey, no_key
from tests.accounts.second_step.steps import (
    CODE_PAGE,
    SIGN_IN,
    confirm,
    half_way,
    is_in,
    messages_of,
    type_password,
)
from tests.factories import add_authenticator_app

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("_english", "_english_pages")]
SignIn = Callable[[User], Client]
PASSKEY = "mfa_login_webauthn"


class TestPasskeyForms:
    # Answers that are no passkey; the real passkeys are in tests/browser/test_passkeys.py.

    NO_PASSKEYS = (
        "",
        "{}",
        "[]",
        "null",
        "1" * 5000,
        "[" * 20_000,
        '{"response": []}',
        '{"response": {}}',
        '{"response": {"userHandle": null}}',
        '{"response": {"userHandle": 7}}',
        '{"response": {"userHandle": "MQ"}}',
        '{"id": "x", "rawId": "x", "type": "public-key", "response": {"userHandle": "MQ"}}',
        '{"id": "AA", "rawId": "AA", "type": "public-key", "response": {"clientDataJSON": "AA", '
        '"authenticatorData": "AA", "signature": "AA", "userHandle": "MQ", "attestationObject": "AA"}}',
        '{"response": {"userHandle": "\\u0000"}}',
        '{"response": {}, "x": "' + "y" * 60_000 + '"}',
    )

    @pytest.mark.parametrize("credential", NO_PASSKEYS, ids=range(len(NO_PASSKEYS)))
    def test_an_invalid_passkey_does_not_sign_in_and_causes_no_error(
        self, colleague: User, sign_in: SignIn, credential: str
    ) -> None:
        sent = {"credential": credential}
        client = half_way(add_authenticator_app(colleague))
        assert client.get(reverse(CODE_PAGE)).status_code == 200
        assert client.post(reverse(CODE_PAGE), sent).status_code == 200
        assert not is_in(client)

        guest = Client()
        guest.get(reverse("mfa_login_webauthn"), headers={"accept": "application/json"})
        assert guest.post(reverse("mfa_login_webauthn"), sent)["Location"] == reverse(SIGN_IN)
        assert not is_in(guest)

        inside = confirm(sign_in(colleague))
        inside.get(reverse("mfa_add_webauthn"))
        assert inside.post(reverse("mfa_add_webauthn"), {"name": "x", **sent}).status_code == 200
        assert not Authenticator.objects.filter(type="webauthn").exists()

    def test_the_passkey_request_names_the_site_and_no_user(self, colleague: User) -> None:
        answer = Client().get(
            reverse("mfa_login_webauthn"), headers={"accept": "application/json", "host": "127.0.0.1"}
        )
        options = answer.json()["request_options"]["publicKey"]

        assert options["rpId"] == urlsplit(settings.SITE_URL).hostname != "127.0.0.1"
        assert options["userVerification"] == "required"
        assert not options.get("allowCredentials")

    @pytest.mark.parametrize(
        "made_up",
        [
            {"authenticator_data": b"\0" * 32 + b"\x81" + b"\0" * 4 + b"\x81" * 30_000},
            {"authenticator_data": b"\0" * 32 + b"\x81" + b"\0" * 4 + b"\x19\x01"},
            {"authenticator_data": b"\0" * 32 + b"\x81" + b"\0" * 4 + b"\xa1\x80\x00"},
            {"authenticator_data": b"\0" * 32 + b"\xc1" + b"\0" * 30},
            {"client_data": b"[" * 30_000},
            {"client_data": b"[1]"},
            {"client_data": b"{}"},
        ],
        ids=range(7),
    )
    def test_malformed_passkey_bytes_do_not_sign_in_and_cause_no_error(
        self, colleague: User, made_up: dict[str, bytes]
    ) -> None:
        sent = {"credential": no_key(colleague, **made_up)}
        challenge_without_password(guest := Client())
        assert guest.post(reverse(PASSKEY), sent)["Location"] == reverse(SIGN_IN)

        client = half_way(add_authenticator_app(colleague))
        client.get(reverse(CODE_PAGE))
        assert client.post(reverse(CODE_PAGE), sent).status_code == 200
        assert not is_in(guest)
        assert not is_in(client)


def with_key(user: User, *, passwordless: bool = True) -> SoftKey:
    key = SoftKey()
    second_step.add_key(user, name="Key", credential=key.registration(), passwordless=passwordless)
    user.refresh_from_db()
    return key


def challenge_without_password(client: Client) -> str:
    answer = client.get(reverse(PASSKEY), headers={"accept": "application/json"})
    return str(answer.json()["request_options"]["publicKey"]["challenge"])


def challenge_of_second_step(client: Client) -> str:
    page = client.get(reverse(CODE_PAGE))
    return str(page.context["js_data"]["request_options"]["publicKey"]["challenge"])


def sign_in_by_key(client: Client, credential: str) -> str:
    # What was said of it, if it was refused.
    answer = client.post(reverse(PASSKEY), {"credential": credential})
    return "" if is_in(client) else messages_of(answer)


class TestPasskeyAlone:
    # Both steps at once: a key that is only touched, or that its owner keeps for after the password, is not.

    @pytest.fixture(autouse=True)
    def _site_that_has_keys(self) -> Iterator[None]:
        with override_settings(SITE_URL="https://connect.example"):
            yield

    def test_a_passkey_with_finger_face_or_pin_signs_in_without_a_password(self, colleague: User) -> None:
        key, client = with_key(colleague), Client()
        challenge = challenge_without_password(client)

        assert sign_in_by_key(client, key.assertion(challenge, colleague, verified=True)) == ""
        assert is_in(client)

    def test_a_passkey_that_is_only_touched_does_not_sign_in_without_a_password(self, colleague: User) -> None:
        key, client = with_key(colleague), Client()
        challenge = challenge_without_password(client)

        assert "not accepted" in sign_in_by_key(client, key.assertion(challenge, colleague, verified=False))

    @pytest.mark.parametrize("verified", [False, True])
    @pytest.mark.parametrize("how", ["at once", "timeout", "abort"])
    def test_a_stolen_key_cannot_answer_the_second_step_challenge_of_another_user(
        self, colleague: User, personal: User, how: str, verified: bool
    ) -> None:
        key = with_key(colleague)
        thief = half_way(add_authenticator_app(personal))
        challenge = challenge_of_second_step(thief)
        if how == "abort":
            User.objects.filter(pk=personal.pk).update(is_blocked=True)
            thief.get(reverse(CODE_PAGE))
        with time_machine.travel(timezone.now() + timedelta(minutes=16 if how == "timeout" else 0)):
            sign_in_by_key(thief, key.assertion(challenge, colleague, verified=verified))
            assert not is_in(thief)

    def test_the_passkey_challenge_of_the_second_step_expires_after_15_minutes(self, personal: User) -> None:
        client = half_way(add_authenticator_app(personal))
        challenge_of_second_step(client)
        assert STATE_SESSION_KEY in client.session
        with time_machine.travel(timezone.now() + timedelta(minutes=16)):
            client.get(reverse(CODE_PAGE))
        assert STATE_SESSION_KEY not in client.session

    def test_the_second_step_does_not_accept_a_challenge_of_the_passwordless_sign_in(
        self, colleague: User
    ) -> None:
        key = with_key(colleague)
        challenge = challenge_without_password(client := Client())
        assert type_password(client, colleague)["Location"] == reverse(CODE_PAGE)
        client.post(reverse(CODE_PAGE), {"credential": key.assertion(challenge, colleague, verified=True)})

        assert not is_in(client)

    def test_a_passkey_kept_as_second_step_does_not_sign_in_without_the_password(self, colleague: User) -> None:
        key, client = with_key(colleague, passwordless=False), Client()
        challenge = challenge_without_password(client)
        refusal = sign_in_by_key(client, key.assertion(challenge, colleague, verified=True))

        assert "only after your password" in refusal
        client = half_way(colleague)
        touched = key.assertion(challenge_of_second_step(client), colleague, verified=False)
        client.post(reverse(CODE_PAGE), {"credential": touched})
        assert is_in(client)

    @pytest.mark.parametrize("ticked", [True, False])
    def test_a_passkey_signs_in_without_a_password_only_if_the_user_chose_so(
        self, colleague: User, sign_in: SignIn, ticked: bool
    ) -> None:
        inside = confirm(sign_in(colleague))
        page = inside.get(reverse("mfa_add_webauthn"))
        challenge = page.context["js_data"]["creation_options"]["publicKey"]["challenge"]
        sent = {"name": "x", "credential": json.dumps((key := SoftKey()).registration(challenge))}
        inside.post(reverse("mfa_add_webauthn"), sent | ({"passwordless": "on"} if ticked else {}))
        challenge = challenge_without_password(client := Client())
        sign_in_by_key(client, key.assertion(challenge, colleague, verified=True))

        assert is_in(client) is ticked
