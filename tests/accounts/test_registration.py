"""Test self-registration and the company that the domain leads to (R16, R17, C6, C9)."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from accounts.actions import joining
from accounts.actions.finishing_registration import companies_to_choose, find_registration, finish_registration
from accounts.actions.registering_oneself import register_self
from accounts.actions.registration import NewColleague, add_user, send_registration_again
from accounts.models import User
from companies.actions import set_self_registration
from companies.domains import add_domain, remove_domain
from companies.models import Company
from nenconnect.mail.delivery import drain
from nenconnect.mail.models import OutboxMail
from nenconnect.rules.errors import RuleError
from tests.factories import PASSWORD, make_company, make_person, registration_token
from tests.smtp_sink import SmtpSink

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("_english")]

NEW = NewColleague(email="Nieuw@Voorbeeld.Example", name="Noor Nieuw", phone="06 12345678", country="NL")


def events() -> list[str]:
    return list(OutboxMail.objects.order_by("pk").values_list("event", flat=True))


class TestRegisteringOneself:
    def test_a_new_address_that_registers_gets_a_registration_link(self, company: Company) -> None:
        register_self("Jan@Voorbeeld.example", "Jan", language="en")

        user = User.objects.get()
        assert (user.email, user.name, user.language) == ("jan@voorbeeld.example", "Jan", "en")
        assert (user.company, user.is_pending) == (None, True)
        assert events() == ["registration_requested"]

    def test_a_registered_address_that_registers_again_gets_a_mail_about_its_account(
        self, colleague: User
    ) -> None:
        register_self(colleague.email, "Iemand anders", language="nl")

        colleague.refresh_from_db()
        assert colleague.name == "Coen Collega"
        assert events() == ["account_exists"]

    def test_a_blocked_address_that_registers_again_gets_no_mail(self, blocked: User) -> None:
        register_self(blocked.email, "Bram", language="nl")

        assert events() == []

    def test_an_invited_person_who_registers_gets_the_company_invitation_again(self, pending: User) -> None:
        old = registration_token(pending)
        with time_machine.travel(timezone.now() + timedelta(hours=1)):
            register_self(pending.email, "Mallory", language="nl")

            assert find_registration(old) == pending
            finish_registration(registration_token(pending), password=PASSWORD)
        company = pending.company
        pending.refresh_from_db()
        assert (pending.name, pending.company) == ("Noor Nieuw", company)
        assert events() == ["registration_invited"]

    @pytest.mark.parametrize("origin", [User.Origin.COMPANY, User.Origin.NEN])
    def test_self_registration_does_not_revive_an_expired_invitation(
        self, pending: User, smtp_sink: SmtpSink, origin: str
    ) -> None:
        past = timezone.localdate() - timedelta(days=1)
        User.objects.filter(pk=pending.pk).update(
            registration_deadline=past, registration_sent_at=None, role="admin", registration_origin=origin
        )
        register_self(pending.email, "Mallory", language="nl")

        pending.refresh_from_db()
        assert (pending.registration_deadline, pending.registration_round) == (past, 1)
        with pytest.raises(RuleError):
            finish_registration(registration_token(pending), password=PASSWORD)
        drain()
        (mail,) = smtp_sink.mails(pending.email)
        for part in ("plain", "html"):
            body = mail.get_body((part,))
            assert body is not None
            assert "zijn afgerond" in body.get_content()
            assert "/registratie/" not in body.get_content()

    def test_registrations_by_strangers_do_not_use_up_the_mails_of_an_admin(
        self, admin: User, pending: User
    ) -> None:
        now = timezone.now()
        for number in range(1, 9):
            with time_machine.travel(now + timedelta(minutes=4 * number)):
                register_self(pending.email, "Mallory", language="nl")
        assert events() == ["registration_invited"] * 5  # C11

        with time_machine.travel(now + timedelta(minutes=33)):
            send_registration_again(pending, by=admin)
        assert len(events()) == 6

    def test_a_registration_by_a_stranger_keeps_the_link_of_an_invited_person(
        self, pending: User, smtp_sink: SmtpSink
    ) -> None:
        sent_at = timezone.now() - timedelta(hours=1)
        User.objects.filter(pk=pending.pk).update(registration_sent_at=sent_at)
        old = registration_token(pending)

        for _again in range(3):
            register_self(pending.email, "Mallory", language="nl")

        drain()
        assert len(smtp_sink.mails(pending.email)) == 1
        pending.refresh_from_db()
        assert pending.registration_sent_at == sent_at
        assert find_registration(old) == pending

    def test_registering_several_times_in_a_row_sends_one_mail(self) -> None:
        for _again in range(10):
            register_self("jan@post.example", "Jan", language="nl")

        assert events() == ["registration_requested"]

    @pytest.mark.parametrize("address", ['"jan"@acme.nl', "jan@", "a@acme.nl@evil.com"])
    def test_registration_with_an_invalid_address_is_refused(self, address: str) -> None:
        with pytest.raises(RuleError) as refused:
            register_self(address, "Jan", language="nl")

        assert refused.value.field == "email"


class TestChoosingACompany:
    def finish(self, address: str, company: Company | None) -> User:
        register_self(address, "Jan", language="nl")
        user = User.objects.get(email=address)
        finish_registration(registration_token(user), password=PASSWORD, company=company)
        return User.objects.get(pk=user.pk)

    def test_a_person_who_registers_joins_the_company_of_the_domain(
        self, company: Company, other_company: Company
    ) -> None:
        register_self("jan@voorbeeld.example", "Jan", language="nl")
        assert companies_to_choose(User.objects.get()) == [company]

        user = self.finish("jan@voorbeeld.example", company)

        assert (user.company, user.role) == (company, "user")

    def test_a_person_who_registers_chooses_between_several_companies_of_the_domain(
        self, company: Company, other_company: Company, staff: User
    ) -> None:
        add_domain(other_company, "voorbeeld.example", by=staff)
        register_self("jan@voorbeeld.example", "Jan", language="nl")
        user = User.objects.get(email="jan@voorbeeld.example")
        assert companies_to_choose(user) == [other_company, company]

        assert self.finish("jan@voorbeeld.example", other_company).company == other_company

    def test_registering_at_a_company_that_was_not_offered_is_refused(
        self, company: Company, other_company: Company
    ) -> None:
        with pytest.raises(RuleError) as refused:
            self.finish("jan@voorbeeld.example", other_company)

        assert refused.value.field == "company"

    def test_a_company_without_self_registration_is_not_offered(self, company: Company, admin: User) -> None:
        set_self_registration(company, False, by=admin)

        with pytest.raises(RuleError):
            self.finish("jan@voorbeeld.example", company)

    def test_registering_without_a_company_creates_a_personal_account(self, company: Company) -> None:
        user = self.finish("jan@post.example", None)

        assert user.is_active
        assert user.company is None

    def test_registering_at_a_company_is_refused_after_its_domain_was_removed(
        self, company: Company, staff: User
    ) -> None:
        register_self("jan@voorbeeld.example", "Jan", language="nl")
        remove_domain(company.domains.get(), by=staff)

        with pytest.raises(RuleError):
            self.finish("jan@voorbeeld.example", company)

    def test_an_invited_person_cannot_choose_another_company(
        self, company: Company, other_company: Company, admin: User, staff: User
    ) -> None:
        add_domain(other_company, "voorbeeld.example", by=staff)
        user = add_user(company, NEW, by=admin)

        finish_registration(registration_token(user), password=PASSWORD, company=other_company)

        user.refresh_from_db()
        assert user.company == company


def test_a_company_with_two_matching_domains_is_offered_once(staff: User) -> None:
    company = make_company("Twee", "sub.twee.example")
    add_domain(company, "twee.example", has_subdomains=True, by=staff)
    set_self_registration(company, True, by=staff)
    owner = make_person("jan@sub.twee.example")

    assert joining.companies_to_join(owner) == [company]
