"""Test who reads names and texts of requests, their limits, and exports (C29–C31)."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.actions import membership
from accounts.models import User
from companies.models import Company
from nenconnect.mail.events import Unwanted, context_of
from nenconnect.mail.models import OutboxMail
from nenconnect.mail.rendering import render
from nenconnect.rules.errors import RuleError
from nenconnect.tables.files import CSV
from requests_app.actions import asking_first, deciding
from requests_app.actions.asking import request_license
from requests_app.models import RequestMessage
from tests.cases.deciding import license_request_by, page_of
from tests.factories import make_admin, make_license, make_person

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("_english")]
SignIn = Callable[[User], Client]


class TestC29TwoReaders:
    def test_c29_the_note_of_a_rejection_is_shown_to_the_requester_and_admin_only(
        self, company: Company, admin: User, colleague: User, sign_in: SignIn
    ) -> None:
        license_request = license_request_by(colleague)
        note = "Alleen voor jou"
        deciding.reject(license_request, by=admin, reason="Te duur", note=note)
        browsers = {reader: sign_in(reader) for reader in (make_person(company=company), colleague, admin)}

        note_shown = [
            note in browser.get(page_of(license_request)).content.decode() for browser in browsers.values()
        ]

        assert note_shown == [False, True, True]
        for browser in browsers.values():
            assert "Te duur" in browser.get(page_of(license_request)).content.decode()
        mail = OutboxMail.objects.get(event="request_rejected")
        assert mail.recipient == colleague
        assert note in str(render(mail).message())

    def test_c29_question_and_answer_are_hidden_from_colleagues(
        self, company: Company, admin: User, colleague: User, sign_in: SignIn
    ) -> None:
        license_request, other = license_request_by(colleague), make_person(company=company)
        browser = sign_in(admin)
        browser.post(reverse("requests:ask_license", args=[license_request.pk]), {"text": "Welk project?"})
        sign_in(colleague).post(
            reverse("requests:answer_license", args=[license_request.pk]), {"text": "Zuidas noord"}
        )

        for url in (page_of(license_request), reverse("requests:license_requests")):
            page = sign_in(other).get(url).content.decode()
            assert not [word for word in ("Welk project", "Zuidas noord", "beantwoord") if word in page]
        assert "Zuidas noord" in browser.get(page_of(license_request)).content.decode()
        question_mail, answer_mail = OutboxMail.objects.filter(
            event__in=["request_question", "request_answer"]
        ).order_by("pk")
        assert (question_mail.recipient, answer_mail.recipient) == (colleague, admin)

    def test_c29_a_colleague_cannot_answer_or_read_the_question(
        self, company: Company, admin: User, colleague: User, sign_in: SignIn
    ) -> None:
        license_request = license_request_by(colleague)
        asking_first.ask_first(license_request, "Welk project?", by=admin)

        response = sign_in(make_person(company=company)).post(
            reverse("requests:answer_license", args=[license_request.pk]), {"text": "Ik weet het"}, follow=True
        )

        assert "Welk project" not in response.content.decode()
        assert RequestMessage.objects.count() == 1

    def test_c29_a_former_admin_gets_no_mail_with_the_answer(
        self, company: Company, admin: User, colleague: User
    ) -> None:
        second = make_admin(company)
        license_request = license_request_by(colleague)
        asking_first.ask_first(license_request, "Welk project?", by=second)
        asking_first.answer(license_request, "Zuidas", by=colleague)
        mail = OutboxMail.objects.get(event="request_answer")
        assert mail.recipient == second
        assert context_of(mail)

        membership.change_role(second, User.Role.USER, by=admin)

        with pytest.raises(Unwanted):
            context_of(OutboxMail.objects.get(pk=mail.pk))


class TestC30Texts:
    @pytest.mark.parametrize("text", ["", "   ", "\u200b", "x" * 1001, "😀" * 1001])
    def test_c30_an_empty_or_too_long_question_is_refused(
        self, admin: User, colleague: User, text: str, sign_in: SignIn
    ) -> None:
        license_request = license_request_by(colleague)
        with pytest.raises(RuleError):
            asking_first.ask_first(license_request, text, by=admin)
        page = sign_in(admin).post(reverse("requests:ask_license", args=[license_request.pk]), {"text": text})
        assert page.status_code == 200
        assert not RequestMessage.objects.exists()

    def test_c30_a_request_has_a_maximum_number_of_messages(self, admin: User, colleague: User) -> None:
        license_request = license_request_by(colleague)
        for number in range(asking_first.MAX_MESSAGES):
            asking_first.ask_first(license_request, f"Vraag {number}", by=admin)
        with pytest.raises(RuleError, match="Speak to each other"):
            asking_first.answer(license_request, "Nog een", by=colleague)

    @pytest.mark.parametrize("field", ["reason", "note"])
    @pytest.mark.parametrize("text", ["x" * 1001, "😀" * 1001, "x" * 100_000])
    def test_c30_a_too_long_reason_or_note_is_refused(
        self, admin: User, colleague: User, field: str, text: str, sign_in: SignIn
    ) -> None:
        license_request = license_request_by(colleague)
        with pytest.raises(RuleError):
            deciding.reject(license_request, by=admin, **dict[str, Any]({field: text}))
        url = reverse("requests:reject_license", args=[license_request.pk])
        assert sign_in(admin).post(url, {field: text}).status_code == 200
        license_request.refresh_from_db()
        assert license_request.is_open

    def test_c30_html_in_a_question_is_escaped_for_admin_and_requester(
        self, admin: User, colleague: User, sign_in: SignIn
    ) -> None:
        license_request = license_request_by(colleague)
        asking_first.ask_first(license_request, "<script>alert(1)</script>", by=admin)
        for reader in (admin, colleague):
            page = sign_in(reader).get(page_of(license_request)).content.decode()
            assert "<script>alert" not in page
            assert "&lt;script&gt;alert" in page


class TestC31Exports:
    def test_c31_an_exported_cell_that_looks_like_a_formula_is_escaped(
        self, company: Company, admin: User, colleague: User, sign_in: SignIn
    ) -> None:
        User.objects.filter(pk=colleague.pk).update(name='=HYPERLINK("https://evil.example")')
        license_request = request_license(make_license(company, name="@SUM(1)"), by=colleague, reason="+1+1")
        deciding.reject(license_request, by=admin, reason="-2", note="=3")

        response = sign_in(admin).get(
            reverse("requests:export_license_requests"), {"format": CSV, "period": "all"}
        )

        text = b"".join(response.streaming_content).decode("utf-8-sig")  # type: ignore[attr-defined]
        headings, cells = csv.reader(io.StringIO(text), delimiter=";")
        assert len(headings) == len(cells)
        assert not [cell for cell in cells if cell[:1] in "=+-@\t\r" and cell]
        assert {"'@SUM(1)", "'+1+1", "'-2", "'=3"} <= set(cells)

    def test_c31_the_export_applies_the_filter_and_is_for_admins_only(
        self, company: Company, admin: User, colleague: User, sign_in: SignIn
    ) -> None:
        exported, _other = license_request_by(colleague), license_request_by(colleague)
        url = reverse("requests:export_license_requests")
        query: dict[str, Any] = {"format": CSV, "license": exported.license_id}

        text = b"".join(sign_in(admin).get(url, query).streaming_content).decode()  # type: ignore[attr-defined]

        assert text.count("\r\n") == 2
        assert colleague.email in text
        assert sign_in(colleague).get(url, query).status_code == 403
