"""Reminders keep to the company's hours and to people's preferences (R30)."""

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
from tests.mail.reminders.clock import ask, at, hours_pass, sent, times
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
    def test_they_are_those_of_the_company(
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

    def test_working_days_are_counted_there(
        self, company: Company, admin: User, colleague: User, smtp_sink: SmtpSink
    ) -> None:
        Company.objects.update(time_zone="Asia/Tokyo")
        ask(colleague, "2027-06-13T23:00")  # Sunday here, Monday there

        hours_pass(at("2027-06-14T00:05"), at("2027-06-18T20:05"))

        assert times("license_requests_waiting") == ["06-17 01:05"]

    def test_each_company_by_its_own(
        self, other_company: Company, admin: User, other_admin: User, colleague: User
    ) -> None:
        Company.objects.filter(pk=other_company.pk).update(time_zone="Asia/Tokyo")
        ask(colleague, "2027-06-14T10:00")
        ask(make_person(company=other_company), "2027-06-14T10:00")

        with time_machine.travel(at("2027-06-18T17:05"), tick=False):  # Friday here, Saturday there
            remind_of_open_requests()

        waiting = OutboxMail.objects.filter(event="license_requests_waiting")
        assert list(waiting.values_list("recipient__email", flat=True)) == [admin.email]

    def test_one_that_a_slow_mail_server_put_off_into_the_night_waits_for_the_morning(
        self, newcomer: User, smtp_sink: SmtpSink
    ) -> None:
        with time_machine.travel(at("2027-06-13T17:50"), tick=False):
            remind_of_registrations()

        hours_pass(at("2027-06-13T18:05"), at("2027-06-14T09:05"))

        assert times("registration_expiring") == ["06-14 08:05"]
        assert OutboxMail.objects.get().attempts == 1

    def test_one_about_requests_waits_over_the_weekend(
        self, admin: User, colleague: User, smtp_sink: SmtpSink
    ) -> None:
        ask(colleague, "2027-06-15T10:00")
        with time_machine.travel(at("2027-06-18T17:50"), tick=False):  # a Friday
            remind_of_open_requests()

        hours_pass(at("2027-06-18T18:05"), at("2027-06-21T09:05"))

        assert times("license_requests_waiting") == ["06-21 08:05"]

    def test_in_the_evening_and_on_a_day_off_none_is_written_about_requests(
        self, admin: User, colleague: User
    ) -> None:
        ask(colleague, "2027-06-10T10:00")
        for moment in ("2027-06-18T18:00", "2027-06-19T12:00"):
            with time_machine.travel(at(moment), tick=False):
                remind_of_open_requests()

        assert not OutboxMail.objects.filter(event="license_requests_waiting").exists()

    def test_on_the_last_evening_none_is_written_about_a_registration(self, newcomer: User) -> None:
        with time_machine.travel(at("2027-06-19T18:05"), tick=False):
            remind_of_registrations()

        assert not OutboxMail.objects.exists()

    def test_other_mails_go_at_any_hour(self, colleague: User, smtp_sink: SmtpSink) -> None:
        with time_machine.travel(at("2027-06-13T03:00"), tick=False):
            send_password_reset(colleague)
            assert drain() == 1


class TestWhoWantsNone:
    def test_gets_none_and_the_others_do(
        self, company: Company, admin: User, colleague: User, smtp_sink: SmtpSink
    ) -> None:
        second = make_admin(company)
        switch_reminders(second, False, by=second)
        make_license(company, starts_on=date(2026, 9, 1), ends_on=date(2027, 8, 16))
        ask(colleague, "2027-06-14T10:00")

        hours_pass(at("2027-06-17T08:05"), at("2027-06-17T08:05"))

        assert sent("license_requests_waiting") == [(admin.email, "06-17 08:05")]
        assert sent("license_ending") == [(admin.email, "06-17 08:05")]
        assert not OutboxMail.objects.filter(recipient=second).exclude(event__endswith="_received").exists()

    def test_switched_off_between_writing_and_sending(
        self, company: Company, admin: User, newcomer: User, colleague: User, smtp_sink: SmtpSink
    ) -> None:
        second = make_admin(company)
        ask(colleague, "2027-06-10T10:00")
        with time_machine.travel(at("2027-06-17T00:05"), tick=False):
            remind_of_open_requests()
        switch_reminders(second, False, by=second)

        hours_pass(at("2027-06-17T08:05"), at("2027-06-17T08:05"))

        assert sent("license_requests_waiting") == [(admin.email, "06-17 08:05")]

    def test_when_the_last_who_wanted_them_is_blocked_those_who_are_left_get_them(
        self, company: Company, admin: User, colleague: User, smtp_sink: SmtpSink
    ) -> None:
        second = make_admin(company)
        switch_reminders(second, False, by=second)
        ask(colleague, "2027-06-14T10:00")
        membership.block(admin, by=second)

        hours_pass(at("2027-06-17T08:05"), at("2027-06-17T08:05"))

        assert sent("license_requests_waiting") == [(second.email, "06-17 08:05")]

    def test_one_whose_registration_expires_can_switch_it_off_too(
        self, newcomer: User, smtp_sink: SmtpSink
    ) -> None:
        switch_reminders(newcomer, False, by=newcomer)

        hours_pass(at("2027-06-13T08:05"), at("2027-06-13T08:05"))

        assert sent("registration_expiring") == []
