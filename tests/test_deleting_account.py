"""An account is deleted: the person is gone from every table, and history keeps "deleted user" (R3, C42)."""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
import time_machine
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.apps import apps
from django.contrib.admin.models import LogEntry
from django.contrib.sessions.models import Session
from django.db import connection, models, transaction
from django.http import HttpResponse
from django.test import Client, RequestFactory
from django.urls import reverse
from django.utils import timezone

from accounts.actions import details, joining, membership
from accounts.actions.finishing_registration import finish_registration
from accounts.actions.password import ask_password_reset
from accounts.actions.registering_oneself import register_self
from accounts.models import JoinInvitation, MoveRequest, SignInAttempts, TermsAcceptance, User
from accounts.sessions import SessionStore
from companies.models import Company
from licenses.actions.granting import grant
from licenses.models import Grant, License
from members.actions.deleting import delete_account
from nenconnect.audit.models import AuditEntry
from nenconnect.mail.actions import claim, finish_marking, mark_sent
from nenconnect.mail.delivery import drain
from nenconnect.mail.events import Unwanted
from nenconnect.mail.models import OutboxMail
from nenconnect.mail.rendering import render
from nenconnect.rules.errors import RuleError
from pages.profile.devices_middleware import DevicesMiddleware
from requests_app import mails
from requests_app.actions import document_requests, license_requests
from requests_app.actions.document_requests import request_document
from requests_app.actions.giving import give_license
from requests_app.actions.license_requests import request_license
from requests_app.models import LicenseRequest
from tests.at_once import at_once, slow_writes
from tests.every_mail import write_every_mail
from tests.factories import (
    PASSWORD,
    admin_of,
    collection_for,
    document,
    granted,
    license_for,
    move_to,
    pending_person,
    person,
    published_terms,
    registration_token,
)
from tests.smtp_sink import SmtpSink

SignIn = Callable[[User], Client]
URL = "/mijn-profiel/account-verwijderen/"
NAME, ADDRESS, PHONE = "Kanarie Zangvogel", "kanarie@voorbeeld.example", "06-99887766"

pytestmark = pytest.mark.django_db


