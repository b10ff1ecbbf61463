"""Test that reminders keep to the company's hours and to people's preferences (R30)."""

from __future__ import annotations

from datetime import date

import pytest
import time_machine
from django.utils import timezone

from accounts.actions import membership
from accounts.actions.reminders import switch_reminders
from accounts.mails.password import send_password_reset
from accounts.models import User
from accounts.tasks import remind_of_registrations
from companies.models import Company
from nenconnect.mail.delivery import drain
from nenconnect.mail.models import OutboxMail
from requests_app.tasks import remind_of_open_requests
from tests.factories import make_admin, make_license, make_person
from tests.mail.reminders.clock import at, hours_pass, request_at, sent, times
from tests.smtp_sink import SmtpSink

pytestmark = pytest.mark.django_db


class TestHours:
    @pytest.mark.parametrize(
        ("zone", "moments"),
        [
            ("America/Los_Angeles", ["06-13 00:05", "06-19 00:05"]),  # 15:05 there, the day before
            ("Asia/Tokyo", ["06-13 01:05", "06-19 01:05"]),
            ("Europe/Amsterdam", ["06-13 08:05", "06-19 08:05"]),
        ],
    )
    def test_reminders_are_sent_in_working_hours_of_the_companys_time_zone(
        self, company: Company, newcomer: User, smtp_sink: SmtpSink, zone: str, moments: list[str]
    ) -> None:
        Company.objects.update(time_zone=zone)

        hours_pass(at("2027-06-12T00:05"), at("2027-06-21T00:05"))

        got = times("registration_expiring")
        assert len(got) == 2
        for row in OutboxMail.objects.all():
            with timezone.override(zone):
                assert 8 <= timezone.localtime(row.sent_at).hour < 18
        assert [when[:5] for when in got] == [when[:5] for when in moments]

    def test_working_days_of_a_request_are_counted_in_the_companys_time_zone(
        self, company: Company, admin: User, colleague: User, smtp_sink: SmtpSink
    ) -> None:
        Company.objects.update(time_zone="Asia/Tokyo")
        request_at(colleague, "2027-06-13T23:00")  # Sunday here, Monday there

        hours_pass(at("2027-06-14T00:05"), at("2027-06-18T20:05"))

        assert times("license_requests_waiting") == ["06-17 01:05"]

    def test_reminders_of_two_companies_follow_their_own_time_zones(
        self, other_company: Company, admin: User, other_admin: User, colleague: User
    ) -> None:
        Company.objects.filter(pk=other_company.pk).update(time_zone="Asia/Tokyo")
        request_at(colleague, "2027-06-14T10:00")
        request_at(make_person(company=other_company), "2027-06-14T10:00")

        with time_machine.travel(at("2027-06-18T17:05"), tick=False):  # Friday here, Saturday there
            remind_of_open_requests()

        waiting = OutboxMail.objects.filter(event="license_requests_waiting")
        assert list(waiting.values_list("recipient__email", flat=True)) == [admin.email]

    def test_a_registration_reminder_delayed_past_working_hours_is_sent_next_morning(
        self, newcomer: User, smtp_sink: SmtpSink
    ) -> None:
        with time_machine.travel(at("2027-06-13T17:50"), tick=False):
            remind_of_registrations()

        hours_pass(at("2027-06-13T18:05"), at("2027-06-14T09:05"))

        assert times("registration_expiring") == ["06-14 08:05"]
        assert OutboxMail.objects.get().attempts == 1

    def test_a_reminder_of_requests_delayed_past_friday_is_sent_on_monday(
        self, admin: User, colleague: User, smtp_sink: SmtpSink
    ) -> None:
        request_at(colleague, "2027-06-15T10:00")
        with time_machine.travel(at("2027-06-18T17:50"), tick=False):  # a Friday
            remind_of_open_requests()

        hours_pass(at("2027-06-18T18:05"), at("2027-06-21T09:05"))

        assert times("license_requests_waiting") == ["06-21 08:05"]

    def test_no_reminder_of_requests_is_written_in_the_evening_or_on_a_day_off(
        self, admin: User, colleague: User
    ) -> None:
        request_at(colleague, "2027-06-10T10:00")
        for moment in ("2027-06-18T18:00", "2027-06-19T12:00"):
            with time_machine.travel(at(moment), tick=False):
                remind_of_open_requests()

        assert not OutboxMail.objects.filter(event="license_requests_waiting").exists()

    def test_no_registration_reminder_is_written_on_the_last_evening(self, newcomer: User) -> None:
        with time_machine.travel(at("2027-06-19T18:05"), tick=False):
            remind_of_registrations()

        assert not OutboxMail.objects.exists()

    def test_a_password_reset_is_sent_at_night_too(self, colleague: User, smtp_sink: SmtpSink) -> None:
        with time_machine.travel(at("2027-06-13T03:00"), tick=False):
            send_password_reset(colleague)
            assert drain() == 1


class TestRemindersSwitchedOff:
    def test_an_admin_without_reminders_gets_none_and_the_other_admin_does(
        self, company: Company, admin: User, colleague: User, smtp_sink: SmtpSink
    ) -> None:
        second = make_admin(company)
        switch_reminders(second, False, by=second)
        make_license(company, starts_on=date(2026, 9, 1), ends_on=date(2027, 8, 16))
        request_at(colleague, "2027-06-14T10:00")

        hours_pass(at("2027-06-17T08:05"), at("2027-06-17T08:05"))

        assert sent("license_requests_waiting") == [(admin.email, "06-17 08:05")]
        assert sent("license_ending") == [(admin.email, "06-17 08:05")]
        assert not OutboxMail.objects.filter(recipient=second).exclude(event__endswith="_received").exists()

    def test_a_written_reminder_is_not_sent_after_its_reader_switches_reminders_off(
        self, company: Company, admin: User, newcomer: User, colleague: User, smtp_sink: SmtpSink
    ) -> None:
        second = make_admin(company)
        request_at(colleague, "2027-06-10T10:00")
        with time_machine.travel(at("2027-06-17T00:05"), tick=False):
            remind_of_open_requests()
        switch_reminders(second, False, by=second)

        hours_pass(at("2027-06-17T08:05"), at("2027-06-17T08:05"))

        assert sent("license_requests_waiting") == [(admin.email, "06-17 08:05")]

    def test_when_the_only_admin_with_reminders_is_blocked_the_other_admin_gets_them(
        self, company: Company, admin: User, colleague: User, smtp_sink: SmtpSink
    ) -> None:
        second = make_admin(company)
        switch_reminders(second, False, by=second)
        request_at(colleague, "2027-06-14T10:00")
        membership.block(admin, by=second)

        hours_pass(at("2027-06-17T08:05"), at("2027-06-17T08:05"))

        assert sent("license_requests_waiting") == [(second.email, "06-17 08:05")]

    def test_a_newcomer_can_switch_registration_reminders_off(self, newcomer: User, smtp_sink: SmtpSink) -> None:
        switch_reminders(newcomer, False, by=newcomer)

        hours_pass(at("2027-06-13T08:05"), at("2027-06-13T08:05"))

        assert sent("registration_expiring") == []
