"""„Ingelogde apparaten": where one is signed in, and signing out there (R19, C19, R36)."""

from __future__ import annotations

import time
from datetime import timedelta
from typing import Any

import pytest
from allauth.usersessions.models import UserSession
from django.contrib.sessions.backends.base import UpdateError
from django.contrib.sessions.models import Session
from django.db import connection
from django.test import Client, override_settings
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone, translation

from accounts import browsers
from accounts.actions.devices import end_all_devices, forget_ended_devices
from accounts.actions.membership import block, unblock
from accounts.actions.password import ask_password_reset, change_password, finish_password_reset
from accounts.mails.password import reset_tokens
from accounts.models import User
from pages.profile import devices_middleware
from tests.factories import PASSWORD

FIREFOX = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:132.0) Gecko/20100101 Firefox/132.0"
IPHONE = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) "
    "Version/17.5 Mobile/15E148 Safari/604.1"
)
DEVICES = "/mijn-profiel/apparaten/"

pytestmark = pytest.mark.django_db


def signed_in(user: User, **headers: str) -> Client:
    """By the sign-in page, with a browser of its own."""
    client = Client(headers=headers)
    client.post(reverse("account_login"), {"login": user.email, "password": PASSWORD})
    assert client.get(DEVICES).status_code == 200
    return client


def rows(user: User) -> Any:
    return UserSession.objects.filter(user=user)


def row_of(client: Client) -> UserSession:
    return UserSession.objects.get(session_key=client.session.session_key)


def is_out(client: Client) -> bool:
    response = client.get(DEVICES)
    return response.status_code == 302 and response["Location"].startswith(reverse("account_login"))


def page(client: Client) -> str:
    return client.get(DEVICES).content.decode()


class TestThePage:
    def test_it_says_in_words_where_one_is_signed_in_and_which_device_this_is(self, colleague: User) -> None:
        here = signed_in(colleague, user_agent=FIREFOX)
        signed_in(colleague, user_agent=IPHONE)
        colleague.language = "en"
        colleague.save()

        shown = page(here)

        assert "Firefox on Windows" in shown
        assert "Safari on iOS" in shown
        assert shown.count("This device") == 1
        assert shown.index("Firefox on Windows") < shown.index("This device") < shown.index("Safari on iOS")
        assert "127.0.0.1" in shown

    def test_devices_of_others_do_not_stand_there(self, colleague: User, admin: User) -> None:
        here = signed_in(colleague, user_agent=FIREFOX)
        signed_in(admin, user_agent=IPHONE)

        assert "iOS" not in page(here)

    def test_a_session_that_has_run_out_does_not_stand_there(self, colleague: User) -> None:
        here, phone = signed_in(colleague), signed_in(colleague, user_agent=IPHONE)
        Session.objects.filter(session_key=phone.session.session_key).update(expire_date=timezone.now())

        assert "iOS" not in page(here)

    def test_it_takes_as_many_queries_for_thirty_devices_as_for_three(self, colleague: User) -> None:
        here = signed_in(colleague)

        def queries(devices: int) -> int:
            for number in range(rows(colleague).count(), devices):
                key = f"sessie{number:026}"
                Session.objects.create(session_key=key, expire_date=timezone.now() + timedelta(days=1))
                UserSession.objects.create(user=colleague, session_key=key, ip="203.0.113.7", user_agent=FIREFOX)
            with CaptureQueriesContext(connection) as asked:
                assert page(here).count("203.0.113.7") == devices - 1
            return len(asked)

        assert queries(3) == queries(30) <= 8

    def test_a_browser_that_calls_itself_something_odd_breaks_nothing(self, colleague: User) -> None:
        here = signed_in(colleague, user_agent='<script>alert(1)</script>"' * 20)

        assert "<script>alert" not in page(here)

    def test_the_address_is_the_one_that_our_own_proxy_saw(self, colleague: User) -> None:
        """What a visitor puts into X-Forwarded-For stands before it, and does not count."""
        with override_settings(ALLAUTH_TRUSTED_PROXY_COUNT=1):
            here = signed_in(colleague, x_forwarded_for="198.51.100.1, 203.0.113.9")

        assert row_of(here).ip == "203.0.113.9"
        with override_settings(ALLAUTH_TRUSTED_PROXY_COUNT=0):
            here = signed_in(colleague, x_forwarded_for="198.51.100.1")
        assert row_of(here).ip == "127.0.0.1"


class TestSigningOutThere:
    def test_the_next_click_there_is_out_and_here_one_goes_on(self, colleague: User) -> None:
        here, phone, tablet = (signed_in(colleague) for _number in range(3))

        response = here.post(f"{DEVICES}{row_of(phone).pk}/")

        assert response["Location"] == DEVICES
        assert is_out(phone)
        assert not is_out(here)
        assert not is_out(tablet)
        assert rows(colleague).count() == 2

    def test_all_others_at_once(self, colleague: User, admin: User) -> None:
        here, phone, tablet, of_another = *(signed_in(colleague) for _number in range(3)), signed_in(admin)

        here.post(f"{DEVICES}andere/")

        assert is_out(phone)
        assert is_out(tablet)
        assert not is_out(here)
        assert not is_out(of_another)

    def test_of_somebody_else_it_does_not_exist(self, colleague: User, admin: User) -> None:
        here, of_another = signed_in(colleague), signed_in(admin)

        assert here.post(f"{DEVICES}{row_of(of_another).pk}/").status_code == 404
        assert not is_out(of_another)

    def test_this_one_is_signed_out_by_signing_out(self, colleague: User) -> None:
        here = signed_in(colleague)

        assert here.post(f"{DEVICES}{row_of(here).pk}/").status_code == 404

    def test_looking_changes_nothing(self, colleague: User) -> None:
        here, phone = signed_in(colleague), signed_in(colleague)

        for path in (f"{DEVICES}andere/", f"{DEVICES}{row_of(phone).pk}/"):
            assert here.get(path).status_code == 405
        assert not is_out(phone)

    def test_a_page_that_was_on_its_way_does_not_bring_the_session_back(self, colleague: User) -> None:
        """It had read the session before it ended, and writes it afterwards."""
        phone = signed_in(colleague)
        read_before = phone.session
        assert read_before["_auth_user_id"]
        end_all_devices(colleague)
        read_before["left"] = "over"

        with pytest.raises(UpdateError):
            read_before.save()

        assert is_out(phone)


