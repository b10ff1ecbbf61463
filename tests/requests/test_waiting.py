"""Test waiting requests: the promise, the contact person, and closing by themselves."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from companies.actions import set_request_rules
from companies.models import Company
from nenconnect.audit.models import AuditEntry
from nenconnect.mail.delivery import drain
from nenconnect.rules.errors import RuleError
from requests_app.actions import deciding, digests, reminders, requester_actions, waiting_list
from requests_app.actions.asking import request_document, request_license
from requests_app.models import LicenseRequest
from tests.at_once import run_at_once, slow_writes
from tests.every_mail import body_part, message_as_sent
from tests.factories import make_collection, make_document, make_grants, make_license, make_person
from tests.requests.waiting import MONDAY, at, mails, waiting_request
from tests.smtp_sink import SmtpSink

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("_english")]
SignIn = Callable[[User], Client]


class TestThePromise:
    def test_waiting_counts_working_days_and_skips_easter(self, company: Company, colleague: User) -> None:
        row = waiting_request(colleague, company)
        assert row.promised_on.isoformat() == "2027-03-04"
        LicenseRequest.objects.filter(pk=row.pk).update(created_at=MONDAY.replace(day=25))  # Good Friday follows
        row.refresh_from_db()
        assert row.promised_on.isoformat() == "2027-04-01"

    def test_admins_are_reminded_after_the_companys_own_time(
        self, company: Company, colleague: User, admin: User
    ) -> None:
        Company.objects.filter(pk=company.pk).update(promised_days=5)
        waiting_request(colleague, company)
        with at(4):
            reminders.remind_of_open_requests()
        assert not mails("license_requests_waiting")
        with at(7):
            reminders.remind_of_open_requests()
        assert len(mails("license_requests_waiting")) == 1

    def test_the_requester_can_remind_the_admins_once_after_the_waiting_time(
        self, company: Company, colleague: User, admin: User, sign_in: SignIn
    ) -> None:
        row = waiting_request(colleague, company)
        url = reverse("requests:nudge_license", args=[row.pk])
        with at(3), pytest.raises(RuleError):
            requester_actions.nudge(row, by=colleague)
        with at(4):
            browser = sign_in(colleague)
            assert browser.get(reverse("requests:license_request", args=[row.pk])).context["can_nudge"]
            browser.post(url)
            browser.post(url)
        assert [mail.recipient for mail in mails("request_nudged")] == [admin]

    @pytest.mark.django_db(transaction=True)
    def test_two_reminders_at_once_count_as_one(self, company: Company, colleague: User, admin: User) -> None:
        row = waiting_request(colleague, company)
        LicenseRequest.objects.filter(pk=row.pk).update(created_at=timezone.now() - timedelta(days=30))
        with slow_writes("requests_app_licenserequest"):
            outcomes = run_at_once([lambda: requester_actions.nudge(row, by=colleague)] * 2)
        assert sum(isinstance(item, RuleError) for item in outcomes) == 1

    def test_only_the_requester_reminds_or_adds_to_the_reason(
        self, company: Company, colleague: User, admin: User
    ) -> None:
        row = waiting_request(colleague, company)
        with at(20):
            with pytest.raises(RuleError):
                requester_actions.nudge(row, by=admin)
            with pytest.raises(RuleError):
                requester_actions.add_word(row, "Ook ik", by=admin)

    def test_an_addition_comes_below_the_reason_within_the_maximum_length(
        self, company: Company, colleague: User, sign_in: SignIn
    ) -> None:
        row = request_license(make_license(company), by=colleague, reason="Omdat")
        browser, url = sign_in(colleague), reverse("requests:add_word_license", args=[row.pk])
        browser.post(url, {"reason": "En ook hierom"})
        assert browser.post(url, {"reason": "x" * 990}).context["form"].errors["reason"]
        assert browser.post(url, {"reason": "   "}).context["form"].errors["reason"]
        row.refresh_from_db()
        assert row.reason == "Omdat\n\nEn ook hierom"

    def test_the_form_says_who_decides_and_how_long_it_usually_takes(
        self, company: Company, colleague: User, admin: User, sign_in: SignIn
    ) -> None:
        Company.objects.filter(pk=company.pk).update(request_text="Bel eerst Inkoop")
        make_license(company)
        browser, url = sign_in(colleague), reverse("requests:request_license")
        assert browser.get(url).context["promise"].usual_days is None
        for days in (1, 2, 9):
            row = request_license(make_license(company), by=colleague)
            deciding.approve(row, by=admin)
            LicenseRequest.objects.filter(pk=row.pk).update(created_at=timezone.now() - timedelta(days=days))
        page = browser.get(url)
        assert page.context["promise"].usual_days in {2, 3}
        assert admin.name in page.content.decode()
        assert "Bel eerst Inkoop" in page.content.decode()


class TestTheContactPerson:
    def test_the_contact_person_is_mailed_after_twice_the_time_without_the_requesters_name(
        self, company: Company, colleague: User, admin: User, smtp_sink: SmtpSink
    ) -> None:
        waiting_request(colleague, company)
        with at(7):
            reminders.tell_contact_persons()
        assert not mails("requests_unanswered")
        with at(8):
            reminders.tell_contact_persons()
            reminders.tell_contact_persons()
        (mail,) = mails("requests_unanswered")
        assert (mail.recipient, mail.address) == (None, company.contact_email)
        with at(8):
            text = body_part(message_as_sent(mail), "plain")
            drain()
        assert admin.name in text
        assert colleague.name not in text
        assert company.contact_email in [message["To"] for message in smtp_sink.mails()]

    def test_a_blocked_contact_person_gets_no_mail(self, company: Company, colleague: User) -> None:
        make_person(company.contact_email, company=company, is_blocked=True)
        waiting_request(colleague, company)
        with at(9):
            reminders.tell_contact_persons()
        assert not mails("requests_unanswered")

    def test_the_contact_person_is_mailed_weekly_and_not_for_decided_requests(
        self, company: Company, colleague: User, admin: User
    ) -> None:
        row = waiting_request(colleague, company)
        for day in (9, 10, 16):
            with at(day):
                reminders.tell_contact_persons()
        assert len(mails("requests_unanswered")) == 2
        with at(17):
            deciding.reject(row, by=admin)
        with at(23):
            reminders.tell_contact_persons()
        assert len(mails("requests_unanswered")) == 2


class TestClosing:
    def test_an_old_request_closes_itself_with_a_mail(self, company: Company, colleague: User) -> None:
        row = waiting_request(colleague, company)
        with at(100):
            digests.close_old_requests()
            assert LicenseRequest.objects.get(pk=row.pk).is_open  # the company wants no such thing
            Company.objects.update(closes_after_days=14)
            digests.close_old_requests()
            digests.close_old_requests()
        row.refresh_from_db()
        assert (row.status, row.decided_by) == ("expired", None)
        assert [mail.recipient for mail in mails("request_expired")] == [colleague]
        assert AuditEntry.objects.get(verb="licenserequest_expired").actor_id is None

    def test_an_old_request_for_a_standard_closes_itself_as_well(self, company: Company, colleague: User) -> None:
        make_collection(company)
        Company.objects.update(closes_after_days=14)
        with at(0):
            request_document(make_document(), by=colleague)
        with at(100):
            digests.close_old_requests()
        assert AuditEntry.objects.get(verb="documentrequest_expired").actor_id is None

    def test_old_requests_are_closed_in_chunks(self, company: Company, monkeypatch: pytest.MonkeyPatch) -> None:
        # A chunk is read at a time; requests on the waiting list are passed over and stop nothing.
        Company.objects.update(closes_after_days=14)
        monkeypatch.setattr(digests, "CHUNK", 2)
        rows = [waiting_request(make_person(company=company), company) for _number in range(7)]
        LicenseRequest.objects.filter(pk__in=[row.pk for row in rows[:3]]).update(waiting_since=MONDAY)
        with at(30), CaptureQueriesContext(connection) as queries:
            digests.close_old_requests()
        assert LicenseRequest.objects.filter(status="expired").count() == 4
        reads = [item["sql"] for item in queries if "licenserequest" in item["sql"] and "ORDER BY" in item["sql"]]
        assert len(reads) == 3
        assert all("LIMIT 2" in sql for sql in reads)

    def test_requests_in_the_waiting_list_are_not_closed(
        self, company: Company, colleague: User, admin: User
    ) -> None:
        Company.objects.update(closes_after_days=14)
        full = make_license(company, seats=1, ends_on=MONDAY.date() + timedelta(days=300))
        make_grants(full, admin)
        with at(0):
            row = request_license(full, by=colleague)
            waiting_list.put_in_line(row, by=admin)
        with at(30):
            digests.close_old_requests()
        assert LicenseRequest.objects.get(pk=row.pk).is_open

    def test_a_closed_request_can_be_made_again_with_the_same_reason(
        self, company: Company, colleague: User, sign_in: SignIn
    ) -> None:
        row = request_license(make_license(company), by=colleague, reason="Omdat")
        LicenseRequest.objects.filter(pk=row.pk).update(status="expired", decided_at=timezone.now())
        browser = sign_in(colleague)
        page = browser.get(reverse("requests:license_request", args=[row.pk])).content.decode()
        again = f"{reverse('requests:request_license')}?license={row.license_id}&amp;again={row.pk}"
        assert again in page
        assert browser.get(again.replace("&amp;", "&")).context["form"].initial["reason"] == "Omdat"

    def test_requests_cannot_close_before_admins_and_contact_person_were_reminded(
        self, company: Company, admin: User
    ) -> None:
        with pytest.raises(RuleError):
            set_request_rules(company, text="", promised_days=5, closes_after_days=10, by=admin)
        set_request_rules(company, text="", promised_days=5, closes_after_days=11, by=admin)
