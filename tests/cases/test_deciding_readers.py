"""Names, texts and exports of requests: who reads them, and what they may hold (C29–C31)."""

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
from tests.cases.deciding import asked_by, page_of
from tests.factories import admin_of, license_for, person

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("_english")]
SignIn = Callable[[User], Client]


class TestC29TwoReaders:
    def test_c29_the_message_to_the_requester_reaches_no_colleague(
        self, company: Company, admin: User, colleague: User, sign_in: SignIn
    ) -> None:
        row = asked_by(colleague)
        note = "Alleen voor jou"
        deciding.reject(row, by=admin, reason="Te duur", note=note)
        browsers = {one: sign_in(one) for one in (person(company=company), colleague, admin)}

        seen = {one.email: note in page.get(page_of(row)).content.decode() for one, page in browsers.items()}

        assert list(seen.values()) == [False, True, True]
        for browser in browsers.values():
            assert "Te duur" in browser.get(page_of(row)).content.decode()
        mail = OutboxMail.objects.get(event="license_request_rejected")
        assert mail.recipient == colleague
        assert note in str(render(mail).message())

    def test_c29_question_and_answer_reach_no_colleague(
        self, company: Company, admin: User, colleague: User, sign_in: SignIn
    ) -> None:
        row, other = asked_by(colleague), person(company=company)
        browser = sign_in(admin)
        browser.post(reverse("requests:ask_license", args=[row.pk]), {"text": "Welk project?"})
        sign_in(colleague).post(reverse("requests:answer_license", args=[row.pk]), {"text": "Zuidas noord"})

        for url in (page_of(row), reverse("requests:license_requests")):
            seen = sign_in(other).get(url).content.decode()
            assert not [word for word in ("Welk project", "Zuidas noord", "beantwoord") if word in seen]
        assert "Zuidas noord" in browser.get(page_of(row)).content.decode()
        asked, answered = OutboxMail.objects.filter(event__startswith="request_").order_by("pk")
        assert (asked.recipient, answered.recipient) == (colleague, admin)

    def test_c29_a_colleague_cannot_answer_and_is_not_told_what_was_asked(
        self, company: Company, admin: User, colleague: User, sign_in: SignIn
    ) -> None:
        row = asked_by(colleague)
        asking_first.ask_first(row, "Welk project?", by=admin)

        answer = sign_in(person(company=company)).post(
            reverse("requests:answer_license", args=[row.pk]), {"text": "Ik weet het"}, follow=True
        )

        assert "Welk project" not in answer.content.decode()
        assert RequestMessage.objects.count() == 1

    def test_c29_whoever_decides_no_more_does_not_read_the_answer(
        self, company: Company, admin: User, colleague: User
    ) -> None:
        second = admin_of(company)
        row = asked_by(colleague)
        asking_first.ask_first(row, "Welk project?", by=second)
        asking_first.answer(row, "Zuidas", by=colleague)
        mail = OutboxMail.objects.get(event="request_answer")
        assert mail.recipient == second
        assert context_of(mail)

        membership.change_role(second, User.Role.USER, by=admin)

        with pytest.raises(Unwanted):
            context_of(OutboxMail.objects.get(pk=mail.pk))


class TestC30Texts:
    @pytest.mark.parametrize("text", ["", "   ", "\u200b", "x" * 1001, "😀" * 1001])
    def test_c30_a_question_says_something_and_is_bounded(
        self, admin: User, colleague: User, text: str, sign_in: SignIn
    ) -> None:
        row = asked_by(colleague)
        with pytest.raises(RuleError):
            asking_first.ask_first(row, text, by=admin)
        page = sign_in(admin).post(reverse("requests:ask_license", args=[row.pk]), {"text": text})
        assert page.status_code == 200
        assert not RequestMessage.objects.exists()

    def test_c30_a_thread_has_an_end(self, admin: User, colleague: User) -> None:
        row = asked_by(colleague)
        for number in range(asking_first.MAX_MESSAGES):
            asking_first.ask_first(row, f"Vraag {number}", by=admin)
        with pytest.raises(RuleError, match="Speak to each other"):
            asking_first.answer(row, "Nog een", by=colleague)

    @pytest.mark.parametrize("field", ["reason", "note"])
    @pytest.mark.parametrize("text", ["x" * 1001, "😀" * 1001, "x" * 100_000])
    def test_c30_both_boxes_of_a_rejection_are_bounded(
        self, admin: User, colleague: User, field: str, text: str, sign_in: SignIn
    ) -> None:
        row = asked_by(colleague)
        with pytest.raises(RuleError):
            deciding.reject(row, by=admin, **dict[str, Any]({field: text}))
        url = reverse("requests:reject_license", args=[row.pk])
        assert sign_in(admin).post(url, {field: text}).status_code == 200
        row.refresh_from_db()
        assert row.is_open

    def test_c30_html_stays_text_on_every_page_of_the_thread(
        self, admin: User, colleague: User, sign_in: SignIn
    ) -> None:
        row = asked_by(colleague)
        asking_first.ask_first(row, "<script>alert(1)</script>", by=admin)
        for one in (admin, colleague):
            page = sign_in(one).get(page_of(row)).content.decode()
            assert "<script>alert" not in page
            assert "&lt;script&gt;alert" in page


class TestC31Exports:
    def test_c31_a_cell_that_begins_like_a_formula_is_a_text(
        self, company: Company, admin: User, colleague: User, sign_in: SignIn
    ) -> None:
        User.objects.filter(pk=colleague.pk).update(name='=HYPERLINK("https://evil.example")')
        row = request_license(license_for(company, name="@SUM(1)"), by=colleague, reason="+1+1")
        deciding.reject(row, by=admin, reason="-2", note="=3")

        answer = sign_in(admin).get(reverse("requests:export_license_requests"), {"format": CSV, "period": "all"})

        text = b"".join(answer.streaming_content).decode("utf-8-sig")  # type: ignore[attr-defined]
        heads, cells = csv.reader(io.StringIO(text), delimiter=";")
        assert len(heads) == len(cells)
        assert not [cell for cell in cells if cell[:1] in "=+-@\t\r" and cell]
        assert {"'@SUM(1)", "'+1+1", "'-2", "'=3"} <= set(cells)

    def test_c31_the_export_follows_the_filter_and_is_for_admins(
        self, company: Company, admin: User, colleague: User, sign_in: SignIn
    ) -> None:
        wanted, _other = asked_by(colleague), asked_by(colleague)
        url = reverse("requests:export_license_requests")
        query: dict[str, Any] = {"format": CSV, "license": wanted.license_id}

        text = b"".join(sign_in(admin).get(url, query).streaming_content).decode()  # type: ignore[attr-defined]

        assert text.count("\r\n") == 2
        assert colleague.email in text
        assert sign_in(colleague).get(url, query).status_code == 403
