"""What is looked at once more before a mail goes: is it wanted (C37, C15)? Who reads it: test_rerouting.py."""

from __future__ import annotations

from email.message import EmailMessage

import pytest
import time_machine
from django.utils import timezone

from accounts.actions import joining, membership, registration
from accounts.actions.password import ask_password_reset
from accounts.actions.registering_oneself import register_self
from accounts.mails.registration import send_registration
from accounts.models import User
from companies.models import Company
from nenconnect.mail.actions import queue_mail
from nenconnect.mail.delivery import drain
from nenconnect.mail.models import OutboxMail
from tests.factories import make_pending_person, make_person
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
        user = make_person()
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
        send_registration(pending)
        User.objects.filter(pk=pending.pk).update(registered_at=timezone.now())

        assert drain() == 0

    def test_a_registration_mail_to_who_was_added_as_blocked_is_dropped(self, smtp_sink: SmtpSink) -> None:
        send_registration(make_pending_person(is_blocked=True))

        assert drain() == 0
        assert OutboxMail.objects.get().reason == "the person is blocked"

    def test_an_invitation_that_was_used_needs_no_mail(
        self, company: Company, admin: User, smtp_sink: SmtpSink
    ) -> None:
        owner = make_person("jan@voorbeeld.example")
        registration.invite_to_join(company, owner, role="user", by=admin)
        joining.join(owner, company)

        assert drain() == 0


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
