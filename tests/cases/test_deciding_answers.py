"""Test decisions with a date or a ready sentence, and the decision figures."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
import time_machine
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from companies.models import Company
from licenses.models import Grant, License
from nenconnect.rules.errors import RuleError
from requests_app.access import askable_by
from requests_app.actions import deciding, ready_sentences
from requests_app.actions.asking import request_document, request_license
from requests_app.actions.deciding import give_license
from requests_app.models import LicenseRequest
from tests.cases.deciding import license_request_by, page_of
from tests.factories import make_collection, make_document, make_license, make_person

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("_english")]
SignIn = Callable[[User], Client]


class TestRejectedUntil:
    def test_a_licence_can_be_requested_again_from_the_chosen_day(
        self, company: Company, admin: User, colleague: User
    ) -> None:
        license_request = license_request_by(colleague)
        day = timezone.localdate() + timedelta(days=30)
        License.objects.update(ends_on=day + timedelta(days=30))
        deciding.reject(license_request, by=admin, ask_again_on=day)

        with pytest.raises(RuleError, match=r"again from .*\d{4}"):
            request_license(license_request.license, by=colleague)
        assert license_request.license not in askable_by(colleague)
        with time_machine.travel(timezone.now() + timedelta(days=30), tick=False):
            assert license_request.license in askable_by(colleague)
            assert request_license(license_request.license, by=colleague).is_open

    def test_a_document_cannot_be_requested_again_before_the_chosen_day_but_a_colleague_may_request(
        self, company: Company, admin: User, colleague: User
    ) -> None:
        make_collection(company)
        rejected_document = make_document()
        document_request = request_document(rejected_document, by=colleague)
        deciding.reject(document_request, by=admin, ask_again_on=timezone.localdate() + timedelta(days=1))

        with pytest.raises(RuleError, match="again from"):
            request_document(rejected_document, by=colleague)
        assert request_document(rejected_document, by=make_person(company=company)).is_open  # a colleague may

    @pytest.mark.parametrize("days", [0, -1, 367, 40_000])
    def test_the_day_to_ask_again_must_be_in_the_coming_year(
        self, admin: User, colleague: User, days: int
    ) -> None:
        with pytest.raises(RuleError, match="Choose a day"):
            deciding.reject(
                license_request_by(colleague), by=admin, ask_again_on=timezone.localdate() + timedelta(days=days)
            )

    def test_an_admin_may_give_a_licence_before_the_day_to_ask_again(self, admin: User, colleague: User) -> None:
        license_request = license_request_by(colleague)
        deciding.reject(license_request, by=admin, ask_again_on=timezone.localdate() + timedelta(days=9))
        give_license(license_request.license, to=colleague, by=admin)
        assert Grant.objects.filter(user=colleague).exists()


class TestApprovedUntil:
    def test_approving_with_a_last_day_gives_a_grant_until_that_day(
        self, admin: User, colleague: User, sign_in: SignIn
    ) -> None:
        license_request, day = license_request_by(colleague), timezone.localdate() + timedelta(days=10)
        url = reverse("requests:approve_license", args=[license_request.pk])

        sign_in(admin).post(url, {"ends_on": "geen dag"})
        sign_in(admin).post(url, {"ends_on": "2001-01-01"})
        assert not Grant.objects.exists()
        sign_in(admin).post(url, {"ends_on": day.isoformat()})

        assert Grant.objects.get().ends_on == day

    def test_several_documents_are_approved_into_the_chosen_collection_with_a_last_day(
        self, company: Company, admin: User, colleague: User, sign_in: SignIn
    ) -> None:
        chosen_collection, other_collection = make_collection(company), make_collection(company)
        document_requests = [request_document(make_document(), by=colleague) for _number in range(2)]
        licensed_request = request_document(make_document(), by=colleague)
        make_license(company, documents=[licensed_request.document])
        day = timezone.localdate() + timedelta(days=10)
        form_data = {
            "chosen": [document_request.pk for document_request in [*document_requests, licensed_request]],
            "license": chosen_collection.pk,
            "ends_on": day.isoformat(),
        }

        response = sign_in(admin).post(reverse("requests:approve_documents"), form_data)

        assert response.context["done"] == 3
        assert set(chosen_collection.documents.all()) == {
            document_request.document for document_request in document_requests
        }
        assert not other_collection.documents.exists()
        assert set(Grant.objects.values_list("ends_on", flat=True)) == {day}


class TestReadySentences:
    def test_inserting_a_ready_sentence_adds_to_its_field_and_decides_nothing(
        self, company: Company, admin: User, colleague: User, sign_in: SignIn
    ) -> None:
        license_request, sentence = (
            license_request_by(colleague),
            ready_sentences.add_sentence(company, "Vraag uw  teamleider.", by=admin),
        )
        url = reverse("requests:reject_license", args=[license_request.pk])
        form_data = {"sentence": sentence.pk, "note": "Hoi", "reason": "Duur", "insert": "note"}

        form = sign_in(admin).post(url, form_data).context["form"]

        assert form["note"].value() == "Hoi\nVraag uw teamleider."
        assert form["reason"].value() == "Duur"
        license_request.refresh_from_db()
        assert license_request.is_open

    def test_a_ready_sentence_of_another_company_is_not_inserted(
        self, other_company: Company, other_admin: User, admin: User, colleague: User, sign_in: SignIn
    ) -> None:
        other_sentence = ready_sentences.add_sentence(other_company, "Geheim", by=other_admin)
        url = reverse("requests:reject_license", args=[license_request_by(colleague).pk])
        page = sign_in(admin).post(url, {"sentence": other_sentence.pk, "insert": "note"})
        assert "Geheim" not in page.content.decode()

    def test_ready_sentences_are_unique_not_empty_and_limited_in_length_and_number(
        self, company: Company, admin: User
    ) -> None:
        ready_sentences.add_sentence(company, "Eén", by=admin)
        for text in ("Eén", " ", "x" * 301):
            with pytest.raises(RuleError):
                ready_sentences.add_sentence(company, text, by=admin)
        for number in range(ready_sentences.MOST - 1):
            ready_sentences.add_sentence(company, f"Zin {number}", by=admin)
        with pytest.raises(RuleError, match="at most"):
            ready_sentences.add_sentence(company, "Te veel", by=admin)


def test_the_figures_show_the_median_and_the_longest_wait(company: Company, admin: User, sign_in: SignIn) -> None:
    license = make_license(company, name="Bouw")
    for hours, decision in ((1, "approve"), (5, "approve"), (72, "reject")):
        license_request = request_license(license, by=make_person(company=company))
        getattr(deciding, decision)(license_request, by=admin)
        LicenseRequest.objects.filter(pk=license_request.pk).update(
            created_at=timezone.now() - timedelta(hours=hours), decided_at=timezone.now()
        )

    context = sign_in(admin).get(reverse("requests:figures")).context

    (figures,) = context["figures"]
    assert (figures.name, figures.approved, figures.rejected) == ("Bouw", 2, 1)
    assert round(figures.median / timedelta(hours=1)) == 5
    assert round(context["total"].worst / timedelta(hours=1)) == 72


def test_an_admin_sees_earlier_requests_and_decisions_for_the_same_licence(
    company: Company, admin: User, colleague: User, sign_in: SignIn
) -> None:
    license = make_license(company)
    for requester in (make_person(company=company), colleague):
        deciding.reject(request_license(license, by=requester), by=admin)
    license_request = request_license(license, by=colleague)

    history = sign_in(admin).get(page_of(license_request)).context["history"]

    assert (history["numbers"]["asked"], history["numbers"]["rejected"]) == (2, 2)
    assert [earlier.user_id for earlier in history["earlier"]] == [colleague.pk]
    assert "history" not in sign_in(make_person(company=company)).get(page_of(license_request)).context
