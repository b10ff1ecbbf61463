"""Test „Stuur e-mails naar de bedrijfsbeheerder": the readers of a mail are decided when it is sent (R32)."""

from __future__ import annotations

from email.message import EmailMessage

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.actions import details, membership, registration
from accounts.actions.add_many import add_many
from accounts.actions.password import ask_password_reset, finish_password_reset
from accounts.mails.second_step import send_second_step_changed
from accounts.models import User
from companies.models import Company
from nenconnect.audit.models import AuditEntry
from nenconnect.mail.actions import queue_mail
from nenconnect.mail.delivery import drain
from nenconnect.mail.models import OutboxMail
from nenconnect.mail.rerouting import is_read_by_its_recipient
from nenconnect.rules.errors import RuleError
from requests_app.actions.asking import request_license
from tests.factories import make_admin, make_license, make_person
from tests.smtp_sink import SmtpSink

pytestmark = pytest.mark.django_db


@pytest.fixture
def frits(company: Company) -> User:
    """Make a person without a mailbox, whose mails the admins read."""
    return make_person("frits@voorbeeld.example", company=company, name="Frits Fabriek", is_mail_rerouted=True)


def text_of(mail: EmailMessage) -> str:
    part = mail.get_body(("plain",))
    assert part is not None
    return str(part.get_content())


def readers(sink: SmtpSink) -> list[str]:
    return sorted(str(mail["To"]) for mail in sink.mails())


