"""What is looked at once more before a mail goes: is it wanted, and who reads it (C37, R32, C15)?"""

from __future__ import annotations

from email.message import EmailMessage

import pytest
import time_machine
from django.utils import timezone

from accounts import mails
from accounts.actions import membership, registration
from accounts.actions.password import ask_password_reset
from accounts.actions.registration import register_self
from accounts.models import User
from companies.models import Company
from nenconnect.mail import actions
from nenconnect.mail.actions import queue_mail
from nenconnect.mail.delivery import drain
from nenconnect.mail.models import OutboxMail
from tests.factories import admin_of, pending_person, person
from tests.smtp_sink import SmtpSink

pytestmark = pytest.mark.django_db


def mail_to(user: User) -> OutboxMail:
    return queue_mail("account_exists", to=user, about=user)


def text_of(mail: EmailMessage) -> str:
    part = mail.get_body(("plain",))
    assert part is not None
    return str(part.get_content())


def state(mail: OutboxMail) -> tuple[str, int]:
    mail.refresh_from_db()
    return mail.status, mail.attempts


class TestLastLook:
    def test_a_mail_to_who_is_gone_is_dropped_with_the_reason(self, smtp_sink: SmtpSink) -> None:
        user = person()
        mail = mail_to(user)
        user.delete()

        assert drain() == 0
        assert state(mail)[0] == "suppressed"
        assert mail.reason

    def test_a_blocked_person_gets_no_reset_link_that_was_asked_for_before(
        self, colleague: User, admin: User, smtp_sink: SmtpSink
    ) -> None:
        ask_password_reset(colleague.email)
        membership.block(colleague, by=admin)

        assert drain() == 0
        assert OutboxMail.objects.get().status == "suppressed"

    def test_of_two_registration_mails_only_the_last_goes(self, smtp_sink: SmtpSink) -> None:
        with time_machine.travel("2027-06-15T12:00:00+02:00") as clock:
            register_self("jan@post.example", "Jan", language="nl")
            clock.shift(600)
            register_self("jan@post.example", "Jan", language="nl")

            assert drain() == 1

        replaced, last = OutboxMail.objects.order_by("pk")
        assert (replaced.status, last.status) == ("suppressed", "sent")

    def test_a_registration_that_was_finished_meanwhile_needs_no_mail(
        self, smtp_sink: SmtpSink, pending: User
    ) -> None:
        mails.send_registration(pending)
        User.objects.filter(pk=pending.pk).update(registered_at=timezone.now())

        assert drain() == 0

    def test_a_registration_mail_to_who_was_added_as_blocked_is_dropped(self, smtp_sink: SmtpSink) -> None:
        mails.send_registration(pending_person(is_blocked=True))

        assert drain() == 0
        assert OutboxMail.objects.get().reason == "the person is blocked"

    def test_an_invitation_that_was_used_needs_no_mail(
        self, company: Company, admin: User, smtp_sink: SmtpSink
    ) -> None:
        owner = person("jan@voorbeeld.example")
        registration.invite_to_join(company, owner, role="user", by=admin)
        membership.join(owner, company)

        assert drain() == 0


class TestRerouted:
    def test_the_mails_of_such_a_person_go_to_every_active_admin_and_say_for_whom(
        self, company: Company, admin: User, smtp_sink: SmtpSink
    ) -> None:
        second = admin_of(company)
        admin_of(company, is_blocked=True)
        user = person(company=company, name="Frits Fabriek", is_mail_rerouted=True)
        ask_password_reset(user.email)

        assert drain() == 2

        assert smtp_sink.mails(user.email) == []
        for reader in (admin, second):
            (received,) = smtp_sink.mails(reader.email)
            text = text_of(received)
            assert "Frits Fabriek" in text
            assert user.email in text
        ids = [mail["Message-ID"] for mail in smtp_sink.mails()]
        assert len(set(ids)) == 2

    def test_without_another_active_admin_they_go_to_the_person(
        self, company: Company, smtp_sink: SmtpSink
    ) -> None:
        user = admin_of(company, is_mail_rerouted=True)
        mail_to(user)

        assert drain() == 1
        assert len(smtp_sink.mails(user.email)) == 1

    def test_a_registration_link_goes_there_too(self, company: Company, admin: User, smtp_sink: SmtpSink) -> None:
        new = registration.NewColleague(email="hal@voorbeeld.example", name="Hal 3", is_mail_rerouted=True)
        registration.add_user(company, new, by=admin)

        drain()

        assert [mail["To"] for mail in smtp_sink.mails()] == [admin.email]

    def test_an_admin_who_was_demoted_before_the_mail_went_does_not_read_it(
        self, company: Company, admin: User, smtp_sink: SmtpSink
    ) -> None:
        second = admin_of(company)
        user = person(company=company, is_mail_rerouted=True)
        ask_password_reset(user.email)
        actions.reroute(OutboxMail.objects.get(), [admin, second])
        membership.change_role(second, User.Role.USER, by=admin)

        assert drain() == 1
        assert [mail["To"] for mail in smtp_sink.mails()] == [admin.email]

    def test_it_is_decided_when_the_mail_goes_not_when_it_was_written(
        self, company: Company, admin: User, colleague: User, smtp_sink: SmtpSink
    ) -> None:
        ask_password_reset(colleague.email)
        membership.change_details(colleague, by=admin, is_mail_rerouted=True)

        drain()

        assert [mail["To"] for mail in smtp_sink.mails()] == [admin.email]


def test_links_come_from_the_configured_site_whatever_the_host_header_says(
    client, colleague: User, smtp_sink: SmtpSink, settings
) -> None:
    settings.ALLOWED_HOSTS = ["*"]
    settings.SITE_URL = "https://connect.nen.example"

    answer = client.post(
        "/wachtwoord-vergeten/",
        {"email": colleague.email},
        headers={"host": "evil.example", "x-forwarded-host": "evil.example", "origin": "http://evil.example"},
    )
    drain()

    assert answer.status_code == 302
    (received,) = smtp_sink.mails(colleague.email)
    assert "https://connect.nen.example/" in text_of(received)
    assert "evil.example" not in received.as_string()
