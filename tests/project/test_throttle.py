"""Test that registering, password reset and sign-in stop a flood from one network but not a large office (C17)."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from ipaddress import ip_address

import pytest
import time_machine
from django.conf import settings
from django.db import connection
from django.test import Client, override_settings
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.actions.sign_in import locked_until
from accounts.models import User
from nenconnect.celery import app as celery_app
from nenconnect.mail.models import OutboxMail
from nenconnect.throttle.actions import count, forget_old_counts
from nenconnect.throttle.limits import LIMITS, networks_of
from nenconnect.throttle.models import NetworkCount
from nenconnect.throttle.tasks import forget_old
from tests.at_once import run_at_once
from tests.factories import PASSWORD

pytestmark = pytest.mark.django_db

OFFICE = "198.51.100.7"
NOON = "2027-06-15T12:00:00+02:00"
FORMS = {
    "register": ("sign_in:register", {"name": "Noor Nieuw", "email": "nieuw@voorbeeld.example"}),
    "reset": ("sign_in:forgot_password", {"email": "nieuw@voorbeeld.example"}),
    "sign_in": ("account_login", {"login": "nieuw@voorbeeld.example", "password": PASSWORD}),
}


def neighbour(number: int) -> str:
    """Return one of the 256 addresses of 203.0.113.0/24."""
    return str(ip_address("203.0.113.0") + number % 256)


def flood(door: str, times: int, address: str = OFFICE) -> int:
    """Count this many attempts and return how many are allowed."""
    return sum(count(door, address) for _time in range(times))


class TestNumbers:
    def test_one_range_is_limited_but_an_office_of_five_hundred_can_register(self) -> None:
        with time_machine.travel(NOON, tick=False):
            allowed = sum(count("register", neighbour(number)) for number in range(10_000))
            assert allowed == LIMITS["register"].per_range == 1500
            assert flood("register", 500) == 500

    def test_a_flood_from_one_address_does_not_block_its_neighbours(self) -> None:
        with time_machine.travel(NOON, tick=False):
            assert flood("register", 10_000, neighbour(1)) == LIMITS["register"].per_address == 750
            assert flood("register", 500, neighbour(2)) == 500

    @pytest.mark.parametrize("door", sorted(LIMITS))
    def test_after_a_rush_a_network_is_allowed_only_what_leaked_away(self, door: str) -> None:
        limit = LIMITS[door]
        with time_machine.travel(NOON, tick=False) as clock:
            flood(door, limit.per_address)
            clock.shift(timedelta(seconds=limit.leaks_in.total_seconds() / 10))
            # After the first rush, a network is allowed only as many as leaked away.
            assert flood(door, limit.per_address) == pytest.approx(limit.per_address / 10, abs=1)

    def test_an_office_of_five_hundred_may_mistype_the_password_three_times_each(self) -> None:
        with time_machine.travel(NOON, tick=False):
            assert flood("sign_in", 4 * 500) == 2000

    def test_the_limit_is_full_again_after_a_day(self) -> None:
        with time_machine.travel(NOON, tick=False) as clock:
            flood("register", 800)
            clock.shift(timedelta(days=1))
            assert flood("register", 800) == 750

    def test_a_setting_allows_a_larger_office(self) -> None:
        with override_settings(LARGEST_OFFICE=5000), time_machine.travel(NOON, tick=False):
            assert flood("register", 5000) == 5000

    def test_a_flood_on_one_form_does_not_block_another_form(self) -> None:
        with override_settings(LARGEST_OFFICE=10):
            flood("register", 100)
            assert count("sign_in", OFFICE)
            assert count("reset", OFFICE)

    def test_a_server_clock_that_is_behind_does_not_lower_the_count(self) -> None:
        with override_settings(LARGEST_OFFICE=10), time_machine.travel(NOON, tick=False) as clock:
            flood("sign_in", 39)
            clock.shift(timedelta(hours=-1))  # a web server whose clock is an hour behind
            assert flood("sign_in", 2) == 1
            clock.shift(timedelta(hours=1))
            assert not count("sign_in", OFFICE)


@pytest.mark.parametrize(
    ("address", "address_network", "range_network"),
    [
        ("203.0.113.7", "203.0.113.7/32", "203.0.113.0/24"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64", "2001:db8:1::/48"),
        ("::ffff:203.0.113.7", "203.0.113.7/32", "203.0.113.0/24"),
    ],
)
def test_an_address_counts_for_its_home_network_and_its_range(
    address: str, address_network: str, range_network: str
) -> None:
    assert networks_of(address) == (address_network, range_network)


def test_new_ipv6_addresses_of_the_same_home_share_one_limit() -> None:
    with override_settings(LARGEST_OFFICE=10):
        assert sum(count("register", f"2001:db8:1:2::{number:x}") for number in range(40)) == 15


@pytest.mark.django_db(transaction=True)
def test_concurrent_attempts_are_all_counted() -> None:
    # Web processes count alike: each count is one statement in Postgres.
    with override_settings(LARGEST_OFFICE=10), time_machine.travel(NOON, tick=False):
        allowed_counts = run_at_once([lambda: flood("register", 10, OFFICE)] * 8)
    assert sum(map(int, map(str, allowed_counts))) == 15


@pytest.mark.django_db(transaction=True)
def test_concurrent_neighbours_share_the_range_without_deadlock() -> None:
    steps = [lambda number=number: flood("register", 10, neighbour(number)) for number in range(8)]
    with override_settings(LARGEST_OFFICE=10), time_machine.travel(NOON, tick=False):
        allowed_counts = run_at_once(steps)
    assert sum(map(int, map(str, allowed_counts))) == 30


class TestFormsAboveTheLimit:
    @pytest.fixture(autouse=True)
    def _english(self, _english: None) -> None:
        """Show the English source texts."""

    @pytest.fixture
    def use_up_limit(self):
        """Return a function that uses up the limit of this address for a form."""
        with override_settings(LARGEST_OFFICE=10), time_machine.travel(NOON, tick=False):
            yield lambda door: flood(door, 40, "127.0.0.1")

    @pytest.mark.parametrize("door", sorted(FORMS))
    def test_above_the_limit_a_form_answers_429_with_advice_and_keeps_the_address(
        self, door, use_up_limit, client: Client
    ) -> None:
        use_up_limit(door)
        url, form_data = FORMS[door]
        response = client.post(reverse(url), form_data, headers={"cookie": "language=en"})
        page = response.content.decode()
        assert response.status_code == 429
        assert response.headers["Retry-After"] == "120"
        assert "Please wait a few minutes" in page
        assert 'value="nieuw@voorbeeld.example"' in page  # kept in the form for the next attempt
        assert PASSWORD not in page
        assert not User.objects.exists()
        assert locked_until("nieuw@voorbeeld.example") is None

    @pytest.mark.parametrize("door", sorted(FORMS))
    def test_above_the_limit_the_answer_is_the_same_for_every_account(
        self, door, use_up_limit, colleague, pending, blocked
    ) -> None:
        use_up_limit(door)
        url, form_data = FORMS[door]
        pages = set()
        for address in (colleague.email, pending.email, blocked.email, "onbekend@voorbeeld.example"):
            field = "login" if door == "sign_in" else "email"
            response = Client().post(reverse(url), form_data | {field: address})
            pages.add((response.status_code, _without_tokens(response.content.decode()).replace(address, "")))
        assert len(pages) == 1
        assert not OutboxMail.objects.exists()

    @pytest.mark.parametrize("door", sorted(FORMS))
    def test_a_form_refused_by_the_limit_is_accepted_three_hours_later(self, door, client: Client) -> None:
        url, form_data = FORMS[door]
        with override_settings(LARGEST_OFFICE=10), time_machine.travel(NOON, tick=False) as clock:
            flood(door, 40, "127.0.0.1")
            assert client.post(reverse(url), form_data).status_code == 429
            clock.shift(timedelta(hours=3))
            form_data.pop("password", None)
            response = client.post(reverse(url), form_data)
        if door == "sign_in":  # the password is stored nowhere, so the person must type it again
            assert 'value="nieuw@voorbeeld.example"' in response.content.decode()
            assert locked_until("nieuw@voorbeeld.example") is None
        else:
            assert response.status_code == 302

    @pytest.mark.parametrize("door", sorted(FORMS))
    def test_viewing_a_form_is_allowed_above_the_limit(self, door, use_up_limit, client: Client) -> None:
        use_up_limit(door)
        assert client.get(reverse(FORMS[door][0])).status_code == 200

    @pytest.mark.parametrize("door", sorted(FORMS))
    def test_every_submitted_form_is_counted_for_the_address_and_its_range(self, door, client: Client) -> None:
        url, form_data = FORMS[door]
        client.post(reverse(url), form_data)
        counts = NetworkCount.objects.values_list("door", "network", "level")
        assert sorted(counts) == [(door, "127.0.0.0/24", 1.0), (door, "127.0.0.1/32", 1.0)]

    def test_counting_costs_one_query(self) -> None:
        with CaptureQueriesContext(connection) as queries:
            count("register", OFFICE)
        assert len(queries) == 1


class TestPasskeyDoor:
    """Test the passkey endpoint, whose first GET any page on any site can trigger."""

    URL, SCRIPT = "mfa_login_webauthn", {"accept": "application/json"}

    @pytest.mark.parametrize(
        "headers",
        [
            {},
            {"accept": "image/*", "sec-fetch-site": "cross-site"},
            SCRIPT | {"sec-fetch-site": "cross-site"},
            SCRIPT | {"sec-fetch-site": "same-site"},
        ],
    )
    def test_a_passkey_request_from_another_site_is_not_counted_and_starts_no_session(
        self, headers, client: Client
    ) -> None:
        response = client.get(reverse(self.URL), headers=headers)
        assert response.headers["Location"] == reverse("account_login")
        assert not NetworkCount.objects.exists()
        assert not client.session.keys()

    @pytest.mark.parametrize("headers", [SCRIPT, SCRIPT | {"sec-fetch-site": "same-origin"}])
    def test_a_passkey_request_from_our_own_page_is_counted(self, headers, client: Client) -> None:
        assert client.get(reverse(self.URL), headers=headers).status_code == 200
        assert set(NetworkCount.objects.values_list("door", flat=True)) == {"passkey"}

    def test_above_the_passkey_limit_a_password_sign_in_still_works(self, colleague, client: Client) -> None:
        with override_settings(LARGEST_OFFICE=10), time_machine.travel(NOON, tick=False):
            statuses = [client.get(reverse(self.URL), headers=self.SCRIPT).status_code for _time in range(41)]
            assert statuses == [200] * 40 + [429]
            form_data = {"login": colleague.email, "password": PASSWORD}
            assert client.post(reverse("account_login"), form_data).status_code == 302


class TestWhoIsCounted:
    """Test which address counts: in X-Forwarded-For only the last, which our proxy adds, can be trusted."""

    FORWARDED = "192.0.2.66, 198.51.100.7"

    def counted_networks(self) -> set[str]:
        Client().post(
            reverse("sign_in:forgot_password"),
            {"email": "nieuw@voorbeeld.example"},
            headers={"x-forwarded-for": self.FORWARDED},
        )
        return set(NetworkCount.objects.values_list("network", flat=True))

    def test_without_a_proxy_the_forwarded_address_is_ignored(self) -> None:
        assert self.counted_networks() == {"127.0.0.1/32", "127.0.0.0/24"}

    def test_behind_a_proxy_only_the_last_forwarded_address_counts(self) -> None:
        with override_settings(ALLAUTH_TRUSTED_PROXY_COUNT=1):
            assert self.counted_networks() == {"198.51.100.7/32", "198.51.100.0/24"}


class TestForgetting:
    def test_a_count_is_deleted_once_it_has_leaked_away(self) -> None:
        with time_machine.travel(NOON, tick=False) as clock:
            count("register", OFFICE)
            count("sign_in", OFFICE)
            clock.shift(timedelta(hours=5))
            forget_old_counts()
            assert Counter(NetworkCount.objects.values_list("door", flat=True)) == {"register": 2}
            clock.shift(timedelta(hours=20))
            forget_old()
        assert not NetworkCount.objects.exists()

    def test_beat_schedules_the_deletion_of_old_counts(self) -> None:
        tasks = {entry["task"] for entry in celery_app.conf.beat_schedule.values()}
        assert forget_old.name in tasks

    def test_no_limit_takes_longer_than_a_day_to_leak_away(self) -> None:
        assert max(limit.leaks_in for limit in LIMITS.values()) <= timedelta(days=1)


def test_the_limits_fit_an_office_of_five_hundred() -> None:
    assert settings.LARGEST_OFFICE == 500
    shares = {door: (limit.per_address, limit.per_range) for door, limit in LIMITS.items()}
    sign_in_limits = {"passkey": (2000, 4000), "sign_in": (2000, 4000)}
    assert shares == {"register": (750, 1500), "reset": (750, 1500), **sign_in_limits}


def _without_tokens(page: str) -> str:
    return "".join(line for line in page.splitlines() if "csrfmiddlewaretoken" not in line)