def found_in_database(*words: str) -> list[str]:
    """The tables with a row that has one of these words in any of its columns, and the columns."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1")
        tables = [name for (name,) in cursor.fetchall()]
        found = []
        for table in tables:
            cursor.execute(f'SELECT row_to_json(row)::text FROM "{table}" AS row')
            found += [f"{table}: {text}" for (text,) in cursor.fetchall() if any(word in text for word in words)]
    return found


@pytest.fixture
def canary(company: Company) -> User:
    return person(ADDRESS, company=company, name=NAME, phone=PHONE, language="en")


def full_life(canary: User, company: Company, admin: User, staff: Client) -> None:
    """Whatever leaves something behind: each thing that a person does, and that is done about one."""
    own = Client()
    own.post(reverse("account_login"), {"login": ADDRESS, "password": "verkeerd-wachtwoord"})
    own.post(reverse("account_login"), {"login": ADDRESS, "password": PASSWORD})
    own.get("/hulp/")
    one, two, three = (license_for(company) for _number in range(3))
    license_requests.approve(request_license(one, by=canary, reason=f"Bel {NAME}, {PHONE}"), by=admin)
    license_requests.reject(request_license(two, by=canary), by=admin, reason=f"Beste {NAME}, nee ({ADDRESS})")
    request_license(three, by=canary, reason="Nog open")
    collection_for(company)
    request_document(document(), by=canary, reason=f"Groet, {NAME}")
    Company.objects.filter(pk=company.pk).update(contact_person=NAME, contact_email=ADDRESS, contact_phone=PHONE)
    other = Company.objects.exclude(pk=company.pk).first()
    assert other
    move_to(other, canary)
    JoinInvitation.objects.create(company=other, user=canary)
    Authenticator.objects.create(user=canary, type="webauthn", data={"name": f"Telefoon van {NAME}"})
    ask_password_reset(ADDRESS)
    details.change_details(canary, by=admin, country="BE")
    staff.post(f"/beheer/accounts/user/{canary.pk}/change/", {"name": NAME, "language": "en", "phone": PHONE})
    assert LogEntry.objects.filter(object_repr=NAME).exists()
    log = LogEntry.objects.latest("pk")
    log.pk, log.object_id, log.object_repr = None, "1", "Een licentie"
    log.change_message = '[{"added": {"name": "grant", "object": "' + NAME + '"}}]'
    log.save()
    published_terms(accepted_by=[canary])


class TestGoneFromEveryTable:
    def test_after_a_full_life_nothing_names_the_person(
        self,
        canary: User,
        company: Company,
        admin: User,
        other_admin: User,
        staff: User,
        sign_in: SignIn,
        smtp_sink: SmtpSink,
    ) -> None:
        full_life(canary, company, admin, sign_in(staff))
        drain()
        tables = {row.partition(":")[0] for row in found_in_database(NAME, ADDRESS, PHONE)}
        assert {
            "accounts_user",
            "accounts_signinattempts",
            "companies_company",
            "django_admin_log",
            "mail_outboxmail",
            "mfa_authenticator",
            "requests_app_licenserequest",
            "requests_app_documentrequest",
        } <= tables  # else this test would look for nothing

        delete_account(canary, by=canary)
        drain()

        assert found_in_database(NAME, ADDRESS, PHONE) == []
        assert smtp_sink.mails()[-1]["To"] == ADDRESS
        for model in (JoinInvitation, MoveRequest, TermsAcceptance, Authenticator, UserSession, Grant):
            assert canary.pk not in model._default_manager.values_list("user", flat=True), model

    def test_no_mail_to_anybody_names_the_person_any_more(self) -> None:
        """Each mail that NEN Connect knows has been sent; then everybody who was in it goes, one by one."""
        write_every_mail()
        for user in User.objects.all():
            User.objects.filter(pk=user.pk).update(
                name=f"Kanarie{user.pk}x", email=f"kanarie{user.pk}x@nasty.example"
            )
        _send_everything()
        assert OutboxMail.objects.exclude(sent_text="").count() > 20
        named = [user for user in User.objects.all() if _named_to_others(user)]
        assert len(named) >= 3

        for user in User.objects.all():
            others = User.objects.active_admins_of(user.company).exclude(pk=user.pk)
            if user.is_staff or (user.is_company_admin and not others.exists()):
                continue
            delete_account(user, by=user)
            _send_everything()
            words = (f"Kanarie{user.pk}x", f"kanarie{user.pk}x@nasty.example")
            assert found_in_database(*words) == [], user.pk
        assert User.objects.filter(is_staff=False).count() <= 2

    def test_every_column_that_leads_to_a_person_lets_go(self) -> None:
        """A new one that protects would keep people from going; what it does is said here."""
        kept = {
            f"{model._meta.label}.{field.name}": field.remote_field.on_delete
            for model in apps.get_models()
            for field in model._meta.local_fields
            if field.related_model is User and field.remote_field
        }
        assert set(kept.values()) == {models.CASCADE, models.SET_NULL}
        stays = {name for name, on_delete in kept.items() if on_delete is models.SET_NULL}
        assert stays == {
            "accounts.AddressChange.asked_by",
            "members.Departure.created_by",
            "members.Departure.undone_by",
            "members.Leaver.user",
            "accounts.MoveRequest.decided_by",
            "members.PeopleChange.created_by",
            "members.PeopleChangeLine.user",
            "members.PeopleImport.created_by",
            "accounts.TermsVersion.published_by",
            "companies.Company.account_manager",
            "licenses.CompanyWideEnd.asked_by",
            "licenses.DocumentImport.created_by",
            "licenses.Grant.granted_by",
            "licenses.Opening.user",
            "requests_app.RequestMessage.author",
            "mail.OutboxMail.on_behalf_of",
            "mail.OutboxMail.recipient",
            "requests_app.DocumentRequest.decided_by",
            "requests_app.DocumentRequest.user",
            "requests_app.LicenseRequest.decided_by",
            "requests_app.LicenseRequest.user",
        }

    def test_another_admin_becomes_the_contact_person(self, company: Company, admin: User, canary: User) -> None:
        Company.objects.filter(pk=company.pk).update(contact_person=NAME, contact_email=ADDRESS)

        delete_account(canary, by=canary)

        company.refresh_from_db()
        assert (company.contact_person, company.contact_email) == (admin.name, admin.email)

    def test_a_company_without_an_admin_has_no_contact_person_then(self, company: Company, canary: User) -> None:
        Company.objects.filter(pk=company.pk).update(contact_person=NAME, contact_email=ADDRESS)

        delete_account(canary, by=canary)

        company.refresh_from_db()
        assert (company.contact_person, company.contact_email) == ("", "")

    def test_somebody_with_nearly_the_same_number_or_address_loses_nothing(
        self, company: Company, admin: User, smtp_sink: SmtpSink
    ) -> None:
        """Keys of mails are looked for by how they begin."""
        short, long = person(pk=71, company=company), person(pk=711, company=company)
        for pk, who in ((51, short), (511, long)):
            LicenseRequest.objects.create(pk=pk, company=company, license=license_for(company), user=who)
        for row in LicenseRequest.objects.all():
            mails.send_license_request_received(row)
            mails.send_license_requested(row)
        drain()

        delete_account(short, by=short)

        assert OutboxMail.objects.get(key__startswith="license_request_received:licenserequest511:").sent_text
        assert not OutboxMail.objects.get(key__startswith="license_request_received:licenserequest51:").sent_text
        assert OutboxMail.objects.get(recipient=long).sent_text


def _send_everything() -> None:
    """At any hour, and without a mail server."""
    OutboxMail.objects.update(due_at=timezone.now())
    for mail in claim(1000):
        with suppress(Unwanted):
            letter = render(mail)
            finish_marking(mark_sent(mail, address=letter.to[0], text=letter.text_to_keep))


def _named_to_others(user: User) -> bool:
    texts = OutboxMail.objects.filter(sent_text__contains=f"Kanarie{user.pk}x")
    return texts.exclude(recipient=user).exists()


class TestHistory:
    @pytest.fixture
    def decided(self, company: Company, admin: User, canary: User) -> LicenseRequest:
        asked = request_license(license_for(company), by=canary, reason="Voor het werk")
        license_requests.reject(asked, by=admin, reason="Nee")
        return asked

    def test_requests_stay_without_the_person_and_open_ones_are_withdrawn(
        self, company: Company, admin: User, canary: User, decided: LicenseRequest
    ) -> None:
        still_open = request_license(license_for(company), by=canary)
        collection_for(company)
        wanted = request_document(document(), by=canary)

        delete_account(canary, by=canary)

        for row, status in ((decided, "rejected"), (still_open, "withdrawn"), (wanted, "withdrawn")):
            row.refresh_from_db()
            assert (row.user, row.status, row.reason) == (None, status, "")
        assert decided.decided_by == admin
        assert decided.rejection_reason == "Nee"

    def test_decisions_stay_without_who_decided(self, company: Company, admin: User, colleague: User) -> None:
        leaver = admin_of(company, name=NAME)
        asked = request_license(license_for(company), by=colleague)
        license_requests.reject(asked, by=leaver, reason=f"Groet, {NAME}")
        kept = license_for(company)
        grant(kept, to=colleague, by=leaver)

        delete_account(leaver, by=leaver)

        asked.refresh_from_db()
        assert (asked.status, asked.decided_by, asked.rejection_reason) == ("rejected", None, "Groet, …")
        assert Grant.objects.get(license=kept, user=colleague).granted_by is None

    @pytest.mark.parametrize("is_admin", [True, False])
    def test_the_pages_say_deleted_user(
        self,
        company: Company,
        admin: User,
        colleague: User,
        canary: User,
        decided: LicenseRequest,
        sign_in: SignIn,
        is_admin: bool,
    ) -> None:
        collection_for(company)
        wanted = request_document(document(), by=canary)
        document_requests.reject(wanted, by=admin)
        delete_account(canary, by=canary)
        User.objects.update(language="en")
        browser = sign_in(admin if is_admin else colleague)

        pages = [
            reverse("requests:license_requests"),
            reverse("requests:license_request", args=[decided.pk]),
            reverse("requests:document_requests"),
            reverse("requests:document_request", args=[wanted.pk]),
        ]

        for page in pages:
            answer = browser.get(page)
            assert answer.status_code == 200, page
            assert ("Deleted user" in answer.content.decode()) is is_admin, page
            assert "Kanarie" not in answer.content.decode()

    def test_the_page_says_that_a_deleted_user_decided(
        self, company: Company, admin: User, colleague: User, sign_in: SignIn
    ) -> None:
        leaver = admin_of(company)
        asked = request_license(license_for(company), by=colleague)
        license_requests.reject(asked, by=leaver)
        delete_account(leaver, by=leaver)
        User.objects.update(language="en")

        page = sign_in(admin).get(reverse("requests:license_request", args=[asked.pk])).content.decode()

        assert "by a deleted user" in page

    @pytest.mark.usefixtures("_english")
    def test_a_decision_comes_too_late_and_the_admin_is_told(
        self, company: Company, admin: User, canary: User, sign_in: SignIn
    ) -> None:
        asked = request_license(license_for(company), by=canary)
        collection_for(company)
        wanted = request_document(document(), by=canary)
        delete_account(canary, by=canary)

        decisions: list[Callable[[], None]] = [
            lambda: license_requests.approve(asked, by=admin),
            lambda: license_requests.reject(asked, by=admin),
            lambda: document_requests.approve(wanted, license=None, by=admin),
        ]
        for decide in decisions:
            with pytest.raises(RuleError, match="withdrawn"):
                decide()
        User.objects.update(language="en")
        for kind, pk in (("license", asked.pk), ("document", wanted.pk)):
            for act in ("approve", "reject"):
                for method in ("get", "post"):
                    url = reverse(f"requests:{act}_{kind}", args=[pk])
                    answer = getattr(sign_in(admin), method)(url, follow=True)
                    assert answer.status_code in {200, 405}
                    assert "Kanarie" not in answer.content.decode()

    @pytest.mark.usefixtures("_english")
    def test_the_second_admin_is_told_that_a_deleted_user_decided(
        self, company: Company, admin: User, colleague: User
    ) -> None:
        leaver = admin_of(company)
        asked = request_license(license_for(company), by=colleague)
        license_requests.reject(asked, by=leaver)
        delete_account(leaver, by=leaver)

        with pytest.raises(RuleError, match="A deleted user already decided"):
            license_requests.approve(asked, by=admin)

    def test_mails_that_were_waiting_do_not_go(
        self, company: Company, admin: User, canary: User, decided: LicenseRequest, smtp_sink: SmtpSink
    ) -> None:
        """The queue was paused, say: neither to the person, nor to the admin who would read who asked."""
        delete_account(canary, by=canary)

        assert drain() == 1

        assert [mail["To"] for mail in smtp_sink.mails()] == [ADDRESS]
        assert set(OutboxMail.objects.filter(recipient=admin).values_list("status", flat=True)) == {"suppressed"}

    def test_the_trail_says_who_by_number(self, canary: User, admin: User) -> None:
        delete_account(canary, by=admin)

        entry = AuditEntry.objects.get(verb="user_deleted")
        assert (entry.actor_id, entry.subjects) == (admin.pk, {"user": canary.pk})

    def test_nens_desk_shows_what_is_left(
        self, canary: User, decided: LicenseRequest, staff: User, sign_in: SignIn
    ) -> None:
        delete_account(canary, by=canary)
        browser = sign_in(staff)

        for page in ("requests_app/licenserequest", "mail/outboxmail", "trail/auditentry", "accounts/user"):
            assert browser.get(f"/beheer/{page}/").status_code == 200
        for mail in OutboxMail.objects.all():
            assert browser.get(f"/beheer/mail/outboxmail/{mail.pk}/change/").status_code == 200


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
        admin_of(company)
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


class TestThePage:
    def test_it_says_what_goes_and_what_stays(self, canary: User, admin: User, sign_in: SignIn) -> None:
        page = sign_in(canary).get(URL).content.decode()

        assert "What goes" in page
        assert "What stays" in page
        assert 'type="password"' in page
        assert User.objects.filter(pk=canary.pk).exists()

    def test_with_the_password_the_account_goes_and_one_is_signed_out_everywhere(
        self, canary: User, admin: User, sign_in: SignIn
    ) -> None:
        here, phone = sign_in(canary), sign_in(canary)
        phone.get("/hulp/")

        answer = here.post(URL, {"password": PASSWORD}, follow=True)

        assert "Your account is deleted" in answer.content.decode() or "verwijderd" in answer.content.decode()
        assert not User.objects.filter(pk=canary.pk).exists()
        for browser in (here, phone):
            assert browser.get("/mijn-profiel/").status_code == 302
        assert not UserSession.objects.filter(user_id=canary.pk).exists()
        assert not [session for session in Session.objects.all() if session.get_decoded().get("_auth_user_id")]

    @pytest.mark.parametrize("password", ["", "verkeerd-wachtwoord", "x" * 5000])
    def test_without_it_nothing_happens(self, canary: User, sign_in: SignIn, password: str) -> None:
        answer = sign_in(canary).post(URL, {"password": password})

        assert answer.status_code == 200
        assert "error-summary" in answer.content.decode()
        assert User.objects.filter(pk=canary.pk).exists()

    def test_guessing_locks_and_then_the_right_one_does_not_help(self, canary: User, sign_in: SignIn) -> None:
        """As at every other door (C18)."""
        browser = sign_in(canary)
        for _attempt in range(4):
            browser.post(URL, {"password": "verkeerd-wachtwoord"})

        browser.post(URL, {"password": PASSWORD})

        assert User.objects.filter(pk=canary.pk).exists()
        assert SignInAttempts.objects.get(address=ADDRESS).locked_until

    def test_another_site_cannot_send_it(self, canary: User) -> None:
        browser = Client(enforce_csrf_checks=True)
        browser.force_login(canary)

        assert browser.post(URL, {"password": PASSWORD}).status_code == 403
        assert User.objects.filter(pk=canary.pk).exists()

    def test_the_last_admin_is_refused_and_told_the_way_out(self, admin: User, sign_in: SignIn) -> None:
        browser = sign_in(admin)
        User.objects.filter(pk=admin.pk).update(language="en")

        page = browser.get(URL).content.decode()
        answer = browser.post(URL, {"password": PASSWORD})

        assert "Make a colleague admin first" in page
        assert reverse("company:users") in page
        assert 'type="password"' not in page
        assert answer.status_code == 200
        assert User.objects.filter(pk=admin.pk).exists()

    def test_one_of_two_admins_may_go(self, company: Company, admin: User, sign_in: SignIn) -> None:
        admin_of(company)

        sign_in(admin).post(URL, {"password": PASSWORD})

        assert not User.objects.filter(pk=admin.pk).exists()

    def test_nen_staff_is_refused_and_told_whom_to_ask(self, staff: User) -> None:
        with pytest.raises(RuleError, match="NEN Connect"):
            delete_account(staff, by=staff)
        assert User.objects.filter(pk=staff.pk).exists()

    def test_a_personal_account_goes_too(self, personal: User, sign_in: SignIn) -> None:
        sign_in(personal).post(URL, {"password": PASSWORD})

        assert not User.objects.filter(pk=personal.pk).exists()


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
        license = license_for(company)
        granted(license, admin)
        asked = LicenseRequest.objects.create(company=company, license=license_for(company), user=admin)

        with pytest.raises(RuleError):
            delete_account(admin, by=admin)

        asked.refresh_from_db()
        assert asked.is_open
        assert Grant.objects.filter(license=license, user=admin).exists()
        assert not OutboxMail.objects.exists()


class TestANewAccountOnTheSameAddress:
    def test_it_has_none_of_the_old_rights(
        self, company: Company, admin: User, other_company: Company, sign_in: SignIn
    ) -> None:
        old = admin_of(company, ADDRESS, name=NAME)
        license = license_for(company, seats=1)
        granted(license, old)
        asked = request_license(license_for(company), by=old)
        JoinInvitation.objects.create(company=other_company, user=old, role=User.Role.ADMIN)
        old_browser = sign_in(old)
        old_link = registration_token(old)
        Company.objects.filter(pk=company.pk).update(allows_self_registration=False)

        delete_account(old, by=old)
        register_self(ADDRESS, "Nieuwe Zanger", language="nl")
        new = User.objects.get(email=ADDRESS)
        new = finish_registration(registration_token(new), password="heel-iets-anders-12")

        assert new.pk != old.pk
        assert (new.company, new.role, new.is_staff) == (None, User.Role.USER, False)
        assert not License.objects.open_to(new).exists()
        assert not LicenseRequest.objects.filter(user=new).exists()
        assert joining.companies_to_join(new) == []
        assert old_browser.get("/mijn-profiel/").status_code == 302
        assert registration_token(new) != old_link
        asked.refresh_from_db()
        assert asked.status == "withdrawn"

    def test_neither_has_who_comes_back_into_the_company(
        self, company: Company, admin: User, canary: User
    ) -> None:
        license = license_for(company)
        granted(license, canary)
        delete_account(canary, by=canary)

        new = pending_person(ADDRESS, company=company, registration_round=1)
        new = finish_registration(registration_token(new), password="heel-iets-anders-12")

        assert not License.objects.open_to(new).exists()

    def test_the_seat_is_free_for_somebody_else(self, company: Company, admin: User, canary: User) -> None:
        license = license_for(company, seats=1)
        granted(license, canary)

        delete_account(canary, by=canary)

        grant(license, to=person(company=company), by=admin)


@pytest.mark.usefixtures("_english")
class TestWithTheRowInHandFromBefore:
    """Whoever acts a moment later, with what was read before, is told so and breaks nothing."""

    @pytest.fixture
    def gone(self, canary: User, admin: User) -> User:
        delete_account(canary, by=canary)
        return canary

    def test_a_licence_is_not_given(self, company: Company, admin: User, gone: User) -> None:
        with pytest.raises(RuleError, match="not in the company"):
            give_license(license_for(company), to=gone, by=admin)

    def test_nothing_is_asked_for(self, company: Company, gone: User) -> None:
        with pytest.raises(RuleError, match="Only people of a company"):
            request_license(license_for(company), by=gone)

    @pytest.mark.parametrize("act", [membership.block, membership.remove_from_company])
    def test_the_admin_is_told(self, admin: User, gone: User, act: Any) -> None:
        with pytest.raises(RuleError, match="no longer in this company"):
            act(gone, by=admin)

    def test_deleting_again_does_nothing(self, admin: User, gone: User) -> None:
        delete_account(gone, by=admin)

        assert AuditEntry.objects.filter(verb="user_deleted").count() == 1


@pytest.mark.django_db(transaction=True)
class TestAtOnce:
    def test_two_clicks_delete_once_and_mail_once(self, canary: User) -> None:
        with slow_writes("accounts_user"):
            outcomes = at_once([lambda: delete_account(canary, by=canary)] * 2)

        assert outcomes == [None, None]
        assert not User.objects.filter(pk=canary.pk).exists()
        assert OutboxMail.objects.filter(event="account_deleted").count() == 1
        assert AuditEntry.objects.filter(verb="user_deleted").count() == 1

    def test_two_clicks_of_a_personal_account(self, personal: User) -> None:
        with slow_writes("accounts_user"):
            outcomes = at_once([lambda: delete_account(personal, by=personal)] * 2)

        assert outcomes == [None, None]
        assert OutboxMail.objects.filter(event="account_deleted").count() == 1

    @pytest.mark.parametrize("table", ["licenses_grant", "requests_app_licenserequest", "accounts_user"])
    def test_deciding_and_deleting_do_not_cross(
        self, company: Company, admin: User, canary: User, table: str
    ) -> None:
        """Whoever is first: no dead lock, no access left, and the request is closed."""
        asked = request_license(license_for(company), by=canary)

        with slow_writes(table):
            deleted, approved = at_once(
                [lambda: delete_account(canary, by=canary), lambda: license_requests.approve(asked, by=admin)]
            )

        assert deleted is None
        assert approved is None or isinstance(approved, RuleError)
        asked.refresh_from_db()
        assert (asked.user, asked.is_open) == (None, False)
        assert not Grant.objects.exists()
        assert not OutboxMail.objects.filter(event="license_request_approved").exists()

    def test_giving_and_deleting_do_not_cross(self, company: Company, admin: User, canary: User) -> None:
        license, other = license_for(company), license_for(company)
        granted(other, canary)

        with slow_writes("licenses_grant"):
            deleted, given = at_once(
                [lambda: delete_account(canary, by=canary), lambda: give_license(license, to=canary, by=admin)]
            )

        assert deleted is None
        assert given is None or isinstance(given, RuleError)
        assert not Grant.objects.exists()

    def test_asking_and_deleting_do_not_cross(self, company: Company, admin: User, canary: User) -> None:
        license = license_for(company)

        with slow_writes("accounts_user"):
            deleted, asked = at_once(
                [lambda: delete_account(canary, by=canary), lambda: request_license(license, by=canary)]
            )

        assert deleted is None
        assert isinstance(asked, LicenseRequest | RuleError)
        assert not LicenseRequest.objects.filter(status="open").exists()

    @pytest.mark.parametrize("act", [membership.block, membership.remove_from_company])
    def test_an_admin_who_acts_at_that_moment_is_told(self, canary: User, admin: User, act: Any) -> None:
        with slow_writes("accounts_user"):
            deleted, acted = at_once([lambda: delete_account(canary, by=canary), lambda: act(canary, by=admin)])

        assert deleted is None or isinstance(deleted, RuleError)
        assert acted is None or isinstance(acted, RuleError)

    def test_both_admins_at_once_do_not_leave_the_company_without_one(self, company: Company, admin: User) -> None:
        second = admin_of(company)

        with slow_writes("accounts_user"):
            outcomes = at_once([partial(delete_account, who, by=who) for who in (admin, second)])

        assert User.objects.active_admins_of(company).count() == 1
        assert [type(outcome) for outcome in outcomes if outcome is not None] == [RuleError]

    def test_registering_with_the_address_at_that_moment(self, canary: User) -> None:
        with slow_writes("accounts_user"):
            outcomes = at_once(
                [lambda: delete_account(canary, by=canary), lambda: register_self(ADDRESS, "Nieuw", language="nl")]
            )

        assert outcomes == [None, None]
        assert not User.objects.filter(pk=canary.pk).exists()

    def test_a_page_on_its_way_comes_all_the_same(self, canary: User) -> None:
        """It was let in before the account went; where the person is, is nobody's to know any more."""
        request = RequestFactory().get("/")
        request.session = SessionStore()
        request.session.create()
        request.user = User.objects.get(pk=canary.pk)
        delete_account(canary, by=canary)

        answer = DevicesMiddleware(lambda _request: HttpResponse())(request)

        assert answer.status_code == 200
        assert not UserSession.objects.exists()

    def test_signing_in_and_deleting(self, canary: User) -> None:
        def sign_in() -> int:
            client = Client()
            client.post(reverse("account_login"), {"login": ADDRESS, "password": PASSWORD})
            return client.get("/hulp/").status_code

        with slow_writes("accounts_user"):
            outcomes = at_once([lambda: delete_account(canary, by=canary), sign_in])

        assert outcomes[0] is None
        assert not User.objects.filter(pk=canary.pk).exists()
        assert not UserSession.objects.filter(user_id=canary.pk).exists()


def test_the_transaction_is_whole(canary: User, admin: User) -> None:
    """No farewell for an account that is still there (R31)."""
    with transaction.atomic():
        delete_account(canary, by=canary)
        transaction.set_rollback(True)

    assert User.objects.filter(pk=canary.pk).exists()
    assert not OutboxMail.objects.exists()


def test_the_mail_opens_nothing(canary: User, smtp_sink: SmtpSink) -> None:
    delete_account(canary, by=canary)
    drain()

    body = smtp_sink.mails()[0].get_body(("plain",))
    assert body
    assert re.findall(r"https?://[^/\s]+(/\S+)", body.get_content()) == [reverse("sign_in:register")]
