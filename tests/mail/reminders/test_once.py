"""Test that each reminder is sent once after double, late or missed runs of beat (R30)."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
import time_machine
from django.db import connection, connections
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import User
from accounts.tasks import remind_of_registrations
from companies.models import Company
from companies.working_hours import next_hours
from licenses.models import License
from licenses.tasks import remind_of_ending_licenses
from nenconnect.celery import app
from nenconnect.mail import bulk
from nenconnect.mail.models import OutboxMail
from requests_app.models import LicenseRequest
from requests_app.tasks import remind_of_open_requests
from tests.at_once import run_at_once
from tests.factories import make_admin, make_company, make_license, make_pending_person, make_person
from tests.mail.reminders.clock import at, hours_pass, request_at, times
from tests.smtp_sink import SmtpSink

pytestmark = pytest.mark.django_db


class TestRepeatedAndMissedRuns:
    @pytest.fixture
    def everything_is_due(self, company: Company, admin: User, colleague: User, newcomer: User) -> None:
        """Make reminders of a registration, a licence and a request due on 17 June (a Thursday)."""
        User.objects.filter(pk=newcomer.pk).update(registration_deadline=date(2027, 6, 24))
        make_license(company, starts_on=date(2026, 9, 1), ends_on=date(2027, 8, 16))
        request_at(colleague, "2027-06-14T10:00")
        OutboxMail.objects.all().delete()

    def test_a_hundred_runs_of_beat_send_each_reminder_once(
        self, everything_is_due: None, smtp_sink: SmtpSink
    ) -> None:
        for minute in range(50):
            hours_pass(at(f"2027-06-17T09:{minute:02}"), at(f"2027-06-17T09:{minute:02}"))
            hours_pass(at(f"2027-06-17T09:{minute:02}"), at(f"2027-06-17T09:{minute:02}"))

        assert sorted(OutboxMail.objects.values_list("event", "status")) == [
            ("license_ending", "sent"),
            ("license_requests_waiting", "sent"),
            ("registration_expiring", "sent"),
        ]

    def test_after_a_day_without_beat_each_reminder_is_sent_once_the_next_day(
        self, everything_is_due: None, smtp_sink: SmtpSink
    ) -> None:
        hours_pass(at("2027-06-17T00:05"), at("2027-06-20T00:05"), down=[date(2027, 6, 17)])

        for event in ("license_ending", "license_requests_waiting", "registration_expiring"):
            assert times(event) == ["06-18 08:05"], event

    def test_without_beat_until_the_last_reminder_only_the_last_is_sent(
        self, newcomer: User, smtp_sink: SmtpSink
    ) -> None:
        down = [date(2027, 6, day) for day in range(12, 19)]
        hours_pass(at("2027-06-11T00:05"), at("2027-06-22T00:05"), down=down)

        assert times("registration_expiring") == ["06-19 08:05"]

    def test_two_unsent_registration_reminders_are_sent_as_the_last_alone(
        self, newcomer: User, smtp_sink: SmtpSink
    ) -> None:
        for day in ("2027-06-13T09:05", "2027-06-19T09:05"):
            with time_machine.travel(at(day), tick=False):
                remind_of_registrations()

        hours_pass(at("2027-06-19T10:05"), at("2027-06-19T10:05"))

        assert times("registration_expiring") == ["06-19 10:05"]

    def test_a_registration_reminder_is_dropped_after_the_deadline(
        self, newcomer: User, smtp_sink: SmtpSink
    ) -> None:
        with time_machine.travel(at("2027-06-19T09:05"), tick=False):
            remind_of_registrations()

        hours_pass(at("2027-06-20T10:05"), at("2027-06-20T10:05"))

        row = OutboxMail.objects.get()
        assert (row.status, row.sent_at) == ("suppressed", None)


@pytest.mark.django_db(transaction=True)
def test_concurrent_runs_of_beat_write_each_reminder_once(company: Company, admin: User, colleague: User) -> None:
    make_pending_person(company=company, registration_deadline=timezone.localdate() + timedelta(days=7))
    make_license(company, ends_on=timezone.localdate() + timedelta(days=60))
    long_ago = timezone.now() - timedelta(days=10)
    request = LicenseRequest.objects.create(company=company, user=colleague, license=make_license(company))
    LicenseRequest.objects.filter(pk=request.pk).update(created_at=long_ago)

    with time_machine.travel(_next_working_noon(), tick=True):
        pending_until = timezone.localdate() + timedelta(days=7)
        User.objects.filter(registered_at=None).update(registration_deadline=pending_until)
        License.objects.filter(ends_on__lt=date(2100, 1, 1)).update(
            ends_on=timezone.localdate() + timedelta(days=60)
        )
        outcomes = run_at_once([_all_reminders] * 4)

    assert outcomes == [None] * 4
    events = OutboxMail.objects.values_list("event", flat=True)
    reminders = ["license_ending", "license_requests_waiting", "registration_expiring", "requests_unanswered"]
    assert sorted(set(events)) == reminders
    assert sorted(events).count("license_requests_waiting") == 1
    assert sorted(events).count("requests_unanswered") == 1
    assert sorted(events).count("registration_expiring") == 1


def _all_reminders() -> None:
    try:
        remind_of_registrations()
        remind_of_ending_licenses()
        remind_of_open_requests()
    finally:
        connections.close_all()


def _next_working_noon() -> datetime:
    return next_hours(timezone.now() + timedelta(days=1), "Europe/Amsterdam", on_working_days=True)


class TestManyReminders:
    @pytest.mark.parametrize("kind", [remind_of_registrations, remind_of_ending_licenses, remind_of_open_requests])
    def test_reminders_of_twenty_companies_take_as_many_queries_as_of_two(self, kind) -> None:
        with time_machine.travel(at("2027-06-17T09:05"), tick=False):
            add_companies(2)
            few = queries_of(kind)
            OutboxMail.objects.all().delete()
            LicenseRequest.objects.update(reminded_on=None)
            add_companies(20)
            many = queries_of(kind)

        assert OutboxMail.objects.count() >= 22
        assert many == few

    def test_fifty_reminders_become_due_over_time_and_leave_room_for_other_mails(self, company: Company) -> None:
        with time_machine.travel(at("2027-06-17T09:05"), tick=False):
            now = timezone.now()
            for _number in range(50):
                make_pending_person(company=company, registration_deadline=date(2027, 6, 24))
            remind_of_registrations()

        due = OutboxMail.objects.filter(due_at__lte=now).count()
        assert (due, OutboxMail.objects.count()) == (bulk.PER_SECOND, 50)

    def test_a_second_run_inserts_no_reminder_that_is_already_written(self, newcomer: User) -> None:
        with time_machine.travel(at("2027-06-13T09:05"), tick=False):
            remind_of_registrations()
            with CaptureQueriesContext(connection) as queries:
                remind_of_registrations()

        assert not [query for query in queries if query["sql"].startswith("INSERT")]


def add_companies(number: int) -> None:
    for _number in range(number):
        company = make_company(f"Bedrijf {Company.objects.count()}", f"b{Company.objects.count()}.example")
        make_admin(company)
        colleague = make_person(company=company)
        make_pending_person(company=company, registration_deadline=date(2027, 6, 24))
        license = make_license(company, starts_on=date(2026, 9, 1), ends_on=date(2027, 8, 16))
        LicenseRequest.objects.create(company=company, user=colleague, license=license)
    LicenseRequest.objects.update(created_at=at("2027-06-10T10:00"))


def queries_of(task) -> int:
    with CaptureQueriesContext(connection) as queries:
        task()
    return len(queries)


def test_beat_schedules_every_reminder_task() -> None:
    app.loader.import_default_modules()
    scheduled = {entry["task"] for entry in app.conf.beat_schedule.values()}

    assert scheduled <= set(app.tasks)
    assert {
        "accounts.tasks.remind_of_registrations",
        "licenses.tasks.remind_of_ending_licenses",
        "requests_app.tasks.remind_of_open_requests",
    } <= scheduled
