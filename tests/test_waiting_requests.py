"""Nobody waits for ever: reminders, the contact person, deputies, digests, requests that close themselves."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.actions.deputies import end_deputy, name_deputy, note_deputies
from accounts.actions.membership import block
from accounts.actions.notices import choose_notices
from accounts.models import Deputy, User
from companies.actions import set_request_rules
from companies.models import Company
from nenconnect.audit.models import AuditEntry
from nenconnect.mail.delivery import drain
from nenconnect.mail.models import OutboxMail
from nenconnect.rules.errors import RuleError
from requests_app.actions import digests, license_requests, reminders, requester_actions, waiting_list
from requests_app.actions.license_requests import request_license
from requests_app.models import LicenseRequest
from tests.at_once import at_once, slow_writes
from tests.every_mail import part, sent
from tests.factories import admin_of, granted, license_for, person
from tests.smtp_sink import SmtpSink

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("_english")]
SignIn = Callable[[User], Client]
AMSTERDAM = ZoneInfo("Europe/Amsterdam")
MONDAY = datetime(2027, 3, 1, 10, tzinfo=AMSTERDAM)  # the Friday of that month's end is Good Friday


def at(days: int, hour: int = 10) -> time_machine.travel:
    """So many days after that Monday."""
    return time_machine.travel(MONDAY.replace(hour=hour) + timedelta(days=days), tick=True)


def asked(by: User, company: Company) -> LicenseRequest:
    """On that Monday."""
    with at(0):
        return request_license(license_for(company), by=by)


def mails(event: str) -> list[OutboxMail]:
    return list(OutboxMail.objects.filter(event=event))


class TestThePromise:
    def test_working_days_count_and_easter_is_none(self, company: Company, colleague: User) -> None:
        row = asked(colleague, company)
        assert row.promised_on.isoformat() == "2027-03-04"
        LicenseRequest.objects.filter(pk=row.pk).update(created_at=MONDAY.replace(day=25))  # Good Friday follows
        row.refresh_from_db()
        assert row.promised_on.isoformat() == "2027-04-01"

    def test_admins_are_reminded_after_the_companys_own_time(
        self, company: Company, colleague: User, admin: User
    ) -> None:
        Company.objects.filter(pk=company.pk).update(promised_days=5)
        asked(colleague, company)
        with at(4):
            reminders.remind_of_open_requests()
        assert not mails("license_requests_waiting")
        with at(7):
            reminders.remind_of_open_requests()
        assert len(mails("license_requests_waiting")) == 1

    def test_the_requester_reminds_once_and_only_after_it(
        self, company: Company, colleague: User, admin: User, sign_in: SignIn
    ) -> None:
        row = asked(colleague, company)
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
    def test_two_reminders_at_once_are_one(self, company: Company, colleague: User, admin: User) -> None:
        row = asked(colleague, company)
        LicenseRequest.objects.filter(pk=row.pk).update(created_at=timezone.now() - timedelta(days=30))
        with slow_writes("requests_app_licenserequest"):
            outcomes = at_once([lambda: requester_actions.nudge(row, by=colleague)] * 2)
        assert sum(isinstance(one, RuleError) for one in outcomes) == 1

    def test_nobody_else_reminds_or_adds_a_word(self, company: Company, colleague: User, admin: User) -> None:
        row = asked(colleague, company)
        with at(20):
            with pytest.raises(RuleError):
                requester_actions.nudge(row, by=admin)
            with pytest.raises(RuleError):
                requester_actions.add_word(row, "Ook ik", by=admin)

    def test_a_word_comes_below_the_reason_and_the_whole_stays_bounded(
        self, company: Company, colleague: User, sign_in: SignIn
    ) -> None:
        row = request_license(license_for(company), by=colleague, reason="Omdat")
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
        license_for(company)
        browser, url = sign_in(colleague), reverse("requests:request_license")
        assert browser.get(url).context["promise"].usual_days is None
        for days in (1, 2, 9):
            row = request_license(license_for(company), by=colleague)
            license_requests.approve(row, by=admin)
            LicenseRequest.objects.filter(pk=row.pk).update(created_at=timezone.now() - timedelta(days=days))
        page = browser.get(url)
        assert page.context["promise"].usual_days in {2, 3}
        assert admin.name in page.content.decode()
        assert "Bel eerst Inkoop" in page.content.decode()


class TestTheContactPerson:
    def test_reads_of_it_after_twice_the_time_without_a_name_of_who_asked(
        self, company: Company, colleague: User, admin: User, smtp_sink: SmtpSink
    ) -> None:
        asked(colleague, company)
        with at(7):
            reminders.tell_contact_persons()
        assert not mails("requests_unanswered")
        with at(8):
            reminders.tell_contact_persons()
            reminders.tell_contact_persons()
        (mail,) = mails("requests_unanswered")
        assert (mail.recipient, mail.address) == (None, company.contact_email)
        with at(8):
            text = part(sent(mail), "plain")
            drain()
        assert admin.name in text
        assert colleague.name not in text
        assert company.contact_email in [message["To"] for message in smtp_sink.mails()]

    def test_one_whom_the_company_has_blocked_reads_nothing(self, company: Company, colleague: User) -> None:
        person(company.contact_email, company=company, is_blocked=True)
        asked(colleague, company)
        with at(9):
            reminders.tell_contact_persons()
        assert not mails("requests_unanswered")

    def test_weekly_after_and_not_for_what_is_decided(
        self, company: Company, colleague: User, admin: User
    ) -> None:
        row = asked(colleague, company)
        for day in (9, 10, 16):
            with at(day):
                reminders.tell_contact_persons()
        assert len(mails("requests_unanswered")) == 2
        with at(17):
            license_requests.reject(row, by=admin)
        with at(23):
            reminders.tell_contact_persons()
        assert len(mails("requests_unanswered")) == 2


class TestClosing:
    def test_an_old_request_closes_itself_with_a_mail(self, company: Company, colleague: User) -> None:
        row = asked(colleague, company)
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

    def test_many_are_closed_a_few_in_memory_at_a_time(
        self, company: Company, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """As many are read at once as fit in a chunk; what stands in line is passed by, and stops nothing."""
        Company.objects.update(closes_after_days=14)
        monkeypatch.setattr(digests, "CHUNK", 2)
        rows = [asked(person(company=company), company) for _number in range(7)]
        LicenseRequest.objects.filter(pk__in=[row.pk for row in rows[:3]]).update(waiting_since=MONDAY)
        with at(30), CaptureQueriesContext(connection) as queries:
            digests.close_old_requests()
        assert LicenseRequest.objects.filter(status="expired").count() == 4
        reads = [one["sql"] for one in queries if "licenserequest" in one["sql"] and "ORDER BY" in one["sql"]]
        assert len(reads) == 3
        assert all("LIMIT 2" in sql for sql in reads)

    def test_who_stands_in_line_goes_on_waiting(self, company: Company, colleague: User, admin: User) -> None:
        Company.objects.update(closes_after_days=14)
        full = license_for(company, seats=1, ends_on=MONDAY.date() + timedelta(days=300))
        granted(full, admin)
        with at(0):
            row = request_license(full, by=colleague)
            waiting_list.put_in_line(row, by=admin)
        with at(30):
            digests.close_old_requests()
        assert LicenseRequest.objects.get(pk=row.pk).is_open

    def test_one_can_ask_again_with_the_same_reason(
        self, company: Company, colleague: User, sign_in: SignIn
    ) -> None:
        row = request_license(license_for(company), by=colleague, reason="Omdat")
        LicenseRequest.objects.filter(pk=row.pk).update(status="expired", decided_at=timezone.now())
        browser = sign_in(colleague)
        page = browser.get(reverse("requests:license_request", args=[row.pk])).content.decode()
        again = f"{reverse('requests:request_license')}?license={row.license_id}&amp;again={row.pk}"
        assert again in page
        assert browser.get(again.replace("&amp;", "&")).context["form"].initial["reason"] == "Omdat"

    def test_it_comes_after_the_admins_and_the_contact_persons_time(self, company: Company, admin: User) -> None:
        with pytest.raises(RuleError):
            set_request_rules(company, text="", promised_days=5, closes_after_days=10, by=admin)
        set_request_rules(company, text="", promised_days=5, closes_after_days=11, by=admin)


class TestDeputies:
    def names(self, colleague: User, admin: User, first: int = 0, last: int = 5) -> Deputy:
        today = timezone.localdate()
        days = {"first_day": today + timedelta(days=first), "last_day": today + timedelta(days=last)}
        return name_deputy(colleague, by=admin, **days)

    def test_decide_in_their_days_and_are_colleagues_outside_them(
        self, company: Company, colleague: User, admin: User, sign_in: SignIn
    ) -> None:
        asker = person(company=company, name="Kanarie")
        with at(0):
            self.names(colleague, admin, 1, 2)
            row = request_license(license_for(company), by=asker)
        page = reverse("requests:license_request", args=[row.pk])
        approve = reverse("requests:approve_license", args=[row.pk])
        for day, sees in ((0, False), (1, True), (2, True), (3, False)):
            with at(day):
                browser = sign_in(colleague)
                assert ("Kanarie" in browser.get(page).content.decode()) is sees, day
                assert browser.get(reverse("company:users")).status_code == 403
        with at(3):
            assert sign_in(colleague).post(approve).status_code == 403
        with at(2):
            assert sign_in(colleague).post(approve).status_code == 302
        entry = AuditEntry.objects.get(verb="licenserequest_approved")
        assert (entry.actor_id, entry.details) == (colleague.pk, {"is_deputy": True})

    def test_get_a_mail_of_it_and_of_each_new_request(
        self, company: Company, colleague: User, admin: User
    ) -> None:
        self.names(colleague, admin)
        request_license(license_for(company), by=person(company=company))
        assert [mail.recipient for mail in mails("deputy_named")] == [colleague]
        received = mails("license_request_received")
        assert {mail.recipient for mail in received} == {admin, colleague}
        assert all(sent(mail) for mail in received)

    def test_ended_by_hand_the_next_click_is_a_colleagues(
        self, company: Company, colleague: User, admin: User, sign_in: SignIn
    ) -> None:
        deputy = self.names(colleague, admin)
        row = request_license(license_for(company), by=person(company=company))
        browser = sign_in(colleague)
        reject = reverse("requests:reject_license", args=[row.pk])
        assert browser.get(reject).status_code == 200
        end_deputy(deputy, by=admin)
        assert browser.get(reject).status_code == 403

    def test_end_with_the_admin_they_stand_in_for(self, company: Company, colleague: User, admin: User) -> None:
        second = admin_of(company)
        self.names(colleague, second)
        assert User.objects.get(pk=colleague.pk).decides_requests
        User.objects.filter(pk=second.pk).update(role=User.Role.USER)
        assert not User.objects.get(pk=colleague.pk).decides_requests

    def test_who_is_blocked_decides_nothing(self, company: Company, colleague: User, admin: User) -> None:
        self.names(colleague, admin)
        block(colleague, by=admin)
        assert not User.objects.get(pk=colleague.pk).decides_requests

    def test_beginning_and_end_stand_in_the_trail_once(
        self, company: Company, colleague: User, admin: User
    ) -> None:
        with at(0):
            self.names(colleague, admin, 1, 2)
        for day in (0, 1, 1, 2, 3, 3):
            with at(day):
                note_deputies()
        verbs = AuditEntry.objects.filter(verb__startswith="deputy").order_by("pk").values_list("verb", flat=True)
        assert list(verbs) == ["deputy_named", "deputy_began", "deputy_ended"]

    @pytest.mark.parametrize(("first", "last"), [(-1, 3), (3, 2), (0, 400)])
    def test_days_that_are_none_are_refused(
        self, company: Company, colleague: User, admin: User, first: int, last: int
    ) -> None:
        with pytest.raises(RuleError):
            self.names(colleague, admin, first, last)

    def test_nobody_of_elsewhere_and_no_admin(
        self, company: Company, admin: User, other_admin: User, personal: User, blocked: User
    ) -> None:
        for who in (other_admin, personal, blocked, admin_of(company), admin):
            with pytest.raises(RuleError):
                self.names(who, admin)

    def test_an_admin_names_and_ends_one_on_the_page(
        self, company: Company, colleague: User, admin: User, sign_in: SignIn
    ) -> None:
        browser, today = sign_in(admin), timezone.localdate().isoformat()
        days = {"first_day": today, "last_day": today}
        wrong = browser.post(reverse("company:add_deputy"), {"email": "wie@elders.example", **days})
        assert wrong.context["form"].errors["email"]
        browser.post(reverse("company:add_deputy"), {"email": colleague.email.upper(), **days})
        assert colleague.name in browser.get(reverse("company:deputies")).content.decode()
        browser.post(reverse("company:remove_deputy", args=[Deputy.objects.get().pk]))
        assert not Deputy.objects.exists()


class TestNotices:
    def chooses(self, admin: User, notices: str, day: int = -7) -> None:
        with at(day):
            choose_notices(admin, notices, by=admin)

    def told(self) -> set[str]:
        return {mail.recipient.email for mail in mails("license_request_received") if mail.recipient}

    def test_none_is_refused_to_the_last_who_reads_of_requests(self, company: Company, admin: User) -> None:
        second = admin_of(company)
        self.chooses(admin, "none")
        with pytest.raises(RuleError):
            self.chooses(second, "none")

    @pytest.mark.django_db(transaction=True)
    def test_two_who_choose_none_at_once_are_not_both_let_go(self, company: Company, admin: User) -> None:
        second = admin_of(company)
        with slow_writes("accounts_user"):
            at_once([partial(choose_notices, one, "none", by=one) for one in (admin, second)])
        assert User.objects.filter(role="admin", request_notices="none").count() == 1

    def test_who_chose_none_or_together_gets_no_mail_at_once(
        self, company: Company, colleague: User, admin: User
    ) -> None:
        self.chooses(admin_of(company), "none")
        self.chooses(admin_of(company), "daily")
        asked(colleague, company)
        assert self.told() == {admin.email}

    def test_when_the_last_reader_goes_the_others_read_whatever_they_chose(
        self, company: Company, colleague: User, admin: User
    ) -> None:
        second = admin_of(company)
        self.chooses(admin, "none")
        block(second, by=admin)
        asked(colleague, company)
        assert self.told() == {admin.email}

    def test_a_day_is_one_mail_with_what_is_new_that_can_be_switched_off(
        self, company: Company, colleague: User, admin: User
    ) -> None:
        admin_of(company)
        self.chooses(admin, "daily")
        asked(colleague, company)
        for hour in (7, 8, 9, 17):
            with at(1, hour):
                digests.send_digests()
        with at(2):
            digests.send_digests()  # nothing new
        (mail,) = mails("requests_digest")
        with at(1):
            message = sent(mail)
        assert message["List-Unsubscribe"]
        for kind in ("plain", "html"):
            assert "Wilt u geen mails meer over nieuwe aanvragen?" in part(message, kind)
            assert "herinneringen" not in part(message, kind)
        assert colleague.name in part(message, "plain")
        assert Client().post(_path(message["List-Unsubscribe"])).status_code == 200
        assert User.objects.get(pk=admin.pk).request_notices == "none"

    def test_a_week_is_one_mail_on_its_first_working_day(
        self, company: Company, colleague: User, admin: User
    ) -> None:
        self.chooses(admin, "weekly")
        with at(0, 8):
            digests.send_digests()
        asked(colleague, company)
        for day in (1, 4, 7, 8, 9, 14):
            with at(day):
                digests.send_digests()
        assert [mail.key.split(":")[2] for mail in mails("requests_digest")] == ["20270308"]

    def test_two_beats_write_one_mail(self, company: Company, colleague: User, admin: User) -> None:
        self.chooses(admin, "daily")
        asked(colleague, company)
        with at(1):
            digests.send_digests()
            User.objects.filter(pk=admin.pk).update(requests_told_at=MONDAY - timedelta(days=1))
            digests.send_digests()
        assert len(mails("requests_digest")) == 1

    def test_the_choice_is_made_in_my_profile(self, company: Company, admin: User, sign_in: SignIn) -> None:
        browser = sign_in(admin)
        browser.post(reverse("profile:notices"), {"notices": "weekly"})
        assert User.objects.get(pk=admin.pk).request_notices == "weekly"
        browser.post(reverse("profile:notices"), {"notices": "yearly"})
        assert User.objects.get(pk=admin.pk).request_notices == "weekly"


def _path(header: str) -> str:
    return "/" + header.strip("<>").split("/", 3)[3]
