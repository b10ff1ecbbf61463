"""The terms of use: NEN publishes a version, everybody accepts it once, and nobody ever changes it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.contrib.messages import get_messages
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.actions import terms
from accounts.actions.finishing_registration import finish_registration
from accounts.models import TermsAcceptance, TermsVersion, User
from companies.models import Company
from nenconnect.audit.models import AuditEntry
from nenconnect.rules.errors import RuleError
from pages.plain_text import Kind, blocks
from tests.at_once import at_once, slow_writes
from tests.factories import PASSWORD, pending_person, published_terms, registration_token

pytestmark = pytest.mark.django_db

SignIn = Callable[[User], Client]
ASKED = reverse("sign_in:accept_terms")
HOME = reverse("home:home")


def ask_for(path: str) -> str:
    return f"{ASKED}?next={path.replace('/', '%2F').replace('?', '%3F').replace('=', '%3D')}"


def accepted(user: User) -> list[TermsVersion]:
    return [one.version for one in user.terms_acceptances.order_by("pk").select_related("version")]


def said(response: Any) -> list[str]:
    return [str(message) for message in get_messages(response.wsgi_request)]


class TestAsking:
    def test_nobody_is_asked_while_nen_has_published_nothing(self, sign_in: SignIn, colleague: User) -> None:
        assert sign_in(colleague).get(HOME).status_code == 200

    def test_whoever_has_not_accepted_is_asked_and_then_goes_on_to_the_page(
        self, sign_in: SignIn, colleague: User
    ) -> None:
        version, browser = published_terms(), sign_in(colleague)
        page = reverse("documents:documents") + "?q=1010"

        asked = browser.get(page)
        assert asked["Location"] == ask_for(page)
        answer = browser.get(asked["Location"])
        assert "Van u alleen." in answer.content.decode()
        done = browser.post(asked["Location"], {"version": version.pk})

        assert done["Location"] == page
        assert browser.get(page).status_code == 200
        assert accepted(colleague) == [version]
        assert AuditEntry.objects.get(verb="terms_accepted").actor_id == colleague.pk

    def test_it_comes_once_for_each_version(self, sign_in: SignIn, colleague: User) -> None:
        first = published_terms(accepted_by=[colleague], published_at=timezone.now() - timedelta(days=30))
        browser = sign_in(colleague)
        assert browser.get(HOME).status_code == 200
        second = published_terms()
        assert browser.get(HOME).status_code == 302

        browser.post(ASKED, {"version": second.pk})

        assert browser.get(HOME).status_code == 200
        assert accepted(colleague) == [first, second]

    def test_it_is_remembered_in_the_account_not_in_the_browser(self, sign_in: SignIn, colleague: User) -> None:
        version = published_terms()
        sign_in(colleague).post(ASKED, {"version": version.pk})

        assert sign_in(colleague).get(HOME).status_code == 200

    def test_what_is_announced_is_asked_from_its_moment_on(
        self, sign_in: SignIn, colleague: User, staff: User
    ) -> None:
        terms.publish(by=staff, text_nl="Later", text_en="Later", at=timezone.now() + timedelta(days=3))
        browser = sign_in(colleague)
        assert browser.get(HOME).status_code == 200

        terms.forget_what_was_seen()  # which ends within a minute
        with time_machine.travel(timezone.now() + timedelta(days=3, minutes=1)):
            assert browser.get(HOME)["Location"] == ask_for("/")

    @pytest.mark.parametrize("who", ["admin", "personal", "staff"])
    def test_everybody_is_asked(self, sign_in: SignIn, who: str, request: pytest.FixtureRequest) -> None:
        published_terms()
        browser = sign_in(request.getfixturevalue(who))
        for name in ("home:home", "profile:profile", "documents:documents"):
            assert browser.get(reverse(name))["Location"] == ask_for(reverse(name))
        assert browser.get(reverse("admin:index")).status_code == 302

    @pytest.mark.parametrize(
        "name",
        [
            "home:help",
            "home:privacy",
            "sign_in:terms",
            "sign_in:accept_terms",
            "profile:download_data",
            "profile:delete_account",
        ],
    )
    def test_these_pages_remain(self, sign_in: SignIn, colleague: User, name: str) -> None:
        published_terms()

        answer = sign_in(colleague).get(reverse(name))

        assert not answer.headers.get("Location", "").startswith(ASKED)

    def test_one_can_still_sign_out_and_choose_a_language(self, sign_in: SignIn, colleague: User) -> None:
        published_terms()
        browser = sign_in(colleague)

        browser.post(reverse("home:language"), {"language": "en", "next": ASKED})
        assert "Yours alone." in browser.get(ASKED).content.decode()
        browser.post(reverse("account_logout"))
        assert "_auth_user_id" not in browser.session

    @pytest.mark.usefixtures("_english")
    def test_what_was_sent_meanwhile_is_not_saved_and_the_person_is_told(
        self, sign_in: SignIn, colleague: User
    ) -> None:
        published_terms()
        User.objects.filter(pk=colleague.pk).update(language="en")
        page = reverse("profile:profile")
        form = {"name": "Iemand Anders", "language": "en"}

        answer = sign_in(colleague).post(page, form, headers={"Referer": f"http://testserver{page}?x=1"})

        assert answer["Location"] == ask_for(f"{page}?x=1")
        assert "What you sent has not been saved" in said(answer)[0]
        colleague.refresh_from_db()
        assert colleague.name == "Coen Collega"

    @pytest.mark.parametrize(
        "referrer", ["https://evil.example/x", "http://testserver//evil.example/", "", "geen"]
    )
    def test_nothing_leads_from_there_to_elsewhere(self, sign_in: SignIn, colleague: User, referrer: str) -> None:
        version, browser = published_terms(), sign_in(colleague)

        answer = browser.post(reverse("profile:profile"), {}, headers={"Referer": referrer})
        assert answer["Location"] == ASKED
        done = browser.post(f"{ASKED}?next=//evil.example", {"version": version.pk})
        assert done["Location"] == HOME

    def test_once_accepted_it_costs_no_query(
        self, sign_in: SignIn, colleague: User, django_assert_num_queries: Any
    ) -> None:
        page, browser = reverse("account_logout"), sign_in(colleague)
        browser.get(HOME)
        with django_assert_num_queries(2):  # the session and the person
            browser.get(page)
        published_terms(accepted_by=[colleague])
        browser.get(HOME)

        with django_assert_num_queries(2):
            browser.get(page)

    def test_another_web_server_notices_within_a_minute(self, sign_in: SignIn, colleague: User) -> None:
        """Publishing tells only the process that did it; here the row comes in past it."""
        browser = sign_in(colleague)
        browser.get(HOME)
        TermsVersion.objects.create(text_nl="Nieuw", text_en="New")
        assert browser.get(HOME).status_code == 200

        with time_machine.travel(timezone.now() + timedelta(seconds=terms.SEEN_FOR + 1)):
            assert browser.get(HOME).status_code == 302

    def test_a_server_that_is_a_minute_behind_sends_nobody_in_circles(
        self, sign_in: SignIn, colleague: User
    ) -> None:
        """The person accepted at another server what this one has not seen yet."""
        published_terms(published_at=timezone.now() - timedelta(days=9))
        browser = sign_in(colleague)
        browser.get(HOME)
        newer = TermsVersion.objects.create(text_nl="Nieuw", text_en="New")
        browser.post(ASKED, {"version": newer.pk})

        assert browser.get(HOME).status_code == 200


class TestAccepting:
    def test_only_what_stood_on_the_page_is_accepted(self, sign_in: SignIn, colleague: User) -> None:
        shown = published_terms(published_at=timezone.now() - timedelta(days=9))
        browser = sign_in(colleague)
        newer = published_terms(text_nl="Nieuwer", text_en="Newer")

        answer = browser.post(ASKED, {"version": shown.pk})

        assert answer.status_code == 200
        assert "Nieuwer" in answer.content.decode()
        assert f'value="{newer.pk}"' in answer.content.decode()
        assert accepted(colleague) == []

    @pytest.mark.parametrize("sent", ["", "x", "-1", "9" * 30])
    def test_what_is_no_version_accepts_nothing(self, sign_in: SignIn, colleague: User, sent: str) -> None:
        published_terms()

        assert sign_in(colleague).post(ASKED, {"version": sent}).status_code == 200
        assert accepted(colleague) == []

    def test_the_action_refuses_what_is_not_current(self, colleague: User) -> None:
        older = published_terms(published_at=timezone.now() - timedelta(days=9))
        published_terms()

        with pytest.raises(RuleError):
            terms.accept(colleague, older)

    @pytest.mark.django_db(transaction=True)
    def test_pressing_twice_at_once_is_accepting_once(self, colleague: User) -> None:
        version = published_terms()

        with slow_writes("accounts_termsacceptance"):
            outcomes = at_once([lambda: terms.accept(colleague, version)] * 3)

        assert outcomes == [None] * 3
        assert TermsAcceptance.objects.count() == 1
        assert AuditEntry.objects.filter(verb="terms_accepted").count() == 1


class TestRegistering:
    FORM = {"company": "none", "password": PASSWORD, "repeat": PASSWORD}

    @pytest.fixture
    def at_the_password(self, client: Client, pending: User) -> Client:
        client.post(reverse("sign_in:registration", args=[registration_token(pending)]))
        return client

    def test_finishing_accepts_the_version_on_the_page(self, at_the_password: Client, pending: User) -> None:
        version = published_terms()
        page = at_the_password.get(reverse("sign_in:choose_password")).content.decode()
        assert "Van u alleen." in page

        at_the_password.post(reverse("sign_in:choose_password"), {**self.FORM, "terms": version.pk})

        assert accepted(pending) == [version]
        browser = Client()
        browser.force_login(User.objects.get(pk=pending.pk))
        assert browser.get(HOME).status_code == 200

    @pytest.mark.parametrize("is_first", [True, False])
    def test_terms_that_were_published_meanwhile_are_shown_first(
        self, at_the_password: Client, pending: User, is_first: bool
    ) -> None:
        shown = None if is_first else published_terms(published_at=timezone.now() - timedelta(days=9))
        newer = published_terms(text_nl="Nieuwer", text_en="Newer")
        form = self.FORM | ({"terms": shown.pk} if shown else {})

        answer = at_the_password.post(reverse("sign_in:choose_password"), form)

        assert answer.context["form"].has_error("terms")
        page = answer.content.decode()
        assert f'name="terms" value="{newer.pk}"' in page
        assert "Nieuwer" in page
        pending.refresh_from_db()
        assert pending.is_pending
        again = at_the_password.post(reverse("sign_in:choose_password"), {**self.FORM, "terms": newer.pk})
        assert again.status_code == 302
        assert accepted(pending) == [newer]

    def test_the_action_looks_again(self, pending: User) -> None:
        older = published_terms(published_at=timezone.now() - timedelta(days=9))
        published_terms()

        for shown in (None, older):
            with pytest.raises(RuleError):
                finish_registration(registration_token(pending), password=PASSWORD, terms=shown)

    def test_an_announced_version_is_not_asked(self, at_the_password: Client, pending: User) -> None:
        published_terms(published_at=timezone.now() + timedelta(days=9))

        assert at_the_password.post(reverse("sign_in:choose_password"), self.FORM).status_code == 302
        assert accepted(pending) == []


class TestReading:
    def test_everybody_reads_the_current_text_and_finds_the_others(self, client: Client) -> None:
        old = published_terms(published_at=timezone.now() - timedelta(days=400), text_nl="Oud", text_en="Old")
        published_terms(published_at=timezone.now() - timedelta(days=4))
        coming = published_terms(published_at=timezone.now() + timedelta(days=4), text_nl="Straks", text_en="Soon")

        page = client.get(reverse("sign_in:terms")).content.decode()

        assert "Van u alleen." in page
        for other, text in ((old, "Oud"), (coming, "Straks")):
            address = reverse("sign_in:terms_version", args=[other.pk])
            assert address in page
            assert text in client.get(address).content.decode()
        assert client.get(reverse("sign_in:terms_version", args=[0])).status_code == 404

    def test_without_a_version_there_is_a_summary(self, client: Client) -> None:
        assert "account" in client.get(reverse("sign_in:terms")).content.decode()

    def test_a_text_is_text_whatever_staff_typed(self, client: Client) -> None:
        published_terms(text_nl="# <b>Kop</b>\n\n- <script>alert(1)</script>\n\n<i>schuin</i> & meer")

        page = client.get(reverse("sign_in:terms")).content.decode()

        assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
        assert "<script>alert" not in page
        assert "<h2>&lt;b&gt;Kop&lt;/b&gt;</h2>" in page

    def test_plain_text_has_headings_paragraphs_and_lists(self) -> None:
        text = (
            "# Kop\nEen regel\ntweede regel\n\nNieuwe alinea\n- een\n- twee\n1. eerst\n2) dan\n## Klein\n#geen kop"
        )

        assert [(block.kind, block.lines) for block in blocks(text)] == [
            (Kind.HEADING, ["Kop"]),
            (Kind.PARAGRAPH, ["Een regel", "tweede regel"]),
            (Kind.PARAGRAPH, ["Nieuwe alinea"]),
            (Kind.BULLETS, ["een", "twee"]),
            (Kind.NUMBERS, ["eerst", "dan"]),
            (Kind.SMALL_HEADING, ["Klein"]),
            (Kind.PARAGRAPH, ["#geen kop"]),
        ]


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

    def test_staff_publish_from_now_on(self, desk: Client, staff: User) -> None:
        before = timezone.now()

        assert self.publish(desk).status_code == 302

        version = TermsVersion.objects.get()
        assert before <= version.published_at <= timezone.now()
        assert (version.text_nl, version.text_en, version.published_by) == ("Nieuw", "New", staff)
        entry = AuditEntry.objects.get(verb="terms_published")
        assert (entry.actor_id, entry.subjects) == (staff.pk, {"termsversion": version.pk})

    def test_staff_announce(self, desk: Client) -> None:
        moment = timezone.now() + timedelta(days=14)

        self.publish(desk, moment)

        assert TermsVersion.objects.current() is None
        assert abs(TermsVersion.objects.get().published_at - moment) < timedelta(seconds=1)

    @pytest.mark.parametrize(
        ("field", "wrong"), [("text_nl", {"text_nl": " "}), ("text_en", {"text_en": "\u200b"})]
    )
    def test_both_languages_are_asked(self, desk: Client, field: str, wrong: dict[str, str]) -> None:
        answer = self.publish(desk, None, **wrong)

        assert field in answer.context["adminform"].form.errors
        assert not TermsVersion.objects.exists()

    def test_a_moment_that_has_passed_is_refused(self, desk: Client) -> None:
        answer = self.publish(desk, timezone.now() - timedelta(hours=1))

        assert "published_at" in answer.context["adminform"].form.errors

    def test_what_is_published_is_shown_and_not_changed_or_deleted(self, desk: Client) -> None:
        version = published_terms()
        accept = desk.post(ASKED, {"version": version.pk})
        assert accept.status_code == 302
        page = reverse("admin:accounts_termsversion_change", args=[version.pk])

        assert "Van u alleen." in desk.get(page).content.decode()
        assert desk.post(page, {"text_nl": "Anders", "text_en": "Other"}).status_code == 403
        assert desk.post(reverse("admin:accounts_termsversion_delete", args=[version.pk])).status_code == 403

    def test_the_list_says_how_many_accepted_at_equal_cost(self, desk: Client, staff: User) -> None:
        url = reverse("admin:accounts_termsversion_changelist")
        now = timezone.now()
        for days in (-3, -2, 5):
            published_terms(accepted_by=[staff], published_at=now + timedelta(days=days))
        assert desk.get(url).content.decode().count("?version__id__exact=") == 3
        before = _queries(desk, url)
        for days in range(-40, -13):
            published_terms(accepted_by=[staff], published_at=now + timedelta(days=days))
        desk.get(url)

        assert _queries(desk, url) == before

    def test_who_accepted_what_is_there_to_look_up(self, desk: Client, staff: User, colleague: User) -> None:
        published_terms(accepted_by=[staff, colleague])

        page = desk.get(reverse("admin:accounts_termsacceptance_changelist") + "?q=collega").content.decode()

        assert "Coen Collega" in page

    def test_the_publisher_can_be_deleted_and_the_text_stays(self, staff: User, company: Company) -> None:
        version = terms.publish(by=staff, text_nl="Nieuw", text_en="New")

        staff.delete()

        version.refresh_from_db()
        assert version.published_by is None


def _queries(browser: Client, url: str) -> int:
    with CaptureQueriesContext(connection) as queries:
        browser.get(url)
    return len(queries)


def test_a_person_who_registers_oneself_is_asked_like_one_who_is_added(client: Client) -> None:
    version, person = published_terms(), pending_person()
    client.post(reverse("sign_in:registration", args=[registration_token(person)]))

    client.post(reverse("sign_in:choose_password"), {**TestRegistering.FORM, "terms": version.pk})

    assert accepted(person) == [version]
