"""Collect what Prometheus reads at /metrics when METRICS_TOKEN is set: mail queue and duration of requests.

Each worker process of gunicorn counts in its own files, and /metrics adds them up (gunicorn.conf.py).
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator

import prometheus_client.values
from django.core.cache import cache
from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse
from prometheus_client import CollectorRegistry, Histogram, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector
from prometheus_client.values import MultiProcessValue

from nenconnect.mail.health import MailHealth, mail_health
from nenconnect.mail.models import MailStatus, OutboxMail
from nenconnect.middleware import GetResponse

SECONDS_KEPT = 60  # how long a count of the whole outbox is good for

_has_several_processes = "PROMETHEUS_MULTIPROC_DIR" in os.environ
if _has_several_processes:
    # A process takes over the files of the one in whose place it came: with its number there would be ever more.
    of_this_process = MultiProcessValue(lambda: os.environ.get("METRICS_SLOT", "first"))  # type: ignore[no-untyped-call]
    prometheus_client.values.ValueClass = of_this_process

REQUESTS = Histogram(
    "nenconnect_request_seconds",
    "Time that an answer took, by the name of its page.",
    ["method", "page", "status"],
    buckets=[0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
)
_METHODS = {"GET", "POST", "HEAD"}


class RequestDurationMiddleware:
    """Measure each request under its URL name: paths hold ids and secrets, and there are too many."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        started = time.perf_counter()
        response = self.get_response(request)
        page = request.resolver_match.view_name if request.resolver_match else ""
        method = request.method if request.method in _METHODS else "other"
        REQUESTS.labels(method, page, f"{response.status_code // 100}xx").observe(time.perf_counter() - started)
        return response


class MailCollector(Collector):
    """Count mails from the outbox itself, because each worker process would know only its own."""

    def collect(self) -> Iterator[Metric]:
        try:
            health, counts = mail_health(), cache.get_or_set("mail-counts", _mail_counts, SECONDS_KEPT)
        except DatabaseError:
            yield _gauge("database_up", "Whether the database answers.", 0)
            return
        yield _gauge("database_up", "Whether the database answers.", 1)
        yield from _about_queue(health)
        yield from _about_mails(counts or {})


def render() -> bytes:
    registry = CollectorRegistry()
    registry.register(MailCollector())
    registry.register(_of_all_processes() if _has_several_processes else REQUESTS)
    return generate_latest(registry)


def _of_all_processes() -> Collector:
    collector: Collector = MultiProcessCollector(None)  # type: ignore[no-untyped-call]
    return collector


def _mail_counts() -> dict[str, int]:
    """Count mails per status, each through its own index: the table is wide and can have millions of rows."""
    unsent = [status for status in MailStatus if status != MailStatus.SENT]
    counts = {str(status): OutboxMail.objects.filter(status=status).count() for status in unsent}
    return counts | {"ever sent": OutboxMail.objects.filter(sent_to__gt="").count()}


def _about_queue(health: MailHealth) -> Iterator[Metric]:
    yield _gauge("mail_queue_paused", "Whether the whole queue waits.", int(health.is_paused))
    yield _gauge("mail_oldest_unsent_seconds", "Age of the oldest unsent mail.", health.oldest_unsent or 0)
    yield _gauge("mail_oldest_due_seconds", "How late the most overdue mail is.", health.oldest_due or 0)
    signs = GaugeMetricFamily("nenconnect_last_seen_seconds", "Since the last sign of life.", labels=["name"])
    for name, age in health.signs_of_life.items():
        signs.add_metric([name], age)
    yield signs


def _about_mails(counts: dict[str, int]) -> Iterator[Metric]:
    """Yield the figures about mails.

    A returned mail counts both as failed and as sent: the total of sent mails never goes down.
    """
    sent = counts.pop("ever sent")
    mails = GaugeMetricFamily("nenconnect_mails", "Mails that were not sent, or came back.", labels=["status"])
    for status, number in counts.items():
        mails.add_metric([status], number)
    yield mails
    yield CounterMetricFamily("nenconnect_mails_sent", "Mails that a mail server accepted.", value=sent)


def _gauge(name: str, words: str, value: float) -> GaugeMetricFamily:
    return GaugeMetricFamily(f"nenconnect_{name}", words, value=value)
