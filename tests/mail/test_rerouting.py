"""„Stuur e-mails naar de bedrijfsbeheerder": who reads a mail is decided when it goes (R32)."""

from __future__ import annotations

from email.message import EmailMessage

import pytest
from django.urls import reverse

from accounts.actions import details, membership, registration
from accounts.actions.password import ask_password_reset, finish_password_reset
from accounts.mails.second_step import send_second_step_changed
from accounts.models import User
from companies.models import Company
from nenconnect.audit.models import AuditEntry
from nenconnect.mail.actions import queue_mail
from nenconnect.mail.delivery import drain
from nenconnect.mail.models import OutboxMail
from nenconnect.mail.rerouting import is_read_by_its_recipient
from requests_app.actions.asking import request_license
from tests.factories import make_admin, make_license, make_person
from tests.smtp_sink import SmtpSink

pytestmark = pytest.mark.django_db


@pytest.fixture
def frits(company: Company) -> User:
    """Works in the factory and reads no mail."""
    return make_person("frits@voorbeeld.example", company=company, name="Frits Fabriek", is_mail_rerouted=True)


def text_of(mail: EmailMessage) -> str:
    part = mail.get_body(("plain",))
    assert part is not None
    return str(part.get_content())


def readers(sink: SmtpSink) -> list[str]:
    return sorted(str(mail["To"]) for mail in sink.mails())


class TestWhoReads:
    def test_every_active_admin_in_a_mail_of_their_own_that_says_for_whom_it_is(
        self, company: Company, admin: User, frits: User, smtp_sink: SmtpSink
    ) -> None:
        second = make_admin(company)
        make_admin(company, is_blocked=True)
        ask_password_reset(frits.email)

        assert drain() == 2

        assert readers(smtp_sink) == sorted([admin.email, second.email])
        for mail in smtp_sink.mails():
            assert "Frits Fabriek" in text_of(mail)
            assert frits.email in text_of(mail)
        assert len({mail["Message-ID"] for mail in smtp_sink.mails()}) == 2

    def test_a_registration_link_goes_there_too(self, company: Company, admin: User, smtp_sink: SmtpSink) -> None:
        new = registration.NewColleague(email="hal@voorbeeld.example", name="Hal 3", is_mail_rerouted=True)
        registration.add_user(company, new, by=admin)

        drain()

        assert readers(smtp_sink) == [admin.email]

    def test_it_is_decided_when_the_mail_goes_not_when_it_was_written(
        self, admin: User, colleague: User, smtp_sink: SmtpSink
    ) -> None:
        ask_password_reset(colleague.email)
        details.change_details(colleague, by=admin, is_mail_rerouted=True)

        drain()

        assert readers(smtp_sink) == [admin.email]

    def test_an_admin_who_would_get_the_same_mail_anyway_gets_it_once(
        self, company: Company, admin: User, colleague: User, smtp_sink: SmtpSink
    ) -> None:
        make_admin(company, is_mail_rerouted=True)
        request_license(make_license(company), by=colleague)

        drain()

        assert [to for to in readers(smtp_sink) if to != colleague.email] == [admin.email]

    def test_the_link_in_it_works_for_the_person_it_is_for(
        self, admin: User, frits: User, smtp_sink: SmtpSink
    ) -> None:
        ask_password_reset(frits.email)
        drain()
        (mail,) = smtp_sink.mails(admin.email)
        token = text_of(mail).partition("/wachtwoord-herstellen/")[2].partition("/")[0]

        assert finish_password_reset(token, password="fietsen-langs-de-vecht-9") == frits


class TestWarnings:
    def test_a_change_of_the_second_step_is_told_to_the_person_too(
        self, admin: User, frits: User, smtp_sink: SmtpSink
    ) -> None:
        send_second_step_changed(frits, "taken_away")

        drain()

        assert readers(smtp_sink) == sorted([admin.email, frits.email])
        assert AuditEntry.objects.filter(verb="mail_rerouted").count() == 1

    def test_looking_twice_writes_to_nobody_twice(self, admin: User, frits: User, smtp_sink: SmtpSink) -> None:
        send_second_step_changed(frits, "taken_away")
        for _again in range(2):
            assert is_read_by_its_recipient(OutboxMail.objects.get(recipient=frits))
        User.objects.filter(pk=frits.pk).update(is_mail_rerouted=False)

        drain()

        assert readers(smtp_sink) == [frits.email]
        assert AuditEntry.objects.filter(verb="mail_rerouted").count() == 1


