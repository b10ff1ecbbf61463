"""Test the last check before a mail is sent: is it still needed (C37, C15)?

The choice of its reader is in test_rerouting.py.
"""

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
    def test_a_mail_to_a_deleted_person_is_dropped_with_the_reason(self, smtp_sink: SmtpSink) -> None:
        user = make_person()
        mail = mail_to(user)
        user.delete()

        assert drain() == 0
        assert state(mail)[0] == "suppressed"
        assert mail.reason

    def test_a_blocked_person_gets_no_reset_link_requested_before_the_block(
        self, colleague: User, admin: User, smtp_sink: SmtpSink
    ) -> None:
        ask_password_reset(colleague.email)
        membership.block(colleague, by=admin)

        assert drain() == 0
        assert OutboxMail.objects.get().status == "suppressed"

    def test_of_two_waiting_registration_mails_only_the_last_is_sent(self, smtp_sink: SmtpSink) -> None:
        with time_machine.travel("2027-06-15T12:00:00+02:00") as clock:
            register_self("jan@post.example", "Jan", language="nl")
            clock.shift(600)
            register_self("jan@post.example", "Jan", language="nl")

            assert drain() == 1

        replaced, last = OutboxMail.objects.order_by("pk")
        assert (replaced.status, last.status) == ("suppressed", "sent")

    def test_a_registration_mail_is_dropped_when_the_registration_is_finished(
        self, smtp_sink: SmtpSink, pending: User
    ) -> None:
        send_registration(pending)
        User.objects.filter(pk=pending.pk).update(registered_at=timezone.now())

        assert drain() == 0

    def test_a_registration_mail_to_a_blocked_newcomer_is_dropped(self, smtp_sink: SmtpSink) -> None:
        send_registration(make_pending_person(is_blocked=True))

        assert drain() == 0
        assert OutboxMail.objects.get().reason == "the person is blocked"

    def test_an_invitation_mail_is_dropped_when_the_person_has_joined(
        self, company: Company, admin: User, smtp_sink: SmtpSink
    ) -> None:
        owner = make_person("jan@voorbeeld.example")
        registration.invite_to_join(company, owner, role="user", by=admin)
        joining.join(owner, company)

        assert drain() == 0


def test_links_in_mails_use_the_configured_site_and_ignore_the_host_header(
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