class TestAdminsReadReroutedMail:
    def test_each_active_admin_gets_a_rerouted_mail_that_names_the_person_it_is_for(
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

    def test_a_rerouted_registration_mail_goes_to_the_admin(
        self, company: Company, admin: User, smtp_sink: SmtpSink
    ) -> None:
        new = registration.NewColleague(email="hal@voorbeeld.example", name="Hal 3", is_mail_rerouted=True)
        registration.add_user(company, new, by=admin)

        drain()

        assert readers(smtp_sink) == [admin.email]

    def test_rerouting_that_is_switched_on_applies_to_a_mail_already_written(
        self, admin: User, colleague: User, smtp_sink: SmtpSink
    ) -> None:
        ask_password_reset(colleague.email)
        details.change_details(colleague, by=admin, is_mail_rerouted=True)

        drain()

        assert readers(smtp_sink) == [admin.email]

    def test_becoming_an_admin_ends_rerouting(self, admin: User, frits: User, smtp_sink: SmtpSink) -> None:
        membership.change_role(frits, User.Role.ADMIN, by=admin)
        ask_password_reset(frits.email)
        drain()

        assert not User.objects.get(pk=frits.pk).is_mail_rerouted
        assert readers(smtp_sink) == [frits.email]

    def test_the_mail_of_an_admin_cannot_be_rerouted(self, company: Company, admin: User) -> None:
        new = registration.NewColleague("hal@voorbeeld.example", "Hal 3", role="admin", is_mail_rerouted=True)

        with pytest.raises(RuleError, match="leest de eigen e-mails"):
            details.change_details(admin, by=admin, is_mail_rerouted=True)
        with pytest.raises(RuleError):
            registration.add_user(company, new, by=admin)
        (outcome,) = add_many(company, [new], by=admin, mails_from=timezone.now()).values()
        assert isinstance(outcome, RuleError)

    def test_the_link_in_a_rerouted_password_reset_works_for_its_person(
        self, admin: User, frits: User, smtp_sink: SmtpSink
    ) -> None:
        ask_password_reset(frits.email)
        drain()
        (mail,) = smtp_sink.mails(admin.email)
        token = text_of(mail).partition("/wachtwoord-herstellen/")[2].partition("/")[0]

        assert finish_password_reset(token, password="fietsen-langs-de-vecht-9") == frits

    def test_the_subject_of_a_rerouted_mail_names_the_person_it_is_for(
        self, admin: User, frits: User, smtp_sink: SmtpSink
    ) -> None:
        ask_password_reset(frits.email)
        drain()

        (mail,) = smtp_sink.mails(admin.email)
        assert mail["Subject"].endswith(f"(voor {frits.name})")


class TestWarnings:
    def test_a_rerouted_warning_about_the_second_step_reaches_the_person_too(
        self, admin: User, frits: User, smtp_sink: SmtpSink
    ) -> None:
        send_second_step_changed(frits, "taken_away")

        drain()

        assert readers(smtp_sink) == sorted([admin.email, frits.email])
        assert AuditEntry.objects.filter(verb="mail_rerouted").count() == 1

    def test_deciding_the_readers_of_a_mail_twice_writes_no_double(
        self, admin: User, frits: User, smtp_sink: SmtpSink
    ) -> None:
        send_second_step_changed(frits, "taken_away")
        for _again in range(2):
            assert is_read_by_its_recipient(OutboxMail.objects.get(recipient=frits))
        User.objects.filter(pk=frits.pk).update(is_mail_rerouted=False)

        drain()

        assert readers(smtp_sink) == [frits.email]
        assert AuditEntry.objects.filter(verb="mail_rerouted").count() == 1


class TestReaderOfReroutedMail:
    def test_without_an_active_admin_rerouted_mail_goes_to_the_contact_person(
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

    @pytest.mark.parametrize("contact_email", ["", "frits@voorbeeld.example", "weg@voorbeeld.example"])
    def test_without_a_usable_contact_person_rerouted_mail_stays_with_the_person(
        self, company: Company, frits: User, smtp_sink: SmtpSink, contact_email: str
    ) -> None:
        make_person("weg@voorbeeld.example", company=company, is_blocked=True)
        Company.objects.update(contact_email=contact_email)
        ask_password_reset(frits.email)

        drain()

        assert readers(smtp_sink) == [frits.email]
        assert not OutboxMail.objects.filter(on_behalf_of=frits).exists()

    def test_rerouted_mail_to_former_admins_goes_to_the_present_admin(
        self, company: Company, admin: User, frits: User, smtp_sink: SmtpSink
    ) -> None:
        second = make_admin(company)
        queue_and_reroute(frits)
        third = make_admin(company)
        for former_admin in (admin, second):
            membership.change_role(former_admin, User.Role.USER, by=third)

        assert drain() == 1

        assert readers(smtp_sink) == [third.email]

    def test_an_admin_who_is_restored_gets_the_rerouted_mail(
        self, company: Company, admin: User, frits: User, smtp_sink: SmtpSink
    ) -> None:
        queue_and_reroute(frits)
        second = make_admin(company)
        membership.change_role(admin, User.Role.USER, by=second)
        (mail_to_admin,) = OutboxMail.objects.filter(recipient=admin)
        assert not is_read_by_its_recipient(mail_to_admin)
        membership.change_role(admin, User.Role.ADMIN, by=second)
        membership.change_role(second, User.Role.USER, by=admin)

        drain()

        assert readers(smtp_sink) == [admin.email]

    def test_rerouted_mail_to_a_deleted_admin_goes_to_the_other_admin(
        self, company: Company, admin: User, frits: User, smtp_sink: SmtpSink
    ) -> None:
        second = make_admin(company)
        queue_and_reroute(frits)
        OutboxMail.objects.filter(recipient=admin).delete()
        second.delete()

        drain()

        assert readers(smtp_sink) == [admin.email]

    def test_rerouting_switched_off_before_sending_returns_the_mail_to_the_person(
        self, admin: User, frits: User, smtp_sink: SmtpSink
    ) -> None:
        queue_and_reroute(frits)
        details.change_details(frits, by=admin, is_mail_rerouted=False)

        drain()

        assert readers(smtp_sink) == [frits.email]

    def test_unsent_rerouted_mail_goes_to_the_new_contact_person(
        self, company: Company, frits: User, smtp_sink: SmtpSink
    ) -> None:
        queue_and_reroute(frits)
        Company.objects.update(contact_email="nieuw.contact@voorbeeld.example")

        assert drain() == 1
        assert readers(smtp_sink) == ["nieuw.contact@voorbeeld.example"]

    def test_rerouted_mail_of_a_person_who_is_blocked_is_not_sent(
        self, company: Company, admin: User, frits: User, smtp_sink: SmtpSink
    ) -> None:
        request_license(make_license(company), by=frits)
        membership.block(frits, by=admin)

        drain()

        assert [mail["Subject"] for mail in smtp_sink.mails() if "Frits" not in mail["Subject"]] == []

    def test_rerouted_mail_of_a_deleted_person_is_not_sent(self, frits: User, smtp_sink: SmtpSink) -> None:
        queue_and_reroute(frits)
        frits.delete()

        assert drain() == 0
        assert not OutboxMail.objects.filter(status="waiting").exists()


class TestReroutingIsVisible:
    def test_each_rerouted_password_reset_is_in_the_audit(
        self, company: Company, admin: User, frits: User, smtp_sink: SmtpSink
    ) -> None:
        ask_password_reset(frits.email)
        drain()

        entry = AuditEntry.objects.get(verb="mail_rerouted")
        assert (entry.company_id, entry.subjects) == (company.pk, {"user": frits.pk})
        assert entry.details == {"event": "password_reset", "to": [admin.pk], "is_to_contact_person": False}

    def test_the_audit_of_a_mail_to_the_contact_person_omits_the_address(
        self, company: Company, frits: User, smtp_sink: SmtpSink
    ) -> None:
        ask_password_reset(frits.email)
        drain()

        entry = AuditEntry.objects.get(verb="mail_rerouted")
        assert entry.details == {"event": "password_reset", "to": [], "is_to_contact_person": True}

    def test_a_mail_that_is_not_rerouted_leaves_no_audit_entry_of_rerouting(
        self, colleague: User, admin: User, smtp_sink: SmtpSink
    ) -> None:
        ask_password_reset(colleague.email)
        drain()

        assert not AuditEntry.objects.filter(verb="mail_rerouted").exists()

    @pytest.mark.parametrize("page", ["profile", "profile_mails"])
    def test_my_profile_names_the_admin_who_reads_rerouted_mail(
        self, sign_in, admin: User, frits: User, page: str
    ) -> None:
        text = sign_in(frits).get(reverse(f"profile:{page}")).content.decode()

        assert admin.name in text
        assert admin.email in text

    def test_my_profile_names_the_contact_person_who_reads_rerouted_mail(
        self, sign_in, company: Company, frits: User
    ) -> None:
        text = sign_in(frits).get(reverse("profile:profile_mails")).content.decode()

        assert company.contact_email in text

    def test_my_profile_names_no_admin_when_mail_is_not_rerouted(
        self, sign_in, admin: User, colleague: User
    ) -> None:
        for page in ("profile", "profile_mails"):
            assert admin.email not in sign_in(colleague).get(reverse(f"profile:{page}")).content.decode()


def queue_and_reroute(user: User) -> None:
    """Queue a password reset and write the copies for its readers, without sending."""
    assert not is_read_by_its_recipient(queue_mail("password_reset", to=user, about=user))
