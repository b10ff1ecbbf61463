"""Test the page „Ingelogde apparaten" and when each device was last seen (R19, R36)."""

from __future__ import annotations

import time
from datetime import datetime, timedelta

import pytest
import time_machine
from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.db import connection
from django.test import Client, override_settings
from django.test.utils import CaptureQueriesContext
from django.utils import timezone, translation

from accounts import browsers
from accounts.actions.devices import forget_ended_devices
from accounts.models import User
from pages.profile import devices_middleware
from tests import clients
from tests.accounts.signed_in_devices import DEVICES, IPHONE, row_of, rows, signed_in
from tests.factories import make_person

FIREFOX = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:132.0) Gecko/20100101 Firefox/132.0"
pytestmark = pytest.mark.django_db


def page(client: Client) -> str:
    return client.get(DEVICES).content.decode()


@pytest.mark.parametrize(("is_staff", "idle"), [(True, timedelta(hours=12)), (False, timedelta(days=14))])
def test_a_session_ends_without_use_and_stays_open_with_use(is_staff: bool, idle: timedelta) -> None:
    browser, moment = clients.signed_in(make_person(is_staff=is_staff)), timezone.now()

    for _use in range(3):
        moment += idle - timedelta(minutes=10)
        assert is_signed_in_at(moment, browser)
    assert not is_signed_in_at(moment + idle + timedelta(minutes=1), browser)


def is_signed_in_at(moment: datetime, browser: Client) -> bool:
    with time_machine.travel(moment, tick=False):
        # A copy is handled by middleware that has not seen the session, as in another process.
        return clients.copy_of(browser).get(DEVICES).status_code == 200


class TestDevicesPage:
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
            with CaptureQueriesContext(connection) as captured:
                assert page(here).count("203.0.113.7") == devices - 1
            return len(captured)

        assert queries(3) == queries(30) <= 8

    def test_a_browser_that_calls_itself_something_odd_breaks_nothing(self, colleague: User) -> None:
        here = signed_in(colleague, user_agent='<script>alert(1)</script>"' * 20)

        assert "<script>alert" not in page(here)

    def test_the_address_is_the_one_that_our_own_proxy_saw(self, colleague: User) -> None:
        # The part of X-Forwarded-For that a visitor sent comes before it and does not count.
        with override_settings(ALLAUTH_TRUSTED_PROXY_COUNT=1):
            here = signed_in(colleague, x_forwarded_for="198.51.100.1, 203.0.113.9")

        assert row_of(here).ip == "203.0.113.9"
        with override_settings(ALLAUTH_TRUSTED_PROXY_COUNT=0):
            here = signed_in(colleague, x_forwarded_for="198.51.100.1")
        assert row_of(here).ip == "127.0.0.1"


class TestLastSeen:
    def test_it_costs_one_statement_in_five_minutes(
        self, colleague: User, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        here = signed_in(colleague)
        now = [time.monotonic() + 1000]
        monkeypatch.setattr(time, "monotonic", lambda: now[0])

        def written() -> int:
            with CaptureQueriesContext(connection) as captured:
                here.get("/hulp/")
            return sum("usersessions_usersession" in query["sql"] for query in captured)

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
        assert browsers.browser_in_words(user_agent) in {words, words.replace(" op ", " on "), "Unknown browser"}
