"""Test requests for a standard that a person cannot open (R29)."""

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
    def test_approving_a_document_gives_a_licence_that_contains_it(
        self, company: Company, admin: User, colleague: User
    ) -> None:
        # Shown or hidden; and a collection that could take it in stays as it is.
        document = make_document()
        license = make_license(company, documents=[document], is_shown=False)
        collection = make_collection(company)

        document_request = request_document(document, by=colleague, reason="Nodig")
        with pytest.raises(RuleError) as refused:
            approving_documents.approve_document(document_request, license=collection, by=admin)
        assert refused.value.field == "license"
        approving_documents.approve_document(document_request, license=license, by=admin)

        assert can_open(colleague, document)
        document_request.refresh_from_db()
        assert (document_request.status, document_request.license, document_request.decided_by) == (
            "approved",
            license,
            admin,
        )
        assert list(collection.documents.all()) == []
        assert [event for event, _to in mails()] == [
            "request_sent",
            "request_received",
            "request_approved",
        ]

    def test_approving_a_document_without_a_licence_adds_it_to_the_chosen_collection(
        self, company: Company, admin: User, colleague: User
    ) -> None:
        document = make_document()
        chosen, other = make_collection(company), make_collection(company)

        approving_documents.approve_document(request_document(document, by=colleague), license=chosen, by=admin)

        assert can_open(colleague, document)
        assert chosen.documents.contains(document)
        assert not other.documents.contains(document)

    def test_a_document_added_to_a_company_wide_collection_opens_for_everyone(
        self, company: Company, admin: User, colleague: User
    ) -> None:
        document = make_document()
        collection = make_collection(company, is_company_wide=True)

        approving_documents.approve_document(
            request_document(document, by=colleague), license=collection, by=admin
        )

        assert can_open(colleague, document)
        assert can_open(admin, document)
        assert not Grant.objects.exists()

    def test_everyone_who_requested_the_document_in_the_past_year_is_mailed_once(
        self, company: Company, other_company: Company, admin: User, colleague: User, other_admin: User
    ) -> None:
        document = make_document()
        collection, elsewhere = make_collection(company), make_collection(other_company)
        earlier, long_ago, gone = (make_person(company=company) for _number in range(3))
        for user in (earlier, long_ago, gone):
            first = request_document(document, by=user)
            deciding.reject(first, by=admin)
        request_document(document, by=earlier)
        request_document(document, by=other_admin)
        DocumentRequest.objects.filter(user=long_ago).update(created_at=timezone.now() - timedelta(days=366))
        granting.remove_colleague(gone, by=admin)
        assert elsewhere.is_in_term

        approving_documents.approve_document(
            request_document(document, by=colleague), license=collection, by=admin
        )

        recipients = [recipient for event, recipient in mails() if event == "document_added"]
        assert recipients == [earlier]

    def test_a_document_that_the_person_can_open_cannot_be_requested(
        self, company: Company, colleague: User
    ) -> None:
        document = make_document()
        make_license(company, documents=[document], is_company_wide=True)

        for readable in (document, make_document(is_free=True)):
            with pytest.raises(RuleError, match="already"):
                request_document(readable, by=colleague)

    def test_a_plus_document_of_another_country_cannot_be_requested(
        self, company: Company, colleague: User
    ) -> None:
        # The person's country is not covered: giving a licence would help no one.
        document = make_document(plus_countries=["BE"])
        make_collection(company)

        with pytest.raises(RuleError, match="Netherlands"):
            request_document(document, by=colleague)

    def test_without_a_licence_or_a_collection_only_nen_can_help(
        self, company: Company, other_company: Company, colleague: User
    ) -> None:
        make_license(company)
        make_collection(other_company)
        make_collection(company, ends_on=timezone.localdate() - timedelta(days=1))

        with pytest.raises(RuleError, match="Klantenservice"):
            request_document(make_document(), by=colleague)

    def test_a_collection_of_another_company_cannot_be_chosen(
        self, company: Company, other_company: Company, admin: User, colleague: User
    ) -> None:
        make_collection(company)
        document_request = request_document(make_document(), by=colleague)

        with pytest.raises(RuleError):
            approving_documents.approve_document(
                document_request, license=make_collection(other_company), by=admin
            )
        assert document_request.is_open

    def test_a_second_open_request_is_refused(self, company: Company, colleague: User) -> None:
        make_collection(company)
        document = make_document()
        request_document(document, by=colleague)

        with pytest.raises(RuleError, match="already requested"):
            request_document(document, by=colleague)

    def test_rejecting_gives_a_reason_and_a_mail(self, company: Company, admin: User, colleague: User) -> None:
        make_collection(company)
        document_request = request_document(make_document(), by=colleague)

        deciding.reject(document_request, by=admin, reason="Verouderd")

        document_request.refresh_from_db()
        assert (document_request.status, document_request.rejection_reason) == ("rejected", "Verouderd")
        assert mails()[-1] == ("request_rejected", colleague)
