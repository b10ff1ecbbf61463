"""Asking for a standard that one cannot open (R29)."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import User
from companies.models import Company
from licenses.access import can_open
from licenses.actions import granting
from licenses.models import Grant
from nenconnect.mail.models import OutboxMail
from nenconnect.rules.errors import RuleError
from requests_app.actions import approving_documents, deciding
from requests_app.actions.asking import request_document
from requests_app.models import DocumentRequest
from tests.factories import make_collection, make_document, make_license, make_person

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("_english")]


def mails() -> list[tuple[str, User | None]]:
    return [(mail.event, mail.recipient) for mail in OutboxMail.objects.order_by("pk")]


class TestAskingForADocument:
    def test_where_a_licence_holds_it_approval_gives_that_licence(
        self, company: Company, admin: User, colleague: User
    ) -> None:
        """Shown or hidden; and a collection that could take it in stays as it is."""
        one = make_document()
        license = make_license(company, documents=[one], is_shown=False)
        collection = make_collection(company)

        asked = request_document(one, by=colleague, reason="Nodig")
        with pytest.raises(RuleError) as refused:
            approving_documents.approve_document(asked, license=collection, by=admin)
        assert refused.value.field == "license"
        approving_documents.approve_document(asked, license=license, by=admin)

        assert can_open(colleague, one)
        asked.refresh_from_db()
        assert (asked.status, asked.license, asked.decided_by) == ("approved", license, admin)
        assert list(collection.documents.all()) == []
        assert [event for event, _to in mails()] == [
            "request_sent",
            "request_received",
            "request_approved",
        ]

    def test_where_none_holds_it_approval_adds_it_to_the_chosen_collection(
        self, company: Company, admin: User, colleague: User
    ) -> None:
        one = make_document()
        chosen, other = make_collection(company), make_collection(company)

        approving_documents.approve_document(request_document(one, by=colleague), license=chosen, by=admin)

        assert can_open(colleague, one)
        assert chosen.documents.contains(one)
        assert not other.documents.contains(one)

    def test_added_to_a_company_wide_collection_it_opens_for_everyone_without_a_grant(
        self, company: Company, admin: User, colleague: User
    ) -> None:
        one = make_document()
        collection = make_collection(company, is_company_wide=True)

        approving_documents.approve_document(request_document(one, by=colleague), license=collection, by=admin)

        assert can_open(colleague, one)
        assert can_open(admin, one)
        assert not Grant.objects.exists()

    def test_everyone_who_asked_for_it_in_the_past_year_is_mailed_once(
        self, company: Company, other_company: Company, admin: User, colleague: User, other_admin: User
    ) -> None:
        one = make_document()
        collection, elsewhere = make_collection(company), make_collection(other_company)
        earlier, long_ago, gone = (make_person(company=company) for _number in range(3))
        for user in (earlier, long_ago, gone):
            first = request_document(one, by=user)
            deciding.reject(first, by=admin)
        request_document(one, by=earlier)
        request_document(one, by=other_admin)
        DocumentRequest.objects.filter(user=long_ago).update(created_at=timezone.now() - timedelta(days=366))
        granting.remove_colleague(gone, by=admin)
        assert elsewhere.is_in_term

        approving_documents.approve_document(request_document(one, by=colleague), license=collection, by=admin)

        told = [recipient for event, recipient in mails() if event == "document_added"]
        assert told == [earlier]

    def test_a_document_one_can_open_is_not_asked_for(self, company: Company, colleague: User) -> None:
        one = make_document()
        make_license(company, documents=[one], is_company_wide=True)

        for readable in (one, make_document(is_free=True)):
            with pytest.raises(RuleError, match="already"):
                request_document(readable, by=colleague)

    def test_a_plus_document_that_no_licence_can_open_here_is_not_asked_for(
        self, company: Company, colleague: User
    ) -> None:
        """The person's country is not covered: giving a licence would help nobody."""
        one = make_document(plus_countries=["BE"])
        make_collection(company)

        with pytest.raises(RuleError, match="Netherlands"):
            request_document(one, by=colleague)

    def test_without_a_licence_or_a_collection_nobody_can_help_but_nen(
        self, company: Company, other_company: Company, colleague: User
    ) -> None:
        make_license(company)
        make_collection(other_company)
        make_collection(company, ends_on=timezone.localdate() - timedelta(days=1))

        with pytest.raises(RuleError, match="Klantenservice"):
            request_document(make_document(), by=colleague)

    def test_another_companys_collection_is_no_choice(
        self, company: Company, other_company: Company, admin: User, colleague: User
    ) -> None:
        make_collection(company)
        asked = request_document(make_document(), by=colleague)

        with pytest.raises(RuleError):
            approving_documents.approve_document(asked, license=make_collection(other_company), by=admin)
        assert asked.is_open

    def test_a_second_open_request_is_refused(self, company: Company, colleague: User) -> None:
        make_collection(company)
        one = make_document()
        request_document(one, by=colleague)

        with pytest.raises(RuleError, match="already requested"):
            request_document(one, by=colleague)

    def test_rejecting_gives_a_reason_and_a_mail(self, company: Company, admin: User, colleague: User) -> None:
        make_collection(company)
        asked = request_document(make_document(), by=colleague)

        deciding.reject(asked, by=admin, reason="Verouderd")

        asked.refresh_from_db()
        assert (asked.status, asked.rejection_reason) == ("rejected", "Verouderd")
        assert mails()[-1] == ("request_rejected", colleague)