class TestWhatEndsThemAll:
    def test_blocking_and_unblocking_revives_none(self, colleague: User, admin: User) -> None:
        phone = signed_in(colleague)

        block(colleague, by=admin)
        assert not rows(colleague).exists()
        unblock(colleague, by=admin)

        assert is_out(phone)
        assert not rows(colleague).exists()

    def test_a_new_password_by_mail(self, colleague: User) -> None:
        phone = signed_in(colleague)
        ask_password_reset(colleague.email)

        finish_password_reset(f"{colleague.pk}-{_reset_token(colleague)}", password="een-ander-wachtwoord-9")

        assert is_out(phone)
        assert not rows(colleague).exists()

    def test_a_change_of_password_ends_the_others_and_goes_on_here(self, colleague: User) -> None:
        here, phone = signed_in(colleague), signed_in(colleague, user_agent=IPHONE)
        new = "een-ander-wachtwoord-9"

        here.post(reverse("account_change_password"), {"current": PASSWORD, "password": new, "repeat": new})

        assert is_out(phone)
        assert not is_out(here)
        assert [row.session_key for row in rows(colleague)] == [here.session.session_key]
        assert Session.objects.filter(session_key=here.session.session_key).exists()

    def test_a_change_by_another_way_leaves_no_row(self, colleague: User) -> None:
        signed_in(colleague)

        change_password(colleague, password="een-ander-wachtwoord-9")

        assert not rows(colleague).exists()


def _reset_token(user: User) -> str:
    return str(reset_tokens.make_token(User.objects.get(pk=user.pk)))


class TestLastSeen:
    def test_it_costs_one_statement_in_five_minutes(
        self, colleague: User, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        here = signed_in(colleague)
        now = [time.monotonic() + 1000]
        monkeypatch.setattr(time, "monotonic", lambda: now[0])

        def written() -> int:
            with CaptureQueriesContext(connection) as asked:
                here.get("/hulp/")
            return sum("usersessions_usersession" in query["sql"] for query in asked)

        written()
        seen = row_of(here).last_seen_at
        assert [written() for _page in range(5)] == [0] * 5
        now[0] += 5 * 60
        assert written() == 1
        assert written() == 0
        assert row_of(here).last_seen_at > seen

    def test_it_says_where_the_person_is_now(self, colleague: User, monkeypatch: pytest.MonkeyPatch) -> None:
        here = signed_in(colleague, user_agent=FIREFOX)
        since = row_of(here).created_at
        monkeypatch.setattr(devices_middleware, "SEEN_EVERY", timedelta(0))

        here.get("/hulp/", headers={"user-agent": IPHONE}, REMOTE_ADDR="203.0.113.9")

        row = row_of(here)
        assert (row.user_agent, row.ip, row.created_at) == (IPHONE, "203.0.113.9", since)

    def test_a_visitor_leaves_nothing(self, client: Client, db: None) -> None:
        client.get("/")

        assert not UserSession.objects.exists()

    def test_a_session_from_before_this_list_comes_into_it(self, colleague: User) -> None:
        here = Client()
        here.force_login(colleague)
        assert not rows(colleague).exists()

        here.get("/hulp/")

        assert rows(colleague).count() == 1

    @pytest.mark.parametrize("agent", ["", "\x00", "x" * 5000, "é\u2028"])
    def test_whatever_a_browser_calls_itself_the_page_comes(self, colleague: User, agent: str) -> None:
        client = Client()
        client.force_login(colleague)

        assert client.get(DEVICES, HTTP_USER_AGENT=agent).status_code == 200

    def test_without_an_address_the_page_comes_too(self, colleague: User) -> None:
        client = Client()
        client.force_login(colleague)

        assert client.get(DEVICES, REMOTE_ADDR="").status_code == 200
        assert not rows(colleague).exists()

    def test_what_has_ended_is_forgotten(self, colleague: User) -> None:
        here, gone, expired = signed_in(colleague), signed_in(colleague), signed_in(colleague)
        Session.objects.filter(session_key=gone.session.session_key).delete()
        Session.objects.filter(session_key=expired.session.session_key).update(expire_date=timezone.now())

        forget_ended_devices()

        assert [row.session_key for row in rows(colleague)] == [here.session.session_key]
        assert Session.objects.count() == 1


@pytest.mark.parametrize(
    ("user_agent", "words"),
    [
        (FIREFOX, "Firefox op Windows"),
        (IPHONE, "Safari op iOS"),
        (
            "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) "
            "Chrome/131.0.0.0 Safari/537.36 Edg/131.0.0.0",
            "Edge op Windows",
        ),
        (
            "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 "
            "Mobile Safari/537.36",
            "Chrome op Android",
        ),
        (
            "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) "
            "Version/18.1 Safari/605.1.15",
            "Safari op macOS",
        ),
        ("curl/8.5.0", "curl"),
        ("", "Onbekende browser"),
    ],
)
def test_browsers_in_words(user_agent: str, words: str) -> None:
    with translation.override("nl"):
        assert browsers.in_words(user_agent) in {words, words.replace(" op ", " on "), "Unknown browser"}
