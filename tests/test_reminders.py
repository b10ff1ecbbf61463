"""Reminders (R30): each once, in the hours of the company, whatever ran twice or did not run."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection, connections
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.actions import membership, registration
from accounts.actions.finishing_registration import find_registration
from accounts.actions.reminders import switch_reminders
from accounts.mails.password import send_password_reset
from accounts.models import User
from accounts.tasks import remind_of_registrations
from companies.models import Company
from companies.working_hours import next_hours
from licenses.models import License
from licenses.tasks import remind_of_ending_licenses
from nenconnect.celery import app
from nenconnect.mail import bulk
from nenconnect.mail.delivery import drain
from nenconnect.mail.models import MailStatus, OutboxMail
from requests_app.actions import license_requests
from requests_app.actions.deciding import withdraw
from requests_app.actions.license_requests import request_license
from requests_app.models import DocumentRequest, LicenseRequest
from requests_app.tasks import remind_of_open_requests
from tests.at_once import at_once
from tests.factories import admin_of, collection_for, company_with, document, license_for, pending_person, person
from tests.smtp_sink import SmtpSink

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)
TICKS = {0, 1, 8, 9, 10, 17, 18, 23}


def at(text: str) -> datetime:
    """A moment in Amsterdam, in June unless the text has an offset of its own."""
    return datetime.fromisoformat(text if "+" in text else f"{text}+02:00")


def beat() -> None:
    remind_of_registrations()
    remind_of_ending_licenses()
    remind_of_open_requests()
    drain()


def hours_pass(start: datetime, end: datetime, *, down: Iterable[date] = ()) -> None:
    """Beat ticks at some hours of each day from start to end, except on the days that it is down."""
    moment = start
    while moment <= end:
        if moment.date() not in down and timezone.localtime(moment).hour in TICKS:
            with time_machine.travel(moment, tick=False):
                beat()
        moment += HOUR


def sent(event: str) -> list[tuple[str, str]]:
    """To whom and when (in Amsterdam), oldest first."""
    rows = OutboxMail.objects.filter(event=event, status=MailStatus.SENT).order_by("sent_at", "pk")
    return [(row.sent_to, f"{timezone.localtime(row.sent_at):%m-%d %H:%M}") for row in rows]


def times(event: str) -> list[str]:
    return [when for _to, when in sent(event)]


@pytest.fixture
def newcomer(company: Company) -> User:
    """Has until 20 June: the last day on which the link works is the 19th."""
    return pending_person("noor@voorbeeld.example", company=company, registration_deadline=date(2027, 6, 20))


def ask(user: User, when: str, license: License | None = None) -> LicenseRequest:
    assert user.company is not None
    with time_machine.travel(at(when), tick=False):
        return request_license(license or license_for(user.company, **LONG), by=user)


def plain_text(mail: Any) -> str:
    part = mail.get_body(("plain",))
    return str(part.get_content())


LONG: dict[str, Any] = {"starts_on": date(2026, 1, 1), "ends_on": date(2028, 12, 31)}


class TestRegistrationExpiring:
    def test_seven_days_and_one_day_before_each_once_in_the_morning(
        self, newcomer: User, smtp_sink: SmtpSink
    ) -> None:
        hours_pass(at("2027-06-10T00:05"), at("2027-06-22T00:05"))

        assert sent("registration_expiring") == [
            (newcomer.email, "06-13 08:05"),
            (newcomer.email, "06-19 08:05"),
        ]

    def test_goes_while_the_clock_goes_on(self, newcomer: User, smtp_sink: SmtpSink) -> None:
        """It was put off to the moment of its own look, over and over, all day long: only a clock that stands
        still let it through."""
        with time_machine.travel(at("2027-06-13T10:05"), tick=True):
            remind_of_registrations()
            drain(seconds=5)

        assert len(sent("registration_expiring")) == 1

    def test_the_link_in_it_is_the_one_that_was_mailed_before(self, newcomer: User, smtp_sink: SmtpSink) -> None:
        hours_pass(at("2027-06-13T09:05"), at("2027-06-13T09:05"))
        (mail,) = smtp_sink.mails(newcomer.email)
        text = plain_text(mail)

        token = text.partition("/registratie/")[2].partition("/")[0]
        with time_machine.travel(at("2027-06-14T09:00")):
            assert find_registration(token) == newcomer

    def test_not_for_whoever_is_blocked_or_has_finished(self, newcomer: User, smtp_sink: SmtpSink) -> None:
        pending_person(registration_deadline=date(2027, 6, 20), is_blocked=True)
        User.objects.filter(pk=newcomer.pk).update(registered_at=timezone.now())

        hours_pass(at("2027-06-13T08:05"), at("2027-06-13T09:05"))

        assert not OutboxMail.objects.exists()

    def test_blocked_or_finished_between_writing_and_sending(self, newcomer: User, smtp_sink: SmtpSink) -> None:
        other = pending_person(registration_deadline=date(2027, 6, 20))
        with time_machine.travel(at("2027-06-13T00:05"), tick=False):
            remind_of_registrations()
        User.objects.filter(pk=newcomer.pk).update(is_blocked=True)
        User.objects.filter(pk=other.pk).update(registered_at=timezone.now())

        hours_pass(at("2027-06-13T08:05"), at("2027-06-13T08:05"))

        assert sent("registration_expiring") == []
        assert set(OutboxMail.objects.values_list("status", flat=True)) == {"suppressed"}

    def test_a_new_link_has_reminders_of_its_own_and_ends_those_of_the_old(
        self, admin: User, newcomer: User, smtp_sink: SmtpSink
    ) -> None:
        hours_pass(at("2027-06-13T08:05"), at("2027-06-13T08:05"))
        with time_machine.travel(at("2027-06-15T10:00"), tick=False):
            registration.send_registration_again(newcomer, by=admin)
        hours_pass(at("2027-06-19T08:05"), at("2027-06-19T08:05"))
        hours_pass(at("2027-07-08T08:05"), at("2027-07-08T08:05"))

        assert times("registration_expiring") == ["06-13 08:05", "07-08 08:05"]

    def test_of_one_whose_mails_the_admins_read_it_goes_to_them(
        self, admin: User, newcomer: User, smtp_sink: SmtpSink
    ) -> None:
        User.objects.filter(pk=newcomer.pk).update(is_mail_rerouted=True)

        hours_pass(at("2027-06-13T08:05"), at("2027-06-13T10:05"))

        assert sent("registration_expiring") == [(admin.email, "06-13 08:05")]

    def test_whoever_registered_oneself_is_reminded_without_the_typed_name(self, smtp_sink: SmtpSink) -> None:
        pending_person("zelf@post.example", name="Klik hier", registration_deadline=date(2027, 6, 20))
        hours_pass(at("2027-06-13T08:05"), at("2027-06-13T08:05"))

        (mail,) = smtp_sink.mails("zelf@post.example")
        assert "Klik hier" not in mail.as_string()


class TestRequestsWaiting:
    def test_after_three_working_days_and_weekly_after_to_each_admin_one_mail(
        self, company: Company, admin: User, colleague: User, smtp_sink: SmtpSink
    ) -> None:
        second = admin_of(company, "tweede@voorbeeld.example")
        ask(colleague, "2027-06-17T15:00")  # a Thursday: Friday, Monday, Tuesday
        ask(colleague, "2027-06-17T15:30")

        hours_pass(at("2027-06-17T16:05"), at("2027-07-07T00:05"))

        assert sorted(sent("license_requests_waiting")) == [
            (admin.email, "06-22 08:05"),
            (admin.email, "06-29 08:05"),
            (admin.email, "07-06 08:05"),
            (second.email, "06-22 08:05"),
            (second.email, "06-29 08:05"),
            (second.email, "07-06 08:05"),
        ]

    def test_it_says_how_many_of_each_kind_and_since_when_and_names_nobody(
        self, company: Company, admin: User, colleague: User, smtp_sink: SmtpSink
    ) -> None:
        ask(colleague, "2027-06-14T10:00")
        ask(colleague, "2027-06-15T10:00")
        with time_machine.travel(at("2027-06-15T11:00"), tick=False):
            DocumentRequest.objects.create(company=company, user=colleague, document=document())
        User.objects.update(language="en")

        hours_pass(at("2027-06-17T09:05"), at("2027-06-17T09:05"))

        (mail,) = [one for one in smtp_sink.mails(admin.email) if "decision" in one["Subject"]]
        text = plain_text(mail)
        assert mail["Subject"] == "3 requests wait for your decision"
        for words in ("since 14 June 2027", "2 requests for licences", "1 request for a standard"):
            assert words in text
        assert colleague.name not in mail.as_string()
        assert colleague.email not in mail.as_string()

    def test_document_requests_alone_count_as_well(
        self, company: Company, admin: User, colleague: User, smtp_sink: SmtpSink
    ) -> None:
        collection_for(company)
        with time_machine.travel(at("2027-06-14T10:00"), tick=False):
            DocumentRequest.objects.create(company=company, user=colleague, document=document())

        hours_pass(at("2027-06-14T11:05"), at("2027-06-18T00:05"))

        assert times("license_requests_waiting") == ["06-17 08:05"]

    def test_a_request_that_becomes_old_between_two_weekly_mails_is_told_of_and_the_week_begins_anew(
        self, admin: User, colleague: User, smtp_sink: SmtpSink
    ) -> None:
        ask(colleague, "2027-06-14T10:00")
        ask(colleague, "2027-06-16T10:00")

        hours_pass(at("2027-06-17T00:05"), at("2027-06-29T00:05"))

        assert times("license_requests_waiting") == ["06-17 08:05", "06-21 08:05", "06-28 08:05"]

    def test_not_on_a_day_off(self, admin: User, colleague: User, smtp_sink: SmtpSink) -> None:
        ask(colleague, "2027-03-23T10:00+01:00")  # three working days: up to the Friday, which is Good Friday
        hours_pass(at("2027-03-23T11:05+01:00"), at("2027-04-07T11:05+02:00"))

        assert times("license_requests_waiting") == ["03-30 08:05", "04-06 08:05"]

    def test_decided_or_withdrawn_meanwhile_there_is_no_mail(
        self, admin: User, colleague: User, smtp_sink: SmtpSink
    ) -> None:
        decided, withdrawn = ask(colleague, "2027-06-14T10:00"), ask(colleague, "2027-06-14T11:00")
        with time_machine.travel(at("2027-06-17T00:05"), tick=False):
            remind_of_open_requests()
            license_requests.reject(decided, by=admin)
            withdraw(withdrawn, by=colleague)

        hours_pass(at("2027-06-17T08:05"), at("2027-06-17T08:05"))

        assert sent("license_requests_waiting") == []
        assert OutboxMail.objects.get(event="license_requests_waiting").status == "suppressed"

    def test_whoever_is_no_admin_any_more_gets_none(
        self, company: Company, admin: User, colleague: User, smtp_sink: SmtpSink
    ) -> None:
        second = admin_of(company)
        ask(colleague, "2027-06-14T10:00")
        with time_machine.travel(at("2027-06-17T00:05"), tick=False):
            remind_of_open_requests()
            membership.change_role(second, User.Role.USER, by=admin)

        hours_pass(at("2027-06-17T08:05"), at("2027-06-17T08:05"))

        assert sent("license_requests_waiting") == [(admin.email, "06-17 08:05")]

    def test_when_mail_could_not_go_for_a_week_only_the_last_reminder_goes(
        self, admin: User, colleague: User, smtp_sink: SmtpSink
    ) -> None:
        ask(colleague, "2027-06-14T10:00")
        for day in ("2027-06-17T09:05", "2027-06-24T09:05"):
            with time_machine.travel(at(day), tick=False):
                remind_of_open_requests()

        hours_pass(at("2027-06-24T10:05"), at("2027-06-24T10:05"))

        assert times("license_requests_waiting") == ["06-24 10:05"]

    def test_a_newer_reminder_replaces_one_that_did_not_go_yet(
        self, admin: User, colleague: User, smtp_sink: SmtpSink
    ) -> None:
        ask(colleague, "2027-06-14T10:00")
        ask(colleague, "2027-06-16T10:00")
        for day in ("2027-06-17T09:05", "2027-06-21T09:05"):
            with time_machine.travel(at(day), tick=False):
                remind_of_open_requests()

        hours_pass(at("2027-06-21T10:05"), at("2027-06-21T10:05"))

        assert times("license_requests_waiting") == ["06-21 10:05"]

    def test_a_company_without_an_admin_is_told_as_soon_as_it_has_one(
        self, company: Company, colleague: User, smtp_sink: SmtpSink
    ) -> None:
        ask(colleague, "2027-06-14T10:00")
        hours_pass(at("2027-06-17T08:05"), at("2027-06-17T18:05"))
        admin = admin_of(company)
        hours_pass(at("2027-06-18T08:05"), at("2027-06-18T08:05"))

        assert sent("license_requests_waiting") == [(admin.email, "06-18 08:05")]

    def test_one_company_is_never_counted_with_another(
        self, admin: User, other_admin: User, colleague: User, smtp_sink: SmtpSink
    ) -> None:
        ask(colleague, "2027-06-14T10:00")
        hours_pass(at("2027-06-17T08:05"), at("2027-06-17T08:05"))

        assert [to for to, _when in sent("license_requests_waiting")] == [admin.email]


class TestLicenseEnding:
    def test_sixty_and_fourteen_days_before_to_each_admin_once(
        self, company: Company, admin: User, colleague: User, smtp_sink: SmtpSink
    ) -> None:
        second = admin_of(company)
        license_for(company, starts_on=date(2026, 9, 1), ends_on=date(2027, 8, 31))

        hours_pass(at("2027-06-30T00:05"), at("2027-07-05T00:05"))
        hours_pass(at("2027-08-15T00:05"), at("2027-08-20T00:05"))

        assert sorted(sent("license_ending")) == sorted(
            (who.email, when) for who in (admin, second) for when in ("07-02 08:05", "08-17 08:05")
        )

    def test_a_licence_that_was_prolonged_is_not_about_to_end(
        self, company: Company, admin: User, smtp_sink: SmtpSink
    ) -> None:
        license = license_for(company, starts_on=date(2026, 9, 1), ends_on=date(2027, 8, 31))
        with time_machine.travel(at("2027-07-02T00:05"), tick=False):
            remind_of_ending_licenses()
        License.objects.filter(pk=license.pk).update(ends_on=date(2028, 8, 31))
        hours_pass(at("2027-07-02T08:05"), at("2027-07-02T08:05"))
        assert sent("license_ending") == []

        hours_pass(at("2028-07-02T08:05"), at("2028-07-02T08:05"))
        assert times("license_ending") == ["07-02 08:05"]

    def test_one_that_is_sold_for_a_shorter_time_is_not_told_of_on_the_first_day(
        self, company: Company, admin: User, smtp_sink: SmtpSink
    ) -> None:
        license_for(company, starts_on=date(2027, 6, 15), ends_on=date(2027, 7, 15))

        hours_pass(at("2027-06-15T08:05"), at("2027-06-15T08:05"))

        assert not OutboxMail.objects.exists()


class TestWhateverRanTwiceOrNotAtAll:
    @pytest.fixture
    def everything_is_due(self, company: Company, admin: User, colleague: User, newcomer: User) -> None:
        """On 17 June (Thursday): a registration, a licence and a request."""
        User.objects.filter(pk=newcomer.pk).update(registration_deadline=date(2027, 6, 24))
        license_for(company, starts_on=date(2026, 9, 1), ends_on=date(2027, 8, 16))
        ask(colleague, "2027-06-14T10:00")
        OutboxMail.objects.all().delete()

    def test_two_beats_and_a_hundred_runs_send_each_once(
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

    def test_down_for_a_day_all_of_it_comes_the_day_after_once(
        self, everything_is_due: None, smtp_sink: SmtpSink
    ) -> None:
        hours_pass(at("2027-06-17T00:05"), at("2027-06-20T00:05"), down=[date(2027, 6, 17)])

        for event in ("license_ending", "license_requests_waiting", "registration_expiring"):
            assert times(event) == ["06-18 08:05"], event

    def test_down_from_the_first_reminder_to_the_last_only_the_last_goes(
        self, newcomer: User, smtp_sink: SmtpSink
    ) -> None:
        down = [date(2027, 6, day) for day in range(12, 19)]
        hours_pass(at("2027-06-11T00:05"), at("2027-06-22T00:05"), down=down)

        assert times("registration_expiring") == ["06-19 08:05"]

    def test_mail_that_stood_still_does_not_come_twice_at_once(self, newcomer: User, smtp_sink: SmtpSink) -> None:
        for day in ("2027-06-13T09:05", "2027-06-19T09:05"):
            with time_machine.travel(at(day), tick=False):
                remind_of_registrations()

        hours_pass(at("2027-06-19T10:05"), at("2027-06-19T10:05"))

        assert times("registration_expiring") == ["06-19 10:05"]

    def test_after_the_deadline_it_is_not_sent_any_more(self, newcomer: User, smtp_sink: SmtpSink) -> None:
        with time_machine.travel(at("2027-06-19T09:05"), tick=False):
            remind_of_registrations()

        hours_pass(at("2027-06-20T10:05"), at("2027-06-20T10:05"))

        row = OutboxMail.objects.get()
        assert (row.status, row.sent_at) == ("suppressed", None)


@pytest.mark.django_db(transaction=True)
def test_two_beats_at_the_very_same_moment_write_each_once(company: Company, admin: User, colleague: User) -> None:
    pending_person(company=company, registration_deadline=timezone.localdate() + timedelta(days=7))
    license_for(company, ends_on=timezone.localdate() + timedelta(days=60))
    long_ago = timezone.now() - timedelta(days=10)
    request = LicenseRequest.objects.create(company=company, user=colleague, license=license_for(company))
    LicenseRequest.objects.filter(pk=request.pk).update(created_at=long_ago)

    with time_machine.travel(_next_working_noon(), tick=True):
        pending_until = timezone.localdate() + timedelta(days=7)
        User.objects.filter(registered_at=None).update(registration_deadline=pending_until)
        License.objects.filter(ends_on__lt=date(2100, 1, 1)).update(
            ends_on=timezone.localdate() + timedelta(days=60)
        )
        outcomes = at_once([_all_reminders] * 4)

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
        ask(person(company=other_company), "2027-06-14T10:00")

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
        second = admin_of(company)
        switch_reminders(second, False, by=second)
        license_for(company, starts_on=date(2026, 9, 1), ends_on=date(2027, 8, 16))
        ask(colleague, "2027-06-14T10:00")

        hours_pass(at("2027-06-17T08:05"), at("2027-06-17T08:05"))

        assert sent("license_requests_waiting") == [(admin.email, "06-17 08:05")]
        assert sent("license_ending") == [(admin.email, "06-17 08:05")]
        assert not OutboxMail.objects.filter(recipient=second).exclude(event__endswith="_received").exists()

    def test_switched_off_between_writing_and_sending(
        self, company: Company, admin: User, newcomer: User, colleague: User, smtp_sink: SmtpSink
    ) -> None:
        second = admin_of(company)
        ask(colleague, "2027-06-10T10:00")
        with time_machine.travel(at("2027-06-17T00:05"), tick=False):
            remind_of_open_requests()
        switch_reminders(second, False, by=second)

        hours_pass(at("2027-06-17T08:05"), at("2027-06-17T08:05"))

        assert sent("license_requests_waiting") == [(admin.email, "06-17 08:05")]

    def test_when_the_last_who_wanted_them_is_blocked_those_who_are_left_get_them(
        self, company: Company, admin: User, colleague: User, smtp_sink: SmtpSink
    ) -> None:
        second = admin_of(company)
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


class TestForAMillionPeople:
    @pytest.mark.parametrize("kind", [remind_of_registrations, remind_of_ending_licenses, remind_of_open_requests])
    def test_the_number_of_queries_grows_by_the_batch_not_by_the_row(self, kind) -> None:
        with time_machine.travel(at("2027-06-17T09:05"), tick=False):
            add_companies(2)
            few = queries_of(kind)
            OutboxMail.objects.all().delete()
            LicenseRequest.objects.update(reminded_on=None)
            add_companies(20)
            many = queries_of(kind)

        assert OutboxMail.objects.count() >= 22
        assert many == few

    def test_they_become_due_one_after_the_other_so_that_a_reset_does_not_wait_behind_all_of_them(
        self, company: Company
    ) -> None:
        with time_machine.travel(at("2027-06-17T09:05"), tick=False):
            now = timezone.now()
            for _number in range(50):
                pending_person(company=company, registration_deadline=date(2027, 6, 24))
            remind_of_registrations()

        due = OutboxMail.objects.filter(due_at__lte=now).count()
        assert (due, OutboxMail.objects.count()) == (bulk.PER_SECOND, 50)

    def test_what_is_written_already_is_not_read_into_the_queue_again(self, newcomer: User) -> None:
        with time_machine.travel(at("2027-06-13T09:05"), tick=False):
            remind_of_registrations()
            with CaptureQueriesContext(connection) as queries:
                remind_of_registrations()

        assert not [query for query in queries if query["sql"].startswith("INSERT")]


def add_companies(number: int) -> None:
    for _number in range(number):
        company = company_with(f"Bedrijf {Company.objects.count()}", f"b{Company.objects.count()}.example")
        admin_of(company)
        colleague = person(company=company)
        pending_person(company=company, registration_deadline=date(2027, 6, 24))
        license = license_for(company, starts_on=date(2026, 9, 1), ends_on=date(2027, 8, 16))
        LicenseRequest.objects.create(company=company, user=colleague, license=license)
    LicenseRequest.objects.update(created_at=at("2027-06-10T10:00"))


def queries_of(task) -> int:
    with CaptureQueriesContext(connection) as queries:
        task()
    return len(queries)


def test_beat_knows_every_reminder_and_each_is_a_task() -> None:
    app.loader.import_default_modules()
    scheduled = {entry["task"] for entry in app.conf.beat_schedule.values()}

    assert scheduled <= set(app.tasks)
    assert {
        "accounts.tasks.remind_of_registrations",
        "licenses.tasks.remind_of_ending_licenses",
        "requests_app.tasks.remind_of_open_requests",
    } <= scheduled
