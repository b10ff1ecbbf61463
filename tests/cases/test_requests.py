"""C30 and C32, and what cannot be asked: had, hidden, ended, twice at once, of another company."""

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
from tests.at_once import at_once, slow_writes
from tests.every_mail import part, sent
from tests.factories import collection_for, document, granted, license_for, person

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("_english")]
SignIn = Callable[[User], Client]
FORM = reverse("requests:request_license")


@pytest.fixture
def as_colleague(colleague: User, sign_in: SignIn) -> Client:
    return sign_in(colleague)


def asks(browser: Client, license_id: int, reason: str = "") -> None:
    assert browser.post(FORM, {"license": license_id, "reason": reason}).status_code in {200, 302}


class TestWhatCannotBeAsked:
    def test_a_licence_that_one_has(self, as_colleague: Client, company: Company, colleague: User) -> None:
        had = license_for(company)
        granted(had, colleague)
        asks(as_colleague, had.pk)
        with pytest.raises(RuleError):
            request_license(had, by=colleague)
        assert not LicenseRequest.objects.exists()

    def test_a_standard_that_one_can_open(self, company: Company, colleague: User) -> None:
        with pytest.raises(RuleError):
            request_document(document(is_free=True), by=colleague)

    @pytest.mark.parametrize(
        "fields",
        [
            {"is_shown": False},
            {"ends_on": timezone.localdate() - timedelta(days=1)},
            {"starts_on": timezone.localdate() + timedelta(days=1)},
        ],
    )
    def test_one_that_is_hidden_ended_or_still_to_come(
        self, as_colleague: Client, company: Company, colleague: User, fields: dict[str, Any]
    ) -> None:
        license = license_for(company, **fields)
        asks(as_colleague, license.pk)
        with pytest.raises(RuleError):
            request_license(license, by=colleague)
        assert not LicenseRequest.objects.exists()

    def test_one_of_another_company(
        self, as_colleague: Client, colleague: User, other_company: Company, company: Company
    ) -> None:
        theirs = license_for(other_company, documents=[wanted := document()])
        asks(as_colleague, theirs.pk)
        as_colleague.post(reverse("requests:request_document", args=[wanted.pk]))
        for ask in (lambda: request_license(theirs, by=colleague), lambda: request_document(wanted, by=colleague)):
            with pytest.raises(RuleError):
                ask()
        assert not LicenseRequest.objects.exists()
        assert not DocumentRequest.objects.exists()

    def test_with_a_label_of_users_or_of_another_company(
        self, as_colleague: Client, company: Company, other_company: Company, colleague: User
    ) -> None:
        company.request_label = other_company.request_label = "Project"
        company.save()
        other_company.save()
        license = license_for(company)
        own = LabelValue.objects.create(company=company, kind=LabelKind.REQUESTS, name="Eigen")
        wrong = [
            LabelValue.objects.create(company=company, kind=LabelKind.USERS, name="Inkoop"),
            LabelValue.objects.create(company=other_company, kind=LabelKind.REQUESTS, name="Project A"),
        ]
        for label in wrong:
            as_colleague.post(FORM, {"license": license.pk, "label": label.pk})
            with pytest.raises(RuleError):
                request_license(license, by=colleague, label=label)
        assert not LicenseRequest.objects.exists()
        as_colleague.post(FORM, {"license": license.pk, "label": own.pk})
        assert LicenseRequest.objects.get().label == own


@pytest.mark.django_db(transaction=True)
def test_the_same_asked_twice_at_once_is_one_request(company: Company, colleague: User) -> None:
    license = license_for(company)
    with slow_writes("requests_app_licenserequest"):
        outcomes = at_once([lambda: request_license(license, by=colleague)] * 2)
    assert sum(isinstance(one, RuleError) for one in outcomes) == 1
    assert LicenseRequest.objects.count() == 1


