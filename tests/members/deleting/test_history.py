"""Test that history says „deleted user" after a deletion, and a new account inherits nothing (R3)."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse

from accounts.actions import joining
from accounts.actions.finishing_registration import finish_registration
from accounts.actions.registering_oneself import register_self
from accounts.models import JoinInvitation, User
from companies.models import Company
from licenses.actions.granting import grant
from licenses.models import Grant, License
from members.actions.deleting import delete_account
from nenconnect.audit.models import AuditEntry
from nenconnect.mail.delivery import drain
from nenconnect.mail.models import OutboxMail
from nenconnect.rules.errors import RuleError
from requests_app.actions import approving_documents, deciding
from requests_app.actions.asking import request_document, request_license
from requests_app.models import LicenseRequest
from tests.factories import (
    make_admin,
    make_collection,
    make_document,
    make_grants,
    make_license,
    make_pending_person,
    make_person,
    registration_token,
)
from tests.members.deleting.canary import ADDRESS, NAME
from tests.smtp_sink import SmtpSink

SignIn = Callable[[User], Client]
pytestmark = pytest.mark.django_db


class TestHistory:
    @pytest.fixture
    def decided(self, company: Company, admin: User, canary: User) -> LicenseRequest:
        license_request = request_license(make_license(company), by=canary, reason="Voor het werk")
        deciding.reject(license_request, by=admin, reason="Nee")
        return license_request

    def test_deleting_a_user_withdraws_open_requests_and_keeps_decided_requests(
        self, company: Company, admin: User, canary: User, decided: LicenseRequest
    ) -> None:
        still_open = request_license(make_license(company), by=canary)
        make_collection(company)
        document_request = request_document(make_document(), by=canary)

        delete_account(canary, by=canary)

        for row, status in ((decided, "rejected"), (still_open, "withdrawn"), (document_request, "withdrawn")):
            row.refresh_from_db()
            assert (row.user, row.status, row.reason) == (None, status, "")
        assert decided.decided_by == admin
        assert decided.rejection_reason == "Nee"

    def test_deleting_an_admin_keeps_decisions_without_the_name_of_the_admin(
        self, company: Company, admin: User, colleague: User
    ) -> None:
        leaver = make_admin(company, name=NAME)
        license_request = request_license(make_license(company), by=colleague)
        deciding.reject(license_request, by=leaver, reason=f"Groet, {NAME}")
        kept = make_license(company)
        grant(kept, to=colleague, by=leaver)

        delete_account(leaver, by=leaver)

        license_request.refresh_from_db()
        assert (license_request.status, license_request.decided_by, license_request.rejection_reason) == (
            "rejected",
            None,
            "Groet, …",
        )
        assert Grant.objects.get(license=kept, user=colleague).granted_by is None

    @pytest.mark.parametrize("is_admin", [True, False])
    def test_request_pages_show_deleted_user_to_an_admin_only(
        self,
        company: Company,
        admin: User,
        colleague: User,
        canary: User,
        decided: LicenseRequest,
        sign_in: SignIn,
        is_admin: bool,
    ) -> None:
        make_collection(company)
        document_request = request_document(make_document(), by=canary)
        deciding.reject(document_request, by=admin)
        delete_account(canary, by=canary)
        User.objects.update(language="en")
        browser = sign_in(admin if is_admin else colleague)

        pages = [
            reverse("requests:license_requests"),
            reverse("requests:license_request", args=[decided.pk]),
            reverse("requests:document_requests"),
            reverse("requests:document_request", args=[document_request.pk]),
        ]

        for page in pages:
            answer = browser.get(page)
            assert answer.status_code == 200, page
            assert ("Deleted user" in answer.content.decode()) is is_admin, page
            assert "Kanarie" not in answer.content.decode()

    def test_the_page_of_a_request_shows_that_a_deleted_user_decided(
        self, company: Company, admin: User, colleague: User, sign_in: SignIn
    ) -> None:
        leaver = make_admin(company)
        license_request = request_license(make_license(company), by=colleague)
        deciding.reject(license_request, by=leaver)
        delete_account(leaver, by=leaver)
        User.objects.update(language="en")

        page = sign_in(admin).get(reverse("requests:license_request", args=[license_request.pk])).content.decode()

        assert "by a deleted user" in page

    @pytest.mark.usefixtures("_english")
    def test_an_admin_cannot_decide_on_a_request_of_a_deleted_user(
        self, company: Company, admin: User, canary: User, sign_in: SignIn
    ) -> None:
        license_request = request_license(make_license(company), by=canary)
        make_collection(company)
        document_request = request_document(make_document(), by=canary)
        delete_account(canary, by=canary)

        decisions: list[Callable[[], None]] = [
            lambda: deciding.approve(license_request, by=admin),
            lambda: deciding.reject(license_request, by=admin),
            lambda: approving_documents.approve_document(document_request, license=None, by=admin),
        ]
        for decide in decisions:
            with pytest.raises(RuleError, match="withdrawn"):
                decide()
        User.objects.update(language="en")
        for kind, pk in (("license", license_request.pk), ("document", document_request.pk)):
            for act in ("approve", "reject"):
                for method in ("get", "post"):
                    url = reverse(f"requests:{act}_{kind}", args=[pk])
                    answer = getattr(sign_in(admin), method)(url, follow=True)
                    assert answer.status_code in {200, 405}
                    assert "Kanarie" not in answer.content.decode()

    @pytest.mark.usefixtures("_english")
    def test_a_second_decision_is_refused_with_the_words_deleted_user(
        self, company: Company, admin: User, colleague: User
    ) -> None:
        leaver = make_admin(company)
        license_request = request_license(make_license(company), by=colleague)
        deciding.reject(license_request, by=leaver)
        delete_account(leaver, by=leaver)

        with pytest.raises(RuleError, match="A deleted user already decided"):
            deciding.approve(license_request, by=admin)

    def test_waiting_mails_about_a_deleted_user_are_not_sent(
        self, company: Company, admin: User, canary: User, decided: LicenseRequest, smtp_sink: SmtpSink
    ) -> None:
        # The queue was paused, say: neither to the person, nor to the admin who would read who asked.
        delete_account(canary, by=canary)

        assert drain() == 1

        assert [mail["To"] for mail in smtp_sink.mails()] == [ADDRESS]
        assert set(OutboxMail.objects.filter(recipient=admin).values_list("status", flat=True)) == {"suppressed"}

    def test_the_audit_of_a_deletion_keeps_only_user_numbers(self, canary: User, admin: User) -> None:
        delete_account(canary, by=admin)

        entry = AuditEntry.objects.get(verb="user_deleted")
        assert (entry.actor_id, entry.subjects) == (admin.pk, {"user": canary.pk})

    def test_the_desk_pages_still_open_after_a_user_is_deleted(
        self, canary: User, decided: LicenseRequest, staff: User, sign_in: SignIn
    ) -> None:
        delete_account(canary, by=canary)
        browser = sign_in(staff)

        for page in ("requests_app/licenserequest", "mail/outboxmail", "audit/auditentry", "accounts/user"):
            assert browser.get(f"/beheer/{page}/").status_code == 200
        for mail in OutboxMail.objects.all():
            assert browser.get(f"/beheer/mail/outboxmail/{mail.pk}/change/").status_code == 200


class TestANewAccountOnTheSameAddress:
    def test_a_new_account_on_the_address_of_a_deleted_admin_has_no_old_rights(
        self, company: Company, admin: User, other_company: Company, sign_in: SignIn
    ) -> None:
        old = make_admin(company, ADDRESS, name=NAME)
        license = make_license(company, seats=1)
        make_grants(license, old)
        license_request = request_license(make_license(company), by=old)
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
        license_request.refresh_from_db()
        assert license_request.status == "withdrawn"

    def test_a_deleted_user_who_is_added_again_gets_no_old_licences(
        self, company: Company, admin: User, canary: User
    ) -> None:
        license = make_license(company)
        make_grants(license, canary)
        delete_account(canary, by=canary)

        new = make_pending_person(ADDRESS, company=company, registration_round=1)
        new = finish_registration(registration_token(new), password="heel-iets-anders-12")

        assert not License.objects.open_to(new).exists()

    def test_deleting_a_user_frees_the_seat_of_the_licence(
        self, company: Company, admin: User, canary: User
    ) -> None:
        license = make_license(company, seats=1)
        make_grants(license, canary)

        delete_account(canary, by=canary)

        grant(license, to=make_person(company=company), by=admin)
