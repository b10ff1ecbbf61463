"""Test the mark on an address that mail servers refuse, and the pages that show it (C36)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.actions.undeliverable import mark_deliverable, mark_undeliverable
from accounts.models import User
from companies.models import Company
from nenconnect.audit.models import AuditEntry
from nenconnect.mail.actions import queue_mail
from nenconnect.mail.delivery import drain
from nenconnect.mail.models import OutboxMail
from tests.factories import make_person
from tests.smtp_sink import SmtpSink, scripted_mail_server

pytestmark = pytest.mark.django_db

SignIn = Callable[[User], Client]
NO_MAILBOX = "550 5.1.1 No <b>such</b> mailbox"


def mail_to(user: User, once_per: str = "") -> OutboxMail:
    return queue_mail("account_exists", to=user, about=user, once_per=once_per)


def is_marked(user: User) -> bool:
    return User.objects.undeliverable().filter(pk=user.pk).exists()


class TestWhenMailGoesOut:
    def test_a_person_whose_address_is_refused_is_marked_with_the_servers_answer(
        self, colleague: User, smtp_sink: SmtpSink
    ) -> None:
        mail_to(colleague)
        smtp_sink.replies[colleague.email] = NO_MAILBOX

        drain()

        colleague.refresh_from_db()
        assert colleague.undeliverable_since is not None
        assert "No <b>such</b> mailbox" in colleague.undeliverable_reason

    def test_a_later_accepted_mail_removes_the_undeliverable_mark(
        self, colleague: User, smtp_sink: SmtpSink
    ) -> None:
        mail_to(colleague)
        smtp_sink.replies[colleague.email] = NO_MAILBOX
        drain()
        smtp_sink.replies.clear()

        mail_to(colleague, "later")
        drain()

        assert not is_marked(colleague)

    def test_a_temporary_refusal_does_not_mark_the_person(self, colleague: User, smtp_sink: SmtpSink) -> None:
        mail_to(colleague)
        smtp_sink.replies[colleague.email] = "450 4.2.1 Mailbox busy"

        drain()

        assert not is_marked(colleague)

    def test_a_refused_mail_text_does_not_mark_the_person(
        self, colleague: User, smtp_sink: SmtpSink, settings: Any
    ) -> None:
        mail = mail_to(colleague)
        answers = {"ehlo": "250 localhost", "mail": "250 OK", "rcpt": "250 OK", "data": "554 5.6.0 Not this text"}

        with scripted_mail_server("220 localhost", **answers, rset="250 OK") as settings.EMAIL_PORT:
            drain()

        mail.refresh_from_db()
        assert mail.status == "failed"
        assert not is_marked(colleague)


class TestTheMark:
    def test_a_second_refusal_keeps_the_first_date_and_takes_the_new_reason(self, colleague: User) -> None:
        mark_undeliverable(colleague.email, "550 een")
        first = User.objects.get(pk=colleague.pk).undeliverable_since

        mark_undeliverable(colleague.email, "550 twee")

        colleague.refresh_from_db()
        assert (colleague.undeliverable_since, colleague.undeliverable_reason) == (first, "550 twee")
        assert AuditEntry.objects.filter(verb="address_refused").count() == 1

    def test_a_refused_address_without_an_account_marks_no_person(self, colleague: User) -> None:
        # The contact person of a company reads mail without an account.
        mark_undeliverable("karin@elders.example", "550 nee")

        assert not is_marked(colleague)
        assert not AuditEntry.objects.exists()

    def test_mark_deliverable_removes_the_mark_and_takes_no_query_without_a_mark(
        self, colleague: User, django_assert_num_queries: Any
    ) -> None:
        mark_undeliverable(colleague.email, "550 nee")
        colleague.refresh_from_db()

        mark_deliverable(colleague)

        colleague.refresh_from_db()
        assert (colleague.undeliverable_since, colleague.undeliverable_reason) == (None, "")
        assert AuditEntry.objects.filter(verb="address_accepted").count() == 1
        with django_assert_num_queries(0):
            mark_deliverable(colleague)


class TestPagesOfUndeliverablePeople:
    @pytest.fixture
    def as_admin(self, admin: User, sign_in: SignIn) -> Client:
        User.objects.filter(pk=admin.pk).update(language="en")
        admin.refresh_from_db()
        return sign_in(admin)

    @pytest.fixture
    def refused(self, colleague: User) -> User:
        mark_undeliverable(colleague.email, NO_MAILBOX)
        return colleague

    def test_the_page_of_an_undeliverable_person_says_why_and_what_to_do(
        self, as_admin: Client, refused: User
    ) -> None:
        page = as_admin.get(reverse("company:user", args=[refused.pk])).content.decode()

        assert f"mail to {refused.email} comes back" in page
        assert "550 5.1.1 No &lt;b&gt;such&lt;/b&gt; mailbox" in page
        assert "Is the address wrong?" in page
        assert "ask the person" in page

    def test_the_page_of_a_reachable_person_has_no_undeliverable_notice(
        self, as_admin: Client, colleague: User
    ) -> None:
        page = as_admin.get(reverse("company:user", args=[colleague.pk])).content.decode()

        assert "Mail undeliverable" not in page

    def test_the_overview_marks_and_filters_undeliverable_people(
        self, as_admin: Client, company: Company, refused: User, admin: User
    ) -> None:
        unfiltered = as_admin.get(reverse("company:users"))
        filtered = as_admin.get(reverse("company:users"), {"undeliverable": "on"})

        assert unfiltered.content.decode().count("status-undeliverable") == 1
        assert list(filtered.context["page_obj"]) == [refused]
        assert "1 user found, of 2 in all" in filtered.content.decode()

    def test_the_overview_of_undeliverable_people_takes_no_query_per_person(
        self, as_admin: Client, company: Company
    ) -> None:
        numbers = []
        for _more in range(2):
            for _number in range(5):
                mark_undeliverable(make_person(company=company).email, NO_MAILBOX)
            with CaptureQueriesContext(connection) as queries:
                as_admin.get(reverse("company:users"), {"undeliverable": "on"})
            numbers.append(len(queries))

        assert numbers[0] == numbers[1]

    def test_an_undeliverable_address_is_hidden_from_other_companies_and_colleagues(
        self, refused: User, other_admin: User, sign_in: SignIn
    ) -> None:
        other, colleague = sign_in(other_admin), sign_in(make_person(company=refused.company))

        assert refused.email not in other.get(reverse("company:users"), {"undeliverable": "on"}).content.decode()
        assert colleague.get(reverse("company:users"), {"undeliverable": "on"}).status_code == 403

    def test_nen_staff_can_filter_undeliverable_people_at_the_desk(
        self, refused: User, staff: User, sign_in: SignIn
    ) -> None:
        answer = sign_in(staff).get(reverse("admin:accounts_user_changelist"), {"undeliverable": "yes"})

        assert list(answer.context["cl"].result_list) == [refused]
