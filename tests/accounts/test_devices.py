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


def test_a_session_of_nen_staff_ends_after_12_hours_without_use() -> None:
    browser, moment = clients.signed_in(make_person(is_staff=True)), timezone.now()

    for _use in range(3):
        moment += timedelta(hours=11, minutes=50)
        assert is_signed_in_at(moment, browser)
    assert not is_signed_in_at(moment + timedelta(hours=12, minutes=1), browser)


def test_a_session_of_others_ends_two_weeks_after_signing_in() -> None:
    browser, moment = clients.signed_in(make_person()), timezone.now()

    assert is_signed_in_at(moment + timedelta(days=13), browser)
    assert not is_signed_in_at(moment + timedelta(days=14, minutes=1), browser)


def is_signed_in_at(moment: datetime, browser: Client) -> bool:
    with time_machine.travel(moment, tick=False):
        # A copy is handled by middleware that has not seen the session, as in another process.
        return clients.copy_of(browser).get(DEVICES).status_code == 200


class TestDevicesPage:
    def test_the_devices_page_names_each_signed_in_device_and_marks_the_current_device(
        self, colleague: User
    ) -> None:
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

    def test_the_devices_page_does_not_show_devices_of_other_users(self, colleague: User, admin: User) -> None:
        here = signed_in(colleague, user_agent=FIREFOX)
        signed_in(admin, user_agent=IPHONE)

        assert "iOS" not in page(here)

    def test_the_devices_page_does_not_show_an_expired_session(self, colleague: User) -> None:
        here, phone = signed_in(colleague), signed_in(colleague, user_agent=IPHONE)
        Session.objects.filter(session_key=phone.session.session_key).update(expire_date=timezone.now())

        assert "iOS" not in page(here)

    def test_the_devices_page_needs_as_many_queries_for_30_devices_as_for_3(self, colleague: User) -> None:
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

    def test_the_devices_page_escapes_the_name_of_the_browser(self, colleague: User) -> None:
        here = signed_in(colleague, user_agent='<script>alert(1)</script>"' * 20)

        assert "<script>alert" not in page(here)

    def test_the_ip_address_of_a_device_comes_from_the_trusted_proxy(self, colleague: User) -> None:
        # The part of X-Forwarded-For that a visitor sent comes before it and does not count.
        with override_settings(ALLAUTH_TRUSTED_PROXY_COUNT=1):
            here = signed_in(colleague, x_forwarded_for="198.51.100.1, 203.0.113.9")

        assert row_of(here).ip == "203.0.113.9"
        with override_settings(ALLAUTH_TRUSTED_PROXY_COUNT=0):
            here = signed_in(colleague, x_forwarded_for="198.51.100.1")
        assert row_of(here).ip == "127.0.0.1"


class TestLastSeen:
    def test_the_last_seen_time_of_a_device_is_saved_at_most_every_five_minutes(
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

    def test_a_later_visit_updates_the_browser_and_ip_address_of_a_device(
        self, colleague: User, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        here = signed_in(colleague, user_agent=FIREFOX)
        since = row_of(here).created_at
        monkeypatch.setattr(devices_middleware, "SEEN_EVERY", timedelta(0))

        here.get("/hulp/", headers={"user-agent": IPHONE}, REMOTE_ADDR="203.0.113.9")

        row = row_of(here)
        assert (row.user_agent, row.ip, row.created_at) == (IPHONE, "203.0.113.9", since)

    def test_a_visit_without_signing_in_stores_no_device(self, client: Client, db: None) -> None:
        client.get("/")

        assert not UserSession.objects.exists()

    def test_a_session_without_a_stored_device_is_stored_at_the_next_visit(self, colleague: User) -> None:
        here = Client()
        here.force_login(colleague)
        assert not rows(colleague).exists()

        here.get("/hulp/")

        assert rows(colleague).count() == 1

    @pytest.mark.parametrize("agent", ["", "\x00", "x" * 5000, "é\u2028"])
    def test_the_devices_page_opens_with_any_user_agent(self, colleague: User, agent: str) -> None:
        client = Client()
        client.force_login(colleague)

        assert client.get(DEVICES, HTTP_USER_AGENT=agent).status_code == 200

    def test_the_devices_page_opens_without_an_ip_address(self, colleague: User) -> None:
        client = Client()
        client.force_login(colleague)

        assert client.get(DEVICES, REMOTE_ADDR="").status_code == 200
        assert not rows(colleague).exists()

    def test_ended_and_expired_sessions_are_deleted_from_the_devices(self, colleague: User) -> None:
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
def test_a_user_agent_is_shown_as_browser_and_operating_system(user_agent: str, words: str) -> None:
    with translation.override("nl"):
        assert browsers.browser_in_words(user_agent) in {words, words.replace(" op ", " on "), "Unknown browser"}
