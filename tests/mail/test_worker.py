"""Test mail with a real Celery worker and a real Redis: every commit is mailed after any failure (R31, C34)."""

import time
from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.actions.registering_oneself import register_self
from nenconnect.celery import app as celery_app
from nenconnect.mail.models import OutboxMail
from tests.factories import make_admin, make_license, make_pending_person
from tests.live import worker_part

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_registration_is_mailed_within_seconds_of_its_commit(celery_worker, smtp_sink):
    register_self("jan@bedrijf.example", "Jan Jansen", language="nl")

    (mail,) = smtp_sink.wait_for("jan@bedrijf.example", seconds=10)

    assert mail["Auto-Submitted"] == "auto-generated"


def test_mails_written_while_the_worker_was_dead_are_sent_when_it_restarts(celery_worker, smtp_sink):
    celery_worker.kill()
    for number in range(3):
        register_self(f"jan{number}@bedrijf.example", "Jan Jansen", language="nl")

    celery_worker.start()

    assert len(smtp_sink.wait_for(count=3)) == 3


def test_with_redis_down_at_the_commit_beat_sends_the_mail(smtp_sink, tmp_path, monkeypatch):
    monkeypatch.setattr(celery_app.conf, "broker_write_url", "redis://127.0.0.1:1/0")  # no server listens there
    began = time.monotonic()
    register_self("jan@bedrijf.example", "Jan Jansen", language="nl")
    seconds_at_commit = time.monotonic() - began
    worker = worker_part(tmp_path, with_beat=True)
    worker.start()

    try:
        assert smtp_sink.wait_for("jan@bedrijf.example", seconds=30)
        assert seconds_at_commit < 1
    finally:
        worker.stop()


def test_reminder_tasks_sent_twice_to_the_worker_write_each_reminder_once(celery_worker, company, colleague):
    # This holds at night too: the reminders are then due in the morning.
    today = timezone.localdate()
    make_pending_person(company=company, registration_deadline=today + timedelta(days=7))
    make_admin(company)
    make_license(company, ends_on=today + timedelta(days=60))
    for _twice in range(2):
        celery_app.send_task("accounts.tasks.remind_of_registrations")
        celery_app.send_task("licenses.tasks.remind_of_ending_licenses")
        celery_app.send_task("requests_app.tasks.remind_of_open_requests")

    end = time.monotonic() + 10
    while OutboxMail.objects.count() < 2 and time.monotonic() < end:
        time.sleep(0.1)
    time.sleep(1)  # the second of each has run as well
    assert sorted(OutboxMail.objects.values_list("event", flat=True)) == [
        "license_ending",
        "registration_expiring",
    ]
