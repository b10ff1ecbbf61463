"""Test that an admin asks for another e-mail address of a colleague (R2)."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.actions.address_change import ask_address_change, cancel_address_change, confirm_address_change
from accounts.actions.finishing_registration import find_registration, finish_registration
from accounts.models import AddressChange, User
from companies.models import Company
from licenses.models import Grant
from nenconnect.audit.models import AuditEntry
from nenconnect.mail.delivery import drain
from nenconnect.mail.models import OutboxMail
from nenconnect.rules.errors import RuleError
from tests.accounts.address_changes import NEW, fresh, later, link_of, token_of
from tests.every_mail import body_part
from tests.factories import PASSWORD, make_grants, make_license, make_person, registration_token
from tests.smtp_sink import SmtpSink

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("_english")]
SignIn = Callable[[User], Client]


class TestRequestingAddressChange:
    def test_an_address_change_mails_both_mailboxes_and_changes_nothing_yet(
        self, admin: User, colleague: User, smtp_sink: SmtpSink
    ) -> None:
        ask_address_change(colleague, NEW, by=admin)
        drain()

        assert fresh(colleague).email == "collega@voorbeeld.example"
        assert {mail["To"] for mail in smtp_sink.mails()} == {NEW, "collega@voorbeeld.example"}
        link = reverse("profile:confirm_address", args=["x"]).removesuffix("x/")
        text_by_recipient = {str(mail["To"]): body_part(mail, "plain") for mail in smtp_sink.mails()}
        assert link in text_by_recipient[NEW]
        assert link not in text_by_recipient["collega@voorbeeld.example"]

    def test_a_confirmed_address_becomes_the_user_name_and_keeps_password_and_licences(
        self, company: Company, admin: User, colleague: User, client: Client
    ) -> None:
        make_grants(make_license(company), colleague)
        ask_address_change(colleague, NEW, by=admin)

        answer = client.post(link_of(colleague), follow=True)

        assert fresh(colleague).email == NEW
        assert f"Your user name is {NEW} now" in answer.content.decode() or NEW in answer.content.decode()
        assert Grant.objects.filter(user=colleague).exists()
        assert client.login(email=NEW, password=PASSWORD)
        assert not AddressChange.objects.exists()

    @pytest.mark.parametrize(
        "typed", ["C.Collega@Voorbeeld.EXAMPLE", "  c.collega@voorbeeld.example ", "c.collega@VOORBEELD.example"]
    )
    def test_a_requested_new_address_is_stored_in_its_canonical_form(
        self, typed: str, admin: User, colleague: User
    ) -> None:
        ask_address_change(colleague, typed, by=admin)
        assert AddressChange.objects.get().address == NEW

    @pytest.mark.parametrize(
        "typed",
        [
            "c@evil-voorbeeld.example",
            "c@voorbeeld.example.evil.com",
            "c@sub.voorbeeld.example",
            "c@voorb\u0435eld.example",  # a Cyrillic e
            "c@v\u00f6orbeeld.example",
            "a@voorbeeld.example@evil.com",
            "geen adres",
            "collega@voorbeeld.example",
        ],
    )
    def test_an_unchanged_invalid_or_outside_new_address_is_refused(
        self, typed: str, admin: User, colleague: User
    ) -> None:
        with pytest.raises(RuleError):
            ask_address_change(colleague, typed, by=admin)
        assert not OutboxMail.objects.exists()

    def test_an_admin_does_not_learn_who_already_uses_a_requested_address(
        self, company: Company, other_company: Company, admin: User, colleague: User
    ) -> None:
        make_person("elders@voorbeeld.example", company=other_company)
        make_person("los@voorbeeld.example")
        make_person("nen@voorbeeld.example", is_staff=True)
        errors = set()
        for name in ("elders", "los", "nen"):
            with pytest.raises(RuleError) as refused:
                ask_address_change(colleague, f"{name}@voorbeeld.example", by=admin)
            errors.add(str(refused.value))
        assert errors == {"This address cannot be used. NEN Klantenservice can help."}

    def test_an_admin_sees_that_a_requested_address_belongs_to_a_colleague(
        self, admin: User, colleague: User, pending: User
    ) -> None:
        with pytest.raises(RuleError, match="already in your list"):
            ask_address_change(colleague, pending.email, by=admin)

    def test_staff_see_who_uses_an_address_and_may_choose_an_address_on_any_domain(
        self, staff: User, colleague: User, other_admin: User
    ) -> None:
        with pytest.raises(RuleError, match="Bouwbedrijf BV"):
            ask_address_change(colleague, other_admin.email, by=staff, origin=User.Origin.NEN)
        ask_address_change(colleague, "coen@elders.example", by=staff, origin=User.Origin.NEN)
        confirm_address_change(token_of(colleague))
        assert fresh(colleague).email == "coen@elders.example"

    def test_a_company_admin_cannot_change_the_address_of_nen_staff(self, company: Company, admin: User) -> None:
        with pytest.raises(RuleError, match="works at NEN"):
            ask_address_change(make_person(company=company, is_staff=True), NEW, by=admin)

    def test_the_address_of_a_blocked_user_cannot_be_changed(self, admin: User, blocked: User) -> None:
        with pytest.raises(RuleError, match="Unblock first"):
            ask_address_change(blocked, NEW, by=admin)

    def test_the_audit_records_an_address_change_without_the_address(self, admin: User, colleague: User) -> None:
        ask_address_change(colleague, NEW, by=admin)
        confirm_address_change(token_of(colleague))
        entries = AuditEntry.objects.order_by("pk")
        assert [entry.verb for entry in entries] == ["address_change_asked", "address_changed"]
        assert not [entry for entry in entries if "@" in str(entry.details)]

    def test_an_address_change_sends_at_most_five_mails_a_day(self, admin: User, colleague: User) -> None:
        for number in range(5):
            ask_address_change(colleague, f"coen{number}@voorbeeld.example", by=admin)
            cancel_address_change(colleague, by=admin)
        with pytest.raises(RuleError, match="5 mails"):
            ask_address_change(colleague, NEW, by=admin)

    def test_the_link_of_an_address_change_is_not_rerouted_to_admins(
        self, company: Company, admin: User, smtp_sink: SmtpSink
    ) -> None:
        user = make_person("doos@voorbeeld.example", company=company, is_mail_rerouted=True)
        ask_address_change(user, NEW, by=admin)
        drain()
        to = sorted(str(mail["To"]) for mail in smtp_sink.mails())
        assert to == sorted([NEW, admin.email, user.email])  # the word of it goes to both (R32)
        with_link = [m["To"] for m in smtp_sink.mails() if "bevestigen/" in body_part(m, "plain")]
        assert with_link == [NEW]


class TestPending:
    def test_changing_the_address_of_a_pending_user_sends_a_new_registration_mail(
        self, admin: User, pending: User, smtp_sink: SmtpSink
    ) -> None:
        old = registration_token(pending)
        User.objects.filter(pk=pending.pk).update(undeliverable_since=timezone.now(), undeliverable_reason="550")

        assert ask_address_change(pending, NEW, by=admin) is None
        drain()

        assert [mail["To"] for mail in smtp_sink.mails()] == [NEW]
        assert find_registration(old) is None
        assert fresh(pending).undeliverable_since is None
        finish_registration(registration_token(pending), password="een-heel-lang-woord-12")
        assert fresh(pending).is_active

    def test_the_address_of_a_pending_user_can_change_at_most_five_times_a_day(
        self, admin: User, pending: User
    ) -> None:
        for number in range(5):
            ask_address_change(pending, f"noor{number}@voorbeeld.example", by=admin)
        with pytest.raises(RuleError, match="5 mails"):
            ask_address_change(pending, NEW, by=admin)


class TestAddressChangePages:
    def test_an_admin_can_resend_or_cancel_an_address_change_on_the_users_page(
        self, admin: User, colleague: User, sign_in: SignIn
    ) -> None:
        User.objects.filter(pk=admin.pk).update(language="en")
        browser = sign_in(fresh(admin))
        url = reverse("company:change_address", args=[colleague.pk])
        assert browser.get(url).status_code == 200

        page = browser.post(url, {"email": NEW}, follow=True).content.decode()

        assert f"A mail went to {NEW}." in page
        assert "New user name to be confirmed" in page
        later(minutes=5)
        answer = browser.post(reverse("company:send_address_change_again", args=[colleague.pk]), follow=True)
        assert "goes out again" in answer.content.decode()
        answer = browser.post(reverse("company:cancel_address_change", args=[colleague.pk]), follow=True)
        assert "New user name to be confirmed" not in answer.content.decode()

    def test_a_refused_new_address_stays_in_the_form(self, admin: User, colleague: User, sign_in: SignIn) -> None:
        url = reverse("company:change_address", args=[colleague.pk])
        page = sign_in(admin).post(url, {"email": "coen@elders.example"}).content.decode()
        assert 'value="coen@elders.example"' in page
        assert not AddressChange.objects.exists()

    def test_an_address_that_staff_change_at_the_desk_must_be_confirmed(
        self, staff: User, colleague: User, sign_in: SignIn
    ) -> None:
        url = reverse("admin:accounts_user_change", args=[colleague.pk])
        typed = {"email": "coen@elders.example", "name": colleague.name, "country": "NL", "language": "nl"}
        assert sign_in(staff).post(url, typed).status_code == 302
        assert fresh(colleague).email == "collega@voorbeeld.example"
        assert AddressChange.objects.get().origin == User.Origin.NEN

    def test_the_page_of_a_user_needs_no_more_queries_with_an_open_address_change(
        self, admin: User, colleague: User, sign_in: SignIn
    ) -> None:
        browser, url = sign_in(admin), reverse("company:user", args=[colleague.pk])
        with CaptureQueriesContext(connection) as before:
            browser.get(url)
        AddressChange.objects.create(user=colleague, address=NEW)
        with CaptureQueriesContext(connection) as after:
            browser.get(url)
        assert len(after) == len(before)
