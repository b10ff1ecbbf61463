"""Test the reminders of registrations and licences that end (R30)."""

from __future__ import annotations

from datetime import date

import pytest
import time_machine
from django.utils import timezone

from accounts.actions import registration
from accounts.actions.finishing_registration import find_registration
from accounts.models import User
from accounts.tasks import remind_of_registrations
from companies.models import Company
from licenses.models import License
from licenses.tasks import remind_of_ending_licenses
from nenconnect.mail.delivery import drain
from nenconnect.mail.models import OutboxMail
from tests.factories import make_admin, make_license, make_pending_person
from tests.mail.reminders.clock import at, hours_pass, plain_text, sent, times
from tests.smtp_sink import SmtpSink

pytestmark = pytest.mark.django_db


class TestRegistrationExpiring:
    def test_a_newcomer_is_reminded_seven_days_and_one_day_before_the_deadline(
        self, newcomer: User, smtp_sink: SmtpSink
    ) -> None:
        hours_pass(at("2027-06-10T00:05"), at("2027-06-22T00:05"))

        assert sent("registration_expiring") == [
            (newcomer.email, "06-13 08:05"),
            (newcomer.email, "06-19 08:05"),
        ]

    def test_a_registration_reminder_is_sent_while_the_clock_runs(
        self, newcomer: User, smtp_sink: SmtpSink
    ) -> None:
        # With a running clock the last look once postponed the reminder all day long.
        with time_machine.travel(at("2027-06-13T10:05"), tick=True):
            remind_of_registrations()
            drain(seconds=5)

        assert len(sent("registration_expiring")) == 1

    def test_the_link_in_a_registration_reminder_finds_the_registration(
        self, newcomer: User, smtp_sink: SmtpSink
    ) -> None:
        hours_pass(at("2027-06-13T09:05"), at("2027-06-13T09:05"))
        (mail,) = smtp_sink.mails(newcomer.email)
        text = plain_text(mail)

        token = text.partition("/registratie/")[2].partition("/")[0]
        with time_machine.travel(at("2027-06-14T09:00")):
            assert find_registration(token) == newcomer

    def test_no_registration_reminder_for_a_blocked_or_registered_person(
        self, newcomer: User, smtp_sink: SmtpSink
    ) -> None:
        make_pending_person(registration_deadline=date(2027, 6, 20), is_blocked=True)
        User.objects.filter(pk=newcomer.pk).update(registered_at=timezone.now())

        hours_pass(at("2027-06-13T08:05"), at("2027-06-13T09:05"))

        assert not OutboxMail.objects.exists()

    def test_a_written_registration_reminder_is_dropped_after_blocking_or_registering(
        self, newcomer: User, smtp_sink: SmtpSink
    ) -> None:
        other = make_pending_person(registration_deadline=date(2027, 6, 20))
        with time_machine.travel(at("2027-06-13T00:05"), tick=False):
            remind_of_registrations()
        User.objects.filter(pk=newcomer.pk).update(is_blocked=True)
        User.objects.filter(pk=other.pk).update(registered_at=timezone.now())

        hours_pass(at("2027-06-13T08:05"), at("2027-06-13T08:05"))

        assert sent("registration_expiring") == []
        assert set(OutboxMail.objects.values_list("status", flat=True)) == {"suppressed"}

    def test_a_new_registration_link_replaces_the_reminders_of_the_old_link(
        self, admin: User, newcomer: User, smtp_sink: SmtpSink
    ) -> None:
        hours_pass(at("2027-06-13T08:05"), at("2027-06-13T08:05"))
        with time_machine.travel(at("2027-06-15T10:00"), tick=False):
            registration.send_registration_again(newcomer, by=admin)
        hours_pass(at("2027-06-19T08:05"), at("2027-06-19T08:05"))
        hours_pass(at("2027-07-08T08:05"), at("2027-07-08T08:05"))

        assert times("registration_expiring") == ["06-13 08:05", "07-08 08:05"]

    def test_a_rerouted_registration_reminder_goes_to_the_admin(
        self, admin: User, newcomer: User, smtp_sink: SmtpSink
    ) -> None:
        User.objects.filter(pk=newcomer.pk).update(is_mail_rerouted=True)

        hours_pass(at("2027-06-13T08:05"), at("2027-06-13T10:05"))

        assert sent("registration_expiring") == [(admin.email, "06-13 08:05")]

    def test_a_self_registered_person_is_reminded_without_the_typed_name(self, smtp_sink: SmtpSink) -> None:
        make_pending_person("zelf@post.example", name="Klik hier", registration_deadline=date(2027, 6, 20))
        hours_pass(at("2027-06-13T08:05"), at("2027-06-13T08:05"))

        (mail,) = smtp_sink.mails("zelf@post.example")
        assert "Klik hier" not in mail.as_string()


class TestLicenseEnding:
    def test_each_admin_is_reminded_sixty_and_fourteen_days_before_a_licence_ends(
        self, company: Company, admin: User, colleague: User, smtp_sink: SmtpSink
    ) -> None:
        second = make_admin(company)
        make_license(company, starts_on=date(2026, 9, 1), ends_on=date(2027, 8, 31))

        hours_pass(at("2027-06-30T00:05"), at("2027-07-05T00:05"))
        hours_pass(at("2027-08-15T00:05"), at("2027-08-20T00:05"))

        assert sorted(sent("license_ending")) == sorted(
            (who.email, when) for who in (admin, second) for when in ("07-02 08:05", "08-17 08:05")
        )

    def test_a_prolonged_licence_is_reminded_of_by_its_new_end(
        self, company: Company, admin: User, smtp_sink: SmtpSink
    ) -> None:
        license = make_license(company, starts_on=date(2026, 9, 1), ends_on=date(2027, 8, 31))
        with time_machine.travel(at("2027-07-02T00:05"), tick=False):
            remind_of_ending_licenses()
        License.objects.filter(pk=license.pk).update(ends_on=date(2028, 8, 31))
        hours_pass(at("2027-07-02T08:05"), at("2027-07-02T08:05"))
        assert sent("license_ending") == []

        hours_pass(at("2028-07-02T08:05"), at("2028-07-02T08:05"))
        assert times("license_ending") == ["07-02 08:05"]

    def test_a_licence_shorter_than_sixty_days_gives_no_reminder_on_its_first_day(
        self, company: Company, admin: User, smtp_sink: SmtpSink
    ) -> None:
        make_license(company, starts_on=date(2027, 6, 15), ends_on=date(2027, 7, 15))

        hours_pass(at("2027-06-15T08:05"), at("2027-06-15T08:05"))

        assert not OutboxMail.objects.exists()
