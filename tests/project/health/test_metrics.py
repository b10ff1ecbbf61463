"""Test /metrics and the settings for monitoring (C34)."""

from __future__ import annotations

import os
import sys
import urllib.request
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as site_settings
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from prometheus_client.parser import text_string_to_metric_families

from nenconnect import environment
from nenconnect.demo.processes import ManagedProgram
from nenconnect.mail import queue
from nenconnect.mail.models import OutboxMail
from nenconnect.metrics import RequestDurationMiddleware
from tests.live import ROOT, free_port, worker_database_url
from tests.project.health.mails import BEARER, TOKEN, mail

pytestmark = pytest.mark.django_db


class TestMetrics:
    def scrape(self, client: Client) -> dict[str, float]:
        response = client.get(reverse("metrics"), headers=BEARER)
        assert response.status_code == 200
        assert response["Content-Type"].startswith("text/plain")
        families = text_string_to_metric_families(response.content.decode())
        return {
            " ".join([sample.name, *map(str, sample.labels.values())]): sample.value
            for family in families
            for sample in family.samples
        }

    @pytest.mark.parametrize("header", ["", "Bearer None", "Bearer nee", f"Bearer {TOKEN}x"])
    def test_metrics_without_the_token_give_404(self, client: Client, settings: Any, header: str) -> None:
        for token in (None, TOKEN):
            settings.METRICS_TOKEN = token
            assert client.get(reverse("metrics"), headers={"Authorization": header}).status_code == 404

    def test_metrics_show_the_state_of_the_mail_queue(
        self, client: Client, metrics_token: None, recent_heartbeats: None
    ) -> None:
        mail(created_at=timezone.now() - timedelta(hours=1))
        mail(status="failed", reason="550")
        mail(status="sent", sent_at=timezone.now(), sent_to="a@b.example")

        samples = self.scrape(client)

        assert samples["nenconnect_database_up"] == 1
        assert samples["nenconnect_mails waiting"] == samples["nenconnect_mails failed"] == 1
        assert samples["nenconnect_mails suppressed"] == 0
        assert samples["nenconnect_mails_sent_total"] == 1
        assert 3600 <= samples["nenconnect_mail_oldest_unsent_seconds"] < 3610
        assert samples["nenconnect_mail_queue_paused"] == 0
        assert samples[f"nenconnect_last_seen_seconds {queue.BEAT}"] <= 5

    def test_the_total_of_sent_mails_does_not_decrease_when_a_mail_bounces(
        self, client: Client, metrics_token: None
    ) -> None:
        # A total that decreases looks like a restart, and the graph would jump by all mails ever sent.
        sent_mail = mail(status="sent", sent_at=timezone.now(), sent_to="a@b.example")
        assert self.scrape(client)["nenconnect_mails_sent_total"] == 1

        OutboxMail.objects.filter(pk=sent_mail.pk).update(status="failed", sent_at=None)
        cache.clear()

        assert self.scrape(client)["nenconnect_mails_sent_total"] == 1

    def test_the_outbox_is_counted_at_most_once_a_minute(self, client: Client, metrics_token: None) -> None:
        assert self.scrape(client)["nenconnect_mails waiting"] == 0
        mail()

        assert self.scrape(client)["nenconnect_mails waiting"] == 0
        assert self.scrape(client)["nenconnect_mails suppressed"] == 0

    def test_metrics_answer_without_a_database(
        self, client: Client, metrics_token: None, no_database: None
    ) -> None:
        assert self.scrape(client)["nenconnect_database_up"] == 0

    def test_requests_are_counted_by_url_name_without_paths_or_unknown_methods(
        self, client: Client, metrics_token: None
    ) -> None:
        # Paths contain secrets and ids, and a method may be any text: neither becomes a label.
        def respond(request: HttpRequest) -> HttpResponse:
            request.resolver_match = client.get(path).resolver_match
            return HttpResponse(status=404)

        path = reverse("sign_in:password_reset", args=["7-geheim"])
        request = HttpRequest()
        request.method = "GEHEIM"
        RequestDurationMiddleware(respond)(request)

        samples = self.scrape(client)

        assert samples["nenconnect_request_seconds_count other sign_in:password_reset 4xx"] >= 1
        assert "geheim" not in str(samples).lower()


