"""/healthz, /readyz and /metrics: what monitoring asks, and what it is told (C34)."""

from __future__ import annotations

import os
import socket
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as site_settings
from django.core.cache import cache
from django.db import OperationalError, connection
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from prometheus_client.parser import text_string_to_metric_families

from accounts.models import User
from nenconnect import environment
from nenconnect.celery import app
from nenconnect.demo.processes import Part
from nenconnect.mail import queue
from nenconnect.mail.models import Heartbeat, OutboxMail
from nenconnect.metrics import RequestDurationMiddleware
from tests.factories import person
from tests.live import ROOT, _test_database_url, free_port

pytestmark = pytest.mark.django_db

TOKEN = "een-lange-sleutel-voor-monitoring"
BEARER = {"Authorization": f"Bearer {TOKEN}"}


@pytest.fixture
def token(settings: Any) -> None:
    settings.METRICS_TOKEN = TOKEN


@pytest.fixture
def alive() -> None:
    queue.show_life(queue.BEAT)
    queue.show_life(queue.WORKER)


@pytest.fixture
def broker_at() -> Iterator[Callable[[str], None]]:
    """Points the program at another broker for the length of a test."""

    def point(url: str) -> None:
        app.conf.update(broker_url=url, broker_write_url=url)

    yield point
    point(site_settings.CELERY_BROKER_URL)


@pytest.fixture
def no_database() -> Iterator[None]:
    def refuse(*_query: object) -> None:
        raise OperationalError("the server closed the connection; host=geheim.example password=geheim")

    with connection.execute_wrapper(refuse):
        yield


def mail(**fields: Any) -> OutboxMail:
    number = OutboxMail.objects.count()
    defaults = {"event": "account_exists", "key": f"health{number}", "message_id": f"<{number}@testserver>"}
    return OutboxMail.objects.create(recipient=person(), **defaults | fields)


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


class TestMetrics:
    def samples(self, client: Client) -> dict[str, float]:
        answer = client.get(reverse("metrics"), headers=BEARER)
        assert answer.status_code == 200
        assert answer["Content-Type"].startswith("text/plain")
        families = text_string_to_metric_families(answer.content.decode())
        return {
            " ".join([sample.name, *map(str, sample.labels.values())]): sample.value
            for family in families
            for sample in family.samples
        }

    @pytest.mark.parametrize("given", ["", "Bearer None", "Bearer nee", f"Bearer {TOKEN}x"])
    def test_does_not_exist_without_the_token(self, client: Client, settings: Any, given: str) -> None:
        for token in (None, TOKEN):
            settings.METRICS_TOKEN = token
            assert client.get(reverse("metrics"), headers={"Authorization": given}).status_code == 404

    def test_tells_how_the_queue_is_doing(self, client: Client, token: None, alive: None) -> None:
        mail(created_at=timezone.now() - timedelta(hours=1))
        mail(status="failed", reason="550")
        mail(status="sent", sent_at=timezone.now(), sent_to="a@b.example")

        told = self.samples(client)

        assert told["nenconnect_database_up"] == 1
        assert told["nenconnect_mails waiting"] == told["nenconnect_mails failed"] == 1
        assert told["nenconnect_mails suppressed"] == 0
        assert told["nenconnect_mails_sent_total"] == 1
        assert 3600 <= told["nenconnect_mail_oldest_unsent_seconds"] < 3610
        assert told["nenconnect_mail_queue_paused"] == 0
        assert told[f"nenconnect_last_seen_seconds {queue.BEAT}"] <= 5

    def test_what_was_sent_stays_counted_when_it_comes_back(self, client: Client, token: None) -> None:
        """A total that goes down reads as a restart, and the graph jumps by all mails there ever were."""
        sent = mail(status="sent", sent_at=timezone.now(), sent_to="a@b.example")
        assert self.samples(client)["nenconnect_mails_sent_total"] == 1

        OutboxMail.objects.filter(pk=sent.pk).update(status="failed", sent_at=None)
        cache.clear()

        assert self.samples(client)["nenconnect_mails_sent_total"] == 1

    def test_the_outbox_is_counted_once_a_minute(self, client: Client, token: None) -> None:
        assert self.samples(client)["nenconnect_mails waiting"] == 0
        mail()

        assert self.samples(client)["nenconnect_mails waiting"] == 0
        assert self.samples(client)["nenconnect_mails suppressed"] == 0

    def test_goes_on_without_a_database(self, client: Client, token: None, no_database: None) -> None:
        assert self.samples(client)["nenconnect_database_up"] == 0

    def test_requests_are_counted_by_the_name_of_their_page(self, client: Client, token: None) -> None:
        """Paths hold secrets and ids, methods may be anything: neither becomes a label."""

        def answered(request: HttpRequest) -> HttpResponse:
            request.resolver_match = client.get(path).resolver_match
            return HttpResponse(status=404)

        path = reverse("sign_in:password_reset", args=["7-geheim"])
        request = HttpRequest()
        request.method = "GEHEIM"
        RequestDurationMiddleware(answered)(request)

        told = self.samples(client)

        assert told["nenconnect_request_seconds_count other sign_in:password_reset 4xx"] >= 1
        assert "geheim" not in str(told).lower()


