"""Test that a request is decided once, and that admins may decide on their own request (C27, C28)."""

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
from tests.at_once import run_at_once, slow_writes
from tests.cases.deciding import license_request_by
from tests.factories import make_admin, make_license, make_person

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("_english")]
SignIn = Callable[[User], Client]
APPROVE_ALL, REJECT_ALL = reverse("requests:approve_licenses"), reverse("requests:reject_licenses")


def count_decision_mails() -> int:
    return OutboxMail.objects.filter(event__regex="_(approved|rejected)$").count()


class TestC27DecidedOnce:
    def test_c27_a_second_admin_sees_who_already_decided_and_the_rest_is_approved(
        self, company: Company, admin: User, colleague: User, sign_in: SignIn
    ) -> None:
        first, second = license_request_by(colleague), license_request_by(colleague)
        deciding.reject(first, by=admin)
        browser = sign_in(make_admin(company, language="en"))

        page = browser.post(APPROVE_ALL, {"chosen": [first.pk, second.pk]}).content.decode()

        assert "Anneke Beheerder already decided this on" in page
        second.refresh_from_db()
        assert second.status == "approved"
        assert count_decision_mails() == 2

    def test_c27_withdrawn_deleted_blocked_or_ended_requests_are_not_approved_and_each_reason_is_shown(
        self, company: Company, admin: User, sign_in: SignIn
    ) -> None:
        people = [make_person(company=company) for _number in range(4)]
        withdrawn, deleted, blocked, ended = (license_request_by(requester) for requester in people)
        withdraw(withdrawn, by=people[0])
        delete_account(people[1], by=people[1])
        membership.block(people[2], by=admin)
        License.objects.filter(pk=ended.license_id).update(ends_on=timezone.localdate() - timedelta(days=1))

        ids = [license_request.pk for license_request in (withdrawn, deleted, blocked, ended)]
        refused = sign_in(admin).post(APPROVE_ALL, {"chosen": ids}).context["refused"]

        reasons = {outcome.row.pk: outcome.refusal for outcome in refused}
        assert "ingetrokken" in reasons[withdrawn.pk]
        assert "ingetrokken" in reasons[deleted.pk]
        assert "niet meer inloggen" in reasons[blocked.pk]
        assert "niet geldig" in reasons[ended.pk]
        assert not Grant.objects.exists()
        assert count_decision_mails() == 0

    def test_c27_the_preview_counts_exactly_what_approving_then_does(
        self, company: Company, admin: User, sign_in: SignIn
    ) -> None:
        license = make_license(company, seats=2)
        license_requests = [request_license(license, by=make_person(company=company)) for _number in range(3)]
        blocked = license_request_by(make_person(company=company))
        membership.block(blocked.requester, by=admin)
        closed = license_request_by(make_person(company=company))
        deciding.reject(closed, by=admin)
        ids = [license_request.pk for license_request in [*license_requests, blocked, closed]]
        browser = sign_in(admin)

        preview = browser.get(APPROVE_ALL, {"chosen": ids}).context["numbers"]
        assert LicenseRequest.objects.pending().count() == 4  # nothing is decided by a GET
        result = browser.post(APPROVE_ALL, {"chosen": ids}).context

        assert (preview.chosen, preview.open, preview.without_requester, preview.closed) == (5, 4, 1, 1)
        assert preview.possible == result["done"] == 2
        assert len(result["refused"]) == 3

    def test_c27_an_admin_cannot_decide_on_a_request_of_another_company(
        self, company: Company, other_admin: User, colleague: User, sign_in: SignIn
    ) -> None:
        license_request = license_request_by(colleague)
        browser = sign_in(other_admin)

        for url in (APPROVE_ALL, REJECT_ALL):
            assert browser.post(url, {"chosen": license_request.pk}).status_code == 302
        for name in ("ask_license", "answer_license"):
            assert (
                browser.post(reverse(f"requests:{name}", args=[license_request.pk]), {"text": "?"}).status_code
                == 404
            )

        license_request.refresh_from_db()
        assert license_request.is_open
        assert not RequestMessage.objects.exists()

    def test_c27_rejecting_several_requests_twice_mails_each_requester_once(
        self, company: Company, admin: User, sign_in: SignIn
    ) -> None:
        license_requests = [license_request_by(make_person(company=company)) for _number in range(3)]
        form_data = {
            "chosen": [license_request.pk for license_request in license_requests],
            "reason": "Te duur",
            "note": "Kom even langs",
        }

        sign_in(admin).post(REJECT_ALL, form_data)
        sign_in(admin).post(REJECT_ALL, form_data)

        outcomes = LicenseRequest.objects.values_list("status", "rejection_reason", "rejection_note")
        assert set(outcomes) == {("rejected", "Te duur", "Kom even langs")}
        assert count_decision_mails() == 3

    def test_c27_an_invalid_choice_of_requests_is_ignored(self, admin: User, sign_in: SignIn) -> None:
        for nonsense in ("", "x", "٣", "-1", "9" * 30, "1;drop"):
            assert sign_in(admin).post(APPROVE_ALL, {"chosen": nonsense}).status_code == 302

    @pytest.mark.django_db(transaction=True)
    def test_c27_twelve_admins_approving_twenty_requests_at_once_decide_each_once(self, company: Company) -> None:
        license = make_license(company)
        license_requests = [request_license(license, by=make_person(company=company)) for _number in range(20)]
        ids = [license_request.pk for license_request in license_requests]
        admins = [make_admin(company) for _number in range(12)]

        def approve(by: User) -> int:
            change = partial(deciding.approve, by=by)
            outcomes = decide_together(LicenseRequest, ids, change, company=company)
            return sum(not outcome.refusal for outcome in outcomes)

        with slow_writes("requests_app_licenserequest", 0.01):
            outcomes = run_at_once([partial(approve, by) for by in admins])

        assert not [outcome for outcome in outcomes if isinstance(outcome, Exception)]
        assert sum(outcome for outcome in outcomes if isinstance(outcome, int)) == 20
        assert count_decision_mails() == 20
        assert AuditEntry.objects.filter(verb="licenserequest_approved").count() == 20


class TestC28AdminDecidesOnOwnRequest:
    def test_c28_an_admin_may_approve_an_own_request_and_the_audit_shows_it(
        self, company: Company, admin: User, sign_in: SignIn
    ) -> None:
        license_request = license_request_by(admin)

        sign_in(admin).post(APPROVE_ALL, {"chosen": license_request.pk})

        entry = AuditEntry.objects.get(verb="licenserequest_approved")
        assert entry.actor_id == entry.subjects["user"] == admin.pk
