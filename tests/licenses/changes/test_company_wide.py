"""Test switching a licence to company-wide and back, with the numbers of its preview (R20–R24)."""

from __future__ import annotations

from datetime import timedelta
from functools import partial

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from companies.models import Company
from licenses.actions import switches
from licenses.actions.switches import end_company_wide
from licenses.models import CompanyWideEnd, Grant, License
from nenconnect.audit.models import AuditEntry
from nenconnect.mail.models import OutboxMail
from nenconnect.rules.errors import RuleError
from requests_app.actions.asking import request_document, request_license
from requests_app.actions.company_wide import set_company_wide
from requests_app.models import DocumentRequest, LicenseRequest
from requests_app.previews.license_changes import (
    LicensePreview,
    preview_company_wide,
    preview_end_of_company_wide,
    preview_showing,
)
from tests.at_once import run_at_once
from tests.factories import make_admin, make_company, make_document, make_grants, make_license, make_person
from tests.licenses.changes.previews import can_read, open_requests, shown


class TestCompanyWideOn:
    def test_the_numbers_are_what_then_happens(self, company: Company, admin: User, crowd: list[User]) -> None:
        wide = make_license(company, documents=[make_document(), make_document()], is_company_wide_approved=True)
        make_grants(wide, crowd[1])
        make_grants(wide, crowd[2], ends_on=timezone.localdate() - timedelta(days=1))  # over: gains again
        before = can_read(wide)
        request_license(wide, by=crowd[3])
        request_document(wide.documents.first(), by=crowd[4])  # type: ignore[arg-type]
        unrelated = request_license(make_license(company), by=crowd[3])

        preview = preview_company_wide(wide)
        waiting = open_requests()
        set_company_wide(wide, True, by=admin)

        assert preview == LicensePreview(gain=5, documents=2, license_requests=1, document_requests=1)
        assert len(can_read(wide) - before) == preview.gain
        assert before <= can_read(wide)
        assert len(waiting - open_requests()) == preview.requests
        assert open_requests() == {("LicenseRequest", unrelated.pk)}

    def test_a_waiting_requester_gets_one_mail_when_the_licence_becomes_company_wide(
        self, company: Company, admin: User, crowd: list[User]
    ) -> None:
        wide = make_license(company, documents=[make_document()], is_company_wide_approved=True)
        request_license(wide, by=crowd[3])

        set_company_wide(wide, True, by=admin)

        records = OutboxMail.objects.filter(event="request_approved")
        assert [mail.recipient for mail in records] == [crowd[3]]
        assert LicenseRequest.objects.get().decided_by == admin

    def test_a_request_for_a_plus_document_of_another_country_stays_open(
        self, company: Company, admin: User, crowd: list[User]
    ) -> None:
        plus = make_document(plus_countries=["BE"])
        wide = make_license(company, documents=[plus], is_company_wide_approved=True)
        DocumentRequest.objects.create(company=company, document=plus, user=crowd[3])

        preview = preview_company_wide(wide)
        set_company_wide(wide, True, by=admin)

        assert preview.requests == 0
        assert DocumentRequest.objects.pending().count() == 1

    def test_without_nens_approval_it_is_refused(self, company: Company, admin: User) -> None:
        with pytest.raises(RuleError):
            set_company_wide(make_license(company, is_company_wide_approved=False), True, by=admin)

    def test_the_page_says_the_numbers_and_the_button_does_it(
        self, as_admin: Client, company: Company, crowd: list[User]
    ) -> None:
        wide = make_license(company, documents=[make_document()], is_company_wide_approved=True)
        request_license(wide, by=crowd[3])
        page = reverse("company:set_company_wide", args=[wide.pk])

        question = as_admin.get(page)
        assert "6 colleagues get access" in shown(question)
        assert "1 open request is approved by this" in shown(question)
        assert not License.objects.get().is_company_wide

        as_admin.post(page, {"on": "1"})
        assert License.objects.get().is_company_wide
        twice = as_admin.post(page, {"on": "1"}, follow=True)
        assert "was company-wide already" in twice.content.decode()


