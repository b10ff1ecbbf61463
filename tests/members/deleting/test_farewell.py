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
    def test_a_deleted_user_gets_a_mail_and_the_outbox_keeps_no_address(
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

    def test_the_deletion_mail_of_a_user_with_rerouted_mail_goes_to_the_admins(
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

    def test_a_rerouted_deletion_mail_goes_to_the_contact_person_without_an_admin(
        self, company: Company, canary: User, smtp_sink: SmtpSink
    ) -> None:
        User.objects.filter(pk=canary.pk).update(is_mail_rerouted=True)

        delete_account(User.objects.get(pk=canary.pk), by=canary)
        drain()

        (mail,) = smtp_sink.mails()
        assert mail["To"] == company.contact_email
        assert found_in_database(NAME, ADDRESS) == []

    def test_a_former_admin_does_not_get_a_rerouted_deletion_mail(
        self, canary: User, admin: User, company: Company, smtp_sink: SmtpSink
    ) -> None:
        User.objects.filter(pk=canary.pk).update(is_mail_rerouted=True)
        delete_account(User.objects.get(pk=canary.pk), by=canary)
        make_admin(company)
        membership.change_role(admin, User.Role.USER, by=admin)

        assert drain() == 0
        assert found_in_database(NAME, ADDRESS) == []

    def test_a_refused_deletion_mail_leaves_no_name_or_address_in_the_database(
        self, canary: User, smtp_sink: SmtpSink
    ) -> None:
        smtp_sink.replies[ADDRESS] = f"550 5.1.1 <{ADDRESS}>: no such mailbox"

        delete_account(canary, by=canary)
        drain()

        assert OutboxMail.objects.get(event="account_deleted").status == "failed"
        assert found_in_database(NAME, ADDRESS) == []

    def test_a_delayed_deletion_mail_is_suppressed_after_8_days(self, canary: User, smtp_sink: SmtpSink) -> None:
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

    def test_staff_cannot_send_a_failed_deletion_mail_again(self, canary: User, smtp_sink: SmtpSink) -> None:
        smtp_sink.replies[ADDRESS] = "550 5.1.1 no such mailbox"
        delete_account(canary, by=canary)
        drain()
        smtp_sink.replies.clear()
        OutboxMail.objects.update(status="waiting")

        assert drain() == 0
        assert OutboxMail.objects.get().status == "suppressed"


class TestByAnAdmin:
    def test_a_user_whom_an_admin_deletes_gets_a_mail(
        self, canary: User, admin: User, smtp_sink: SmtpSink
    ) -> None:
        delete_account(canary, by=admin)
        drain()

        assert [mail["To"] for mail in smtp_sink.mails()] == [ADDRESS]
        assert not User.objects.filter(pk=canary.pk).exists()

    def test_an_admin_can_delete_a_pending_user(self, pending: User, admin: User) -> None:
        delete_account(pending, by=admin)

        assert not User.objects.filter(pk=pending.pk).exists()

    def test_an_admin_cannot_delete_a_user_who_left_the_company(self, canary: User, admin: User) -> None:
        User.objects.filter(pk=canary.pk).update(company=None)

        with pytest.raises(RuleError):
            delete_account(canary, by=admin)

        assert User.objects.filter(pk=canary.pk).exists()

    def test_a_refused_deletion_of_the_only_admin_keeps_licences_and_requests(
        self, company: Company, admin: User
    ) -> None:
        license = make_license(company)
        make_grants(license, admin)
        license_request = LicenseRequest.objects.create(company=company, license=make_license(company), user=admin)

        with pytest.raises(RuleError):
            delete_account(admin, by=admin)

        license_request.refresh_from_db()
        assert license_request.is_open
        assert Grant.objects.filter(license=license, user=admin).exists()
        assert not OutboxMail.objects.exists()


def test_the_deletion_mail_links_only_to_registration(canary: User, smtp_sink: SmtpSink) -> None:
    delete_account(canary, by=canary)
    drain()

    body = smtp_sink.mails()[0].get_body(("plain",))
    assert body
    assert re.findall(r"https?://[^/\s]+(/\S+)", body.get_content()) == [reverse("sign_in:register")]
