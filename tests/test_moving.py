"""Whoever chose the wrong one of two companies asks to be moved, and an admin of the other decides."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
import time_machine
from django.contrib.messages import get_messages
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.actions import membership
from accounts.actions.moving import (
    MAX_PER_DAY,
    ask_to_move,
    companies_to_move_to,
    decline_move,
    withdraw_move,
)
from accounts.models import JoinInvitation, MoveRequest, User
from companies.domains import add_domain, remove_domain
from companies.models import Company, LabelValue
from licenses.access import can_open
from licenses.actions.granting import remove_colleague
from licenses.models import Grant
from members.actions.moving import accept_move, leave_company
from nenconnect.audit.models import AuditEntry
from nenconnect.mail.events import Unwanted, context_of
from nenconnect.mail.models import OutboxMail
from nenconnect.rules.errors import RuleError
from requests_app.actions import license_requests
from requests_app.actions.document_requests import request_document
from requests_app.actions.license_requests import request_license
from requests_app.models import DocumentRequest, LicenseRequest
from tests.at_once import at_once, slow_writes
from tests.factories import (
    admin_of,
    collection_for,
    company_with,
    document,
    granted,
    license_for,
    move_to,
    pending_person,
    person,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("_english")]

SignIn = Callable[[User], Client]
Status = MoveRequest.Status


@pytest.fixture
def north(company: Company, admin: User) -> Company:
    """Where the colleague is, by mistake: one of two companies of one name and one domain."""
    Company.objects.filter(pk=company.pk).update(department="Noord")
    company.refresh_from_db()
    return company


@pytest.fixture
def south(db: None) -> Company:
    return company_with("Voorbeeld BV", "voorbeeld.example", department="Zuid")


@pytest.fixture
def south_admin(south: Company) -> User:
    return admin_of(south, "zuid@voorbeeld.example", name="Zoë Zuid")


@pytest.fixture
def move(north: Company, south: Company, south_admin: User, colleague: User) -> MoveRequest:
    return move_to(south, colleague)


def events() -> list[tuple[str, str]]:
    mails = OutboxMail.objects.select_related("recipient").order_by("pk")
    return [(mail.event, mail.recipient.email) for mail in mails if mail.recipient]


def said(response: Any) -> str:
    return " ".join(str(message) for message in get_messages(response.wsgi_request))


def now(move: MoveRequest) -> MoveRequest:
    return MoveRequest.objects.select_related("user").get(pk=move.pk)


class TestWhereTo:
    def test_only_companies_whose_domain_admits_the_address(
        self, north: Company, south: Company, south_admin: User, other_admin: User, colleague: User
    ) -> None:
        assert companies_to_move_to(colleague) == [south]

    def test_not_where_nobody_could_decide(self, north: Company, south: Company, colleague: User) -> None:
        pending_person(company=south, role=User.Role.ADMIN)

        assert companies_to_move_to(colleague) == []

    def test_nowhere_for_a_personal_account_and_for_nen(
        self, south: Company, south_admin: User, north: Company
    ) -> None:
        assert companies_to_move_to(person("los@voorbeeld.example")) == []
        assert companies_to_move_to(person("nen@voorbeeld.example", company=north, is_staff=True)) == []

    def test_a_company_need_not_let_people_register(
        self, north: Company, south: Company, south_admin: User, colleague: User
    ) -> None:
        Company.objects.update(allows_self_registration=False)

        assert companies_to_move_to(colleague) == [south]


class TestAsking:
    def test_the_profile_offers_it_by_name_and_department(
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

    def test_the_profile_says_nothing_where_no_other_company_fits(
        self, sign_in: SignIn, company: Company, colleague: User, other_admin: User
    ) -> None:
        assert reverse("profile:move") not in sign_in(colleague).get(reverse("profile:profile")).content.decode()

    def test_every_active_admin_there_gets_a_mail_and_nobody_here(
        self, north: Company, south: Company, south_admin: User, colleague: User
    ) -> None:
        second = admin_of(south)
        admin_of(south, is_blocked=True)

        ask_to_move(colleague, south)

        assert sorted(events()) == sorted(
            [("move_requested", south_admin.email), ("move_requested", second.email)]
        )
        entry = AuditEntry.objects.get(verb="move_requested")
        assert (entry.actor_id, entry.company_id) == (colleague.pk, south.pk)

    @pytest.mark.parametrize("posted", ["own", "other", "x", ""])
    def test_a_company_that_was_not_offered_is_refused(
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

    def test_the_action_looks_again(
        self, north: Company, south: Company, south_admin: User, colleague: User, staff: User
    ) -> None:
        remove_domain(south.domains.get(), by=staff)

        with pytest.raises(RuleError) as refused:
            ask_to_move(colleague, south)
        assert refused.value.field == "company"

    def test_a_second_request_waits_for_the_first(self, move: MoveRequest, colleague: User) -> None:
        admin_of(third := company_with("Derde", "voorbeeld.example"))

        with pytest.raises(RuleError, match="already"):
            ask_to_move(colleague, third)

    def test_the_only_admin_is_told_what_to_do_first(
        self, north: Company, admin: User, south: Company, south_admin: User
    ) -> None:
        with pytest.raises(RuleError, match="Make a colleague admin first"):
            ask_to_move(admin, south)

        admin_of(north)
        ask_to_move(admin, south)
        assert MoveRequest.objects.get().user == admin

    @pytest.mark.parametrize("who", ["blocked", "pending"])
    def test_it_is_for_people_who_can_sign_in(
        self, north: Company, south: Company, south_admin: User, who: str, request: pytest.FixtureRequest
    ) -> None:
        with pytest.raises(RuleError):
            ask_to_move(request.getfixturevalue(who), south)

    def test_so_many_times_a_day(self, north: Company, south: Company, south_admin: User, colleague: User) -> None:
        for _time in range(MAX_PER_DAY):
            ask_to_move(colleague, south)
            withdraw_move(colleague)

        with pytest.raises(RuleError, match="tomorrow"):
            ask_to_move(colleague, south)
        with time_machine.travel(timezone.now() + timedelta(days=1, minutes=1)):
            ask_to_move(colleague, south)

    def test_withdrawing_leaves_nothing_to_decide(
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
        assert "no request to withdraw" in said(again)


class TestAccepting:
    def test_the_person_begins_anew_at_the_other_company(
        self, move: MoveRequest, north: Company, south: Company, south_admin: User, colleague: User
    ) -> None:
        wanted = document()
        everybodys = license_for(south, documents=[wanted], is_company_wide=True)
        held = license_for(north, documents=[old := document()], seats=1)
        granted(held, colleague)
        label = LabelValue.objects.create(company=north, name="Inkoop")
        User.objects.filter(pk=colleague.pk).update(role="admin", label=label, is_mail_rerouted=True)
        JoinInvitation.objects.create(company=south, user=colleague)

        accept_move(move, by=south_admin)

        colleague.refresh_from_db()
        assert (colleague.company, colleague.role, colleague.label) == (south, User.Role.USER, None)
        assert not colleague.is_mail_rerouted
        assert colleague.is_active
        assert can_open(colleague, wanted)
        assert not can_open(colleague, old)
        assert not Grant.objects.exists()
        assert not JoinInvitation.objects.exists()
        assert everybodys.company == south
        assert (now(move).status, now(move).decided_by) == (Status.ACCEPTED, south_admin)

    def test_what_was_asked_there_is_withdrawn_and_nobody_decides_it_any_more(
        self, move: MoveRequest, north: Company, admin: User, south_admin: User, colleague: User
    ) -> None:
        collection_for(north)
        asked = request_license(license_for(north), by=colleague)
        wanted = request_document(document(), by=colleague)
        decided = request_license(license_for(north), by=colleague)
        license_requests.reject(decided, by=admin)
        others = request_license(license_for(north), by=person(company=north))

        accept_move(move, by=south_admin)

        states = dict(LicenseRequest.objects.values_list("pk", "status"))
        assert states == {asked.pk: "withdrawn", decided.pk: "rejected", others.pk: "open"}
        assert DocumentRequest.objects.get(pk=wanted.pk).status == "withdrawn"
        with pytest.raises(RuleError):
            license_requests.approve(asked, by=admin)

    def test_the_person_and_the_admins_who_lose_a_colleague_get_a_mail(
        self, move: MoveRequest, north: Company, admin: User, south_admin: User, colleague: User
    ) -> None:
        second = admin_of(north)

        accept_move(move, by=south_admin)

        assert sorted(events()) == sorted(
            [
                ("move_accepted", colleague.email),
                ("colleague_moved", admin.email),
                ("colleague_moved", second.email),
            ]
        )

    def test_it_stands_in_the_trail_of_both_companies(
        self, move: MoveRequest, north: Company, south: Company, south_admin: User, colleague: User
    ) -> None:
        accept_move(move, by=south_admin)

        lines = AuditEntry.objects.filter(subjects__user=colleague.pk).values_list(
            "verb", "company_id", "actor_id"
        )
        assert set(lines) == {("moved_out", north.pk, south_admin.pk), ("moved_in", south.pk, south_admin.pk)}

    def test_the_open_session_goes_on_with_the_rights_of_the_new_company(
        self, sign_in: SignIn, move: MoveRequest, north: Company, south_admin: User, colleague: User
    ) -> None:
        User.objects.filter(pk=colleague.pk).update(role="admin")
        browser = sign_in(colleague)
        assert browser.get(reverse("company:users")).status_code == 200

        accept_move(move, by=south_admin)

        assert browser.get(reverse("company:users")).status_code == 403

    def test_a_domain_that_was_removed_meanwhile_is_no_way_in(
        self, move: MoveRequest, south: Company, south_admin: User, staff: User
    ) -> None:
        remove_domain(south.domains.get(), by=staff)

        with pytest.raises(RuleError, match="no allowed domain"):
            accept_move(move, by=south_admin)
        add_domain(south, "voorbeeld.example", by=staff)
        accept_move(move, by=south_admin)

    def test_the_last_admin_is_kept_where_they_are_needed(
        self, north: Company, admin: User, south: Company, south_admin: User
    ) -> None:
        second = admin_of(north)
        move = ask_to_move(admin, south)
        membership.block(second, by=admin)

        with pytest.raises(RuleError, match="only active admin of Voorbeeld BV – Noord"):
            accept_move(move, by=south_admin)

        assert now(move).is_open
        assert list(User.objects.active_admins_of(north)) == [admin]

    @pytest.mark.parametrize("fields", [{"is_blocked": True}, {"is_staff": True}])
    def test_whoever_was_blocked_or_went_to_nen_meanwhile_stays(
        self, move: MoveRequest, south_admin: User, fields: dict[str, bool]
    ) -> None:
        User.objects.filter(pk=move.user_id).update(**fields)

        with pytest.raises(RuleError):
            accept_move(move, by=south_admin)

    def test_whoever_left_the_company_meanwhile_is_not_pulled_in(
        self, move: MoveRequest, admin: User, south: Company, south_admin: User, colleague: User
    ) -> None:
        remove_colleague(colleague, by=admin)

        with pytest.raises(RuleError, match="withdrawn"):
            accept_move(move, by=south_admin)
        MoveRequest.objects.update(status=Status.OPEN, decided_at=None)  # as if removing had forgotten it
        with pytest.raises(RuleError, match="has left"):
            accept_move(move, by=south_admin)
        colleague.refresh_from_db()
        assert colleague.company is None

    def test_an_admin_of_either_company_cannot_decide_for_the_other(
        self, sign_in: SignIn, move: MoveRequest, admin: User, other_admin: User, colleague: User
    ) -> None:
        for who in (admin, other_admin):
            for name in ("accept_move", "decline_move"):
                assert sign_in(who).post(reverse(f"company:{name}", args=[move.pk])).status_code == 404
        assert sign_in(colleague).post(reverse("company:accept_move", args=[move.pk])).status_code == 403
        assert now(move).is_open


class TestTheCompanyLeft:
    @pytest.mark.parametrize("leaves", ["moves", "is removed"])
    def test_whoever_leaves_is_not_its_contact_person_any_more(
        self, move: MoveRequest, admin: User, south_admin: User, colleague: User, leaves: str
    ) -> None:
        Company.objects.filter(pk=move.from_company_id).update(
            contact_person=colleague.name, contact_email=colleague.email
        )

        if leaves == "moves":
            accept_move(move, by=south_admin)
        else:
            leave_company(colleague, by=admin)

        left = Company.objects.get(pk=move.from_company_id)
        assert (left.contact_person, left.contact_email) == (admin.name, admin.email)

    def test_open_requests_of_whoever_is_removed_are_withdrawn(
        self, sign_in: SignIn, admin: User, colleague: User
    ) -> None:
        assert colleague.company
        asked = request_license(license_for(colleague.company), by=colleague)
        collection_for(colleague.company)
        wanted = request_document(document(), by=colleague)

        sign_in(admin).post(reverse("company:remove_user", args=[colleague.pk]))

        for row in (asked, wanted):
            row.refresh_from_db()
            assert row.status == "withdrawn"

    def test_open_requests_stay_with_the_only_admin_who_may_not_go(self, admin: User) -> None:
        assert admin.company
        asked = request_license(license_for(admin.company), by=admin)

        with pytest.raises(RuleError):
            leave_company(admin, by=admin)

        asked.refresh_from_db()
        assert asked.is_open


class TestDeclining:
    def test_everything_stays_and_the_person_gets_a_mail(
        self, move: MoveRequest, north: Company, south_admin: User, colleague: User
    ) -> None:
        granted(license_for(north), colleague)

        decline_move(move, by=south_admin)

        colleague.refresh_from_db()
        assert colleague.company == north
        assert Grant.objects.count() == 1
        assert events() == [("move_declined", colleague.email)]

    @pytest.mark.parametrize("first", ["accept", "decline"])
    def test_the_second_of_two_admins_is_told_by_whom(
        self, sign_in: SignIn, move: MoveRequest, south: Company, south_admin: User, first: str
    ) -> None:
        second = admin_of(south, language="en")
        browser = sign_in(second)
        sign_in(south_admin).post(reverse(f"company:{first}_move", args=[move.pk]))
        mails = OutboxMail.objects.count()

        for name in ("accept_move", "decline_move"):
            answer = browser.post(reverse(f"company:{name}", args=[move.pk]), follow=True)
            assert "Zoë Zuid already decided this" in answer.content.decode()

        assert OutboxMail.objects.count() == mails

    def test_whose_account_is_gone_is_not_named(
        self, move: MoveRequest, south: Company, south_admin: User
    ) -> None:
        second = admin_of(south)
        decline_move(move, by=second)
        second.delete()

        with pytest.raises(RuleError, match="no longer here"):
            accept_move(move, by=south_admin)


class TestPages:
    def test_an_admin_finds_the_request_from_the_home_page_and_takes_the_person_in(
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

    def test_the_person_sees_that_it_waits(self, sign_in: SignIn, move: MoveRequest, colleague: User) -> None:
        browser = sign_in(colleague)
        for name in ("home:home", "profile:profile", "profile:move"):
            page = browser.get(reverse(name)).content.decode()
            assert reverse("profile:withdraw_move") in page, name
            assert "Voorbeeld BV – Zuid" in page, name

    def test_colleagues_of_both_companies_learn_nothing(
        self, sign_in: SignIn, move: MoveRequest, north: Company, south: Company
    ) -> None:
        User.objects.filter(pk=move.user_id).update(name="Karel Kanarie")
        for member in (person(company=north), person(company=south)):
            browser = sign_in(member)
            for name in ("home:home", "profile:profile", "requests:license_requests"):
                assert "Kanarie" not in browser.get(reverse(name)).content.decode()

    def test_the_list_costs_the_same_with_three_and_thirty(
        self, sign_in: SignIn, south: Company, south_admin: User
    ) -> None:
        browser, url = sign_in(south_admin), reverse("company:users")
        for _number in range(3):
            move_to(south)
        few = _queries(browser, url)
        for _number in range(27):
            move_to(south)

        assert _queries(browser, url) <= few + 1  # how many more there are
        User.objects.filter(pk=south_admin.pk).update(language="en")
        page = browser.get(url).content.decode()
        assert page.count("/overstap/") == 20
        assert "10 more ask as well" in page

    def test_mails_name_both_departments(self, move: MoveRequest, south_admin: User, colleague: User) -> None:
        accept_move(move, by=south_admin)

        mail = OutboxMail.objects.get(event="move_accepted")
        assert context_of(mail)["move"].to_company.full_name == "Voorbeeld BV – Zuid"

    def test_a_mail_to_whoever_is_no_admin_any_more_is_not_sent(
        self, north: Company, south: Company, south_admin: User, colleague: User
    ) -> None:
        second = admin_of(south)
        ask_to_move(colleague, south)
        membership.change_role(second, User.Role.USER, by=south_admin)

        mail = OutboxMail.objects.select_related("recipient").get(recipient=second)
        with pytest.raises(Unwanted, match="no admin"):
            context_of(mail)


def _queries(browser: Client, url: str) -> int:
    with CaptureQueriesContext(connection) as queries:
        browser.get(url)
    return len(queries)


@pytest.mark.django_db(transaction=True)
class TestRaces:
    def test_two_admins_decide_at_once(self, move: MoveRequest, south: Company, south_admin: User) -> None:
        second = admin_of(south)

        with slow_writes("accounts_moverequest"):
            outcomes = at_once([lambda: accept_move(move, by=south_admin), lambda: decline_move(move, by=second)])

        assert [type(outcome) for outcome in outcomes if outcome] == [RuleError]
        decided = {"move_accepted", "move_declined"} & {event for event, _to in events()}
        assert len(decided) == 1

    def test_two_last_admins_ask_and_are_accepted_at_once(
        self, north: Company, admin: User, south: Company, south_admin: User
    ) -> None:
        moves = [move_to(south, admin), move_to(south, admin_of(north))]

        with slow_writes("accounts_user"):
            outcomes = at_once([partial(accept_move, one, by=south_admin) for one in moves])

        assert [type(outcome) for outcome in outcomes if outcome] == [RuleError]
        assert User.objects.active_admins_of(north).count() == 1

    def test_two_people_who_change_places_do_not_wait_for_each_other(
        self, north: Company, admin: User, south: Company, south_admin: User, colleague: User
    ) -> None:
        there, back = move_to(south, colleague), move_to(north, person(company=south))

        with slow_writes("accounts_user"):
            outcomes = at_once(
                [lambda: accept_move(there, by=south_admin), lambda: accept_move(back, by=admin)] * 2
            )

        assert sorted(str(type(outcome).__name__) for outcome in outcomes) == ["NoneType"] * 2 + ["RuleError"] * 2
        assert (now(there).user.company, now(back).user.company) == (south, north)

    def test_asking_many_times_at_once_is_asking_once(
        self, north: Company, south: Company, south_admin: User, colleague: User
    ) -> None:
        with slow_writes("accounts_moverequest"):
            outcomes = at_once([lambda: ask_to_move(colleague, south)] * 4)

        assert sum(isinstance(outcome, RuleError) for outcome in outcomes) == 3
        assert MoveRequest.objects.count() == 1

    def test_asking_while_one_is_blocked_waits_its_turn(
        self, north: Company, admin: User, south: Company, south_admin: User, colleague: User
    ) -> None:
        """The company before the person, as everywhere: the other way round the two would wait for each other."""
        with slow_writes("accounts_moverequest"):
            asked, is_blocked = at_once(
                [lambda: ask_to_move(colleague, south), lambda: membership.block(colleague, by=admin)]
            )

        assert isinstance(asked, MoveRequest | RuleError)
        assert is_blocked is None

    def test_withdrawing_as_an_admin_accepts_is_one_of_the_two(
        self, move: MoveRequest, north: Company, south: Company, south_admin: User, colleague: User
    ) -> None:
        with slow_writes("accounts_moverequest"):
            outcomes = at_once([lambda: withdraw_move(colleague), lambda: accept_move(move, by=south_admin)])

        assert [type(outcome) for outcome in outcomes if outcome] == [RuleError]
        is_accepted = now(move).status == Status.ACCEPTED
        assert (now(move).user.company == south) is is_accepted

    def test_a_licence_that_is_given_as_the_person_moves_does_not_go_along(
        self, move: MoveRequest, north: Company, admin: User, south_admin: User, colleague: User
    ) -> None:
        asked = LicenseRequest.objects.create(company=north, user=colleague, license=license_for(north))

        with slow_writes("licenses_grant"):
            at_once([lambda: license_requests.approve(asked, by=admin), lambda: accept_move(move, by=south_admin)])

        assert now(move).status == Status.ACCEPTED
        assert not Grant.objects.exists()
        assert not LicenseRequest.objects.filter(status="open").exists()
