"""Test reading and publishing the terms of use."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from django.utils.html import escape

from accounts.actions import terms
from accounts.models import TermsVersion, User
from companies.models import Company
from nenconnect.audit.models import AuditEntry
from pages.sign_in.terms_text import terms_html
from tests.accounts.terms import ASKED
from tests.factories import make_terms_version

pytestmark = pytest.mark.django_db
SignIn = Callable[[User], Client]


class TestReading:
    def test_a_visitor_can_read_the_current_earlier_and_announced_terms(self, client: Client) -> None:
        old = make_terms_version(published_at=timezone.now() - timedelta(days=400), text_nl="Oud", text_en="Old")
        make_terms_version(published_at=timezone.now() - timedelta(days=4))
        coming = make_terms_version(
            published_at=timezone.now() + timedelta(days=4), text_nl="Straks", text_en="Soon"
        )

        page = client.get(reverse("sign_in:terms")).content.decode()

        assert "Van u alleen." in page
        for other, text in ((old, "Oud"), (coming, "Straks")):
            address = reverse("sign_in:terms_version", args=[other.pk])
            assert address in page
            assert text in client.get(address).content.decode()
        assert client.get(reverse("sign_in:terms_version", args=[0])).status_code == 404

    def test_the_terms_page_opens_when_no_terms_are_published(self, client: Client) -> None:
        assert "account" in client.get(reverse("sign_in:terms")).content.decode()

    def test_the_terms_page_escapes_html_in_the_text(self, client: Client) -> None:
        make_terms_version(text_nl="# <b>Kop</b>\n\n- <script>alert(1)</script>\n\n<i>schuin</i> & meer")

        page = client.get(reverse("sign_in:terms")).content.decode()

        assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
        assert "<script>alert" not in page
        assert "<h2>&lt;b&gt;Kop&lt;/b&gt;</h2>" in page

    def test_plain_text_of_the_terms_becomes_headings_paragraphs_and_lists(self) -> None:
        text = (
            "# Kop\nEen regel\ntweede regel\n\nNieuwe alinea\n- een\n- twee\n1. eerst\n2) dan\n## Klein\n#geen kop"
        )

        assert terms_html(text).split("\n") == [
            "<h2>Kop</h2>",
            "<p>Een regel<br>",
            "tweede regel</p>",
            "<p>Nieuwe alinea</p>",
            "<ul>",
            "<li>een</li>",
            "<li>twee</li>",
            "</ul>",
            "<ol>",
            "<li>eerst</li>",
            "</ol>",
            '<ol start="2">',
            "<li>dan</li>",
            "</ol>",
            "<h3>Klein</h3>",
            "<p>#geen kop</p>",
            "",
        ]

    @pytest.mark.parametrize(
        "text",
        [
            "[klik](javascript:alert(1))",
            "![foto](https://elders.example/spion.gif)",
            "<https://elders.example>",
            "**vet** `code` &amp; <b>vet</b>",
        ],
    )
    def test_other_markup_in_the_terms_is_shown_as_plain_text(self, text: str) -> None:
        assert terms_html(text) == f"<p>{escape(text)}</p>\n"

    def test_bullets_pasted_from_word_become_a_list_in_the_terms(self) -> None:
        assert "<li>een</li>\n<li>twee</li>" in terms_html("• een\n• twee")


class TestPublishing:
    ADD = reverse("admin:accounts_termsversion_add")

    @pytest.fixture
    def desk(self, sign_in: SignIn, staff: User) -> Client:
        return sign_in(staff)

    def publish(self, desk: Client, at: datetime | None = None, **fields: Any) -> Any:
        moment = timezone.localtime(at) if at else None
        typed = {
            "text_nl": "Nieuw",
            "text_en": "New",
            "published_at_0": moment.strftime("%Y-%m-%d") if moment else "",
            "published_at_1": moment.strftime("%H:%M:%S") if moment else "",
        }
        return desk.post(self.ADD, typed | fields)

    def test_staff_can_publish_terms_with_immediate_effect(self, desk: Client, staff: User) -> None:
        before = timezone.now()

        assert self.publish(desk).status_code == 302

        version = TermsVersion.objects.get()
        assert before <= version.published_at <= timezone.now()
        assert (version.text_nl, version.text_en, version.published_by) == ("Nieuw", "New", staff)
        entry = AuditEntry.objects.get(verb="terms_published")
        assert (entry.actor_id, entry.subjects) == (staff.pk, {"termsversion": version.pk})

    def test_staff_can_announce_terms_for_a_later_time(self, desk: Client) -> None:
        moment = timezone.now() + timedelta(days=14)

        self.publish(desk, moment)

        assert TermsVersion.objects.current() is None
        assert abs(TermsVersion.objects.get().published_at - moment) < timedelta(seconds=1)

    @pytest.mark.parametrize(
        ("field", "wrong"), [("text_nl", {"text_nl": " "}), ("text_en", {"text_en": "\u200b"})]
    )
    def test_publishing_terms_requires_a_dutch_and_an_english_text(
        self, desk: Client, field: str, wrong: dict[str, str]
    ) -> None:
        answer = self.publish(desk, None, **wrong)

        assert field in answer.context["adminform"].form.errors
        assert not TermsVersion.objects.exists()

    def test_terms_cannot_be_published_at_a_time_in_the_past(self, desk: Client) -> None:
        answer = self.publish(desk, timezone.now() - timedelta(hours=1))

        assert "published_at" in answer.context["adminform"].form.errors

    def test_published_terms_cannot_be_changed_or_deleted(self, desk: Client) -> None:
        version = make_terms_version()
        accept = desk.post(ASKED, {"version": version.pk})
        assert accept.status_code == 302
        page = reverse("admin:accounts_termsversion_change", args=[version.pk])

        assert "Van u alleen." in desk.get(page).content.decode()
        assert desk.post(page, {"text_nl": "Anders", "text_en": "Other"}).status_code == 403
        assert desk.post(reverse("admin:accounts_termsversion_delete", args=[version.pk])).status_code == 403

    def test_the_list_of_terms_links_to_acceptances_with_a_constant_number_of_queries(
        self, desk: Client, staff: User
    ) -> None:
        url = reverse("admin:accounts_termsversion_changelist")
        now = timezone.now()
        for days in (-3, -2, 5):
            make_terms_version(accepted_by=[staff], published_at=now + timedelta(days=days))
        assert desk.get(url).content.decode().count("?version__id__exact=") == 3
        before = _queries(desk, url)
        for days in range(-40, -13):
            make_terms_version(accepted_by=[staff], published_at=now + timedelta(days=days))
        desk.get(url)

        assert _queries(desk, url) == before

    def test_staff_can_search_who_accepted_the_terms(self, desk: Client, staff: User, colleague: User) -> None:
        make_terms_version(accepted_by=[staff, colleague])

        page = desk.get(reverse("admin:accounts_termsacceptance_changelist") + "?q=collega").content.decode()

        assert "Coen Collega" in page

    def test_published_terms_remain_after_their_publisher_is_deleted(self, staff: User, company: Company) -> None:
        version = terms.publish(by=staff, text_nl="Nieuw", text_en="New")

        staff.delete()

        version.refresh_from_db()
        assert version.published_by is None


def _queries(browser: Client, url: str) -> int:
    with CaptureQueriesContext(connection) as queries:
        browser.get(url)
    return len(queries)
