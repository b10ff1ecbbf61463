"""Several colleagues at once: what the page foretells in numbers is what then happens."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from django.db import connection
from django.db.models import Count
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.actions import details, membership
from accounts.actions.address_change import ask_address_change
from accounts.actions.closing import close_company
from accounts.actions.labels import delete_label_value
from accounts.models import AddressChange, User
from companies.models import Company
from licenses.actions import granting
from licenses.models import Grant
from members.actions import bulk_changes
from members.actions.bulk_changes import AT_ONCE, choose, complete, forget_changes, run_changes, start
from members.actions.bulk_verdicts import DO, foresee
from members.actions.deleting import delete_account, delete_accounts
from members.actions.moving import leave_company_together
from members.models import PeopleChange, PeopleChangeLine
from nenconnect.audit.models import AuditEntry
from nenconnect.bulk.many_rows import update_many
from nenconnect.jobs.work import MAX_ATTEMPTS, TOO_MUCH, WENT_WRONG
from nenconnect.mail.models import OutboxMail
from nenconnect.rules.errors import RuleError
from requests_app.actions.document_requests import request_document
from requests_app.actions.giving import give_to_people
from requests_app.actions.license_requests import request_license
from requests_app.models import DocumentRequest, LicenseRequest
from tests.at_once import at_once
from tests.factories import admin_of, document, granted, license_for, pending_person, person

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("_english")]

SignIn = Callable[[User], Client]
Kind, State, Outcome = PeopleChange.Kind, PeopleChange.State, PeopleChangeLine.Outcome


@pytest.fixture
def admin(company: Company) -> User:
    return admin_of(company, "beheerder@voorbeeld.example", name="Anneke Beheerder", language="en")


@pytest.fixture
def crowd(company: Company, admin: User) -> list[User]:
    """Somebody of every sort, the admin among them."""
    hour_ago = timezone.now() - timedelta(hours=1)
    return [
        admin,
        admin_of(company),
        *(person(company=company) for _number in range(4)),
        *(person(company=company, is_blocked=True) for _number in range(2)),
        *(pending_person(company=company, registration_sent_at=hour_ago) for _number in range(3)),
        pending_person(company=company),  # mailed just now
        pending_person(company=company, is_blocked=True, registration_sent_at=None),
        person(company=company, is_staff=True),
        person(company=company, label=company.label_values.create(name="Inkoop")),
    ]


def chosen(people: list[User], kind: str, by: User, **what: Any) -> PeopleChange:
    assert by.company
    change = choose(by.company, [one.pk for one in people], kind=kind, by=by)
    if what:
        complete(change, **what)
        change.refresh_from_db()
    return change


def done(change: PeopleChange, by: User) -> PeopleChange:
    start(change, by=by)
    run_changes()
    change.refresh_from_db()
    return change


def numbers(change: PeopleChange) -> Counter[tuple[str, str]]:
    return Counter(change.lines.values_list("outcome", "reason"))


class TestThePreview:
    @pytest.mark.parametrize("kind", Kind.values)
    @pytest.mark.django_db(transaction=True)
    def test_its_numbers_are_what_then_happens(
        self, kind: str, company: Company, admin: User, crowd: list[User]
    ) -> None:
        license = license_for(company, seats=4)
        granted(license, *crowd[2:4])
        what: dict[str, dict[str, Any]] = {
            "give_license": {"license": license},
            "take_license": {"license": license},
            "set_label": {"label": company.label_values.get()},
        }
        change = chosen(crowd, kind, admin, **what.get(kind, {}))
        foreseen = foresee(change, by=admin)
        assert foreseen[DO] >= 1

        done(change, admin)

        assert numbers(change) == Counter({tuple(verdict): number for verdict, number in foreseen.items()})
        assert change.state == State.DONE

    def test_looking_changes_nothing(self, admin: User, crowd: list[User], sign_in: SignIn) -> None:
        change = chosen(crowd, Kind.BLOCK, admin)
        browser = sign_in(admin)
        before = list(User.objects.order_by("pk").values())
        assert browser.get(reverse("company:people_change", args=[change.pk])).status_code == 200
        assert list(User.objects.order_by("pk").values()) == before
        assert set(change.lines.values_list("outcome", flat=True)) == {Outcome.WAITING}

    def test_it_takes_as_many_queries_for_thirty_as_for_three(
        self, company: Company, admin: User, sign_in: SignIn
    ) -> None:
        browser, taken = sign_in(admin), []
        license = license_for(company, seats=100)
        for number in (3, 30):
            change = chosen(
                [person(company=company) for _number in range(number)], Kind.GIVE_LICENSE, admin, license=license
            )
            with CaptureQueriesContext(connection) as queries:
                browser.get(reverse("company:people_change", args=[change.pk]))
            taken.append(len(queries))
        assert taken[0] == taken[1]


class TestDoing:
    @pytest.mark.django_db(transaction=True)
    def test_a_few_are_done_when_the_page_answers(self, company: Company, admin: User) -> None:
        people = [person(company=company) for _number in range(3)]
        start(chosen(people, Kind.BLOCK, admin), by=admin)
        assert User.objects.filter(is_blocked=True).count() == 3
        assert PeopleChange.objects.get().state == State.DONE

    @pytest.mark.django_db(transaction=True)
    def test_many_are_left_to_the_worker(self, company: Company, admin: User) -> None:
        people = [person(company=company) for _number in range(AT_ONCE + 10)]
        change = chosen(people, Kind.BLOCK, admin)
        start(change, by=admin)
        assert not User.objects.filter(is_blocked=True).exists()

        run_changes()

        assert User.objects.filter(is_blocked=True).count() == AT_ONCE + 10

    def test_a_worker_that_stopped_halfway_is_followed_by_another(
        self, company: Company, admin: User, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(bulk_changes, "BATCH", 25)
        people = [person(company=company) for _number in range(60)]
        change = chosen(people, Kind.BLOCK, admin)
        start(change, by=admin)
        run_changes(seconds=-1)
        assert 0 < User.objects.filter(is_blocked=True).count() < 60
        run_changes()
        assert numbers(change) == {(Outcome.DONE, ""): 60}
        assert AuditEntry.objects.filter(verb="blocked").count() == 60

    def test_giving_a_licence_answers_requests(self, company: Company, admin: User) -> None:
        license, asking = license_for(company), person(company=company)
        asked = request_license(license, by=asking)
        done(chosen([asking, person(company=company)], Kind.GIVE_LICENSE, admin, license=license), admin)
        assert LicenseRequest.objects.get(pk=asked.pk).status == "approved"
        assert Grant.objects.filter(license=license).count() == 2

    def test_seats_are_never_exceeded_and_go_by_the_order_of_the_list(self, company: Company, admin: User) -> None:
        license = license_for(company, seats=2)
        people = [person(company=company) for _number in range(5)]
        change = done(chosen(people, Kind.GIVE_LICENSE, admin, license=license), admin)
        assert set(Grant.objects.values_list("user", flat=True)) == {people[0].pk, people[1].pk}
        assert numbers(change)[(Outcome.REFUSED, "No seat is free any more.")] == 3

    @pytest.mark.parametrize("kind", [Kind.BLOCK, Kind.MAKE_USER, Kind.REMOVE, Kind.DELETE])
    def test_whoever_asks_for_it_stays_an_admin(self, kind: str, company: Company, admin: User) -> None:
        admins = [admin, admin_of(company), admin_of(company)]
        change = done(chosen(admins, kind, admin), admin)
        assert list(User.objects.active_admins_of(company)) == [admin]
        reason = change.lines.get(outcome=Outcome.REFUSED).reason
        assert reason.startswith("This is you.")

    def test_an_admin_who_is_none_any_more_does_nothing(self, company: Company, admin: User) -> None:
        other, people = admin_of(company), [person(company=company) for _number in range(3)]
        change = chosen(people, Kind.DELETE, admin)
        start(change, by=admin)
        membership.change_role(admin, User.Role.USER, by=other)
        run_changes()
        assert numbers(change) == {(Outcome.REFUSED, "Whoever asked for this is no longer an admin."): 3}

    @pytest.mark.parametrize("kind", [Kind.BLOCK, Kind.REMOVE, Kind.DELETE, Kind.GIVE_LICENSE])
    def test_at_a_company_that_nen_closed_meanwhile_nothing_is_done(
        self, kind: str, company: Company, admin: User
    ) -> None:
        people, license = [person(company=company) for _number in range(3)], license_for(company)
        change = chosen(people, kind, admin, license=license)
        start(change, by=admin)
        close_company(company, because="Opgezegd", by=None)

        run_changes()

        reason = f"{company} is closed. NEN Klantenservice can help."
        assert numbers(change) == {(Outcome.REFUSED, reason): 3}
        assert User.objects.filter(company=company, is_blocked=False).count() == 4
        assert not Grant.objects.exists()

    def test_what_workers_die_of_again_and_again_is_given_up_and_what_was_done_stays(
        self, company: Company, admin: User, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(bulk_changes, "BATCH", 25)
        change = chosen([person(company=company) for _number in range(40)], Kind.BLOCK, admin)
        start(change, by=admin)
        run_changes(seconds=-1)
        PeopleChange.objects.update(attempts=MAX_ATTEMPTS)

        run_changes()

        assert numbers(change) == {(Outcome.DONE, ""): 25, (Outcome.REFUSED, str(TOO_MUCH)): 15}
        change.refresh_from_db()
        assert change.state == State.DONE

    def test_a_batch_that_is_saved_counts_anew(
        self, company: Company, admin: User, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(bulk_changes, "BATCH", 25)
        change = chosen([person(company=company) for _number in range(40)], Kind.BLOCK, admin)
        start(change, by=admin)
        PeopleChange.objects.update(attempts=MAX_ATTEMPTS - 1)
        run_changes()
        assert numbers(change) == {(Outcome.DONE, ""): 40}
        change.refresh_from_db()
        assert change.attempts == 0

    def test_a_mistake_of_ours_is_told_and_does_not_go_on_for_ever(
        self, company: Company, admin: User, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        change = chosen([person(company=company) for _number in range(3)], Kind.BLOCK, admin)
        start(change, by=admin)
        monkeypatch.setitem(bulk_changes.ACTS, Kind.BLOCK, lambda row, people, by: 1 / 0)

        run_changes()

        assert numbers(change) == {(Outcome.REFUSED, str(WENT_WRONG)): 3}
        assert not User.objects.filter(is_blocked=True).exists()

    def test_farewells_go_one_after_the_other(
        self, company: Company, admin: User, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Over the batches too: the link that somebody waits for does not queue behind them all."""
        monkeypatch.setattr(bulk_changes, "FEW", 20)
        change = chosen([person(company=company) for _number in range(41)], Kind.DELETE, admin)
        start(change, by=admin)
        run_changes()
        mails = OutboxMail.objects.filter(event="account_deleted").order_by("due_at")
        due = list(mails.values_list("due_at", flat=True))
        assert len(due) == 41
        assert due[-1] - due[0] == timedelta(seconds=2)

    def test_registration_mails_go_one_after_the_other(self, company: Company, admin: User) -> None:
        hour_ago = timezone.now() - timedelta(hours=1)
        people = [pending_person(company=company, registration_sent_at=hour_ago) for _number in range(41)]
        done(chosen(people, Kind.SEND_REGISTRATION, admin), admin)
        due = list(OutboxMail.objects.order_by("due_at").values_list("due_at", flat=True))
        assert len(due) == 41
        assert due[-1] - due[0] == timedelta(seconds=2)

    def test_it_is_begun_once(self, company: Company, admin: User) -> None:
        change = chosen([person(company=company)], Kind.BLOCK, admin)
        start(change, by=admin)
        with pytest.raises(RuleError):
            start(change, by=admin)

    def test_without_a_licence_it_is_not_begun(self, company: Company, admin: User) -> None:
        with pytest.raises(RuleError):
            start(chosen([person(company=company)], Kind.GIVE_LICENSE, admin), by=admin)

    def test_nobody_of_another_company_is_touched(self, admin: User, other_admin: User) -> None:
        change = chosen([other_admin], Kind.BLOCK, admin)  # past the page, which finds members alone
        done(change, admin)
        assert numbers(change) == {(Outcome.REFUSED, "No longer in your company."): 1}
        other_admin.refresh_from_db()
        assert not other_admin.is_blocked