class TestC30ReasonsAreText:
    def test_c30_a_hundred_thousand_characters_are_refused_and_come_back(
        self, as_colleague: Client, company: Company
    ) -> None:
        license = license_for(company)
        answer = as_colleague.post(FORM, {"license": license.pk, "reason": "x" * 100_000})
        assert answer.status_code == 200
        assert answer.context["form"].errors["reason"]
        assert not LicenseRequest.objects.exists()

    def test_c30_the_action_refuses_them_as_well(self, company: Company, colleague: User) -> None:
        with pytest.raises(RuleError):
            request_license(license_for(company), by=colleague, reason="x" * 1001)

    def test_c30_a_thousand_emoji_fit(self, as_colleague: Client, company: Company) -> None:
        asks(as_colleague, license_for(company).pk, "🦆" * 1000)
        assert LicenseRequest.objects.get().reason == "🦆" * 1000

    def test_c30_only_spaces_are_no_reason(self, as_colleague: Client, company: Company) -> None:
        asks(as_colleague, license_for(company).pk, " \t\r\n  ")
        assert LicenseRequest.objects.get().reason == ""

    def test_c30_html_is_shown_as_it_was_typed_on_pages_and_in_mails(
        self, as_colleague: Client, company: Company, admin: User
    ) -> None:
        asks(as_colleague, license_for(company).pk, "<b>vet</b> https://evil.example/")
        asked = LicenseRequest.objects.get()
        page = as_colleague.get(reverse("requests:license_request", args=[asked.pk])).content.decode()
        assert "&lt;b&gt;vet&lt;/b&gt;" in page
        mail = OutboxMail.objects.get(event="license_request_received", recipient=admin)
        html = part(sent(mail), "html")
        assert "<b>vet" not in page + html
        assert 'href="https://evil.example/' not in page + html

    def test_c30_nul_and_vertical_tab_reach_no_database_and_no_mail(
        self, as_colleague: Client, company: Company
    ) -> None:
        license = license_for(company)
        answer = as_colleague.post(FORM, {"license": license.pk, "reason": "a\x00b\x0bc\u202ed"})
        assert answer.context["form"].errors["reason"]
        assert not LicenseRequest.objects.exists()


class TestC32NotAThousandMails:
    def test_c32_a_person_asks_so_many_times_a_day(self, company: Company, colleague: User, admin: User) -> None:
        for _number in range(MAX_PER_DAY):
            request_license(license_for(company), by=colleague)
        with pytest.raises(RuleError):
            request_license(license_for(company), by=colleague)
        with pytest.raises(RuleError):
            request_document(document(), by=colleague)
        assert OutboxMail.objects.filter(recipient=admin).count() == MAX_PER_DAY

    def test_c32_a_colleague_is_not_counted_with_them(self, company: Company, colleague: User) -> None:
        for _number in range(MAX_PER_DAY):
            request_license(license_for(company), by=colleague)
        assert request_license(license_for(company), by=person(company=company)).is_open


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("kind", ["license", "document"])
def test_c32_two_at_once_are_counted_one_after_the_other(kind: str, company: Company, colleague: User) -> None:
    """For two different things: nothing but the lock stands between the count and the fiftieth."""
    collection_for(company)
    full = [
        LicenseRequest(company=company, user=colleague, license=license_for(company))
        for _number in range(MAX_PER_DAY - 1)
    ]
    LicenseRequest.objects.bulk_create(full)
    asks_for: list[Callable[[], object]] = [
        partial(request_license, license_for(company), by=colleague)
        if kind == "license"
        else partial(request_document, document(), by=colleague)
        for _twice in range(2)
    ]

    with slow_writes(f"requests_app_{kind}request"):
        outcomes = at_once(asks_for)

    assert sum(isinstance(one, RuleError) for one in outcomes) == 1
    assert LicenseRequest.objects.count() + DocumentRequest.objects.count() == MAX_PER_DAY
