"""A flood from one network is stopped, an office behind one address is not (C17): registering, reset, sign-in."""

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
from tests.at_once import at_once
from tests.factories import PASSWORD

pytestmark = pytest.mark.django_db

OFFICE = "198.51.100.7"
NOON = "2027-06-15T12:00:00+02:00"
DOORS = {
    "register": ("sign_in:register", {"name": "Noor Nieuw", "email": "nieuw@voorbeeld.example"}),
    "reset": ("sign_in:forgot_password", {"email": "nieuw@voorbeeld.example"}),
    "sign_in": ("account_login", {"login": "nieuw@voorbeeld.example", "password": PASSWORD}),
}


def neighbour(number: int) -> str:
    """One of the 256 addresses of 203.0.113.0/24."""
    return str(ip_address("203.0.113.0") + number % 256)


def flood(door: str, times: int, address: str = OFFICE) -> int:
    """How many of them come through."""
    return sum(count(door, address) for _time in range(times))


class TestNumbers:
    def test_ten_thousand_from_one_range_are_stopped_and_an_office_of_five_hundred_is_not(self) -> None:
        with time_machine.travel(NOON, tick=False):
            through = sum(count("register", neighbour(number)) for number in range(10_000))
            assert through == LIMITS["register"].per_range == 1500
            assert flood("register", 500) == 500

    def test_ten_thousand_from_one_address_leave_room_for_its_neighbours(self) -> None:
        with time_machine.travel(NOON, tick=False):
            assert flood("register", 10_000, neighbour(1)) == LIMITS["register"].per_address == 750
            assert flood("register", 500, neighbour(2)) == 500

    @pytest.mark.parametrize("door", sorted(LIMITS))
    def test_ten_thousand_spread_over_a_day_are_stopped_too(self, door: str) -> None:
        """What comes through in a day after the first rush is no more than what leaks away."""
        limit = LIMITS[door]
        with time_machine.travel(NOON, tick=False) as clock:
            flood(door, limit.per_address)
            clock.shift(timedelta(seconds=limit.leaks_in.total_seconds() / 10))
            assert flood(door, limit.per_address) == pytest.approx(limit.per_address / 10, abs=1)

    def test_everybody_of_the_office_mistypes_the_password_three_times(self) -> None:
        with time_machine.travel(NOON, tick=False):
            assert flood("sign_in", 4 * 500) == 2000

    def test_the_day_after_the_office_has_its_whole_share_again(self) -> None:
        with time_machine.travel(NOON, tick=False) as clock:
            flood("register", 800)
            clock.shift(timedelta(days=1))
            assert flood("register", 800) == 750

    def test_a_larger_office_is_a_setting(self) -> None:
        with override_settings(LARGEST_OFFICE=5000), time_machine.travel(NOON, tick=False):
            assert flood("register", 5000) == 5000

    def test_one_door_does_not_close_another(self) -> None:
        with override_settings(LARGEST_OFFICE=10):
            flood("register", 100)
            assert count("sign_in", OFFICE)
            assert count("reset", OFFICE)

    def test_a_clock_that_is_behind_gives_nothing_back(self) -> None:
        """Of 40 that leak away in four hours; a web server whose clock is an hour behind counts the last one."""
        with override_settings(LARGEST_OFFICE=10), time_machine.travel(NOON, tick=False) as clock:
            flood("sign_in", 39)
            clock.shift(timedelta(hours=-1))
            assert flood("sign_in", 2) == 1
            clock.shift(timedelta(hours=1))
            assert not count("sign_in", OFFICE)