class TestOneRuleForOneAndForMany:
    """The actions on several, past the preview: what they refuse stands beside what they do."""

    def test_who_left_meanwhile_is_refused_and_the_others_are_blocked(self, company: Company, admin: User) -> None:
        left, *others = people = [person(company=company) for _number in range(3)]
        membership.remove_from_company(left, by=admin)

        refusals = membership.block_many(people, by=admin)

        assert {pk: str(error) for pk, error in refusals.items()} == {
            left.pk: f"{left.name} is no longer in this company."
        }
        assert set(User.objects.filter(is_blocked=True)) == set(others)

    @pytest.mark.parametrize(
        "act",
        [
            membership.block_many,
            lambda people, by: membership.change_roles(people, User.Role.USER, by=by),
            leave_company_together,
            delete_accounts,
        ],
        ids=["block", "make_user", "remove", "delete"],
    )
    def test_of_all_admins_together_the_last_active_one_stays(
        self, act: Callable[..., dict[int, RuleError]], company: Company, staff: User
    ) -> None:
        admins = [admin_of(company) for _number in range(3)]
        refusals = act(admins, by=staff)
        assert list(refusals) == [admins[2].pk]
        assert list(User.objects.active_admins_of(company)) == [admins[2]]

    @pytest.mark.parametrize("act", [leave_company_together, delete_accounts])
    def test_the_contact_person_is_followed_by_an_admin_who_stays(
        self, act: Callable[..., dict[int, RuleError]], company: Company, staff: User
    ) -> None:
        contact, going, staying = (admin_of(company) for _number in range(3))
        company.contact_person, company.contact_email = contact.name, contact.email
        company.save()

        act([contact, going], by=staff)

        company.refresh_from_db()
        assert company.contact_email == staying.email

    def test_each_line_of_the_trail_says_what_it_was_before(self, company: Company, admin: User) -> None:
        value = company.label_values.create(name="Inkoop")
        has_it, has_none = person(company=company, label=value), person(company=company)
        other = company.label_values.create(name="Verkoop")
        details.set_label([has_it, has_none], other, by=admin)
        changes = AuditEntry.objects.filter(verb="details_changed").order_by("pk")
        assert [one.details["changes"]["label"] for one in changes] == [[value.pk, other.pk], [None, other.pk]]

    def test_blocking_many_ends_every_session_and_every_link(self, company: Company, admin: User) -> None:
        hour_ago = timezone.now() - timedelta(hours=1)
        invited = pending_person(company=company, registration_sent_at=hour_ago)
        known = person(company=company, registration_sent_at=hour_ago)
        ask_address_change(known, "anders@voorbeeld.example", by=admin)
        before = {one.pk: one for one in (invited, known)}

        membership.block_many([invited, known], by=admin)

        for user in User.objects.filter(pk__in=before):
            assert user.session_round == before[user.pk].session_round + 1
            assert user.registration_round == before[user.pk].registration_round + 1
            assert user.registration_sent_at == (None if user.is_pending else hour_ago)
        assert not AddressChange.objects.exists()

    def test_a_licence_that_ended_for_some_is_given_anew_and_who_has_it_keeps_it(
        self, company: Company, admin: User
    ) -> None:
        license, yesterday = license_for(company, seats=3), timezone.localdate() - timedelta(days=1)
        ended, lasting, without = (person(company=company) for _number in range(3))
        granted(license, ended, lasting)
        Grant.objects.filter(user=ended).update(ends_on=yesterday)
        kept = Grant.objects.get(user=lasting)

        assert granting.grant_many(license, [ended, lasting, without], by=admin) == {}

        assert Grant.objects.lasting().filter(license=license).count() == 3
        assert Grant.objects.get(user=lasting) == kept
        assert AuditEntry.objects.filter(verb="license_granted").count() == 2

    def test_requests_of_many_are_answered_each_with_its_mail(self, company: Company, admin: User) -> None:
        wanted = document()
        license, asking = (
            license_for(company, documents=[wanted]),
            [person(company=company) for _number in range(3)],
        )
        request_license(license, by=asking[0])
        request_document(wanted, by=asking[1])

        assert give_to_people(license, asking, by=admin) == {}

        assert LicenseRequest.objects.get().status == "approved"
        assert DocumentRequest.objects.get().status == "approved"
        origins = dict(Grant.objects.values_list("user", "origin"))
        assert origins == {asking[0].pk: "request", asking[1].pk: "given", asking[2].pk: "given"}
        mails = OutboxMail.objects.filter(event__endswith="_approved").order_by("event")
        assert [mail.recipient for mail in mails] == [asking[1], asking[0]]

    def test_a_licence_of_another_company_is_given_to_nobody(
        self, company: Company, other_company: Company, admin: User
    ) -> None:
        people = [person(company=company), person(company=company)]
        refusals = granting.grant_many(license_for(other_company), people, by=admin)
        assert set(refusals) == {one.pk for one in people}
        assert not Grant.objects.exists()

    def test_many_rows_are_changed_as_one_by_one(self, company: Company) -> None:
        people = [person(company=company) for _number in range(3)]
        value, now = company.label_values.create(name="Inkoop"), timezone.now()
        for one, label, moment in zip(people, [value, None, value], [now, None, now], strict=True):
            one.label, one.registration_sent_at, one.country = label, moment, "BE"
        update_many(people, ["label", "registration_sent_at", "country"])
        for one in people:
            there = User.objects.get(pk=one.pk)
            assert (there.label, there.registration_sent_at) == (one.label, one.registration_sent_at)
            assert str(there.country) == "BE"

    def test_a_label_that_somebody_took_from_the_list_is_taken_from_nobody(
        self, company: Company, admin: User
    ) -> None:
        gone, kept = (company.label_values.create(name=name) for name in ("Inkoop", "Verkoop"))
        people = [person(company=company, label=kept) for _number in range(2)]
        change = chosen(people, Kind.SET_LABEL, admin, label=gone)
        delete_label_value(gone, by=admin)
        change.refresh_from_db()

        done(change, admin)

        assert numbers(change) == {(Outcome.REFUSED, "The label is no longer in the list."): 2}
        assert User.objects.filter(label=kept).count() == 2

    def test_without_a_label_is_a_choice(self, company: Company, admin: User) -> None:
        labelled = person(company=company, label=company.label_values.create(name="Inkoop"))
        done(chosen([labelled], Kind.SET_LABEL, admin, label=None), admin)
        labelled.refresh_from_db()
        assert labelled.label is None