class TestNeverToNobody:
    def test_without_an_active_admin_the_contact_person_reads_them(
        self, company: Company, frits: User, smtp_sink: SmtpSink
    ) -> None:
        make_admin(company, is_blocked=True)
        ask_password_reset(frits.email)

        assert drain() == 1

        (mail,) = smtp_sink.mails(company.contact_email)
        assert "Frits Fabriek" in text_of(mail)
        assert "contactpersoon" in text_of(mail) or "contact person" in text_of(mail)
        row = OutboxMail.objects.get(address=company.contact_email)
        assert (row.recipient, row.on_behalf_of, row.sent_to) == (None, frits, company.contact_email)

    def test_the_only_active_admin_reads_their_own(self, company: Company, smtp_sink: SmtpSink) -> None:
        alone = make_admin(company, is_mail_rerouted=True)
        ask_password_reset(alone.email)

        drain()

        assert readers(smtp_sink) == [alone.email]

    @pytest.mark.parametrize("contact_email", ["", "frits@voorbeeld.example", "weg@voorbeeld.example"])
    def test_a_contact_person_who_is_nobody_oneself_or_blocked_leaves_them_with_the_person(
        self, company: Company, frits: User, smtp_sink: SmtpSink, contact_email: str
    ) -> None:
        make_person("weg@voorbeeld.example", company=company, is_blocked=True)
        Company.objects.update(contact_email=contact_email)
        ask_password_reset(frits.email)

        drain()

        assert readers(smtp_sink) == [frits.email]
        assert not OutboxMail.objects.filter(on_behalf_of=frits).exists()

    def test_whoever_is_no_admin_any_more_when_it_goes_hands_over_to_those_who_are(
        self, company: Company, admin: User, frits: User, smtp_sink: SmtpSink
    ) -> None:
        second = make_admin(company)
        ask_and_reroute(frits)
        third = make_admin(company)
        for one in (admin, second):
            membership.change_role(one, User.Role.USER, by=third)

        assert drain() == 1

        assert readers(smtp_sink) == [third.email]

    def test_an_admin_who_is_one_again_gets_it_after_all(
        self, company: Company, admin: User, frits: User, smtp_sink: SmtpSink
    ) -> None:
        ask_and_reroute(frits)
        second = make_admin(company)
        membership.change_role(admin, User.Role.USER, by=second)
        (mail_to_admin,) = OutboxMail.objects.filter(recipient=admin)
        assert not is_read_by_its_recipient(mail_to_admin)
        membership.change_role(admin, User.Role.ADMIN, by=second)
        membership.change_role(second, User.Role.USER, by=admin)

        drain()

        assert readers(smtp_sink) == [admin.email]

    def test_a_reader_who_is_gone_hands_over_too(
        self, company: Company, admin: User, frits: User, smtp_sink: SmtpSink
    ) -> None:
        second = make_admin(company)
        ask_and_reroute(frits)
        OutboxMail.objects.filter(recipient=admin).delete()
        second.delete()

        drain()

        assert readers(smtp_sink) == [admin.email]

    def test_switched_off_before_it_went_the_person_reads_it(
        self, admin: User, frits: User, smtp_sink: SmtpSink
    ) -> None:
        ask_and_reroute(frits)
        details.change_details(frits, by=admin, is_mail_rerouted=False)

        drain()

        assert readers(smtp_sink) == [frits.email]

    def test_a_new_contact_person_gets_what_the_old_one_did_not_yet_get(
        self, company: Company, frits: User, smtp_sink: SmtpSink
    ) -> None:
        ask_and_reroute(frits)
        Company.objects.update(contact_email="nieuw.contact@voorbeeld.example")

        assert drain() == 1
        assert readers(smtp_sink) == ["nieuw.contact@voorbeeld.example"]

    def test_a_mail_that_the_person_may_not_have_any_more_goes_to_nobody(
        self, company: Company, admin: User, frits: User, smtp_sink: SmtpSink
    ) -> None:
        request_license(make_license(company), by=frits)
        membership.block(frits, by=admin)

        drain()

        assert [mail["Subject"] for mail in smtp_sink.mails() if "Frits" not in mail["Subject"]] == []

    def test_a_mail_whose_person_is_gone_goes_to_nobody(self, frits: User, smtp_sink: SmtpSink) -> None:
        ask_and_reroute(frits)
        frits.delete()

        assert drain() == 0
        assert not OutboxMail.objects.filter(status="waiting").exists()


class TestItIsKnown:
    def test_each_rerouted_password_reset_is_in_the_audit(
        self, company: Company, admin: User, frits: User, smtp_sink: SmtpSink
    ) -> None:
        ask_password_reset(frits.email)
        drain()

        entry = AuditEntry.objects.get(verb="mail_rerouted")
        assert (entry.company_id, entry.subjects) == (company.pk, {"user": frits.pk})
        assert entry.details == {"event": "password_reset", "to": [admin.pk], "is_to_contact_person": False}

    def test_also_one_that_goes_to_the_contact_person_and_without_the_address(
        self, company: Company, frits: User, smtp_sink: SmtpSink
    ) -> None:
        ask_password_reset(frits.email)
        drain()

        entry = AuditEntry.objects.get(verb="mail_rerouted")
        assert entry.details == {"event": "password_reset", "to": [], "is_to_contact_person": True}

    def test_an_ordinary_mail_leaves_no_such_line(self, colleague: User, admin: User, smtp_sink: SmtpSink) -> None:
        ask_password_reset(colleague.email)
        drain()

        assert not AuditEntry.objects.filter(verb="mail_rerouted").exists()

    @pytest.mark.parametrize("page", ["profile", "profile_mails"])
    def test_my_profile_says_that_others_read_and_who(self, sign_in, admin: User, frits: User, page: str) -> None:
        text = sign_in(frits).get(reverse(f"profile:{page}")).content.decode()

        assert admin.name in text
        assert admin.email in text

    def test_my_profile_names_the_contact_person_where_nobody_else_is(
        self, sign_in, company: Company, frits: User
    ) -> None:
        text = sign_in(frits).get(reverse("profile:profile_mails")).content.decode()

        assert company.contact_email in text

    def test_whose_mails_are_not_rerouted_sees_nothing_of_it(self, sign_in, admin: User, colleague: User) -> None:
        for page in ("profile", "profile_mails"):
            assert admin.email not in sign_in(colleague).get(reverse(f"profile:{page}")).content.decode()


def ask_and_reroute(user: User) -> None:
    """A reset was asked for; the rows for its readers are written, and not sent yet."""
    assert not is_read_by_its_recipient(queue_mail("password_reset", to=user, about=user))