@pytest.mark.django_db(transaction=True)
class TestSeveralProcesses:
    def test_worker_processes_of_gunicorn_count_together_and_leave_no_files(self, tmp_path: Path) -> None:
        """Each process ends after a few requests, and another takes its place: nothing counted is lost."""
        port = free_port()
        gunicorn = [sys.executable, "-m", "gunicorn", "nenconnect.wsgi", "--preload", "--no-control-socket"]
        size = ["--workers", "2", "--threads", "2", "--max-requests", "15", "--bind", f"127.0.0.1:{port}"]
        metrics = tmp_path / "nen-connect-metrics-test"
        metrics.mkdir()
        ours = {"METRICS_TOKEN": TOKEN, "PROMETHEUS_MULTIPROC_DIR": str(metrics), "INTERNAL_HOSTS": "web"}
        part = Part(
            name="Web server",
            command=[*gunicorn, *size],
            log=tmp_path / "web.log",
            env=os.environ | ours | {"DATABASE_URL": _test_database_url()},
            is_ready=lambda: _asked(port, "/healthz")[0] == 200,
        )
        part.start()
        try:
            part.wait_until_ready(30)
            before = _count_of(port)
            for _number in range(100):
                assert _asked(port, "/healthz", host="web")[0] == 200
            assert _count_of(port) - before == 100
            assert _asked(port, "/healthz", host="elders.example")[0] == 400
            assert len(list(metrics.glob("*.db"))) <= 3
        finally:
            part.stop()
        assert not metrics.exists()
        assert (ROOT / "gunicorn.conf.py").exists()


def _count_of(port: int) -> float:
    text = _asked(port, "/metrics")[1]
    name = 'nenconnect_request_seconds_count{method="GET",page="healthz",status="2xx"} '
    return sum(float(line.removeprefix(name)) for line in text.splitlines() if line.startswith(name))


def _asked(port: int, path: str, host: str = "testserver") -> tuple[int, str]:
    request = urllib.request.Request(f"http://127.0.0.1:{port}{path}", headers={"Host": host, **BEARER})
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, ""
    except OSError:
        return 0, ""


class TestSettings:
    @pytest.mark.parametrize(
        "value",
        [
            "http://u:geheim@host/INBOX",
            "imap://u:geheim@host/INBOX",  # without TLS
            "imaps://host/INBOX",
            "imaps://u:geheim@/INBOX",
            "imaps://u:geheim@host:poort/INBOX",
        ],
    )
    def test_a_wrong_mailbox_stops_the_start_without_telling_the_password(
        self, monkeypatch: pytest.MonkeyPatch, value: str
    ) -> None:
        monkeypatch.setenv("BOUNCE_IMAP_URL", value)

        with pytest.raises(SystemExit) as stopped:
            environment.read_if_set("BOUNCE_IMAP_URL", "a mailbox", environment.imap_url)

        assert str(stopped.value).startswith("BOUNCE_IMAP_URL: ")
        assert "geheim" not in str(stopped.value)

    @pytest.mark.parametrize(
        "value", ["imaps://u:p@host/INBOX", "imaps://u:p%40@host:993", "imap://u:p@localhost:143/INBOX"]
    )
    def test_a_right_one_is_taken(self, monkeypatch: pytest.MonkeyPatch, value: str) -> None:
        monkeypatch.setenv("BOUNCE_IMAP_URL", value)

        assert environment.read_if_set("BOUNCE_IMAP_URL", "a mailbox", environment.imap_url) == value

    @pytest.mark.parametrize("value", ["kort", "met spatie en lang genoeg", "lang-genoeg-maar-é-----"])
    def test_a_token_that_is_short_or_cannot_stand_in_a_header_is_refused_and_not_shown(
        self, monkeypatch: pytest.MonkeyPatch, value: str
    ) -> None:
        monkeypatch.setenv("METRICS_TOKEN", value)

        with pytest.raises(SystemExit) as stopped:
            environment.read_if_set("METRICS_TOKEN", "20 letters", environment.long_secret)

        assert value not in str(stopped.value)

    @pytest.mark.parametrize("value", ["*", ".example", "web,*", "web/x", "web:8000"])
    def test_internal_hosts_are_names_and_never_a_pattern(self, value: str) -> None:
        with pytest.raises(environment.WrongValue):
            environment.host_names(value)

    def test_internal_hosts_have_commas_between(self) -> None:
        assert environment.host_names(" web, 10.0.0.5,[::1] ,") == ["web", "10.0.0.5", "[::1]"]
        assert environment.host_names("") == []

    def test_what_is_not_set_is_not_there(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.delenv("BOUNCE_IMAP_URL", raising=False)

        assert environment.read_if_set("BOUNCE_IMAP_URL", "a mailbox", environment.imap_url) is None
        assert site_settings.BOUNCE_IMAP_URL is None


def test_nobody_is_asked_to_sign_in(client: Client, personal: User) -> None:
    for name in ("healthz", "readyz", "metrics"):
        assert client.get(reverse(name)).status_code in {200, 404, 503}