@pytest.mark.parametrize(
    "kind",
    [
        Kind.GIVE_LICENSE,
        Kind.TAKE_LICENSE,
        Kind.SET_LABEL,
        Kind.BLOCK,
        Kind.UNBLOCK,
        Kind.SEND_REGISTRATION,
        Kind.REMOVE,
        Kind.DELETE,
    ],
)
def test_a_batch_takes_as_many_queries_for_thirty_people_as_for_three(
    kind: str, company: Company, admin: User
) -> None:
    taken = []
    for number in (3, 30):
        license, hour_ago = license_for(company), timezone.now() - timedelta(hours=1)
        make = pending_person if kind == Kind.SEND_REGISTRATION else person
        people = [
            make(company=company, is_blocked=kind == Kind.UNBLOCK, registration_sent_at=hour_ago)
            for _number in range(number)
        ]
        if kind in {Kind.TAKE_LICENSE, Kind.REMOVE, Kind.DELETE}:
            granted(license, *people)
        label = company.label_values.create(name=f"Inkoop {number}")
        change = chosen(people, kind, admin, license=license, label=label)
        with CaptureQueriesContext(connection) as queries:
            done(change, admin)
        assert numbers(change) == {(Outcome.DONE, ""): number}
        taken.append(len(queries))
    assert taken[0] == taken[1]


