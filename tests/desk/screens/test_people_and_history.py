"""Test that people change at NEN's desk by actions only, and mails and history not at all (R37)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.contrib import admin as django_admin
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.actions import details, membership
from accounts.models import User
from companies.models import Company
from licenses.models import Document, Grant
from nenconnect.audit.models import AuditEntry
from nenconnect.mail.models import MailStatus, OutboxMail
from tests.factories import make_admin, make_company, make_document, make_grants, make_license, make_pending_person

pytestmark = pytest.mark.usefixtures("_english")
SignIn = Callable[[User], Client]
READ_ONLY = [
    "mail_outboxmail",
    "audit_auditentry",
    "licenses_grant",
    "requests_app_licenserequest",
    "requests_app_documentrequest",
]

DESK = [
    "accounts.SignInAttempts",
    "accounts.StaffMember",
    "accounts.TermsAcceptance",
    "accounts.TermsVersion",
    "accounts.User",
    "audit.AuditEntry",
    "companies.Company",
    "companies.Domain",
    "licenses.Document",
    "licenses.DocumentImport",
    "licenses.Grant",
    "licenses.License",
    "mail.OutboxMail",
    "members.PeopleImport",
    "requests_app.DocumentRequest",
    "requests_app.LicenseRequest",
]


def bulk(as_staff: Client, action: str, *people: User) -> str:
    posted = {"action": action, "_selected_action": [user.pk for user in people]}
    return as_staff.post(reverse("admin:accounts_user_changelist"), posted, follow=True).content.decode()


@pytest.mark.parametrize("action", ["block", "make_user"])
def test_staff_cannot_block_or_demote_the_last_active_admin(
    as_staff: Client, company: Company, admin: User, colleague: User, action: str
) -> None:
    second = make_admin(company)

    page = bulk(as_staff, action, admin, second, colleague)

    assert "is the only active admin" in page
    assert User.objects.active_admins_of(company).count() == 1
    colleague.refresh_from_db()
    assert colleague.is_blocked is (action == "block")  # the others go on


def test_making_users_admin_skips_a_personal_account(as_staff: Client, colleague: User, personal: User) -> None:
    page = bulk(as_staff, "make_admin", colleague, personal)

    colleague.refresh_from_db()
    assert colleague.role == "admin"
    assert "1 person has no company" in page


def test_staff_can_send_the_registration_mail_again(as_staff: Client, company: Company) -> None:
    user = make_pending_person(company=company, registration_sent_at=timezone.now() - timedelta(days=1))

    bulk(as_staff, "send_registration_again", user)

    assert OutboxMail.objects.get().recipient == user


def test_sending_mails_again_requeues_a_failed_mail_and_skips_a_sent_mail(
    as_staff: Client, colleague: User
) -> None:
    states: list[dict[str, Any]] = [
        {"status": MailStatus.FAILED, "reason": "550 No such mailbox"},
        {"status": MailStatus.SENT, "sent_at": timezone.now()},
    ]
    mails = [
        OutboxMail.objects.create(
            event="password_reset", key=f"k{n}", message_id=f"<{n}>", recipient=colleague, **row
        )
        for n, row in enumerate(states)
    ]
    queue = reverse("admin:mail_outboxmail_changelist")
    assert "550 No such mailbox" in as_staff.get(queue, {"status__exact": "failed"}).content.decode()

    as_staff.post(queue, {"action": "send_failed_again", "_selected_action": [mail.pk for mail in mails]})

    assert [mail.status for mail in OutboxMail.objects.order_by("pk")] == ["waiting", "sent"]


def test_the_audit_list_shows_sentences_and_filters_on_the_kind_of_event(
    as_staff: Client, colleague: User, admin: User
) -> None:
    details.change_details(colleague, by=admin, name="Anders")
    membership.block(colleague, by=admin)
    audit = reverse("admin:audit_auditentry_changelist")

    page = as_staff.get(audit, {"verb": "details_changed"}).content.decode()

    assert "Anneke Beheerder changed the details of Anders: name." in page
    assert "Anneke Beheerder blocked" not in page


@pytest.mark.parametrize(("chosen", "is_there"), [("yes", True), ("no", False)])
def test_staff_filter_the_list_of_people_on_active_accounts(
    as_staff: Client, colleague: User, chosen: str, is_there: bool
) -> None:
    page = as_staff.get(reverse("admin:accounts_user_changelist"), {"active": chosen}).content.decode()

    assert (colleague.email in page) is is_there


@pytest.mark.parametrize("model", READ_ONLY)
def test_staff_cannot_add_mails_audit_rows_grants_or_requests(as_staff: Client, model: str) -> None:
    assert as_staff.get(reverse(f"admin:{model}_changelist")).status_code == 200
    assert as_staff.get(reverse(f"admin:{model}_add")).status_code == 403


def test_the_desk_contains_only_the_expected_tables() -> None:
    # A package that brings an admin of its own adds, changes and deletes past our actions.
    assert sorted(model._meta.label for model in django_admin.site._registry) == DESK


@pytest.mark.parametrize("kind", ["admin", "colleague", "personal", "blocked"])
def test_only_staff_can_open_the_desk(sign_in: SignIn, kind: str, request: pytest.FixtureRequest) -> None:
    browser = sign_in(request.getfixturevalue(kind))

    for url in (
        reverse("admin:index"),
        reverse("admin:companies_company_add"),
        reverse("admin:mail_outboxmail_changelist"),
    ):
        assert browser.get(url, follow=True).status_code in {200, 403}
        assert browser.get(url).status_code in {302, 403}


@pytest.mark.parametrize(
    "model", ["companies_company", "accounts_user", "licenses_license", "licenses_document", "licenses_grant",
              "mail_outboxmail", "audit_auditentry"],
)  # fmt: skip
def test_a_desk_list_needs_as_many_queries_for_30_rows_as_for_3(as_staff: Client, model: str) -> None:
    def queries(rows: int) -> int:
        for number in range(rows):
            company = make_company(f"Bedrijf {rows} {number}", f"b{rows}-{number}.example")
            user = make_admin(company)
            make_grants(make_license(company, documents=[make_document()]), user)
            OutboxMail.objects.create(
                event="password_reset", key=f"{rows}.{number}", message_id=f"<{rows}.{number}>", recipient=user
            )
            AuditEntry.objects.create(verb="blocked", actor_id=user.pk, company_id=company.pk)
        with CaptureQueriesContext(connection) as captured:
            assert as_staff.get(reverse(f"admin:{model}_changelist")).status_code == 200
        return len(captured)

    assert queries(3) == queries(27)


def test_staff_cannot_delete_a_company_licence_document_grant_or_user(
    as_staff: Client, company: Company, admin: User
) -> None:
    license = make_license(company, documents=[make_document()])
    make_grants(license, admin)

    for row in (company, license, Document.objects.get(), Grant.objects.get(), admin):
        url = reverse(f"admin:{row._meta.app_label}_{row._meta.model_name}_delete", args=[row.pk])
        assert as_staff.post(url, {"post": "yes"}).status_code == 403
        changelist = reverse(f"admin:{row._meta.app_label}_{row._meta.model_name}_changelist")
        as_staff.post(changelist, {"action": "delete_selected", "_selected_action": row.pk, "post": "yes"})
        row.refresh_from_db()


def test_the_new_company_form_preselects_the_dutch_time_zone(as_staff: Client) -> None:
    page = as_staff.get(reverse("admin:companies_company_add")).content.decode()

    assert '<option value="Europe/Amsterdam" selected>' in page
