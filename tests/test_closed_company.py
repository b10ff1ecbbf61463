"""A company that NEN closed: its people read free documents only, nobody comes in, its admins only look."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.actions.closing import close_company, reopen_company
from accounts.actions.finishing_registration import companies_to_choose, finish_registration
from accounts.actions.joining import companies_to_join, join
from accounts.actions.moving import check_can_move
from accounts.actions.registration import NewColleague, add_user
from accounts.models import JoinInvitation, User
from companies.models import Company
from licenses.access import can_open
from licenses.models import License
from members.actions import people_import
from members.actions.people_import import batches, start_import
from nenconnect.audit.models import AuditEntry
from nenconnect.mail.events import Unwanted, context_of
from nenconnect.mail.models import OutboxMail
from nenconnect.rules.errors import RuleError
from requests_app.access.reasons import explain
from requests_app.actions import document_requests, license_requests
from requests_app.actions.asking_first import ask_first
from requests_app.actions.company_wide import set_company_wide
from requests_app.actions.deciding import withdraw
from requests_app.actions.digests import close_old_requests
from requests_app.actions.document_requests import request_document
from requests_app.actions.giving import give_license
from requests_app.actions.license_requests import request_license
from requests_app.actions.together import decide_together
from requests_app.actions.waiting_list import put_in_line
from requests_app.models import LicenseRequest
from tests.factories import (
    PASSWORD,
    collection_for,
    document,
    granted,
    license_for,
    move_to,
    pending_person,
    person,
    registration_token,
)
from tests.test_people_import import checked, line, outcomes

pytestmark = pytest.mark.usefixtures("_english")
SignIn = Callable[[User], Client]


@pytest.fixture
def closed(company: Company, staff: User) -> Company:
    close_company(company, because="Contract opgezegd", by=staff)
    company.refresh_from_db()
    return company


def fresh(user: User) -> User:
    return User.objects.select_related("company").get(pk=user.pk)


def test_its_people_open_free_documents_only_until_it_is_open_again(
    company: Company, colleague: User, staff: User
) -> None:
    free, held = document(is_free=True), document()
    granted(license_for(company, documents=[held]), colleague)
    license_for(company, documents=[held], is_company_wide=True)
    assert can_open(colleague, held)

    close_company(company, because="Contract opgezegd", by=staff)

    assert can_open(colleague, free)
    assert not can_open(colleague, held)
    assert not License.objects.open_to(colleague).exists()
    reason = explain(held, fresh(colleague), to=colleague)
    assert not reason.is_open
    assert reason.sentence == "NEN has closed Voorbeeld BV: its people can read free documents only."

    reopen_company(company, by=staff)
    assert can_open(colleague, held)


def test_nobody_comes_in_any_more(
    closed: Company, personal: User, staff: User, admin: User, other_admin: User
) -> None:
    on_domain = person("los@voorbeeld.example")
    visitor = pending_person("zelf@voorbeeld.example")
    JoinInvitation.objects.create(company=closed, user=on_domain, origin=User.Origin.NEN)
    assert closed.allows_self_registration

    assert companies_to_join(on_domain) == []
    assert companies_to_choose(visitor) == []
    with pytest.raises(RuleError, match="cannot join"):
        join(on_domain, closed)
    for by, origin in ((admin, User.Origin.COMPANY), (staff, User.Origin.NEN)):
        with pytest.raises(RuleError, match="is closed"):
            add_user(closed, NewColleague(email="x@voorbeeld.example", name="X"), by=by, origin=origin)
    with pytest.raises(RuleError, match="is closed"):
        check_can_move(move_to(closed))


def test_who_was_invited_before_cannot_finish_and_gets_no_more_mail(company: Company, staff: User) -> None:
    user = add_user(
        company, NewColleague(email="vroeg@voorbeeld.example", name="Vroeg"), by=staff, origin=User.Origin.NEN
    )
    token = registration_token(user)
    close_company(company, because="Contract opgezegd", by=staff)

    with pytest.raises(RuleError, match="is closed"):
        finish_registration(token, password=PASSWORD)
    with pytest.raises(Unwanted, match="closed"):
        context_of(OutboxMail.objects.get(event="registration_invited"))


def test_nothing_is_requested_any_more(closed: Company, colleague: User) -> None:
    collection_for(closed)
    with pytest.raises(RuleError, match="cannot request"):
        request_license(license_for(closed), by=fresh(colleague))
    with pytest.raises(RuleError, match="is closed"):
        request_document(document(), by=fresh(colleague))


def test_its_admin_sees_why_on_every_page_and_changes_nothing(
    closed: Company, admin: User, colleague: User, sign_in: SignIn
) -> None:
    waiting = LicenseRequest.objects.create(company=closed, license=license_for(closed), user=colleague)
    browser = sign_in(admin)

    for name in ("company:company", "company:users", "company:settings", "home:home"):
        page = browser.get(reverse(name)).content.decode()
        assert "Contract opgezegd" in page, name
        assert "niets wijzigen" in page
    before = AuditEntry.objects.count()
    posts = [
        (reverse("company:self_registration"), {"allowed": "0"}),
        (reverse("company:contact"), {"contact_person": "Ander"}),
        (reverse("company:add_user"), {"email": "x@voorbeeld.example", "name": "X", "role": "user"}),
        (reverse("requests:approve_license", args=[waiting.pk]), {}),
    ]
    for url, posted in posts:
        answer = browser.post(url, posted)
        assert answer.status_code == 403
        assert "Er is niets gewijzigd" in answer.content.decode()
    assert AuditEntry.objects.count() == before


def test_its_people_still_sign_in_and_read_why(closed: Company, colleague: User, sign_in: SignIn) -> None:
    page = sign_in(colleague).get(reverse("home:home")).content.decode()

    assert "Contract opgezegd" in page
    assert "niets wijzigen" not in page  # that is for admins


def test_its_admins_are_mailed_when_it_closes_and_when_it_opens(
    company: Company, admin: User, colleague: User, staff: User
) -> None:
    close_company(company, because="Contract opgezegd", by=staff)
    closed = OutboxMail.objects.get()
    assert (closed.event, closed.recipient) == ("company_closed", admin)
    assert context_of(closed)["company"].closed_because == "Contract opgezegd"

    reopen_company(company, by=staff)

    with pytest.raises(Unwanted):  # what had not gone yet is out of date
        context_of(OutboxMail.objects.get(pk=closed.pk))
    assert OutboxMail.objects.get(event="company_reopened").recipient == admin
    assert list(AuditEntry.objects.order_by("pk").values_list("verb", flat=True)) == [
        "company_closed",
        "company_reopened",
    ]


def test_closing_wants_a_reason_and_happens_once(company: Company, staff: User) -> None:
    for reason in ("", "  ", "x" * 301, "twee\nregels"):
        with pytest.raises(RuleError):
            close_company(company, because=reason, by=staff)
    close_company(company, because="Opgezegd", by=staff)
    with pytest.raises(RuleError, match="closed already"):
        close_company(company, because="Opgezegd", by=staff)
    reopen_company(company, by=staff)
    with pytest.raises(RuleError, match="open already"):
        reopen_company(company, by=staff)


def test_staff_close_and_reopen_at_the_desk(company: Company, staff: User, sign_in: SignIn) -> None:
    browser, page = sign_in(staff), reverse("admin:companies_company_change", args=[company.pk])

    assert browser.get(reverse("admin:companies_company_close", args=[company.pk])).status_code == 405
    browser.post(reverse("admin:companies_company_close", args=[company.pk]), {"because": ""})
    company.refresh_from_db()
    assert not company.is_closed

    browser.post(reverse("admin:companies_company_close", args=[company.pk]), {"because": "Opgezegd"})
    assert "Opgezegd" in browser.get(page).content.decode()
    browser.post(reverse("admin:companies_company_reopen", args=[company.pk]))
    company.refresh_from_db()
    assert not company.is_closed


# Refused by the actions themselves, whatever page they are called from -------------------------------


@pytest.fixture
def asked(company: Company, admin: User, colleague: User, staff: User) -> dict[str, Any]:
    """Requests that were open when NEN closed the company."""
    collection_for(company)
    rows = {
        "license": request_license(license_for(company), by=colleague),
        "document": request_document(document(), by=colleague),
        "full": request_license(license_for(company, seats=0), by=colleague),
    }
    close_company(company, because="Contract opgezegd", by=staff)
    return rows


DECISIONS: dict[str, Callable[[dict[str, Any], User], object]] = {
    "approve a licence": lambda rows, by: license_requests.approve(rows["license"], by=by),
    "reject a licence": lambda rows, by: license_requests.reject(rows["license"], by=by, reason="Nee"),
    "approve a standard": lambda rows, by: document_requests.approve(
        rows["document"], license=License.objects.get(kind="custom"), by=by
    ),
    "reject a standard": lambda rows, by: document_requests.reject(rows["document"], by=by),
    "ask something first": lambda rows, by: ask_first(rows["license"], "Waarvoor?", by=by),
    "put in line": lambda rows, by: put_in_line(rows["full"], by=by),
    "give a licence": lambda rows, by: give_license(rows["license"].license, to=by, by=by),
    "upload a table": lambda rows, by: start_import(
        rows["license"].company, table=ContentFile(b"x", "x.csv"), by=by
    ),
}


@pytest.mark.parametrize("name", DECISIONS)
def test_no_decision_is_taken_at_a_closed_company_past_its_pages(
    asked: dict[str, Any], admin: User, name: str
) -> None:
    before = (AuditEntry.objects.count(), OutboxMail.objects.count())

    with pytest.raises(RuleError, match="Voorbeeld BV is closed"):
        DECISIONS[name](asked, admin)

    assert all(type(row)._default_manager.get(pk=row.pk).is_open for row in asked.values())
    assert (AuditEntry.objects.count(), OutboxMail.objects.count()) == before


def test_several_decided_at_once_are_each_refused(asked: dict[str, Any], admin: User, company: Company) -> None:
    chosen = [asked["license"].pk, asked["full"].pk]

    outcomes = decide_together(
        LicenseRequest, chosen, lambda row: license_requests.approve(row, by=admin), company=company
    )

    assert [bool(one.refusal) for one in outcomes] == [True, True]


def test_whoever_asked_may_still_withdraw(asked: dict[str, Any], colleague: User) -> None:
    withdraw(asked["license"], by=colleague)

    assert LicenseRequest.objects.get(pk=asked["license"].pk).status == "withdrawn"


def test_requests_do_not_close_themselves_where_nobody_can_answer(asked: dict[str, Any], company: Company) -> None:
    Company.objects.update(closes_after_days=7)
    LicenseRequest.objects.update(created_at=timezone.now() - timedelta(days=30))

    close_old_requests()
    assert LicenseRequest.objects.get(pk=asked["license"].pk).is_open

    Company.objects.update(closed_at=None, closed_because="")
    close_old_requests()
    assert not LicenseRequest.objects.get(pk=asked["license"].pk).is_open


def test_company_wide_answers_nobody_who_could_not_read_all_the_same(
    asked: dict[str, Any], company: Company, staff: User
) -> None:
    License.objects.filter(pk=asked["license"].license_id).update(is_company_wide_approved=True)

    set_company_wide(License.objects.get(pk=asked["license"].license_id), True, by=staff)

    assert LicenseRequest.objects.get(pk=asked["license"].pk).is_open


def test_an_import_stops_where_it_was_when_its_company_is_closed(
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
