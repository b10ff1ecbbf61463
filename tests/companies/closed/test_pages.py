"""Test the pages of a closed company: free documents only, no newcomers, admins only look."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse

from accounts.actions.closing import close_company, reopen_company
from accounts.actions.finishing_registration import companies_to_choose, finish_registration
from accounts.actions.joining import companies_to_join, join
from accounts.actions.moving import check_can_move
from accounts.actions.registration import NewColleague, add_user
from accounts.models import JoinInvitation, User
from companies.models import Company
from licenses.access import can_open
from licenses.models import License
from nenconnect.audit.models import AuditEntry
from nenconnect.mail.events import Unwanted, context_of
from nenconnect.mail.models import OutboxMail
from nenconnect.rules.errors import RuleError
from requests_app.access.reasons import explain
from requests_app.actions.asking import request_document, request_license
from requests_app.models import LicenseRequest
from tests.factories import (
    PASSWORD,
    make_collection,
    make_document,
    make_grants,
    make_license,
    make_move_request,
    make_pending_person,
    make_person,
    registration_token,
)

pytestmark = pytest.mark.usefixtures("_english")
SignIn = Callable[[User], Client]


@pytest.fixture
def closed(company: Company, staff: User) -> Company:
    close_company(company, because="Contract opgezegd", by=staff)
    company.refresh_from_db()
    return company


def fresh(user: User) -> User:
    return User.objects.select_related("company").get(pk=user.pk)


def test_people_of_a_closed_company_open_free_documents_only_until_it_reopens(
    company: Company, colleague: User, staff: User
) -> None:
    free, licensed = make_document(is_free=True), make_document()
    make_grants(make_license(company, documents=[licensed]), colleague)
    make_license(company, documents=[licensed], is_company_wide=True)
    assert can_open(colleague, licensed)

    close_company(company, because="Contract opgezegd", by=staff)

    assert can_open(colleague, free)
    assert not can_open(colleague, licensed)
    assert not License.objects.open_to(colleague).exists()
    reason = explain(licensed, fresh(colleague), to=colleague)
    assert not reason.is_open
    assert reason.sentence == "NEN has closed Voorbeeld BV: its people can read free documents only."

    reopen_company(company, by=staff)
    assert can_open(colleague, licensed)


def test_no_one_can_join_a_closed_company(
    closed: Company, personal: User, staff: User, admin: User, other_admin: User
) -> None:
    on_domain = make_person("los@voorbeeld.example")
    visitor = make_pending_person("zelf@voorbeeld.example")
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
        check_can_move(make_move_request(closed))


def test_an_invited_person_cannot_finish_registration_at_a_closed_company(company: Company, staff: User) -> None:
    user = add_user(
        company, NewColleague(email="vroeg@voorbeeld.example", name="Vroeg"), by=staff, origin=User.Origin.NEN
    )
    token = registration_token(user)
    close_company(company, because="Contract opgezegd", by=staff)

    with pytest.raises(RuleError, match="is closed"):
        finish_registration(token, password=PASSWORD)
    with pytest.raises(Unwanted, match="closed"):
        context_of(OutboxMail.objects.get(event="registration_invited"))


def test_no_licence_can_be_requested_at_a_closed_company(closed: Company, colleague: User) -> None:
    make_collection(closed)
    with pytest.raises(RuleError, match="cannot request"):
        request_license(make_license(closed), by=fresh(colleague))
    with pytest.raises(RuleError, match="is closed"):
        request_document(make_document(), by=fresh(colleague))


def test_every_page_tells_the_admin_of_a_closed_company_why_changes_are_refused(
    closed: Company, admin: User, colleague: User, sign_in: SignIn
) -> None:
    waiting = LicenseRequest.objects.create(company=closed, license=make_license(closed), user=colleague)
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


def test_people_of_a_closed_company_sign_in_and_read_that_it_is_closed(
    closed: Company, colleague: User, sign_in: SignIn
) -> None:
    page = sign_in(colleague).get(reverse("home:home")).content.decode()

    assert "Contract opgezegd" in page
    assert "niets wijzigen" not in page  # that is for admins


def test_admins_are_mailed_when_their_company_closes_and_reopens(
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
