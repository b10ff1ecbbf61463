"""Test that deputies decide for an admin who is away."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.actions.deputies import end_deputy, log_deputy_periods, name_deputy
from accounts.actions.membership import block
from accounts.models import Deputy, User
from companies.models import Company
from nenconnect.audit.models import AuditEntry
from nenconnect.rules.errors import RuleError
from requests_app.actions.asking import request_license
from tests.every_mail import message_as_sent
from tests.factories import make_admin, make_license, make_person
from tests.requests.waiting import at, mails

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("_english")]
SignIn = Callable[[User], Client]


class TestDeputies:
    def names(self, colleague: User, admin: User, first: int = 0, last: int = 5) -> Deputy:
        today = timezone.localdate()
        days = {"first_day": today + timedelta(days=first), "last_day": today + timedelta(days=last)}
        return name_deputy(colleague, by=admin, **days)

    def test_deputies_decide_in_their_period_and_are_colleagues_outside_it(
        self, company: Company, colleague: User, admin: User, sign_in: SignIn
    ) -> None:
        asker = make_person(company=company, name="Kanarie")
        with at(0):
            self.names(colleague, admin, 1, 2)
            row = request_license(make_license(company), by=asker)
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

    def test_deputies_get_a_mail_when_named_and_for_each_new_request(
        self, company: Company, colleague: User, admin: User
    ) -> None:
        self.names(colleague, admin)
        request_license(make_license(company), by=make_person(company=company))
        assert [mail.recipient for mail in mails("deputy_named")] == [colleague]
        received = mails("request_received")
        assert {mail.recipient for mail in received} == {admin, colleague}
        assert all(message_as_sent(mail) for mail in received)

    def test_a_deputy_whose_period_is_ended_by_hand_loses_the_rights_at_once(
        self, company: Company, colleague: User, admin: User, sign_in: SignIn
    ) -> None:
        deputy = self.names(colleague, admin)
        row = request_license(make_license(company), by=make_person(company=company))
        browser = sign_in(colleague)
        reject = reverse("requests:reject_license", args=[row.pk])
        assert browser.get(reject).status_code == 200
        end_deputy(deputy, by=admin)
        assert browser.get(reject).status_code == 403

    def test_deputies_end_with_the_admin_they_replace(
        self, company: Company, colleague: User, admin: User
    ) -> None:
        second = make_admin(company)
        self.names(colleague, second)
        assert User.objects.get(pk=colleague.pk).decides_requests
        User.objects.filter(pk=second.pk).update(role=User.Role.USER)
        assert not User.objects.get(pk=colleague.pk).decides_requests

    def test_a_blocked_deputy_decides_nothing(self, company: Company, colleague: User, admin: User) -> None:
        self.names(colleague, admin)
        block(colleague, by=admin)
        assert not User.objects.get(pk=colleague.pk).decides_requests

    def test_start_and_end_of_a_deputy_are_in_the_audit_once(
        self, company: Company, colleague: User, admin: User
    ) -> None:
        with at(0):
            self.names(colleague, admin, 1, 2)
        for day in (0, 1, 1, 2, 3, 3):
            with at(day):
                log_deputy_periods()
        verbs = AuditEntry.objects.filter(verb__startswith="deputy").order_by("pk").values_list("verb", flat=True)
        assert list(verbs) == ["deputy_named", "deputy_began", "deputy_ended"]

    @pytest.mark.parametrize(("first", "last"), [(-1, 3), (3, 2), (0, 400)])
    def test_invalid_periods_of_a_deputy_are_refused(
        self, company: Company, colleague: User, admin: User, first: int, last: int
    ) -> None:
        with pytest.raises(RuleError):
            self.names(colleague, admin, first, last)

    def test_a_deputy_is_a_colleague_of_the_same_company_and_no_admin(
        self, company: Company, admin: User, other_admin: User, personal: User, blocked: User
    ) -> None:
        for who in (other_admin, personal, blocked, make_admin(company), admin):
            with pytest.raises(RuleError):
                self.names(who, admin)

    def test_an_admin_names_and_ends_a_deputy_on_the_page(
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
