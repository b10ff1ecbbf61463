"""Test the reminders of open requests (R30)."""

from __future__ import annotations

import pytest
import time_machine

from accounts.actions import membership
from accounts.models import User
from companies.models import Company
from nenconnect.mail.models import OutboxMail
from requests_app.actions import deciding
from requests_app.actions.deciding import withdraw
from requests_app.models import DocumentRequest
from requests_app.tasks import remind_of_open_requests
from tests.factories import make_admin, make_collection, make_document
from tests.mail.reminders.clock import at, hours_pass, plain_text, request_at, sent, times
from tests.smtp_sink import SmtpSink

pytestmark = pytest.mark.django_db


class TestRequestsWaiting:
    def test_each_admin_is_reminded_of_open_requests_after_three_working_days_then_weekly(
        self, company: Company, admin: User, colleague: User, smtp_sink: SmtpSink
    ) -> None:
        second = make_admin(company, "tweede@voorbeeld.example")
        request_at(colleague, "2027-06-17T15:00")  # a Thursday: Friday, Monday, Tuesday
        request_at(colleague, "2027-06-17T15:30")

        hours_pass(at("2027-06-17T16:05"), at("2027-07-07T00:05"))

        assert sorted(sent("license_requests_waiting")) == [
            (admin.email, "06-22 08:05"),
            (admin.email, "06-29 08:05"),
            (admin.email, "07-06 08:05"),
            (second.email, "06-22 08:05"),
            (second.email, "06-29 08:05"),
            (second.email, "07-06 08:05"),
        ]

    def test_a_reminder_of_requests_counts_each_kind_and_names_no_requester(
        self, company: Company, admin: User, colleague: User, smtp_sink: SmtpSink
    ) -> None:
        request_at(colleague, "2027-06-14T10:00")
        request_at(colleague, "2027-06-15T10:00")
        with time_machine.travel(at("2027-06-15T11:00"), tick=False):
            DocumentRequest.objects.create(company=company, user=colleague, document=make_document())
        User.objects.update(language="en")

        hours_pass(at("2027-06-17T09:05"), at("2027-06-17T09:05"))

        (mail,) = [mail for mail in smtp_sink.mails(admin.email) if "decision" in mail["Subject"]]
        text = plain_text(mail)
        assert mail["Subject"] == "3 requests wait for your decision"
        for words in ("since 14 June 2027", "2 requests for licences", "1 request for a standard"):
            assert words in text
        assert colleague.name not in mail.as_string()
        assert colleague.email not in mail.as_string()

    def test_document_requests_alone_are_reminded_of(
        self, company: Company, admin: User, colleague: User, smtp_sink: SmtpSink
    ) -> None:
        make_collection(company)
        with time_machine.travel(at("2027-06-14T10:00"), tick=False):
            DocumentRequest.objects.create(company=company, user=colleague, document=make_document())

        hours_pass(at("2027-06-14T11:05"), at("2027-06-18T00:05"))

        assert times("license_requests_waiting") == ["06-17 08:05"]

    def test_another_request_that_becomes_old_is_reminded_of_and_restarts_the_week(
        self, admin: User, colleague: User, smtp_sink: SmtpSink
    ) -> None:
        request_at(colleague, "2027-06-14T10:00")
        request_at(colleague, "2027-06-16T10:00")

        hours_pass(at("2027-06-17T00:05"), at("2027-06-29T00:05"))

        assert times("license_requests_waiting") == ["06-17 08:05", "06-21 08:05", "06-28 08:05"]

    def test_no_reminder_of_requests_on_good_friday_or_easter_monday(
        self, admin: User, colleague: User, smtp_sink: SmtpSink
    ) -> None:
        request_at(
            colleague, "2027-03-23T10:00+01:00"
        )  # three working days: up to the Friday, which is Good Friday
        hours_pass(at("2027-03-23T11:05+01:00"), at("2027-04-07T11:05+02:00"))

        assert times("license_requests_waiting") == ["03-30 08:05", "04-06 08:05"]

    def test_a_reminder_is_dropped_when_its_requests_are_decided_or_withdrawn(
        self, admin: User, colleague: User, smtp_sink: SmtpSink
    ) -> None:
        decided, withdrawn = request_at(colleague, "2027-06-14T10:00"), request_at(colleague, "2027-06-14T11:00")
        with time_machine.travel(at("2027-06-17T00:05"), tick=False):
            remind_of_open_requests()
            deciding.reject(decided, by=admin)
            withdraw(withdrawn, by=colleague)

        hours_pass(at("2027-06-17T08:05"), at("2027-06-17T08:05"))

        assert sent("license_requests_waiting") == []
        assert OutboxMail.objects.get(event="license_requests_waiting").status == "suppressed"

    def test_a_former_admin_gets_no_reminder_of_requests(
        self, company: Company, admin: User, colleague: User, smtp_sink: SmtpSink
    ) -> None:
        second = make_admin(company)
        request_at(colleague, "2027-06-14T10:00")
        with time_machine.travel(at("2027-06-17T00:05"), tick=False):
            remind_of_open_requests()
            membership.change_role(second, User.Role.USER, by=admin)

        hours_pass(at("2027-06-17T08:05"), at("2027-06-17T08:05"))

        assert sent("license_requests_waiting") == [(admin.email, "06-17 08:05")]

    def test_of_two_weekly_reminders_that_wait_only_the_last_is_sent(
        self, admin: User, colleague: User, smtp_sink: SmtpSink
    ) -> None:
        request_at(colleague, "2027-06-14T10:00")
        for day in ("2027-06-17T09:05", "2027-06-24T09:05"):
            with time_machine.travel(at(day), tick=False):
                remind_of_open_requests()

        hours_pass(at("2027-06-24T10:05"), at("2027-06-24T10:05"))

        assert times("license_requests_waiting") == ["06-24 10:05"]

    def test_a_newer_reminder_of_requests_replaces_an_unsent_reminder(
        self, admin: User, colleague: User, smtp_sink: SmtpSink
    ) -> None:
        request_at(colleague, "2027-06-14T10:00")
        request_at(colleague, "2027-06-16T10:00")
        for day in ("2027-06-17T09:05", "2027-06-21T09:05"):
            with time_machine.travel(at(day), tick=False):
                remind_of_open_requests()

        hours_pass(at("2027-06-21T10:05"), at("2027-06-21T10:05"))

        assert times("license_requests_waiting") == ["06-21 10:05"]

    def test_the_first_admin_of_a_company_is_reminded_of_its_open_requests(
        self, company: Company, colleague: User, smtp_sink: SmtpSink
    ) -> None:
        request_at(colleague, "2027-06-14T10:00")
        hours_pass(at("2027-06-17T08:05"), at("2027-06-17T18:05"))
        admin = make_admin(company)
        hours_pass(at("2027-06-18T08:05"), at("2027-06-18T08:05"))

        assert sent("license_requests_waiting") == [(admin.email, "06-18 08:05")]

    def test_a_reminder_counts_the_requests_of_its_own_company_only(
        self, admin: User, other_admin: User, colleague: User, smtp_sink: SmtpSink
    ) -> None:
        request_at(colleague, "2027-06-14T10:00")
        hours_pass(at("2027-06-17T08:05"), at("2027-06-17T08:05"))

        assert [to for to, _when in sent("license_requests_waiting")] == [admin.email]
