"""Test that a person asks to move to another company."""

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

from accounts.actions.moving import MAX_PER_DAY, ask_to_move, companies_to_move_to, withdraw_move
from accounts.models import MoveRequest, User
from companies.domains import remove_domain
from companies.models import Company
from nenconnect.audit.models import AuditEntry
from nenconnect.mail.events import Unwanted, context_of
from nenconnect.mail.models import OutboxMail
from nenconnect.rules.errors import RuleError
from tests.factories import make_admin, make_company, make_pending_person, make_person
from tests.members.moving.moves import events, now

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("_english")]
SignIn = Callable[[User], Client]
Status = MoveRequest.Status


def messages_of(response: Any) -> str:
    return " ".join(str(message) for message in get_messages(response.wsgi_request))


class TestWhereTo:
    def test_a_user_can_move_only_to_companies_whose_domain_admits_the_address(
        self, north: Company, south: Company, south_admin: User, other_admin: User, colleague: User
    ) -> None:
        assert companies_to_move_to(colleague) == [south]

    def test_a_user_cannot_move_to_a_company_without_an_active_admin(
        self, north: Company, south: Company, colleague: User
    ) -> None:
        make_pending_person(company=south, role=User.Role.ADMIN)

        assert companies_to_move_to(colleague) == []

    def test_a_personal_account_and_nen_staff_have_no_company_to_move_to(
        self, south: Company, south_admin: User, north: Company
    ) -> None:
        assert companies_to_move_to(make_person("los@voorbeeld.example")) == []
        assert companies_to_move_to(make_person("nen@voorbeeld.example", company=north, is_staff=True)) == []

    def test_a_user_can_move_to_a_company_without_self_registration(
        self, north: Company, south: Company, south_admin: User, colleague: User
    ) -> None:
        Company.objects.update(allows_self_registration=False)

        assert companies_to_move_to(colleague) == [south]


class TestRequestingMove:
    def test_the_profile_offers_a_move_to_a_company_by_name_and_department(
        self, sign_in: SignIn, north: Company, south: Company, south_admin: User, colleague: User
    ) -> None:
        browser = sign_in(colleague)

        assert reverse("profile:move") in browser.get(reverse("profile:profile")).content.decode()
        page = browser.get(reverse("profile:move")).content.decode()
        assert "Voorbeeld BV – Zuid" in page
        assert page.count("Voorbeeld BV – Noord") == 1  # where the person is; not among the choices
        answer = browser.post(reverse("profile:move"), {"company": south.pk})
        assert answer["Location"] == reverse("profile:profile")
        assert MoveRequest.objects.get().to_company == south

    def test_the_profile_offers_no_move_when_no_other_company_fits(
        self, sign_in: SignIn, company: Company, colleague: User, other_admin: User
    ) -> None:
        assert reverse("profile:move") not in sign_in(colleague).get(reverse("profile:profile")).content.decode()

    def test_a_move_request_mails_every_active_admin_of_the_new_company(
        self, north: Company, south: Company, south_admin: User, colleague: User
    ) -> None:
        second = make_admin(south)
        make_admin(south, is_blocked=True)

        ask_to_move(colleague, south)

        assert sorted(events()) == sorted(
            [("move_requested", south_admin.email), ("move_requested", second.email)]
        )
        entry = AuditEntry.objects.get(verb="move_requested")
        assert (entry.actor_id, entry.company_id) == (colleague.pk, south.pk)

    @pytest.mark.parametrize("posted", ["own", "other", "x", ""])
    def test_a_move_to_a_company_that_was_not_offered_is_refused(
        self,
        sign_in: SignIn,
        north: Company,
        south: Company,
        south_admin: User,
        other_admin: User,
        colleague: User,
        posted: str,
    ) -> None:
        ids = {"own": north.pk, "other": other_admin.company_id}

        answer = sign_in(colleague).post(reverse("profile:move"), {"company": ids.get(posted, posted)})

        assert answer.context["form"].has_error("company")
        assert not MoveRequest.objects.exists()

    def test_a_move_request_is_refused_after_the_domain_was_removed(
        self, north: Company, south: Company, south_admin: User, colleague: User, staff: User
    ) -> None:
        remove_domain(south.domains.get(), by=staff)

        with pytest.raises(RuleError) as refused:
            ask_to_move(colleague, south)
        assert refused.value.field == "company"

    def test_a_user_cannot_have_two_open_move_requests(self, move: MoveRequest, colleague: User) -> None:
        make_admin(third := make_company("Derde", "voorbeeld.example"))

        with pytest.raises(RuleError, match="already"):
            ask_to_move(colleague, third)

    def test_the_only_admin_cannot_request_a_move_before_appointing_another_admin(
        self, north: Company, admin: User, south: Company, south_admin: User
    ) -> None:
        with pytest.raises(RuleError, match="Make a colleague admin first"):
            ask_to_move(admin, south)

        make_admin(north)
        ask_to_move(admin, south)
        assert MoveRequest.objects.get().user == admin

    @pytest.mark.parametrize("who", ["blocked", "pending"])
    def test_a_blocked_or_pending_user_cannot_request_a_move(
        self, north: Company, south: Company, south_admin: User, who: str, request: pytest.FixtureRequest
    ) -> None:
        with pytest.raises(RuleError):
            ask_to_move(request.getfixturevalue(who), south)

    def test_the_number_of_move_requests_per_day_is_limited(
        self, north: Company, south: Company, south_admin: User, colleague: User
    ) -> None:
        for _time in range(MAX_PER_DAY):
            ask_to_move(colleague, south)
            withdraw_move(colleague)

        with pytest.raises(RuleError, match="tomorrow"):
            ask_to_move(colleague, south)
        with time_machine.travel(timezone.now() + timedelta(days=1, minutes=1)):
            ask_to_move(colleague, south)

    def test_a_withdrawn_move_request_disappears_for_the_admins(
        self, sign_in: SignIn, north: Company, south: Company, south_admin: User, colleague: User
    ) -> None:
        User.objects.filter(pk=colleague.pk).update(language="en")
        move = ask_to_move(colleague, south)

        sign_in(colleague).post(reverse("profile:withdraw_move"))

        assert now(move).status == Status.WITHDRAWN
        assert not MoveRequest.objects.to_decide_by(south).exists()
        page = reverse("company:move_request", args=[move.pk])
        assert sign_in(south_admin).get(page).status_code == 404
        with pytest.raises(Unwanted):
            context_of(OutboxMail.objects.get(event="move_requested"))
        again = sign_in(colleague).post(reverse("profile:withdraw_move"))
        assert "no request to withdraw" in messages_of(again)