@pytest.mark.parametrize(
    ("address", "own", "range_of"),
    [
        ("203.0.113.7", "203.0.113.7/32", "203.0.113.0/24"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64", "2001:db8:1::/48"),
        ("::ffff:203.0.113.7", "203.0.113.7/32", "203.0.113.0/24"),
    ],
)
def test_a_home_is_one_address_and_a_site_one_range(address: str, own: str, range_of: str) -> None:
    assert networks_of(address) == (own, range_of)


def test_whoever_takes_a_new_address_of_the_same_home_each_time_counts_as_one() -> None:
    with override_settings(LARGEST_OFFICE=10):
        assert sum(count("register", f"2001:db8:1:2::{number:x}") for number in range(40)) == 15


@pytest.mark.django_db(transaction=True)
def test_many_at_once_are_all_counted() -> None:
    """Over many web processes as over many threads: one statement per count, in Postgres."""
    with override_settings(LARGEST_OFFICE=10), time_machine.travel(NOON, tick=False):
        came_through = at_once([lambda: flood("register", 10, OFFICE)] * 8)
    assert sum(map(int, map(str, came_through))) == 15


@pytest.mark.django_db(transaction=True)
def test_neighbours_at_once_share_the_range_and_wait_for_nobody_for_ever() -> None:
    steps = [lambda number=number: flood("register", 10, neighbour(number)) for number in range(8)]
    with override_settings(LARGEST_OFFICE=10), time_machine.travel(NOON, tick=False):
        came_through = at_once(steps)
    assert sum(map(int, map(str, came_through))) == 30


class TestPages:
    @pytest.fixture(autouse=True)
    def _english(self, _english: None) -> None:
        """Words of the source."""

    @pytest.fixture
    def crowded(self):
        """Of this door the office has used up its share."""
        with override_settings(LARGEST_OFFICE=10), time_machine.travel(NOON, tick=False):
            yield lambda door: flood(door, 40, "127.0.0.1")

    @pytest.mark.parametrize("door", sorted(DOORS))
    def test_what_is_too_much_is_refused_with_what_to_do_next(self, door, crowded, client: Client) -> None:
        crowded(door)
        url, typed = DOORS[door]
        answer = client.post(reverse(url), typed, headers={"cookie": "language=en"})
        page = answer.content.decode()
        assert answer.status_code == 429
        assert answer.headers["Retry-After"] == "120"
        assert "Please wait a few minutes" in page
        assert 'value="nieuw@voorbeeld.example"' in page  # to be sent once more
        assert PASSWORD not in page
        assert not User.objects.exists()
        assert locked_until("nieuw@voorbeeld.example") is None

    @pytest.mark.parametrize("door", sorted(DOORS))
    def test_it_is_refused_alike_whoever_it_is_about(self, door, crowded, colleague, pending, blocked) -> None:
        crowded(door)
        url, typed = DOORS[door]
        pages = set()
        for address in (colleague.email, pending.email, blocked.email, "onbekend@voorbeeld.example"):
            field = "login" if door == "sign_in" else "email"
            answer = Client().post(reverse(url), typed | {field: address})
            pages.add((answer.status_code, _without_tokens(answer.content.decode()).replace(address, "")))
        assert len(pages) == 1
        assert not OutboxMail.objects.exists()

    @pytest.mark.parametrize("door", sorted(DOORS))
    def test_what_comes_a_while_later_is_let_in_with_what_was_typed(self, door, client: Client) -> None:
        url, typed = DOORS[door]
        with override_settings(LARGEST_OFFICE=10), time_machine.travel(NOON, tick=False) as clock:
            flood(door, 40, "127.0.0.1")
            assert client.post(reverse(url), typed).status_code == 429
            clock.shift(timedelta(hours=3))
            typed.pop("password", None)
            answer = client.post(reverse(url), typed)
        if door == "sign_in":  # the password, which is kept nowhere, is asked again
            assert 'value="nieuw@voorbeeld.example"' in answer.content.decode()
            assert locked_until("nieuw@voorbeeld.example") is None
        else:
            assert answer.status_code == 302

    @pytest.mark.parametrize("door", sorted(DOORS))
    def test_looking_at_the_form_counts_for_nothing(self, door, crowded, client: Client) -> None:
        crowded(door)
        assert client.get(reverse(DOORS[door][0])).status_code == 200

    @pytest.mark.parametrize("door", sorted(DOORS))
    def test_every_form_that_is_sent_counts(self, door, client: Client) -> None:
        url, typed = DOORS[door]
        client.post(reverse(url), typed)
        counts = NetworkCount.objects.values_list("door", "network", "level")
        assert sorted(counts) == [(door, "127.0.0.0/24", 1.0), (door, "127.0.0.1/32", 1.0)]

    def test_counting_costs_one_query(self) -> None:
        with CaptureQueriesContext(connection) as queries:
            count("register", OFFICE)
        assert len(queries) == 1


class TestPasskeyDoor:
    """It begins with a GET, which any page on any site can make a visitor's browser send."""

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
    def test_what_another_site_asks_counts_for_nothing_and_begins_nothing(self, headers, client: Client) -> None:
        answer = client.get(reverse(self.URL), headers=headers)
        assert answer.headers["Location"] == reverse("account_login")
        assert not NetworkCount.objects.exists()
        assert not client.session.keys()

    @pytest.mark.parametrize("headers", [SCRIPT, SCRIPT | {"sec-fetch-site": "same-origin"}])
    def test_what_our_own_page_asks_counts_by_itself(self, headers, client: Client) -> None:
        assert client.get(reverse(self.URL), headers=headers).status_code == 200
        assert set(NetworkCount.objects.values_list("door", flat=True)) == {"passkey"}

    def test_passkeys_that_were_asked_too_often_leave_the_password_open(self, colleague, client: Client) -> None:
        with override_settings(LARGEST_OFFICE=10), time_machine.travel(NOON, tick=False):
            answers = [client.get(reverse(self.URL), headers=self.SCRIPT).status_code for _time in range(41)]
            assert answers == [200] * 40 + [429]
            typed = {"login": colleague.email, "password": PASSWORD}
            assert client.post(reverse("account_login"), typed).status_code == 302


class TestWhoIsCounted:
    """X-Forwarded-For is anybody's to write, but for the last address, which our own proxy adds."""

    FORWARDED = "192.0.2.66, 198.51.100.7"

    def counted(self) -> set[str]:
        Client().post(
            reverse("sign_in:forgot_password"),
            {"email": "nieuw@voorbeeld.example"},
            headers={"x-forwarded-for": self.FORWARDED},
        )
        return set(NetworkCount.objects.values_list("network", flat=True))

    def test_without_a_proxy_nobody_is_believed(self) -> None:
        assert self.counted() == {"127.0.0.1/32", "127.0.0.0/24"}

    def test_behind_the_proxy_its_own_word_counts_and_no_other(self) -> None:
        with override_settings(ALLAUTH_TRUSTED_PROXY_COUNT=1):
            assert self.counted() == {"198.51.100.7/32", "198.51.100.0/24"}


class TestForgetting:
    def test_a_count_is_forgotten_once_it_has_leaked_away(self) -> None:
        with time_machine.travel(NOON, tick=False) as clock:
            count("register", OFFICE)
            count("sign_in", OFFICE)
            clock.shift(timedelta(hours=5))
            forget_old_counts()
            assert Counter(NetworkCount.objects.values_list("door", flat=True)) == {"register": 2}
            clock.shift(timedelta(hours=20))
            forget_old()
        assert not NetworkCount.objects.exists()

    def test_beat_sees_to_it(self) -> None:
        tasks = {entry["task"] for entry in celery_app.conf.beat_schedule.values()}
        assert forget_old.name in tasks

    def test_no_door_counts_longer_than_a_day(self) -> None:
        assert max(limit.leaks_in for limit in LIMITS.values()) <= timedelta(days=1)


def test_the_numbers_are_those_of_an_office_of_five_hundred() -> None:
    assert settings.LARGEST_OFFICE == 500
    shares = {door: (limit.per_address, limit.per_range) for door, limit in LIMITS.items()}
    signing_in = {"passkey": (2000, 4000), "sign_in": (2000, 4000)}
    assert shares == {"register": (750, 1500), "reset": (750, 1500), **signing_in}


def _without_tokens(page: str) -> str:
    return "".join(line for line in page.splitlines() if "csrfmiddlewaretoken" not in line)
