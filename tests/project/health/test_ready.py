"""/healthz and /readyz: alive, and ready for visitors (C34)."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings as site_settings
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from nenconnect.celery import app
from nenconnect.mail import queue
from nenconnect.mail.models import Heartbeat
from tests.live import free_port
from tests.project.health.mails import BEARER, TOKEN, mail

pytestmark = pytest.mark.django_db


@pytest.fixture
def broker_at() -> Iterator[Callable[[str], None]]:
    """Points the program at another broker for the length of a test."""

    def point(url: str) -> None:
        app.conf.update(broker_url=url, broker_write_url=url)

    yield point
    point(site_settings.CELERY_BROKER_URL)


def ready(client: Client, **headers: str) -> tuple[int, dict[str, Any]]:
    answer = client.get(reverse("readyz"), headers=headers)
    return answer.status_code, answer.json()


class TestAlive:
    def test_touches_nothing(self, client: Client, django_assert_num_queries: Any, no_database: None) -> None:
        with django_assert_num_queries(0):
            answer = client.get(reverse("healthz"))

        assert (answer.status_code, answer.content) == (200, b"ok")


@pytest.mark.usefixtures("token", "alive")
class TestReady:
    def test_when_everything_works(self, client: Client) -> None:
        assert ready(client) == (200, {"ready": True})

    def test_the_token_shows_the_ages(self, client: Client) -> None:
        mail(created_at=timezone.now() - timedelta(minutes=5), due_at=timezone.now() - timedelta(minutes=4))

        status, told = ready(client, **BEARER)

        assert status == 200
        assert told["problems"] == []
        assert 300 <= told["oldest_unsent_mail_seconds"] < 310
        assert 240 <= told["oldest_due_mail_seconds"] < 250
        assert told["last_beat_seconds"] <= 5
        assert told["last_drain_seconds"] <= 5

    @pytest.mark.parametrize("given", ["", "Bearer ", "Bearer nee", TOKEN, f"Basic {TOKEN}", f"bearer {TOKEN}"])
    def test_without_the_token_it_says_yes_or_no(self, client: Client, given: str) -> None:
        assert ready(client, Authorization=given) == (200, {"ready": True})

    def test_without_a_token_in_the_settings_nobody_has_it(self, client: Client, settings: Any) -> None:
        settings.METRICS_TOKEN = None

        for given in ("Bearer None", "Bearer "):
            assert ready(client, Authorization=given)[1] == {"ready": True}

    def test_not_without_a_database_and_it_tells_no_secret(self, client: Client, no_database: None) -> None:
        assert ready(client) == (503, {"ready": False})
        assert ready(client, **BEARER) == (503, {"ready": False, "problems": ["no database"]})

    def test_not_without_redis(self, client: Client, broker_at: Callable[[str], None]) -> None:
        broker_at(f"redis://:geheim@127.0.0.1:{free_port()}/0")

        status, told = ready(client, **BEARER)

        assert (status, told["problems"]) == (503, ["no redis"])
        assert "geheim" not in str(told)

    def test_a_redis_that_hangs_keeps_nobody(self, client: Client, broker_at: Callable[[str], None]) -> None:
        with closing(socket.create_server(("127.0.0.1", 0))) as silent:
            broker_at(f"redis://127.0.0.1:{silent.getsockname()[1]}/0")
            started = time.monotonic()

            assert ready(client)[0] == 503
            assert time.monotonic() - started < 2

    def test_not_when_mail_is_late(self, client: Client) -> None:
        mail(due_at=timezone.now() - timedelta(minutes=11))

        assert ready(client, **BEARER)[1]["problems"] == ["mail is late"]

    def test_a_mail_that_a_server_put_off_is_not_late(self, client: Client) -> None:
        mail(created_at=timezone.now() - timedelta(days=2), due_at=timezone.now() + timedelta(hours=3), attempts=6)

        assert ready(client)[0] == 200

    def test_not_while_the_queue_is_paused(self, client: Client) -> None:
        queue.pause("verhuizing")

        status, told = ready(client, **BEARER)

        assert (status, told["problems"]) == (503, ["mail queue is paused"])
        assert "verhuizing" not in str(told)

    @pytest.mark.parametrize(("name", "words"), [(queue.BEAT, "beat"), (queue.WORKER, "worker")])
    def test_not_when_beat_or_a_worker_is_gone(self, client: Client, name: str, words: str) -> None:
        Heartbeat.objects.filter(name=name).update(at=timezone.now() - timedelta(minutes=6))
        assert ready(client, **BEARER)[1]["problems"] == [f"no sign of {words}"]

        Heartbeat.objects.filter(name=name).delete()
        assert ready(client, **BEARER)[1]["problems"] == [f"no sign of {words}"]

    def test_costs_a_few_queries_however_long_the_queue(
        self, client: Client, django_assert_max_num_queries: Any
    ) -> None:
        for _number in range(10):
            mail()

        with django_assert_max_num_queries(4):
            ready(client)

    def test_no_cache_keeps_the_answer(self, client: Client) -> None:
        assert "no-store" in client.get(reverse("readyz"))["Cache-Control"]


def test_nobody_is_asked_to_sign_in(client: Client, personal: User) -> None:
    for name in ("healthz", "readyz", "metrics"):
        assert client.get(reverse(name)).status_code in {200, 404, 503}