class TestRaces:
    @pytest.mark.django_db(transaction=True)
    def test_two_admins_who_make_each_other_a_user_at_once_leave_one(self, company: Company, admin: User) -> None:
        other = admin_of(company)
        first, second = chosen([other], Kind.MAKE_USER, admin), chosen([admin], Kind.MAKE_USER, other)
        at_once([partial(start, first, by=admin), partial(start, second, by=other)])
        assert User.objects.active_admins_of(company).count() == 1

    @pytest.mark.django_db(transaction=True)
    def test_two_changes_at_once_give_no_more_than_the_seats(self, company: Company, admin: User) -> None:
        other, license = admin_of(company), license_for(company, seats=3)
        changes = [
            (chosen([person(company=company) for _number in range(3)], Kind.GIVE_LICENSE, by, license=license), by)
            for by in (admin, other)
        ]
        at_once([partial(start, change, by=by) for change, by in changes])
        assert Grant.objects.filter(license=license).count() == 3

    @pytest.mark.django_db(transaction=True)
    def test_two_admins_who_block_the_same_people_at_once_block_each_once(
        self, company: Company, admin: User
    ) -> None:
        people = [person(company=company) for _number in range(15)]
        changes = [(chosen(people, Kind.BLOCK, by), by) for by in (admin, admin_of(company))]
        at_once([partial(start, change, by=by) for change, by in changes])
        done_twice = [numbers(change).get((Outcome.DONE, ""), 0) for change, _by in changes]
        assert sum(done_twice) == 15

    @pytest.mark.django_db(transaction=True)
    @pytest.mark.parametrize("kind", [Kind.REMOVE, Kind.DELETE])
    def test_two_admins_who_let_each_other_go_among_others_leave_one(
        self, kind: str, company: Company, admin: User
    ) -> None:
        other, people = admin_of(company), [person(company=company) for _number in range(5)]
        first, second = chosen([*people, other], kind, admin), chosen([*people, admin], kind, other)
        at_once([partial(start, first, by=admin), partial(start, second, by=other)])
        assert User.objects.active_admins_of(company).count() == 1
        assert not User.objects.filter(company=company, role=User.Role.USER).exists()

    @pytest.mark.django_db(transaction=True)
    @pytest.mark.parametrize("kind", [Kind.REMOVE, Kind.DELETE])
    def test_who_goes_while_a_licence_is_given_holds_none(self, kind: str, company: Company, admin: User) -> None:
        people = [person(company=company) for _number in range(5)]
        license, other = license_for(company), admin_of(company)
        going = chosen(people, kind, admin)
        giving = chosen(people, Kind.GIVE_LICENSE, other, license=license)
        at_once([partial(start, going, by=admin), partial(start, giving, by=other)])
        assert not Grant.objects.exists()
        assert not User.objects.filter(company=company, role=User.Role.USER).exists()

    @pytest.mark.django_db(transaction=True)
    def test_who_is_removed_and_deleted_at_once_is_deleted_or_goes_on(self, company: Company, admin: User) -> None:
        people, other = [person(company=company) for _number in range(5)], admin_of(company)
        removing, deleting = chosen(people, Kind.REMOVE, admin), chosen(people, Kind.DELETE, other)
        at_once([partial(start, removing, by=admin), partial(start, deleting, by=other)])
        said = [dict(change.lines.values_list("outcome").annotate(Count("pk"))) for change in (removing, deleting)]
        assert sorted(said, key=str) in ([{"done": 5}, {"refused": 5}], [{"done": 5}, {"done": 5}])
        assert not User.objects.filter(company=company, role=User.Role.USER).exists()

    @pytest.mark.django_db(transaction=True)
    def test_a_button_pressed_twice_at_once_does_it_once(self, company: Company, admin: User) -> None:
        change = chosen([person(company=company) for _number in range(3)], Kind.BLOCK, admin)
        at_once([partial(start, change, by=admin)] * 2)
        assert AuditEntry.objects.filter(verb="blocked").count() == 3
        assert AuditEntry.objects.filter(verb="people_changed").count() == 1


