"""Test /healthz (the process is alive) and /readyz (ready for visitors) (C34)."""

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
def use_broker() -> Iterator[Callable[[str], None]]:
    """Return a function that points Celery at another broker until the test ends."""

    def set_broker(url: str) -> None:
        app.conf.update(broker_url=url, broker_write_url=url)

    yield set_broker
    set_broker(site_settings.CELERY_BROKER_URL)


def get_readyz(client: Client, **headers: str) -> tuple[int, dict[str, Any]]:
    response = client.get(reverse("readyz"), headers=headers)
    return response.status_code, response.json()


class TestAlive:
    def test_healthz_answers_without_a_query(
        self, client: Client, django_assert_num_queries: Any, no_database: None
    ) -> None:
        with django_assert_num_queries(0):
            response = client.get(reverse("healthz"))

        assert (response.status_code, response.content) == (200, b"ok")


@pytest.mark.usefixtures("metrics_token", "recent_heartbeats")
class TestReady:
    def test_readyz_answers_200_when_everything_works(self, client: Client) -> None:
        assert get_readyz(client) == (200, {"ready": True})

    def test_readyz_shows_ages_in_seconds_with_the_token(self, client: Client) -> None:
        mail(created_at=timezone.now() - timedelta(minutes=5), due_at=timezone.now() - timedelta(minutes=4))

        status, body = get_readyz(client, **BEARER)

        assert status == 200
        assert body["problems"] == []
        assert 300 <= body["oldest_unsent_mail_seconds"] < 310
        assert 240 <= body["oldest_due_mail_seconds"] < 250
        assert body["last_beat_seconds"] <= 5
        assert body["last_drain_seconds"] <= 5

    @pytest.mark.parametrize("header", ["", "Bearer ", "Bearer nee", TOKEN, f"Basic {TOKEN}", f"bearer {TOKEN}"])
    def test_readyz_without_the_token_shows_only_true_or_false(self, client: Client, header: str) -> None:
        assert get_readyz(client, Authorization=header) == (200, {"ready": True})

    def test_readyz_shows_no_details_when_no_token_is_configured(self, client: Client, settings: Any) -> None:
        settings.METRICS_TOKEN = None

        for header in ("Bearer None", "Bearer "):
            assert get_readyz(client, Authorization=header)[1] == {"ready": True}

    def test_readyz_answers_503_without_a_database_and_shows_no_secret(
        self, client: Client, no_database: None
    ) -> None:
        assert get_readyz(client) == (503, {"ready": False})
        assert get_readyz(client, **BEARER) == (503, {"ready": False, "problems": ["no database"]})

    def test_readyz_answers_503_without_redis(self, client: Client, use_broker: Callable[[str], None]) -> None:
        use_broker(f"redis://:geheim@127.0.0.1:{free_port()}/0")

        status, body = get_readyz(client, **BEARER)

        assert (status, body["problems"]) == (503, ["no redis"])
        assert "geheim" not in str(body)

    def test_readyz_answers_503_within_two_seconds_when_redis_hangs(
        self, client: Client, use_broker: Callable[[str], None]
    ) -> None:
        with closing(socket.create_server(("127.0.0.1", 0))) as silent_server:
            use_broker(f"redis://127.0.0.1:{silent_server.getsockname()[1]}/0")
            started = time.monotonic()

            assert get_readyz(client)[0] == 503
            assert time.monotonic() - started < 2

    def test_readyz_answers_503_when_mail_is_late(self, client: Client) -> None:
        mail(due_at=timezone.now() - timedelta(minutes=11))

        assert get_readyz(client, **BEARER)[1]["problems"] == ["mail is late"]

    def test_a_mail_that_waits_for_its_next_attempt_is_not_late(self, client: Client) -> None:
        mail(created_at=timezone.now() - timedelta(days=2), due_at=timezone.now() + timedelta(hours=3), attempts=6)

        assert get_readyz(client)[0] == 200

    def test_readyz_answers_503_while_the_mail_queue_is_paused(self, client: Client) -> None:
        queue.pause("verhuizing")

        status, body = get_readyz(client, **BEARER)

        assert (status, body["problems"]) == (503, ["mail queue is paused"])
        assert "verhuizing" not in str(body)

    @pytest.mark.parametrize(("name", "words"), [(queue.BEAT, "beat"), (queue.WORKER, "worker")])
    def test_readyz_reports_beat_or_worker_without_a_recent_heartbeat(
        self, client: Client, name: str, words: str
    ) -> None:
        Heartbeat.objects.filter(name=name).update(at=timezone.now() - timedelta(minutes=6))
        assert get_readyz(client, **BEARER)[1]["problems"] == [f"no sign of {words}"]

        Heartbeat.objects.filter(name=name).delete()
        assert get_readyz(client, **BEARER)[1]["problems"] == [f"no sign of {words}"]

    def test_readyz_takes_at_most_four_queries_with_ten_mails_waiting(
        self, client: Client, django_assert_max_num_queries: Any
    ) -> None:
        for _number in range(10):
            mail()

        with django_assert_max_num_queries(4):
            get_readyz(client)

    def test_readyz_forbids_caching(self, client: Client) -> None:
        assert "no-store" in client.get(reverse("readyz"))["Cache-Control"]


def test_health_pages_need_no_sign_in(client: Client, personal: User) -> None:
    for name in ("healthz", "readyz", "metrics"):
        assert client.get(reverse(name)).status_code in {200, 404, 503}
