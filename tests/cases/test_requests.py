"""Test which licences and documents a person cannot request, reasons as text, and the daily limit (C30, C32)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from companies.models import Company, LabelKind, LabelValue
from nenconnect.mail.models import OutboxMail
from nenconnect.rules.errors import RuleError
from requests_app.actions.asking import MAX_PER_DAY, request_document, request_license
from requests_app.models import DocumentRequest, LicenseRequest
from tests.at_once import run_at_once, slow_writes
from tests.every_mail import body_part, message_as_sent
from tests.factories import make_collection, make_document, make_grants, make_license, make_person

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("_english")]
SignIn = Callable[[User], Client]
FORM = reverse("requests:request_license")


@pytest.fixture
def as_colleague(colleague: User, sign_in: SignIn) -> Client:
    return sign_in(colleague)


def request_in_form(browser: Client, license_id: int, reason: str = "") -> None:
    assert browser.post(FORM, {"license": license_id, "reason": reason}).status_code in {200, 302}


class TestRequestsThatAreRefused:
    def test_a_licence_that_the_person_has_cannot_be_requested(
        self, as_colleague: Client, company: Company, colleague: User
    ) -> None:
        granted_license = make_license(company)
        make_grants(granted_license, colleague)
        request_in_form(as_colleague, granted_license.pk)
        with pytest.raises(RuleError):
            request_license(granted_license, by=colleague)
        assert not LicenseRequest.objects.exists()

    def test_a_document_that_the_person_can_open_cannot_be_requested(
        self, company: Company, colleague: User
    ) -> None:
        with pytest.raises(RuleError):
            request_document(make_document(is_free=True), by=colleague)

    @pytest.mark.parametrize(
        "fields",
        [
            {"is_shown": False},
            {"ends_on": timezone.localdate() - timedelta(days=1)},
            {"starts_on": timezone.localdate() + timedelta(days=1)},
        ],
    )
    def test_a_hidden_ended_or_future_licence_cannot_be_requested(
        self, as_colleague: Client, company: Company, colleague: User, fields: dict[str, Any]
    ) -> None:
        license = make_license(company, **fields)
        request_in_form(as_colleague, license.pk)
        with pytest.raises(RuleError):
            request_license(license, by=colleague)
        assert not LicenseRequest.objects.exists()

    def test_a_licence_or_document_of_another_company_cannot_be_requested(
        self, as_colleague: Client, colleague: User, other_company: Company, company: Company
    ) -> None:
        other_license = make_license(other_company, documents=[other_document := make_document()])
        request_in_form(as_colleague, other_license.pk)
        as_colleague.post(reverse("requests:request_document", args=[other_document.pk]))
        for request in (
            lambda: request_license(other_license, by=colleague),
            lambda: request_document(other_document, by=colleague),
        ):
            with pytest.raises(RuleError):
                request()
        assert not LicenseRequest.objects.exists()
        assert not DocumentRequest.objects.exists()

    def test_a_user_label_or_a_label_of_another_company_is_refused(
        self, as_colleague: Client, company: Company, other_company: Company, colleague: User
    ) -> None:
        company.request_label = other_company.request_label = "Project"
        company.save()
        other_company.save()
        license = make_license(company)
        valid = LabelValue.objects.create(company=company, kind=LabelKind.REQUESTS, name="Eigen")
        invalid = [
            LabelValue.objects.create(company=company, kind=LabelKind.USERS, name="Inkoop"),
            LabelValue.objects.create(company=other_company, kind=LabelKind.REQUESTS, name="Project A"),
        ]
        for label in invalid:
            as_colleague.post(FORM, {"license": license.pk, "label": label.pk})
            with pytest.raises(RuleError):
                request_license(license, by=colleague, label=label)
        assert not LicenseRequest.objects.exists()
        as_colleague.post(FORM, {"license": license.pk, "label": valid.pk})
        assert LicenseRequest.objects.get().label == valid


@pytest.mark.django_db(transaction=True)
def test_requesting_the_same_licence_twice_at_once_gives_one_request(company: Company, colleague: User) -> None:
    license = make_license(company)
    with slow_writes("requests_app_licenserequest"):
        outcomes = run_at_once([lambda: request_license(license, by=colleague)] * 2)
    assert sum(isinstance(outcome, RuleError) for outcome in outcomes) == 1
    assert LicenseRequest.objects.count() == 1


class TestC30ReasonsAreText:
    def test_c30_a_reason_of_a_hundred_thousand_characters_is_refused_in_the_form(
        self, as_colleague: Client, company: Company
    ) -> None:
        license = make_license(company)
        response = as_colleague.post(FORM, {"license": license.pk, "reason": "x" * 100_000})
        assert response.status_code == 200
        assert response.context["form"].errors["reason"]
        assert not LicenseRequest.objects.exists()

    def test_c30_the_action_refuses_a_reason_of_1001_characters(self, company: Company, colleague: User) -> None:
        with pytest.raises(RuleError):
            request_license(make_license(company), by=colleague, reason="x" * 1001)

    def test_c30_a_reason_of_a_thousand_emoji_is_accepted(self, as_colleague: Client, company: Company) -> None:
        request_in_form(as_colleague, make_license(company).pk, "🦆" * 1000)
        assert LicenseRequest.objects.get().reason == "🦆" * 1000

    def test_c30_a_reason_of_only_spaces_is_stored_empty(self, as_colleague: Client, company: Company) -> None:
        request_in_form(as_colleague, make_license(company).pk, " \t\r\n  ")
        assert LicenseRequest.objects.get().reason == ""

    def test_c30_html_in_a_reason_is_escaped_on_pages_and_in_mails(
        self, as_colleague: Client, company: Company, admin: User
    ) -> None:
        request_in_form(as_colleague, make_license(company).pk, "<b>vet</b> https://evil.example/")
        license_request = LicenseRequest.objects.get()
        page = as_colleague.get(reverse("requests:license_request", args=[license_request.pk])).content.decode()
        assert "&lt;b&gt;vet&lt;/b&gt;" in page
        mail = OutboxMail.objects.get(event="request_received", recipient=admin)
        html = body_part(message_as_sent(mail), "html")
        assert "<b>vet" not in page + html
        assert 'href="https://evil.example/' not in page + html

    def test_c30_a_reason_with_control_characters_is_refused(self, as_colleague: Client, company: Company) -> None:
        license = make_license(company)
        response = as_colleague.post(FORM, {"license": license.pk, "reason": "a\x00b\x0bc\u202ed"})
        assert response.context["form"].errors["reason"]
        assert not LicenseRequest.objects.exists()


class TestC32DailyLimit:
    def test_c32_a_person_cannot_exceed_the_daily_number_of_requests(
        self, company: Company, colleague: User, admin: User
    ) -> None:
        for _number in range(MAX_PER_DAY):
            request_license(make_license(company), by=colleague)
        with pytest.raises(RuleError):
            request_license(make_license(company), by=colleague)
        with pytest.raises(RuleError):
            request_document(make_document(), by=colleague)
        assert OutboxMail.objects.filter(recipient=admin).count() == MAX_PER_DAY

    def test_c32_requests_of_a_colleague_do_not_count_towards_the_limit(
        self, company: Company, colleague: User
    ) -> None:
        for _number in range(MAX_PER_DAY):
            request_license(make_license(company), by=colleague)
        assert request_license(make_license(company), by=make_person(company=company)).is_open


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("kind", ["license", "document"])
def test_c32_two_requests_at_once_do_not_exceed_the_limit(kind: str, company: Company, colleague: User) -> None:
    # Two requests for different items: only the lock keeps both from being the fiftieth.
    make_collection(company)
    earlier_requests = [
        LicenseRequest(company=company, user=colleague, license=make_license(company))
        for _number in range(MAX_PER_DAY - 1)
    ]
    LicenseRequest.objects.bulk_create(earlier_requests)
    requests: list[Callable[[], object]] = [
        partial(request_license, make_license(company), by=colleague)
        if kind == "license"
        else partial(request_document, make_document(), by=colleague)
        for _twice in range(2)
    ]

    with slow_writes(f"requests_app_{kind}request"):
        outcomes = run_at_once(requests)

    assert sum(isinstance(outcome, RuleError) for outcome in outcomes) == 1
    assert LicenseRequest.objects.count() + DocumentRequest.objects.count() == MAX_PER_DAY