class TestPages:
    def post(self, browser: Client, **typed: Any) -> Any:
        return browser.post(reverse("company:choose_people"), typed, follow=True)

    @pytest.mark.django_db(transaction=True)
    def test_ticked_looked_at_and_done(self, company: Company, admin: User, sign_in: SignIn) -> None:
        people = [person(company=company) for _number in range(3)]
        browser = sign_in(admin)
        page = self.post(browser, user=[one.pk for one in people[:2]], kind="block").content.decode()
        assert "Block: 2 users" in page
        change = PeopleChange.objects.get()
        answer = browser.post(reverse("company:start_change", args=[change.pk]), follow=True)
        assert "This is done." in answer.content.decode()
        assert set(User.objects.filter(is_blocked=True)) == set(people[:2])
        report = browser.get(reverse("company:change_report", args=[change.pk])).getvalue().decode()
        assert people[0].email in report

    def test_everybody_whom_the_filter_finds_on_every_page(
        self, company: Company, admin: User, sign_in: SignIn
    ) -> None:
        for number in range(60):
            person(company=company, name=f"Jansen {number}")
        person(company=company, name="Pietersen")
        self.post(sign_in(admin), everyone="1", filter="q=jansen&sort=email&page=2", kind="block")
        assert PeopleChange.objects.get().lines.count() == 60

    def test_a_licence_is_chosen_on_the_way(self, company: Company, admin: User, sign_in: SignIn) -> None:
        license, browser = license_for(company, name="Bouw"), sign_in(admin)
        page = self.post(browser, user=[person(company=company).pk], kind="give_license").content.decode()
        assert "Choose a licence" in page
        change = PeopleChange.objects.get()
        url = reverse("company:complete_change", args=[change.pk])
        assert "Choose a licence" in browser.post(url, {"license": ""}).content.decode()
        page = browser.post(url, {"license": license.pk}, follow=True).content.decode()
        assert "Give a licence: 1 user" in page
        assert "Bouw" in page

    def test_a_licence_of_another_company_is_none(
        self, company: Company, other_company: Company, admin: User, sign_in: SignIn
    ) -> None:
        change = chosen([person(company=company)], Kind.GIVE_LICENSE, admin)
        url = reverse("company:complete_change", args=[change.pk])
        assert sign_in(admin).post(url, {"license": license_for(other_company).pk}).status_code == 200
        change.refresh_from_db()
        assert not change.is_complete

    @pytest.mark.parametrize(
        "typed",
        [
            {"kind": "block"},
            {"kind": ""},
            {"kind": "drop", "user": "1"},
            {"kind": "block", "user": ["x", "-1", "9" * 30]},
        ],
    )
    def test_what_is_no_choice_says_so_and_does_nothing(
        self, typed: dict[str, Any], admin: User, sign_in: SignIn
    ) -> None:
        answer = self.post(sign_in(admin), **typed)
        assert "Choose" in answer.content.decode()
        assert not PeopleChange.objects.exists()

    def test_people_of_another_company_are_not_chosen(
        self, admin: User, other_admin: User, sign_in: SignIn
    ) -> None:
        self.post(sign_in(admin), user=[other_admin.pk], kind="block")
        assert not PeopleChangeLine.objects.exists()

    def test_deleting_wants_a_tick_first(self, company: Company, admin: User, sign_in: SignIn) -> None:
        change = chosen([person(company=company)], Kind.DELETE, admin)
        sign_in(admin).post(reverse("company:start_change", args=[change.pk]))
        change.refresh_from_db()
        assert change.state == State.CHOSEN

    def test_the_overview_offers_it_and_the_label_only_where_there_is_one(
        self, company: Company, admin: User, sign_in: SignIn
    ) -> None:
        browser, url = sign_in(admin), reverse("company:users")
        page = browser.get(url).content.decode()
        assert 'form="together"' in page
        assert "set_label" not in page
        Company.objects.filter(pk=company.pk).update(user_label="Afdeling")
        assert "set_label" in browser.get(url).content.decode()


def test_what_was_refused_names_nobody_who_is_deleted(company: Company, admin: User) -> None:
    gone = person(company=company)
    change = chosen([gone], Kind.BLOCK, admin)
    change.lines.update(outcome=Outcome.REFUSED, reason=f"{gone.name} …")
    delete_account(gone, by=gone)
    line = change.lines.get()
    assert (line.user, line.reason) == (None, "")


def test_it_is_kept_for_a_month_and_what_nobody_did_for_a_day(company: Company, admin: User) -> None:
    kept, unused = chosen([person(company=company)], Kind.BLOCK, admin), None
    start(kept, by=admin)
    bulk_changes.run_changes()
    unused = chosen([person(company=company)], Kind.BLOCK, admin)
    PeopleChange.objects.update(created_at=timezone.now() - timedelta(days=2))
    forget_changes()
    assert list(PeopleChange.objects.all()) == [kept]
    assert not PeopleChange.objects.filter(pk=unused.pk).exists()
    PeopleChange.objects.update(created_at=timezone.now() - timedelta(days=31))
    forget_changes()
    assert not PeopleChange.objects.exists()