class TestCompanyWideOff:
    def test_everyone_who_has_access_keeps_it_and_the_number_says_so(
        self, company: Company, admin: User, crowd: list[User]
    ) -> None:
        wide = make_license(company, documents=[make_document()], is_company_wide=True)
        make_grants(wide, crowd[1])
        make_grants(wide, crowd[2], ends_on=timezone.localdate())
        before = can_read(wide)

        preview = preview_end_of_company_wide(wide)
        set_company_wide(wide, False, by=admin)
        wide.refresh_from_db()

        assert preview == LicensePreview(keep=6, documents=1)
        assert can_read(wide) == before
        assert len(before) == preview.keep
        assert not wide.is_company_wide
        assert not Grant.objects.filter(ends_on__isnull=False).exists()  # they had it without an end
        new = Grant.objects.filter(origin=Grant.Origin.COMPANY_WIDE)
        assert {grant.granted_by for grant in new} == {admin}
        assert new.count() == 4
        assert make_person(company=company).pk not in can_read(wide)

    def test_a_worker_ends_company_wide_for_many_people_without_a_gap_in_access(
        self, company: Company, admin: User, crowd: list[User], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(switches, "AT_ONCE", 5)
        wide = make_license(company, documents=[make_document()], is_company_wide=True)
        before = can_read(wide)

        assert set_company_wide(wide, False, by=admin)
        assert not set_company_wide(wide, False, by=admin)
        assert License.objects.get().is_company_wide
        assert can_read(wide) == before

        end_company_wide()
        end_company_wide()

        wide.refresh_from_db()
        assert not wide.is_company_wide
        assert can_read(wide) == before
        assert not CompanyWideEnd.objects.exists()
        records = AuditEntry.objects.filter(verb__startswith="company_wide").order_by("pk")
        assert [(entry.verb, entry.actor_id) for entry in records] == [
            ("company_wide_ending", admin.pk),
            ("company_wide_switched", admin.pk),
        ]

    def test_switched_on_again_before_the_worker_came_nothing_has_happened(
        self, company: Company, admin: User, crowd: list[User], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(switches, "AT_ONCE", 5)
        wide = make_license(company, documents=[make_document()], is_company_wide=True)
        set_company_wide(wide, False, by=admin)

        assert set_company_wide(wide, True, by=admin)
        end_company_wide()

        assert License.objects.get().is_company_wide
        assert not Grant.objects.exists()

    def test_the_page_says_that_it_is_being_done(
        self, as_admin: Client, company: Company, crowd: list[User], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(switches, "AT_ONCE", 5)
        wide = make_license(company, documents=[make_document()], is_company_wide=True)

        question = as_admin.get(reverse("company:set_company_wide", args=[wide.pk]))
        assert "6 active colleagues keep access" in shown(question)
        as_admin.post(reverse("company:set_company_wide", args=[wide.pk]), {"on": "0"})

        assert "It is being turned off" in shown(as_admin.get(reverse("company:license", args=[wide.pk])))


@pytest.mark.django_db(transaction=True)
def test_two_admins_switching_company_wide_at_once_switch_it_once() -> None:
    company = make_company("Voorbeeld BV")
    admins = [make_admin(company) for _number in range(6)]
    wide = make_license(company, documents=[make_document()], is_company_wide=True)

    answers = run_at_once([partial(set_company_wide, wide, False, by=by) for by in admins])

    assert (answers.count(True), answers.count(False)) == (1, 5)
    assert Grant.objects.count() == 6
    assert AuditEntry.objects.filter(verb="company_wide_switched").count() == 1


def test_while_a_worker_has_yet_to_end_it_the_message_says_so_and_newcomers_must_ask(
    as_admin: Client, company: Company, colleague: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(switches, "AT_ONCE", 0)
    license = make_license(company, is_company_wide=True)
    place = reverse("company:set_company_wide", args=[license.pk])
    for _again in range(2):
        assert "is being turned off" in shown(as_admin.post(place, {"on": "0"}, follow=True))

    newcomer = make_person(company=company)
    end_company_wide()

    holders = {grant.user for grant in Grant.objects.filter(license=license)}
    assert colleague in holders
    assert newcomer not in holders


@pytest.mark.usefixtures("_english")
def test_an_ended_licence_cannot_be_switched_to_company_wide(
    as_admin: Client, company: Company, admin: User, colleague: User
) -> None:
    yesterday = timezone.localdate() - timedelta(days=1)
    license = make_license(company, ends_on=yesterday, is_company_wide_approved=True, documents=[make_document()])
    for name, change in {
        "set_company_wide": partial(set_company_wide, license, True, by=admin),
        "set_shown": partial(switches.set_shown, license, False, by=admin),
    }.items():
        with pytest.raises(RuleError, match="has ended"):
            change()
        place = reverse(f"company:{name}", args=[license.pk])
        assert "has ended" in shown(as_admin.get(place, follow=True))
        assert "has ended" in shown(as_admin.post(place, {"on": "1"}, follow=True))
    assert preview_company_wide(license) == preview_showing(license) == LicensePreview()
