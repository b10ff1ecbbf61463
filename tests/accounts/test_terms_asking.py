"""Test who must accept the terms of use, and when."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.contrib.messages import get_messages
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.actions import terms
from accounts.models import TermsVersion, User
from nenconnect.audit.models import AuditEntry
from tests.accounts.terms import ASKED, HOME, accepted
from tests.factories import make_terms_version

pytestmark = pytest.mark.django_db
SignIn = Callable[[User], Client]


def ask_for(path: str) -> str:
    return f"{ASKED}?next={path.replace('/', '%2F').replace('?', '%3F').replace('=', '%3D')}"


def messages_of(response: Any) -> list[str]:
    return [str(message) for message in get_messages(response.wsgi_request)]


class TestTermsRequired:
    def test_users_need_not_accept_terms_before_nen_publishes_terms(
        self, sign_in: SignIn, colleague: User
    ) -> None:
        assert sign_in(colleague).get(HOME).status_code == 200

    def test_a_user_must_accept_the_terms_and_then_continues_to_the_wanted_page(
        self, sign_in: SignIn, colleague: User
    ) -> None:
        version, browser = make_terms_version(), sign_in(colleague)
        page = reverse("documents:documents") + "?q=1010"

        response = browser.get(page)
        assert response["Location"] == ask_for(page)
        answer = browser.get(response["Location"])
        assert "Van u alleen." in answer.content.decode()
        done = browser.post(response["Location"], {"version": version.pk})

        assert done["Location"] == page
        assert browser.get(page).status_code == 200
        assert accepted(colleague) == [version]
        assert AuditEntry.objects.get(verb="terms_accepted").actor_id == colleague.pk

    def test_a_user_accepts_each_version_of_the_terms_once(self, sign_in: SignIn, colleague: User) -> None:
        first = make_terms_version(accepted_by=[colleague], published_at=timezone.now() - timedelta(days=30))
        browser = sign_in(colleague)
        assert browser.get(HOME).status_code == 200
        second = make_terms_version()
        assert browser.get(HOME).status_code == 302

        browser.post(ASKED, {"version": second.pk})

        assert browser.get(HOME).status_code == 200
        assert accepted(colleague) == [first, second]

    def test_accepting_the_terms_in_one_browser_also_counts_in_another_browser(
        self, sign_in: SignIn, colleague: User
    ) -> None:
        version = make_terms_version()
        sign_in(colleague).post(ASKED, {"version": version.pk})

        assert sign_in(colleague).get(HOME).status_code == 200

    def test_announced_terms_must_be_accepted_from_their_publication_time(
        self, sign_in: SignIn, colleague: User, staff: User
    ) -> None:
        terms.publish(by=staff, text_nl="Later", text_en="Later", at=timezone.now() + timedelta(days=3))
        browser = sign_in(colleague)
        assert browser.get(HOME).status_code == 200

        terms.clear_version_cache()  # which ends within a minute
        with time_machine.travel(timezone.now() + timedelta(days=3, minutes=1)):
            assert browser.get(HOME)["Location"] == ask_for("/")

    @pytest.mark.parametrize("who", ["admin", "personal", "staff"])
    def test_admins_personal_accounts_and_staff_must_accept_the_terms(
        self, sign_in: SignIn, who: str, request: pytest.FixtureRequest
    ) -> None:
        make_terms_version()
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
    def test_help_privacy_download_and_deletion_pages_open_without_accepting_the_terms(
        self, sign_in: SignIn, colleague: User, name: str
    ) -> None:
        make_terms_version()

        answer = sign_in(colleague).get(reverse(name))

        assert not answer.headers.get("Location", "").startswith(ASKED)

    def test_a_user_can_sign_out_or_change_language_before_accepting_the_terms(
        self, sign_in: SignIn, colleague: User
    ) -> None:
        make_terms_version()
        browser = sign_in(colleague)

        browser.post(reverse("home:language"), {"language": "en", "next": ASKED})
        assert "Yours alone." in browser.get(ASKED).content.decode()
        browser.post(reverse("account_logout"))
        assert "_auth_user_id" not in browser.session

    @pytest.mark.usefixtures("_english")
    def test_a_form_sent_before_accepting_new_terms_is_not_saved(self, sign_in: SignIn, colleague: User) -> None:
        make_terms_version()
        User.objects.filter(pk=colleague.pk).update(language="en")
        page = reverse("profile:profile")
        form = {"name": "Iemand Anders", "language": "en"}

        answer = sign_in(colleague).post(page, form, headers={"Referer": f"http://testserver{page}?x=1"})

        assert answer["Location"] == ask_for(f"{page}?x=1")
        assert "What you sent has not been saved" in messages_of(answer)[0]
        colleague.refresh_from_db()
        assert colleague.name == "Coen Collega"

    @pytest.mark.parametrize(
        "referrer", ["https://evil.example/x", "http://testserver//evil.example/", "", "geen"]
    )
    def test_accepting_the_terms_never_redirects_to_another_site(
        self, sign_in: SignIn, colleague: User, referrer: str
    ) -> None:
        version, browser = make_terms_version(), sign_in(colleague)

        answer = browser.post(reverse("profile:profile"), {}, headers={"Referer": referrer})
        assert answer["Location"] == ASKED
        done = browser.post(f"{ASKED}?next=//evil.example", {"version": version.pk})
        assert done["Location"] == HOME

    def test_accepted_terms_cost_no_extra_query_per_page(
        self, sign_in: SignIn, colleague: User, django_assert_num_queries: Any
    ) -> None:
        page, browser = reverse("account_logout"), sign_in(colleague)
        browser.get(HOME)
        with django_assert_num_queries(2):  # the session and the person
            browser.get(page)
        make_terms_version(accepted_by=[colleague])
        browser.get(HOME)

        with django_assert_num_queries(2):
            browser.get(page)

    def test_another_web_server_requires_new_terms_within_a_minute(self, sign_in: SignIn, colleague: User) -> None:
        # Publishing tells only the process that did it; here the row comes in past it.
        browser = sign_in(colleague)
        browser.get(HOME)
        TermsVersion.objects.create(text_nl="Nieuw", text_en="New")
        assert browser.get(HOME).status_code == 200

        with time_machine.travel(timezone.now() + timedelta(seconds=terms.SEEN_FOR + 1)):
            assert browser.get(HOME).status_code == 302

    def test_accepting_new_terms_causes_no_redirect_loop_on_a_server_that_lags_behind(
        self, sign_in: SignIn, colleague: User
    ) -> None:
        # The person accepted at another server what this one has not seen yet.
        make_terms_version(published_at=timezone.now() - timedelta(days=9))
        browser = sign_in(colleague)
        browser.get(HOME)
        newer = TermsVersion.objects.create(text_nl="Nieuw", text_en="New")
        browser.post(ASKED, {"version": newer.pk})

        assert browser.get(HOME).status_code == 200
