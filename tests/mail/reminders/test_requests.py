"""Reminders of requests that wait (R30)."""

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
from tests.mail.reminders.clock import ask, at, hours_pass, plain_text, sent, times
from tests.smtp_sink import SmtpSink

pytestmark = pytest.mark.django_db


class TestRequestsWaiting:
    def test_after_three_working_days_and_weekly_after_to_each_admin_one_mail(
        self, company: Company, admin: User, colleague: User, smtp_sink: SmtpSink
    ) -> None:
        second = make_admin(company, "tweede@voorbeeld.example")
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
            DocumentRequest.objects.create(company=company, user=colleague, document=make_document())
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
        make_collection(company)
        with time_machine.travel(at("2027-06-14T10:00"), tick=False):
            DocumentRequest.objects.create(company=company, user=colleague, document=make_document())

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
            deciding.reject(decided, by=admin)
            withdraw(withdrawn, by=colleague)

        hours_pass(at("2027-06-17T08:05"), at("2027-06-17T08:05"))

        assert sent("license_requests_waiting") == []
        assert OutboxMail.objects.get(event="license_requests_waiting").status == "suppressed"

    def test_whoever_is_no_admin_any_more_gets_none(
        self, company: Company, admin: User, colleague: User, smtp_sink: SmtpSink
    ) -> None:
        second = make_admin(company)
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
        admin = make_admin(company)
        hours_pass(at("2027-06-18T08:05"), at("2027-06-18T08:05"))

        assert sent("license_requests_waiting") == [(admin.email, "06-18 08:05")]

    def test_one_company_is_never_counted_with_another(
        self, admin: User, other_admin: User, colleague: User, smtp_sink: SmtpSink
    ) -> None:
        ask(colleague, "2027-06-14T10:00")
        hours_pass(at("2027-06-17T08:05"), at("2027-06-17T08:05"))

        assert [to for to, _when in sent("license_requests_waiting")] == [admin.email]
