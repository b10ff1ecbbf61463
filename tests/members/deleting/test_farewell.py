"""Test the mail about a deletion, and deletion by an admin."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
import time_machine
from django.urls import reverse
from django.utils import timezone

from accounts.actions import membership
from accounts.models import User
from companies.models import Company
from licenses.models import Grant
from members.actions.deleting import delete_account
from nenconnect.mail.delivery import drain
from nenconnect.mail.models import OutboxMail
from nenconnect.rules.errors import RuleError
from requests_app.models import LicenseRequest
from tests.factories import make_admin, make_grants, make_license
from tests.members.deleting.canary import ADDRESS, NAME, found_in_database
from tests.smtp_sink import SmtpSink

pytestmark = pytest.mark.django_db


class TestFarewell:
    def test_one_mail_goes_to_the_person_and_the_outbox_forgets_to_whom(
        self, canary: User, smtp_sink: SmtpSink
    ) -> None:
        delete_account(canary, by=canary)

        assert drain() == 1

        (mail,) = smtp_sink.mails()
        assert mail["To"] == ADDRESS
        body = mail.get_body(("plain",))
        assert body
        assert f"Hello {NAME}" in body.get_content()
        (row,) = OutboxMail.objects.filter(event="account_deleted")
        assert (row.status, row.about, row.address, row.sent_to, row.sent_text) == ("sent", {}, "", "", "")

    def test_for_somebody_whose_mails_the_admins_read_it_goes_to_them(
        self, canary: User, admin: User, smtp_sink: SmtpSink
    ) -> None:
        User.objects.filter(pk=canary.pk).update(is_mail_rerouted=True)

        delete_account(User.objects.get(pk=canary.pk), by=canary)
        drain()

        (mail,) = smtp_sink.mails()
        body = mail.get_body(("plain",))
        assert body
        assert mail["To"] == admin.email
        assert NAME in body.get_content().splitlines()[0]
        assert ADDRESS in body.get_content()
        assert found_in_database(NAME, ADDRESS) == []

    def test_without_an_active_admin_to_the_contact_person(
        self, company: Company, canary: User, smtp_sink: SmtpSink
    ) -> None:
        User.objects.filter(pk=canary.pk).update(is_mail_rerouted=True)

        delete_account(User.objects.get(pk=canary.pk), by=canary)
        drain()

        (mail,) = smtp_sink.mails()
        assert mail["To"] == company.contact_email
        assert found_in_database(NAME, ADDRESS) == []

    def test_an_admin_who_is_none_any_more_does_not_read_it(
        self, canary: User, admin: User, company: Company, smtp_sink: SmtpSink
    ) -> None:
        User.objects.filter(pk=canary.pk).update(is_mail_rerouted=True)
        delete_account(User.objects.get(pk=canary.pk), by=canary)
        make_admin(company)
        membership.change_role(admin, User.Role.USER, by=admin)

        assert drain() == 0
        assert found_in_database(NAME, ADDRESS) == []

    def test_refused_by_the_mail_server_it_is_forgotten_too(self, canary: User, smtp_sink: SmtpSink) -> None:
        smtp_sink.replies[ADDRESS] = f"550 5.1.1 <{ADDRESS}>: no such mailbox"

        delete_account(canary, by=canary)
        drain()

        assert OutboxMail.objects.get(event="account_deleted").status == "failed"
        assert found_in_database(NAME, ADDRESS) == []

    def test_later_it_is_tried_again_but_not_for_ever(self, canary: User, smtp_sink: SmtpSink) -> None:
        smtp_sink.replies[ADDRESS] = f"450 4.2.0 <{ADDRESS}>: greylisted"
        delete_account(canary, by=canary)
        drain()
        row = OutboxMail.objects.get(event="account_deleted")
        assert (row.status, row.attempts, row.address) == ("waiting", 1, ADDRESS)

        with time_machine.travel(timezone.now() + timedelta(days=8)):
            assert drain() == 0

        row.refresh_from_db()
        assert row.status == "suppressed"
        assert found_in_database(NAME, ADDRESS) == []

    def test_send_again_at_nens_desk_sends_nothing(self, canary: User, smtp_sink: SmtpSink) -> None:
        smtp_sink.replies[ADDRESS] = "550 5.1.1 no such mailbox"
        delete_account(canary, by=canary)
        drain()
        smtp_sink.replies.clear()
        OutboxMail.objects.update(status="waiting")

        assert drain() == 0
        assert OutboxMail.objects.get().status == "suppressed"


class TestByAnAdmin:
    def test_an_admin_deletes_a_member_who_gets_the_farewell(
        self, canary: User, admin: User, smtp_sink: SmtpSink
    ) -> None:
        delete_account(canary, by=admin)
        drain()

        assert [mail["To"] for mail in smtp_sink.mails()] == [ADDRESS]
        assert not User.objects.filter(pk=canary.pk).exists()

    def test_somebody_who_was_never_registered_goes_too(self, pending: User, admin: User) -> None:
        delete_account(pending, by=admin)

        assert not User.objects.filter(pk=pending.pk).exists()

    def test_who_left_the_company_meanwhile_is_not_theirs_to_delete(self, canary: User, admin: User) -> None:
        User.objects.filter(pk=canary.pk).update(company=None)

        with pytest.raises(RuleError):
            delete_account(canary, by=admin)

        assert User.objects.filter(pk=canary.pk).exists()

    def test_what_is_refused_changes_nothing(self, company: Company, admin: User) -> None:
        license = make_license(company)
        make_grants(license, admin)
        license_request = LicenseRequest.objects.create(company=company, license=make_license(company), user=admin)

        with pytest.raises(RuleError):
            delete_account(admin, by=admin)

        license_request.refresh_from_db()
        assert license_request.is_open
        assert Grant.objects.filter(license=license, user=admin).exists()
        assert not OutboxMail.objects.exists()


def test_the_mail_opens_nothing(canary: User, smtp_sink: SmtpSink) -> None:
    delete_account(canary, by=canary)
    drain()

    body = smtp_sink.mails()[0].get_body(("plain",))
    assert body
    assert re.findall(r"https?://[^/\s]+(/\S+)", body.get_content()) == [reverse("sign_in:register")]
