"""Deciding once, and admins who decide on their own request (C27, C28)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from functools import partial

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.actions import membership
from accounts.models import User
from companies.models import Company
from licenses.models import Grant, License
from members.actions.deleting import delete_account
from nenconnect.audit.models import AuditEntry
from nenconnect.mail.models import OutboxMail
from requests_app.actions import deciding
from requests_app.actions.asking import request_license
from requests_app.actions.deciding import withdraw
from requests_app.actions.several_at_once import decide_together
from requests_app.models import LicenseRequest, RequestMessage
from tests.at_once import at_once, slow_writes
from tests.cases.deciding import asked_by
from tests.factories import admin_of, license_for, person

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("_english")]
SignIn = Callable[[User], Client]
APPROVE_ALL, REJECT_ALL = reverse("requests:approve_licenses"), reverse("requests:reject_licenses")


def decisions() -> int:
    return OutboxMail.objects.filter(event__regex="_(approved|rejected)$").count()


class TestC27DecidedOnce:
    def test_c27_the_second_admin_is_told_by_whom_and_when_for_each_of_several(
        self, company: Company, admin: User, colleague: User, sign_in: SignIn
    ) -> None:
        first, second = asked_by(colleague), asked_by(colleague)
        deciding.reject(first, by=admin)
        browser = sign_in(admin_of(company, language="en"))

        answer = browser.post(APPROVE_ALL, {"chosen": [first.pk, second.pk]}).content.decode()

        assert "Anneke Beheerder already decided this on" in answer
        second.refresh_from_db()
        assert second.status == "approved"
        assert decisions() == 2

    def test_c27_what_became_of_a_request_meanwhile_is_said_and_approving_gives_nothing(
        self, company: Company, admin: User, sign_in: SignIn
    ) -> None:
        """Withdrawn, by a deleted person, by a blocked one, and for a licence that ended while it was open."""
        people = [person(company=company) for _number in range(4)]
        taken_back, gone, shut_out, ended = (asked_by(one) for one in people)
        withdraw(taken_back, by=people[0])
        delete_account(people[1], by=people[1])
        membership.block(people[2], by=admin)
        License.objects.filter(pk=ended.license_id).update(ends_on=timezone.localdate() - timedelta(days=1))

        ids = [row.pk for row in (taken_back, gone, shut_out, ended)]
        said = sign_in(admin).post(APPROVE_ALL, {"chosen": ids}).context["refused"]

        words = {one.row.pk: one.refusal for one in said}
        assert "ingetrokken" in words[taken_back.pk]
        assert "ingetrokken" in words[gone.pk]
        assert "niet meer inloggen" in words[shut_out.pk]
        assert "niet geldig" in words[ended.pk]
        assert not Grant.objects.exists()
        assert decisions() == 0

    def test_c27_the_page_before_says_in_numbers_what_then_happens(
        self, company: Company, admin: User, sign_in: SignIn
    ) -> None:
        license = license_for(company, seats=2)
        rows = [request_license(license, by=person(company=company)) for _number in range(3)]
        blocked = asked_by(person(company=company))
        membership.block(blocked.requester, by=admin)
        closed = asked_by(person(company=company))
        deciding.reject(closed, by=admin)
        ids = [row.pk for row in [*rows, blocked, closed]]
        browser = sign_in(admin)

        before = browser.get(APPROVE_ALL, {"chosen": ids}).context["numbers"]
        assert LicenseRequest.objects.pending().count() == 4  # nothing is decided by a GET
        after = browser.post(APPROVE_ALL, {"chosen": ids}).context

        assert (before.chosen, before.open, before.without_requester, before.closed) == (5, 4, 1, 1)
        assert before.possible == after["done"] == 2
        assert len(after["refused"]) == 3

    def test_c27_another_companys_request_does_not_exist(
        self, company: Company, other_admin: User, colleague: User, sign_in: SignIn
    ) -> None:
        row = asked_by(colleague)
        browser = sign_in(other_admin)

        for url in (APPROVE_ALL, REJECT_ALL):
            assert browser.post(url, {"chosen": row.pk}).status_code == 302
        for name in ("ask_license", "answer_license"):
            assert browser.post(reverse(f"requests:{name}", args=[row.pk]), {"text": "?"}).status_code == 404

        row.refresh_from_db()
        assert row.is_open
        assert not RequestMessage.objects.exists()

    def test_c27_rejecting_several_says_the_same_to_each_and_mails_each_once(
        self, company: Company, admin: User, sign_in: SignIn
    ) -> None:
        rows = [asked_by(person(company=company)) for _number in range(3)]
        sent = {"chosen": [row.pk for row in rows], "reason": "Te duur", "note": "Kom even langs"}

        sign_in(admin).post(REJECT_ALL, sent)
        sign_in(admin).post(REJECT_ALL, sent)

        told = LicenseRequest.objects.values_list("status", "rejection_reason", "rejection_note")
        assert set(told) == {("rejected", "Te duur", "Kom even langs")}
        assert decisions() == 3

    def test_c27_what_was_ticked_wrongly_counts_as_not_ticked(self, admin: User, sign_in: SignIn) -> None:
        for nonsense in ("", "x", "٣", "-1", "9" * 30, "1;drop"):
            assert sign_in(admin).post(APPROVE_ALL, {"chosen": nonsense}).status_code == 302

    @pytest.mark.django_db(transaction=True)
    def test_c27_twelve_admins_approve_the_same_twenty_requests_at_once(self, company: Company) -> None:
        license = license_for(company)
        rows = [request_license(license, by=person(company=company)) for _number in range(20)]
        ids = [row.pk for row in rows]
        admins = [admin_of(company) for _number in range(12)]

        def approve(by: User) -> int:
            change = partial(deciding.approve, by=by)
            done = decide_together(LicenseRequest, ids, change, company=company)
            return sum(not one.refusal for one in done)

        with slow_writes("requests_app_licenserequest", 0.01):
            outcomes = at_once([partial(approve, by) for by in admins])

        assert not [one for one in outcomes if isinstance(one, Exception)]
        assert sum(one for one in outcomes if isinstance(one, int)) == 20
        assert decisions() == 20
        assert AuditEntry.objects.filter(verb="licenserequest_approved").count() == 20


class TestC28OneselfMayBeDecidedOn:
    def test_c28_an_admins_own_request_among_several_is_approved_and_in_the_audit(
        self, company: Company, admin: User, sign_in: SignIn
    ) -> None:
        row = asked_by(admin)

        sign_in(admin).post(APPROVE_ALL, {"chosen": row.pk})

        entry = AuditEntry.objects.get(verb="licenserequest_approved")
        assert entry.actor_id == entry.subjects["user"] == admin.pk