@pytest.mark.django_db(transaction=True)
class TestSeveralProcesses:
    def test_gunicorn_processes_share_one_count_and_leave_no_metric_files(self, tmp_path: Path) -> None:
        # Each process ends after 15 requests and another replaces it; no counts are lost.
        port = free_port()
        gunicorn = [sys.executable, "-m", "gunicorn", "nenconnect.wsgi", "--preload", "--no-control-socket"]
        size = ["--workers", "2", "--threads", "2", "--max-requests", "15", "--bind", f"127.0.0.1:{port}"]
        metrics = tmp_path / "nen-connect-metrics-test"
        metrics.mkdir()
        settings = {"METRICS_TOKEN": TOKEN, "PROMETHEUS_MULTIPROC_DIR": str(metrics), "INTERNAL_HOSTS": "web"}
        part = ManagedProgram(
            name="Web server",
            command=[*gunicorn, *size],
            log=tmp_path / "web.log",
            env=os.environ | settings | {"DATABASE_URL": worker_database_url()},
            is_ready=lambda: _get(port, "/healthz")[0] == 200,
        )
        part.start()
        try:
            part.wait_until_ready(30)
            before = _healthz_count(port)
            for _number in range(100):
                assert _get(port, "/healthz", host="web")[0] == 200
            assert _healthz_count(port) - before == 100
            assert _get(port, "/healthz", host="elders.example")[0] == 400
            assert len(list(metrics.glob("*.db"))) <= 3
        finally:
            part.stop()
        assert not metrics.exists()
        assert (ROOT / "gunicorn.conf.py").exists()


def _healthz_count(port: int) -> float:
    text = _get(port, "/metrics")[1]
    name = 'nenconnect_request_seconds_count{method="GET",page="healthz",status="2xx"} '
    return sum(float(line.removeprefix(name)) for line in text.splitlines() if line.startswith(name))


def _get(port: int, path: str, host: str = "testserver") -> tuple[int, str]:
    request = urllib.request.Request(f"http://127.0.0.1:{port}{path}", headers={"Host": host, **BEARER})
    try:
        with urllib.request.urlopen(request, timeout=10) as response:
            return response.status, response.read().decode()
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
    def test_a_wrong_bounce_mailbox_stops_the_start_without_showing_the_password(
        self, monkeypatch: pytest.MonkeyPatch, value: str
    ) -> None:
        monkeypatch.setenv("BOUNCE_IMAP_URL", value)

        with pytest.raises(SystemExit) as exit_error:
            environment.read_if_set("BOUNCE_IMAP_URL", "a mailbox", environment.imap_url)

        assert str(exit_error.value).startswith("BOUNCE_IMAP_URL: ")
        assert "geheim" not in str(exit_error.value)

    @pytest.mark.parametrize(
        "value", ["imaps://u:p@host/INBOX", "imaps://u:p%40@host:993", "imap://u:p@localhost:143/INBOX"]
    )
    def test_a_valid_bounce_mailbox_is_accepted(self, monkeypatch: pytest.MonkeyPatch, value: str) -> None:
        monkeypatch.setenv("BOUNCE_IMAP_URL", value)

        assert environment.read_if_set("BOUNCE_IMAP_URL", "a mailbox", environment.imap_url) == value

    @pytest.mark.parametrize("value", ["kort", "met spatie en lang genoeg", "lang-genoeg-maar-é-----"])
    def test_a_metrics_token_that_is_short_or_invalid_in_a_header_is_refused_and_not_shown(
        self, monkeypatch: pytest.MonkeyPatch, value: str
    ) -> None:
        monkeypatch.setenv("METRICS_TOKEN", value)

        with pytest.raises(SystemExit) as exit_error:
            environment.read_if_set("METRICS_TOKEN", "20 letters", environment.long_secret)

        assert value not in str(exit_error.value)

    @pytest.mark.parametrize("value", ["*", ".example", "web,*", "web/x", "web:8000"])
    def test_a_pattern_is_refused_as_an_internal_host(self, value: str) -> None:
        with pytest.raises(environment.WrongValue):
            environment.host_names(value)

    def test_internal_hosts_are_separated_by_commas(self) -> None:
        assert environment.host_names(" web, 10.0.0.5,[::1] ,") == ["web", "10.0.0.5", "[::1]"]
        assert environment.host_names("") == []

    def test_an_unset_bounce_mailbox_is_none(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.delenv("BOUNCE_IMAP_URL", raising=False)

        assert environment.read_if_set("BOUNCE_IMAP_URL", "a mailbox", environment.imap_url) is None
        assert site_settings.BOUNCE_IMAP_URL is None
