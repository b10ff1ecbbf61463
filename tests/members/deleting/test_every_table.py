"""Test that a deleted person is in no table (R3, C42)."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress

import pytest
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.apps import apps
from django.contrib.admin.models import LogEntry
from django.db import models, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.actions import details
from accounts.actions.password import ask_password_reset
from accounts.models import JoinInvitation, MoveRequest, TermsAcceptance, User
from companies.models import Company
from licenses.models import Grant
from members.actions.deleting import delete_account
from nenconnect.mail.actions import claim, mark_sent
from nenconnect.mail.delivery import drain
from nenconnect.mail.events import Unwanted
from nenconnect.mail.models import OutboxMail
from nenconnect.mail.rendering import render
from requests_app import mails
from requests_app.actions import deciding
from requests_app.actions.asking import request_document, request_license
from requests_app.models import LicenseRequest
from tests.every_mail import write_every_mail
from tests.factories import (
    PASSWORD,
    make_collection,
    make_document,
    make_license,
    make_move_request,
    make_person,
    make_terms_version,
)
from tests.members.deleting.canary import ADDRESS, NAME, PHONE, found_in_database
from tests.smtp_sink import SmtpSink

SignIn = Callable[[User], Client]
pytestmark = pytest.mark.django_db


def full_life(canary: User, company: Company, admin: User, staff: Client) -> None:
    # Whatever leaves something behind: each thing that a person does, and that is done about one.
    person_client = Client()
    person_client.post(reverse("account_login"), {"login": ADDRESS, "password": "verkeerd-wachtwoord"})
    person_client.post(reverse("account_login"), {"login": ADDRESS, "password": PASSWORD})
    person_client.get("/hulp/")
    first, two, three = (make_license(company) for _number in range(3))
    deciding.approve(request_license(first, by=canary, reason=f"Bel {NAME}, {PHONE}"), by=admin)
    deciding.reject(request_license(two, by=canary), by=admin, reason=f"Beste {NAME}, nee ({ADDRESS})")
    request_license(three, by=canary, reason="Nog open")
    make_collection(company)
    request_document(make_document(), by=canary, reason=f"Groet, {NAME}")
    Company.objects.filter(pk=company.pk).update(contact_person=NAME, contact_email=ADDRESS, contact_phone=PHONE)
    other = Company.objects.exclude(pk=company.pk).first()
    assert other
    make_move_request(other, canary)
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
    make_terms_version(accepted_by=[canary])


class TestGoneFromEveryTable:
    def test_no_table_contains_the_name_address_or_phone_of_a_deleted_user(
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

    def test_no_stored_mail_names_a_deleted_user(self) -> None:
        # Each mail that NEN Connect knows has been sent; then everybody who was in it goes, one by one.
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

    def test_every_foreign_key_to_a_user_allows_deleting_the_user(self) -> None:
        # A new one that protects would keep people from going; what it does is said here.
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

    def test_deleting_the_contact_person_makes_another_admin_the_contact_person(
        self, company: Company, admin: User, canary: User
    ) -> None:
        Company.objects.filter(pk=company.pk).update(contact_person=NAME, contact_email=ADDRESS)

        delete_account(canary, by=canary)

        company.refresh_from_db()
        assert (company.contact_person, company.contact_email) == (admin.name, admin.email)

    def test_deleting_the_contact_person_of_a_company_without_admins_empties_the_contact(
        self, company: Company, canary: User
    ) -> None:
        Company.objects.filter(pk=company.pk).update(contact_person=NAME, contact_email=ADDRESS)

        delete_account(canary, by=canary)

        company.refresh_from_db()
        assert (company.contact_person, company.contact_email) == ("", "")

    def test_deleting_a_user_keeps_the_mails_of_a_user_with_a_similar_number(
        self, company: Company, admin: User, smtp_sink: SmtpSink
    ) -> None:
        # Keys of mails are looked for by how they begin.
        short, long = make_person(pk=71, company=company), make_person(pk=711, company=company)
        for pk, who in ((51, short), (511, long)):
            LicenseRequest.objects.create(pk=pk, company=company, license=make_license(company), user=who)
        for row in LicenseRequest.objects.all():
            mails.send_request_received(row)
            mails.send_requested(row)
        drain()

        delete_account(short, by=short)

        assert OutboxMail.objects.get(key__startswith="request_received:licenserequest511:").sent_text
        assert not OutboxMail.objects.get(key__startswith="request_received:licenserequest51:").sent_text
        assert OutboxMail.objects.get(recipient=long).sent_text


def _send_everything() -> None:
    # At any hour, and without a mail server.
    OutboxMail.objects.update(due_at=timezone.now())
    for mail in claim(1000):
        with suppress(Unwanted):
            letter = render(mail)
            mark_sent(mail, address=letter.to[0], text=letter.text_to_keep)


def _named_to_others(user: User) -> bool:
    texts = OutboxMail.objects.filter(sent_text__contains=f"Kanarie{user.pk}x")
    return texts.exclude(recipient=user).exists()


def test_rolling_back_a_deletion_keeps_the_account_and_sends_no_mail(canary: User, admin: User) -> None:
    # No farewell for an account that is still there (R31).
    with transaction.atomic():
        delete_account(canary, by=canary)
        transaction.set_rollback(True)

    assert User.objects.filter(pk=canary.pk).exists()
    assert not OutboxMail.objects.exists()
