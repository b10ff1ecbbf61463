"""Test that actions refuse decisions and imports for a closed company."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.utils import timezone

from accounts.actions.closing import close_company
from accounts.models import User
from companies.models import Company
from licenses.models import License
from members.actions import people_import
from members.actions.people_import import batches, start_import
from nenconnect.audit.models import AuditEntry
from nenconnect.mail.events import Unwanted, context_of
from nenconnect.mail.models import OutboxMail
from nenconnect.rules.errors import RuleError
from requests_app.actions import approving_documents, deciding
from requests_app.actions.asking import request_document, request_license
from requests_app.actions.asking_first import ask_first
from requests_app.actions.company_wide import set_company_wide
from requests_app.actions.deciding import give_license, withdraw
from requests_app.actions.digests import close_old_requests
from requests_app.actions.several_at_once import decide_together
from requests_app.actions.waiting_list import put_in_line
from requests_app.models import LicenseRequest
from tests.factories import make_collection, make_document, make_license
from tests.members.people_import.tables import checked, line, outcomes

pytestmark = pytest.mark.usefixtures("_english")


@pytest.fixture
def open_rows(company: Company, admin: User, colleague: User, staff: User) -> dict[str, Any]:
    # Requests that were open when NEN closed the company.
    make_collection(company)
    rows = {
        "license": request_license(make_license(company), by=colleague),
        "document": request_document(make_document(), by=colleague),
        "full": request_license(make_license(company, seats=0), by=colleague),
    }
    close_company(company, because="Contract opgezegd", by=staff)
    return rows


DECISIONS: dict[str, Callable[[dict[str, Any], User], object]] = {
    "approve a licence": lambda rows, by: deciding.approve(rows["license"], by=by),
    "reject a licence": lambda rows, by: deciding.reject(rows["license"], by=by, reason="Nee"),
    "approve a standard": lambda rows, by: approving_documents.approve_document(
        rows["document"], license=License.objects.get(kind="custom"), by=by
    ),
    "reject a standard": lambda rows, by: deciding.reject(rows["document"], by=by),
    "ask something first": lambda rows, by: ask_first(rows["license"], "Waarvoor?", by=by),
    "put in line": lambda rows, by: put_in_line(rows["full"], by=by),
    "give a licence": lambda rows, by: give_license(rows["license"].license, to=by, by=by),
    "upload a table": lambda rows, by: start_import(
        rows["license"].company, table=ContentFile(b"x", "x.csv"), by=by
    ),
}


@pytest.mark.parametrize("name", DECISIONS)
def test_actions_refuse_every_decision_at_a_closed_company(
    open_rows: dict[str, Any], admin: User, name: str
) -> None:
    before = (AuditEntry.objects.count(), OutboxMail.objects.count())

    with pytest.raises(RuleError, match="Voorbeeld BV is closed"):
        DECISIONS[name](open_rows, admin)

    assert all(type(row)._default_manager.get(pk=row.pk).is_open for row in open_rows.values())
    assert (AuditEntry.objects.count(), OutboxMail.objects.count()) == before


def test_several_decided_at_once_are_each_refused(
    open_rows: dict[str, Any], admin: User, company: Company
) -> None:
    chosen = [open_rows["license"].pk, open_rows["full"].pk]

    outcomes = decide_together(
        LicenseRequest, chosen, lambda row: deciding.approve(row, by=admin), company=company
    )

    assert [bool(outcome.refusal) for outcome in outcomes] == [True, True]


def test_the_requester_can_withdraw_at_a_closed_company(open_rows: dict[str, Any], colleague: User) -> None:
    withdraw(open_rows["license"], by=colleague)

    assert LicenseRequest.objects.get(pk=open_rows["license"].pk).status == "withdrawn"


def test_old_requests_of_a_closed_company_do_not_expire(open_rows: dict[str, Any], company: Company) -> None:
    Company.objects.update(closes_after_days=7)
    LicenseRequest.objects.update(created_at=timezone.now() - timedelta(days=30))

    close_old_requests()
    assert LicenseRequest.objects.get(pk=open_rows["license"].pk).is_open

    Company.objects.update(closed_at=None, closed_because="")
    close_old_requests()
    assert not LicenseRequest.objects.get(pk=open_rows["license"].pk).is_open


def test_company_wide_answers_nobody_who_could_not_read_all_the_same(
    open_rows: dict[str, Any], company: Company, staff: User
) -> None:
    License.objects.filter(pk=open_rows["license"].license_id).update(is_company_wide_approved=True)

    set_company_wide(License.objects.get(pk=open_rows["license"].license_id), True, by=staff)

    assert LicenseRequest.objects.get(pk=open_rows["license"].pk).is_open


def test_an_import_stops_when_its_company_is_closed(
    company: Company, admin: User, staff: User, settings: Any, tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.MEDIA_ROOT = tmp_path
    monkeypatch.setattr(batches, "BATCH", 2)
    row = checked(*(line(f"p{number}@voorbeeld.example") for number in range(5)), by=admin)
    people_import.load(row, only_good=False, by=admin)
    people_import.run_imports(seconds=0)

    close_company(company, because="Contract opgezegd", by=staff)
    people_import.run_imports()

    row.refresh_from_db()
    assert (row.state, outcomes(row)) == ("failed", ["new", "new", "refused", "refused", "refused"])
    assert "Voorbeeld BV" in row.reason
    assert User.objects.filter(email__startswith="p").count() == 2
    assert not row.table
    for mail in OutboxMail.objects.filter(event="registration_invited"):
        with pytest.raises(Unwanted, match="closed"):
            context_of(mail)
