"""Test digests and notices about waiting requests."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from functools import partial

import pytest
from django.test import Client
from django.urls import reverse

from accounts.actions.membership import block
from accounts.actions.notices import choose_notices
from accounts.models import User
from companies.models import Company
from nenconnect.rules.errors import RuleError
from requests_app.actions import digests
from tests.at_once import run_at_once, slow_writes
from tests.every_mail import body_part, message_as_sent
from tests.factories import make_admin
from tests.requests.waiting import MONDAY, at, mails, waiting_request

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("_english")]
SignIn = Callable[[User], Client]


class TestNotices:
    def chooses(self, admin: User, notices: str, day: int = -7) -> None:
        with at(day):
            choose_notices(admin, notices, by=admin)

    def people_mailed(self) -> set[str]:
        return {mail.recipient.email for mail in mails("request_received") if mail.recipient}

    def test_the_last_admin_with_notices_of_requests_cannot_switch_them_off(
        self, company: Company, admin: User
    ) -> None:
        second = make_admin(company)
        self.chooses(admin, "none")
        with pytest.raises(RuleError):
            self.chooses(second, "none")

    @pytest.mark.django_db(transaction=True)
    def test_two_admins_cannot_switch_off_notices_at_the_same_moment(self, company: Company, admin: User) -> None:
        second = make_admin(company)
        with slow_writes("accounts_user"):
            run_at_once([partial(choose_notices, person, "none", by=person) for person in (admin, second)])
        assert User.objects.filter(role="admin", request_notices="none").count() == 1

    def test_an_admin_without_notices_or_with_a_digest_gets_no_mail_at_once(
        self, company: Company, colleague: User, admin: User
    ) -> None:
        self.chooses(make_admin(company), "none")
        self.chooses(make_admin(company), "daily")
        waiting_request(colleague, company)
        assert self.people_mailed() == {admin.email}

    def test_when_the_last_admin_with_notices_is_blocked_the_others_get_them(
        self, company: Company, colleague: User, admin: User
    ) -> None:
        second = make_admin(company)
        self.chooses(admin, "none")
        block(second, by=admin)
        waiting_request(colleague, company)
        assert self.people_mailed() == {admin.email}

    def test_the_daily_digest_is_one_mail_of_new_requests_with_a_way_to_unsubscribe(
        self, company: Company, colleague: User, admin: User
    ) -> None:
        make_admin(company)
        self.chooses(admin, "daily")
        waiting_request(colleague, company)
        for hour in (7, 8, 9, 17):
            with at(1, hour):
                digests.send_digests()
        with at(2):
            digests.send_digests()  # nothing new
        (mail,) = mails("requests_digest")
        with at(1):
            message = message_as_sent(mail)
        assert message["List-Unsubscribe"]
        for kind in ("plain", "html"):
            assert "Wilt u geen mails meer over nieuwe aanvragen?" in body_part(message, kind)
            assert "herinneringen" not in body_part(message, kind)
        assert colleague.name in body_part(message, "plain")
        assert Client().post(_path(message["List-Unsubscribe"])).status_code == 200
        assert User.objects.get(pk=admin.pk).request_notices == "none"

    def test_the_weekly_digest_is_one_mail_on_the_first_working_day(
        self, company: Company, colleague: User, admin: User
    ) -> None:
        self.chooses(admin, "weekly")
        with at(0, 8):
            digests.send_digests()
        waiting_request(colleague, company)
        for day in (1, 4, 7, 8, 9, 14):
            with at(day):
                digests.send_digests()
        assert [mail.key.split(":")[2] for mail in mails("requests_digest")] == ["20270308"]

    def test_two_runs_of_the_worker_write_one_digest(self, company: Company, colleague: User, admin: User) -> None:
        self.chooses(admin, "daily")
        waiting_request(colleague, company)
        with at(1):
            digests.send_digests()
            User.objects.filter(pk=admin.pk).update(requests_told_at=MONDAY - timedelta(days=1))
            digests.send_digests()
        assert len(mails("requests_digest")) == 1

    def test_an_admin_chooses_the_notices_in_the_profile(
        self, company: Company, admin: User, sign_in: SignIn
    ) -> None:
        browser = sign_in(admin)
        browser.post(reverse("profile:notices"), {"notices": "weekly"})
        assert User.objects.get(pk=admin.pk).request_notices == "weekly"
        browser.post(reverse("profile:notices"), {"notices": "yearly"})
        assert User.objects.get(pk=admin.pk).request_notices == "weekly"


def _path(header: str) -> str:
    return "/" + header.strip("<>").split("/", 3)[3]
