"""Test „not now" (R28): until its day nothing offers to ask again, and the day is shown."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format

from accounts.models import User
from companies.models import Company
from licenses.models import Document, License
from nenconnect.rules.errors import RuleError
from requests_app.access.reasons import AccessStep, explain, explain_licenses
from requests_app.access.sentences import ReasonKind
from requests_app.actions import deciding
from requests_app.actions.asking import request_document, request_license
from tests.factories import make_collection, make_document, make_license, make_person

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("_english")]
SignIn = Callable[[User], Client]

FORM = reverse("requests:request_license")


@pytest.fixture
def english(colleague: User) -> User:
    User.objects.filter(pk=colleague.pk).update(language="en")
    colleague.refresh_from_db()
    return colleague


@pytest.fixture
def day() -> Any:
    return timezone.localdate() + timedelta(days=30)


@pytest.fixture
def rejected_document(company: Company) -> Document:
    # In a licence that can be asked for.
    document = make_document()
    make_license(company, name="Bouw", documents=[document], ends_on=timezone.localdate() + timedelta(days=90))
    return document


@pytest.fixture
def not_now(rejected_document: Document, english: User, admin: User, day: Any) -> License:
    # The licence, after an admin answered „not now".
    license = rejected_document.licenses.get()
    row = request_license(license, by=english)
    deciding.reject(row, by=admin, ask_again_on=day)
    return license


def rejection_text(day: Any) -> str:
    return date_format(day, "j F Y")


def page(browser: Client, name: str, *args: int) -> str:
    return browser.get(reverse(name, args=args)).content.decode()


class TestALicence:
    def test_after_not_now_the_document_page_shows_the_date_and_no_button(
        self, rejected_document: Document, not_now: License, english: User, sign_in: SignIn, day: Any
    ) -> None:
        seen = page(sign_in(english), "documents:document", rejected_document.pk)

        assert f"not now. That holds until {rejection_text(day)}." in seen
        assert "You can ask again from that day on." in seen
        assert FORM not in seen.split("<main", 1)[1]
        assert reverse("requests:request_document", args=[rejected_document.pk]) not in seen

    def test_after_not_now_the_form_the_profile_and_the_request_show_the_date(
        self, not_now: License, english: User, sign_in: SignIn, day: Any
    ) -> None:
        browser, row = sign_in(english), not_now.requests.get()
        pages = [
            browser.get(FORM).content.decode(),
            page(browser, "profile:profile_licenses"),
            page(browser, "requests:license_request", row.pk),
        ]

        for seen in pages:
            assert f"Not now: you can ask again from {rejection_text(day)}" in seen
            assert f"?license={not_now.pk}" not in seen.replace(f"/documenten/?license={not_now.pk}", "")
            assert f'value="{not_now.pk}"' not in seen

    def test_from_the_date_of_not_now_the_request_button_is_back(
        self, rejected_document: Document, not_now: License, english: User, sign_in: SignIn, day: Any
    ) -> None:
        with time_machine.travel(timezone.now() + timedelta(days=30)):
            browser = sign_in(english)
            assert f"{FORM}?license={not_now.pk}" in page(browser, "documents:document", rejected_document.pk)
            again = page(browser, "requests:license_request", not_now.requests.get().pk)
            assert "Request this licence again" in again
            browser.post(FORM, {"license": not_now.pk})
        assert not_now.requests.filter(status="open").count() == 1

    def test_not_now_for_a_licence_also_refuses_a_request_for_its_document(
        self, rejected_document: Document, not_now: License, english: User, company: Company, sign_in: SignIn
    ) -> None:
        make_collection(company)
        with pytest.raises(RuleError, match="again from"):
            request_document(rejected_document, by=english)
        browser = sign_in(english)
        assert browser.get(reverse("requests:request_document", args=[rejected_document.pk])).status_code == 302

    def test_after_not_now_another_licence_with_the_document_is_offered(
        self, rejected_document: Document, not_now: License, english: User, company: Company, sign_in: SignIn
    ) -> None:
        other = make_license(company, name="Installatie", documents=[rejected_document])
        reason = explain(rejected_document, english, to=english)
        assert (reason.kind, reason.license) == (ReasonKind.REQUESTABLE, other)

        form = sign_in(english).get(reverse("requests:request_document", args=[rejected_document.pk]))
        assert list(form.context["in_licenses"]) == [other]

    def test_after_not_now_a_colleague_may_ask_and_an_admin_may_give_the_licence(
        self, rejected_document: Document, not_now: License, english: User, admin: User, company: Company
    ) -> None:
        other = make_person(company=company)
        assert explain(rejected_document, other, to=other).step == AccessStep.REQUEST_LICENSE
        assert explain(rejected_document, english, to=admin).step == AccessStep.GIVE_LICENSE
        (reason,) = explain_licenses(License.objects.filter(pk=not_now.pk), english, to=admin)
        assert reason.step == AccessStep.GIVE_LICENSE


class TestAStandard:
    @pytest.fixture
    def rejected(self, company: Company, admin: User, english: User, day: Any) -> Document:
        make_collection(company)
        row = request_document(make_document(), by=english)
        deciding.reject(row, by=admin, ask_again_on=day)
        return row.document

    def test_after_not_now_for_a_document_its_page_shows_the_date_and_no_button(
        self, rejected: Document, english: User, sign_in: SignIn, day: Any
    ) -> None:
        browser = sign_in(english)
        for seen in (
            page(browser, "documents:document", rejected.pk),
            page(browser, "requests:document_request", rejected.requests.get().pk),
        ):
            assert rejection_text(day) in seen
            assert reverse("requests:request_document", args=[rejected.pk]) not in seen

    def test_after_not_now_a_hidden_licence_with_the_document_is_not_named(
        self, rejected: Document, english: User, company: Company, admin: User, sign_in: SignIn, day: Any
    ) -> None:
        make_license(company, name="Geheim", documents=[rejected], is_shown=False)
        seen = page(sign_in(english), "documents:document", rejected.pk)
        assert rejection_text(day) in seen
        assert "Geheim" not in seen
        assert explain(rejected, english, to=admin).step == AccessStep.GIVE_LICENSE

    def test_from_the_date_of_not_now_the_document_can_be_requested_again(
        self, rejected: Document, english: User, sign_in: SignIn
    ) -> None:
        with time_machine.travel(timezone.now() + timedelta(days=30)):
            seen = page(sign_in(english), "requests:document_request", rejected.requests.get().pk)
        assert "Request this standard again" in seen


def test_a_licence_requested_again_after_a_rejection_is_not_offered_again(
    rejected_document: Document, english: User, admin: User, sign_in: SignIn
) -> None:
    license = rejected_document.licenses.get()
    row = request_license(license, by=english)
    deciding.reject(row, by=admin)
    browser = sign_in(english)
    assert "Request this licence again" in page(browser, "requests:license_request", row.pk)

    request_license(license, by=english)

    assert "Request this licence again" not in page(browser, "requests:license_request", row.pk)
