"""Test that NEN moves a person to another company (R37)."""

from __future__ import annotations

import pytest
from django.test import Client

from accounts.models import MoveRequest, User
from companies.models import Company
from licenses.models import Grant
from nenconnect.audit.models import AuditEntry
from nenconnect.mail.models import OutboxMail
from requests_app.actions.asking import request_license
from tests.desk.people.events import events, move_url
from tests.factories import make_grants, make_license

pytestmark = pytest.mark.usefixtures("_english")


def test_staff_see_what_a_user_loses_before_moving_the_user(
    desk: Client, colleague: User, admin: User, company: Company, other_company: Company
) -> None:
    make_grants(make_license(company), colleague)
    request_license(make_license(company), by=colleague)
    make_license(other_company, is_company_wide=True)

    page = desk.get(move_url(colleague), {"company": other_company.pk})

    preview = page.context["preview"]
    assert (preview.licenses, preview.requests, preview.company_wide, preview.is_outside) == (1, 1, 1, True)
    colleague.refresh_from_db()
    assert colleague.company == company


def test_moving_a_user_ends_licences_and_requests_and_mails_admin_and_user(
    desk: Client, colleague: User, admin: User, company: Company, other_company: Company
) -> None:
    make_grants(make_license(company), colleague)
    license_request = request_license(make_license(company), by=colleague)
    OutboxMail.objects.all().delete()

    answer = desk.post(move_url(colleague), {"company": other_company.pk})

    assert answer.status_code == 302, answer.context["form"].errors
    colleague.refresh_from_db()
    license_request.refresh_from_db()
    assert (colleague.company, colleague.role) == (other_company, "user")
    assert (license_request.status, Grant.objects.count()) == ("withdrawn", 0)
    assert events() == [("colleague_moved", admin.email), ("move_accepted", colleague.email)]
    assert {"moved_in", "moved_out"} <= set(AuditEntry.objects.values_list("verb", flat=True))


def test_staff_cannot_move_the_last_active_admin_to_another_company(
    desk: Client, admin: User, company: Company, other_company: Company
) -> None:
    answer = desk.post(move_url(admin), {"company": other_company.pk})

    assert "is the only active admin" in str(answer.context["form"].errors)
    admin.refresh_from_db()
    assert admin.company == company
    assert not MoveRequest.objects.exists()


def test_moving_a_user_closes_an_open_move_request(
    desk: Client, colleague: User, admin: User, company: Company, other_company: Company
) -> None:
    MoveRequest.objects.create(user=colleague, from_company=company, to_company=other_company)

    desk.post(move_url(colleague), {"company": other_company.pk})

    assert sorted(MoveRequest.objects.values_list("status", flat=True)) == ["accepted", "withdrawn"]


@pytest.mark.parametrize("kind", ["personal", "blocked", "pending"])
def test_staff_cannot_move_a_personal_blocked_or_pending_account(
    desk: Client, admin: User, other_company: Company, kind: str, request: pytest.FixtureRequest
) -> None:
    user = request.getfixturevalue(kind)

    answer = desk.post(move_url(user), {"company": other_company.pk})

    assert answer.context["form"].errors
    assert not User.objects.filter(company=other_company).exists()
