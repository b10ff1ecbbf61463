"""Test that a request is decided once, by the first admin who clicks (R28, C27, C28)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from functools import partial

import pytest
import time_machine
from django.utils import timezone

from accounts.actions import membership
from accounts.models import User
from companies.models import Company
from licenses.access import can_open
from licenses.actions import granting
from licenses.models import Grant, License
from nenconnect.audit.models import AuditEntry
from nenconnect.mail.events import Unwanted, context_of
from nenconnect.mail.models import OutboxMail
from nenconnect.rules.errors import RuleError
from requests_app.actions import approving_documents, deciding
from requests_app.actions.asking import request_document, request_license
from requests_app.actions.deciding import withdraw
from requests_app.models import AccessRequest, DocumentRequest, LicenseRequest
from tests.at_once import run_at_once, slow_writes
from tests.factories import make_admin, make_collection, make_document, make_license

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("_english")]


def mails() -> list[tuple[str, User | None]]:
    return [(mail.event, mail.recipient) for mail in OutboxMail.objects.order_by("pk")]


def has_asked(user: User, company: Company) -> LicenseRequest:
    return request_license(make_license(company), by=user, reason="Voor het project Zuidas")


class TestDecidingOnALicence:
    def test_approving_gives_access_at_once_and_a_mail(
        self, company: Company, admin: User, colleague: User
    ) -> None:
        item = make_document()
        row = request_license(make_license(company, documents=[item]), by=colleague)
        assert not can_open(colleague, item)

        deciding.approve(row, by=admin)

        assert can_open(colleague, item)
        row.refresh_from_db()
        assert (row.status, row.decided_by) == ("approved", admin)
        assert row.decided_at is not None
        assert mails()[-1] == ("request_approved", colleague)

    def test_rejecting_gives_a_reason_and_a_mail_and_no_access(
        self, company: Company, admin: User, colleague: User
    ) -> None:
        row = has_asked(colleague, company)

        deciding.reject(row, by=admin, reason=" Te duur ")

        row.refresh_from_db()
        assert (row.status, row.decided_by, row.rejection_reason) == ("rejected", admin, "Te duur")
        assert mails()[-1] == ("request_rejected", colleague)
        assert not Grant.objects.exists()

    def test_a_rejected_licence_can_be_requested_again(
        self, company: Company, admin: User, colleague: User
    ) -> None:
        row = has_asked(colleague, company)
        deciding.reject(row, by=admin)

        assert request_license(row.license, by=colleague).is_open

    def test_an_admin_may_approve_their_own_request_and_the_audit_shows_it(
        self, company: Company, admin: User
    ) -> None:
        row = has_asked(admin, company)

        deciding.approve(row, by=admin)

        entry = AuditEntry.objects.get(verb="licenserequest_approved")
        assert entry.actor_id == entry.subjects["user"] == admin.pk

    def test_approving_without_a_free_seat_changes_nothing(
        self, company: Company, admin: User, colleague: User
    ) -> None:
        license = make_license(company, seats=0)
        row = request_license(license, by=colleague)

        with pytest.raises(RuleError):
            deciding.approve(row, by=admin)

        row.refresh_from_db()
        assert row.is_open
        assert mails()[-1][0] == "request_received"

    def test_approving_a_request_for_an_ended_licence_gives_nothing(
        self, company: Company, admin: User, colleague: User
    ) -> None:
        row = has_asked(colleague, company)
        License.objects.update(ends_on=timezone.localdate() - timedelta(days=1))

        with pytest.raises(RuleError, match="not valid today"):
            deciding.approve(row, by=admin)
        assert not Grant.objects.exists()

    @pytest.mark.parametrize("what_happened", ["blocked", "removed"])
    def test_approving_gives_nothing_to_a_person_who_left_or_was_blocked(
        self, company: Company, admin: User, colleague: User, what_happened: str
    ) -> None:
        row = has_asked(colleague, company)
        if what_happened == "blocked":
            membership.block(colleague, by=admin)
        else:
            granting.remove_colleague(colleague, by=admin)

        with pytest.raises(RuleError):
            deciding.approve(row, by=admin)
        assert not Grant.objects.exists()

        deciding.reject(row, by=admin)
        row.refresh_from_db()
        assert row.status == "rejected"


def kinds_of_request(company: Company, user: User) -> list[AccessRequest]:
    collection = make_collection(company, is_shown=False)
    row = request_document(make_document(), by=user)
    assert collection.is_in_term
    return [has_asked(user, company), row]


def deciders(item: AccessRequest, company: Company) -> dict[str, Callable[..., None]]:
    if isinstance(item, LicenseRequest):
        return {"approve": deciding.approve, "reject": deciding.reject}
    collection = License.objects.get(kind=License.Kind.CUSTOM)
    return {
        "approve": partial(approving_documents.approve_document, license=collection),
        "reject": deciding.reject,
    }


@pytest.mark.parametrize("kind", [0, 1], ids=["licence", "document"])
class TestDecidedOnce:
    @pytest.mark.parametrize("first", ["approve", "reject"])
    @pytest.mark.parametrize("second", ["approve", "reject"])
    def test_the_second_admin_sees_who_decided_the_request_and_when(
        self, company: Company, admin: User, colleague: User, kind: int, first: str, second: str
    ) -> None:
        other = make_admin(company)
        row = kinds_of_request(company, colleague)[kind]
        with time_machine.travel("2027-06-15T14:30:00+02:00", tick=False):
            License.objects.update(ends_on=date(2028, 1, 1))
            deciders(row, company)[first](row, by=admin)
        count = OutboxMail.objects.count()

        with pytest.raises(RuleError, match=r"Anneke Beheerder.*2:30") as refused:
            deciders(row, company)[second](row, by=other)

        assert "2027" in str(refused.value)
        assert OutboxMail.objects.count() == count
        row.refresh_from_db()
        assert row.decided_by == admin

    @pytest.mark.django_db(transaction=True)
    def test_ten_decisions_at_once_decide_the_request_once_with_one_mail(
        self, company: Company, admin: User, colleague: User, kind: int
    ) -> None:
        row = kinds_of_request(company, colleague)[kind]
        ways = deciders(row, company)
        admins = [admin, *(make_admin(company) for _number in range(9))]
        table = row._meta.db_table

        with slow_writes(table):
            outcomes = run_at_once(
                [partial(ways[["approve", "reject"][n % 2]], row, by=by) for n, by in enumerate(admins)]
            )

        assert [type(outcome) for outcome in outcomes if outcome] == [RuleError] * 9
        assert OutboxMail.objects.filter(event__regex="approved|rejected").count() == 1
        row.refresh_from_db()
        assert Grant.objects.exists() == (row.status == "approved")

    @pytest.mark.parametrize("decision", ["approve", "reject"])
    def test_a_withdrawn_request_cannot_be_decided(
        self, company: Company, admin: User, colleague: User, kind: int, decision: str
    ) -> None:
        row = kinds_of_request(company, colleague)[kind]
        withdraw(row, by=colleague)

        with pytest.raises(RuleError, match="withdrawn"):
            deciders(row, company)[decision](row, by=admin)
        assert not Grant.objects.exists()

    def test_only_the_requester_can_withdraw_a_request(
        self, company: Company, admin: User, colleague: User, kind: int
    ) -> None:
        row = kinds_of_request(company, colleague)[kind]

        with pytest.raises(RuleError):
            withdraw(row, by=admin)

        row.refresh_from_db()
        assert row.is_open

    def test_a_decided_request_cannot_be_withdrawn(
        self, company: Company, admin: User, colleague: User, kind: int
    ) -> None:
        row = kinds_of_request(company, colleague)[kind]
        deciders(row, company)["reject"](row, by=admin)

        with pytest.raises(RuleError):
            withdraw(row, by=colleague)

    def test_a_withdrawn_request_is_kept_and_can_be_made_again(
        self, company: Company, admin: User, colleague: User, kind: int
    ) -> None:
        row = kinds_of_request(company, colleague)[kind]
        withdraw(row, by=colleague)

        row.refresh_from_db()
        assert (row.status, row.decided_by) == ("withdrawn", None)
        assert row.decided_at is not None
        if isinstance(row, DocumentRequest):
            assert request_document(row.document, by=colleague).is_open
        else:
            assert isinstance(row, LicenseRequest)
            assert request_license(row.license, by=colleague).is_open

    def test_the_mails_of_a_withdrawn_request_are_not_sent(
        self, company: Company, admin: User, colleague: User, kind: int
    ) -> None:
        row = kinds_of_request(company, colleague)[kind]
        mine = [mail for mail in OutboxMail.objects.all() if mail.id_of(type(row)) == row.pk]
        assert len(mine) == 2
        for mail in mine:
            assert context_of(mail)

        withdraw(row, by=colleague)

        for mail in mine:
            with pytest.raises(Unwanted):
                context_of(mail)

    def test_an_admin_who_was_demoted_gets_no_mail_that_names_the_requester(
        self, company: Company, admin: User, colleague: User, kind: int
    ) -> None:
        second = make_admin(company)
        row = kinds_of_request(company, colleague)[kind]
        membership.change_role(second, User.Role.USER, by=admin)

        mail = OutboxMail.objects.get(recipient=second, **{f"about__{row._meta.model_name}": row.pk})

        with pytest.raises(Unwanted):
            context_of(mail)
