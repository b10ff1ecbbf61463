"""Test declining a move, and its pages."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.actions import membership
from accounts.actions.moving import ask_to_move, decline_move
from accounts.models import MoveRequest, User
from companies.models import Company
from licenses.models import Grant
from members.actions.moving import accept_move
from nenconnect.mail.events import Unwanted, context_of
from nenconnect.mail.models import OutboxMail
from nenconnect.rules.errors import RuleError
from tests.factories import make_admin, make_grants, make_license, make_move_request, make_person
from tests.members.moving.moves import events

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("_english")]
SignIn = Callable[[User], Client]


class TestDeclining:
    def test_a_declined_move_changes_nothing_and_mails_the_requester(
        self, move: MoveRequest, north: Company, south_admin: User, colleague: User
    ) -> None:
        make_grants(make_license(north), colleague)

        decline_move(move, by=south_admin)

        colleague.refresh_from_db()
        assert colleague.company == north
        assert Grant.objects.count() == 1
        assert events() == [("move_declined", colleague.email)]

    @pytest.mark.parametrize("first", ["accept", "decline"])
    def test_a_second_decision_on_a_move_names_the_admin_who_decided(
        self, sign_in: SignIn, move: MoveRequest, south: Company, south_admin: User, first: str
    ) -> None:
        second = make_admin(south, language="en")
        browser = sign_in(second)
        sign_in(south_admin).post(reverse(f"company:{first}_move", args=[move.pk]))
        mails = OutboxMail.objects.count()

        for name in ("accept_move", "decline_move"):
            answer = browser.post(reverse(f"company:{name}", args=[move.pk]), follow=True)
            assert "Zoë Zuid already decided this" in answer.content.decode()

        assert OutboxMail.objects.count() == mails

    def test_a_second_decision_on_a_move_does_not_name_a_deleted_admin(
        self, move: MoveRequest, south: Company, south_admin: User
    ) -> None:
        second = make_admin(south)
        decline_move(move, by=second)
        second.delete()

        with pytest.raises(RuleError, match="no longer here"):
            accept_move(move, by=south_admin)


class TestMovePages:
    def test_an_admin_finds_a_move_request_on_the_home_page_and_accepts_the_request(
        self, sign_in: SignIn, move: MoveRequest, south_admin: User, colleague: User
    ) -> None:
        browser = sign_in(south_admin)

        assert browser.get(reverse("home:home")).context["moves_to_decide"] == 1
        listed = browser.get(reverse("company:users")).content.decode()
        page = reverse("company:move_request", args=[move.pk])
        assert page in listed
        for text in ("Coen Collega", "Voorbeeld BV – Noord"):
            assert text in listed
            assert text in browser.get(page).content.decode()
        answer = browser.post(reverse("company:accept_move", args=[move.pk]))
        assert answer["Location"] == reverse("company:user", args=[colleague.pk])
        assert browser.get(answer["Location"]).status_code == 200
        assert browser.get(reverse("home:home")).context["moves_to_decide"] == 0

    def test_the_requester_sees_the_open_move_request_and_can_withdraw(
        self, sign_in: SignIn, move: MoveRequest, colleague: User
    ) -> None:
        browser = sign_in(colleague)
        for name in ("home:home", "profile:profile", "profile:move"):
            page = browser.get(reverse(name)).content.decode()
            assert reverse("profile:withdraw_move") in page, name
            assert "Voorbeeld BV – Zuid" in page, name

    def test_colleagues_without_the_admin_role_do_not_see_a_move_request(
        self, sign_in: SignIn, move: MoveRequest, north: Company, south: Company
    ) -> None:
        User.objects.filter(pk=move.user_id).update(name="Karel Kanarie")
        for member in (make_person(company=north), make_person(company=south)):
            browser = sign_in(member)
            for name in ("home:home", "profile:profile", "requests:license_requests"):
                assert "Kanarie" not in browser.get(reverse(name)).content.decode()

    def test_the_list_of_move_requests_needs_as_many_queries_for_30_requests_as_for_3(
        self, sign_in: SignIn, south: Company, south_admin: User
    ) -> None:
        browser, url = sign_in(south_admin), reverse("company:users")
        for _number in range(3):
            make_move_request(south)
        few = _queries(browser, url)
        for _number in range(27):
            make_move_request(south)

        assert _queries(browser, url) <= few + 1  # how many more there are
        User.objects.filter(pk=south_admin.pk).update(language="en")
        page = browser.get(url).content.decode()
        assert page.count("/overstap/") == 20
        assert "10 more requests are about the same" in page

    def test_the_mail_about_an_accepted_move_names_the_company_with_its_department(
        self, move: MoveRequest, south_admin: User, colleague: User
    ) -> None:
        accept_move(move, by=south_admin)

        mail = OutboxMail.objects.get(event="move_accepted")
        assert context_of(mail)["move"].to_company.full_name == "Voorbeeld BV – Zuid"

    def test_a_former_admin_gets_no_mail_about_a_move_request(
        self, north: Company, south: Company, south_admin: User, colleague: User
    ) -> None:
        second = make_admin(south)
        ask_to_move(colleague, south)
        membership.change_role(second, User.Role.USER, by=south_admin)

        mail = OutboxMail.objects.select_related("recipient").get(recipient=second)
        with pytest.raises(Unwanted, match="no admin"):
            context_of(mail)


def _queries(browser: Client, url: str) -> int:
    with CaptureQueriesContext(connection) as queries:
        browser.get(url)
    return len(queries)
