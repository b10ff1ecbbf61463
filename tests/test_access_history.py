"""The auditor's table: who had access to what, and when; held against an eyewitness that asks the rule."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import date, datetime, timedelta
from unittest.mock import patch

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.actions import closing, deputies, joining, membership, registration
from accounts.actions.address_change import ask_address_change
from accounts.actions.finishing_registration import finish_registration
from accounts.actions.registration import NewColleague
from accounts.models import User
from companies import actions as companies
from companies.models import Company
from licenses.actions import granting, switches, terms
from licenses.models import Grant, License
from members.actions import bulk_changes, departures
from members.actions.deleting import delete_account
from members.actions.merging import merge_accounts
from members.actions.moving import leave_company, move_person
from members.models import Departure, PeopleChange
from nenconnect.audit.models import AuditEntry
from nenconnect.rules.errors import RuleError
from reports.access_history.baseline import begin
from reports.access_history.replay import TERM, WIDE, Period
from reports.access_history.table import access_rows
from requests_app.actions import license_requests
from requests_app.actions.company_wide import set_company_wide
from requests_app.actions.digests import close_old_requests
from requests_app.actions.giving import give_license, prolong
from tests.factories import PASSWORD, admin_of, granted, license_for, person, registration_token

Kind = PeopleChange.Kind

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("_english")]


class Clock:
    """Django's clock, which the test sets: the moments of lines and rows, and what day it is."""

    def __init__(self) -> None:
        self.now = timezone.make_aware(datetime(2027, 3, 1, 9, 0))

    def goes_on(self, **by: float) -> datetime:
        self.now += timedelta(**by)
        return self.now


@pytest.fixture
def clock() -> Iterator[Clock]:
    clock = Clock()
    with patch("django.utils.timezone.now", lambda: clock.now):
        yield clock


def periods(company: Company, clock: Clock) -> list[Period]:
    replay, events = begin(company)
    return sorted(replay.run(events, clock.now), key=lambda one: (one.begin, one.person))


def the_license(company: Company, clock: Clock, **fields: object) -> License:
    days = {"starts_on": clock.now.date(), "ends_on": clock.now.date() + timedelta(days=100)}
    return terms.create_license(company, by=None, name="Bouw", **days | fields)  # type: ignore[arg-type]


def join_as(company: Company, email: str, by: User) -> User:
    user = registration.add_user(company, NewColleague(email=email, name="Nieuw"), by=by)
    return finish_registration(registration_token(user), password=PASSWORD)


class TestOnePersonsAccess:
    def test_begins_when_it_is_given_and_ends_when_it_is_taken_away(
        self, company: Company, admin: User, clock: Clock
    ) -> None:
        user, license = join_as(company, "n@voorbeeld.example", admin), the_license(company, clock)
        given = clock.goes_on(days=1)
        granting.grant(license, to=user, by=admin)
        taken = clock.goes_on(days=2)
        granting.take_away(license, user=user, by=admin)

        (one,) = [one for one in periods(company, clock) if one.person == user.pk]
        assert (one.begin, one.end, one.basis, one.by) == (given, taken, Grant.Origin.GIVEN, admin.pk)
        assert (one.cause, one.end_cause, one.end_by) == ("license_granted", "license_taken_away", admin.pk)

    def test_waits_for_the_first_day_and_ends_with_the_last(
        self, company: Company, admin: User, clock: Clock
    ) -> None:
        first = clock.now.date() + timedelta(days=5)
        license = the_license(company, clock, starts_on=first, ends_on=first + timedelta(days=1))
        granting.grant(license, to=admin, by=admin)
        clock.goes_on(days=30)

        (one,) = periods(company, clock)
        assert (timezone.localtime(one.begin).date(), one.cause) == (first, TERM)
        assert (timezone.localdate(one.end), one.end_cause) == (first + timedelta(days=2), TERM)  # its midnight

    def test_rests_while_they_are_blocked(self, company: Company, admin: User, clock: Clock) -> None:
        user, license = join_as(company, "n@voorbeeld.example", admin), the_license(company, clock)
        granting.grant(license, to=user, by=admin)
        blocked = clock.goes_on(days=1)
        membership.block(user, by=admin)
        unblocked = clock.goes_on(days=1)
        membership.unblock(user, by=admin)

        one, other = [one for one in periods(company, clock) if one.person == user.pk]
        assert (one.end, one.end_cause, other.begin, other.end) == (blocked, "blocked", unblocked, None)

    def test_goes_on_with_a_term_that_is_prolonged(self, company: Company, admin: User, clock: Clock) -> None:
        license = the_license(company, clock)
        granting.grant(license, to=admin, by=admin)
        clock.goes_on(days=50)
        terms.change_terms(license, by=admin, ends_on=license.ends_on + timedelta(days=365))
        clock.goes_on(days=150)

        assert [one.end for one in periods(company, clock)] == [None]

    def test_is_kept_when_company_wide_ends(self, company: Company, admin: User, clock: Clock) -> None:
        license = the_license(company, clock, is_company_wide_approved=True)
        on = clock.goes_on(days=1)
        switches.set_company_wide(license, True, by=admin)
        off = clock.goes_on(days=1)
        switches.set_company_wide(license, False, by=admin)
        clock.goes_on(days=1)
        late = join_as(company, "laat@voorbeeld.example", admin)

        one, other = periods(company, clock)
        assert (one.begin, one.end, one.basis) == (on, off, WIDE)
        assert (other.begin, other.end, other.basis) == (off, None, Grant.Origin.COMPANY_WIDE)
        assert late.pk not in {one.person, other.person}

    def test_goes_on_with_the_other_account_when_two_are_merged(
        self, company: Company, admin: User, staff: User, clock: Clock
    ) -> None:
        user, stays = (
            join_as(company, "n@voorbeeld.example", admin),
            join_as(company, "m@voorbeeld.example", admin),
        )
        only, both = the_license(company, clock), the_license(company, clock)
        day = clock.now.date() + timedelta(days=3)
        for license, to, ends_on in ((only, user, day), (both, user, None), (both, stays, day)):
            granting.grant(license, to=to, by=admin, ends_on=ends_on)
        merged = clock.goes_on(days=1)
        merge_accounts(user, stays=stays, by=staff)
        clock.goes_on(days=10)

        found = {(one.person, one.license): one for one in periods(company, clock)}
        assert found[user.pk, only.pk].end == found[user.pk, both.pk].end == merged
        theirs = found[stays.pk, only.pk]
        assert (theirs.begin, theirs.basis, theirs.by) == (merged, Grant.Origin.GIVEN, staff.pk)
        assert timezone.localdate(theirs.end) == day + timedelta(days=1)  # its midnight
        assert found[stays.pk, both.pk].end is None  # of two last days the later one

    def test_of_somebody_brought_back_waits_for_the_end_of_registration(
        self, company: Company, admin: User, clock: Clock
    ) -> None:
        the_license(company, clock, is_company_wide_approved=True, is_company_wide=True)
        new = registration.add_user(company, NewColleague(email="n@voorbeeld.example", name="Noor"), by=admin)
        departure = departures.start_departure(company, [new], kind=Departure.Kind.REMOVE, by=admin)
        for _there_and_back in range(2):
            clock.goes_on(days=1)
            departures.run_departures()
            departure.refresh_from_db()
            if departure.state == Departure.State.DONE:
                departures.undo(departure, by=admin)
        new.refresh_from_db()
        assert new.company == company
        registered = clock.goes_on(days=1)
        finish_registration(registration_token(new), password=PASSWORD)

        assert [one.begin for one in periods(company, clock) if one.person == new.pk] == [registered]

    def test_rests_while_the_company_is_closed(
        self, company: Company, admin: User, staff: User, clock: Clock
    ) -> None:
        granting.grant(the_license(company, clock), to=admin, by=admin)
        closed = clock.goes_on(days=1)
        closing.close_company(company, because="Verhuizing", by=staff)
        opened = clock.goes_on(days=1)
        closing.reopen_company(company, by=staff)

        one, other = periods(company, clock)
        assert (one.end, one.end_cause, one.end_by) == (closed, "company_closed", staff.pk)
        assert (other.begin, other.cause, other.end) == (opened, "company_reopened", None)

    def test_ends_with_a_closing_from_before_the_trail(self, company: Company, admin: User, clock: Clock) -> None:
        granting.grant(the_license(company, clock), to=admin, by=admin)
        closed = clock.goes_on(days=1)
        company.closed_at, company.closed_because = closed, "Verhuizing"
        company.save()
        clock.goes_on(days=1)

        assert [one.end for one in periods(company, clock)] == [closed]

    def test_outlives_the_account_without_a_name(self, company: Company, admin: User, clock: Clock) -> None:
        user, license = join_as(company, "n@voorbeeld.example", admin), the_license(company, clock)
        granting.grant(license, to=user, by=admin)
        clock.goes_on(days=1)
        delete_account(user, by=user)

        row = list(access_rows(company, "nl", for_company=True))[1]
        assert row[:2] == [f"verwijderde gebruiker {user.pk}", ""]
        assert "n@voorbeeld.example" not in str(row)

    def test_says_why_it_was_asked_for(self, company: Company, admin: User, clock: Clock) -> None:
        user, license = join_as(company, "n@voorbeeld.example", admin), the_license(company, clock)
        asked = license_requests.request_license(license, by=user, reason="Voor de brug")
        clock.goes_on(days=1)
        license_requests.approve(asked, by=admin)

        row = list(access_rows(company, "en", for_company=True))[1]
        assert row[5:8] == ["request approved", admin.name, "Voor de brug"]

    def test_of_before_the_trail_begins_with_what_the_rows_say(
        self, company: Company, admin: User, colleague: User, clock: Clock
    ) -> None:
        license = license_for(company, starts_on=date(2027, 1, 1), ends_on=date(2027, 12, 31))
        granted(license, colleague)
        clock.goes_on(days=3)

        (one,) = periods(company, clock)
        assert (one.person, one.end) == (colleague.pk, None)

    def test_of_before_the_trail_says_so_in_the_table(
        self, company: Company, admin: User, colleague: User, clock: Clock
    ) -> None:
        license, wide = license_for(company), license_for(company, is_company_wide=True)
        granted(license, colleague)
        clock.goes_on(days=3)
        granting.grant(license, to=join_as(company, "n@voorbeeld.example", admin), by=admin)

        _headings, *rows, note = list(access_rows(company, "en", for_company=True))

        found = {(row[1], row[2]): str(row[11]) for row in rows}
        old, new = "what stands in the licence; older than the logbook", "the logbook"
        assert found[colleague.email, license.name] == old
        assert found["n@voorbeeld.example", license.name] == new
        assert {text for (_who, what), text in found.items() if what == wide.name} == {old}
        assert "begins on 4 March 2027" in str(note[0])

    def test_where_the_trail_tells_of_the_companys_beginning_nothing_is_older(
        self, company: Company, admin: User, clock: Clock
    ) -> None:
        AuditEntry.objects.create(verb="company_created", company_id=company.pk)

        assert len(list(access_rows(company, "en", for_company=True))) == 1


RARE = {
    "account_closed",
    "company_closed",
    "company_reopened",
    "license_moved_along",
    "moved_in",
    "moved_out",
    "people_changed",
    "people_left_undone",
    "returned_to_company",
}


STEPS, MOST_STEPS = 180, 600  # it goes on until everything rare has happened


def shown() -> set[str]:
    return set(AuditEntry.objects.values_list("verb", flat=True))


@pytest.mark.parametrize("seed", [2, 6])
def test_it_says_what_an_eyewitness_saw(
    company: Company, other_company: Company, admin: User, staff: User, clock: Clock, seed: int
) -> None:
    """Months at random; after each step, and once a day, the eyewitness asks the rule who has access."""
    chance = random.Random(seed)
    licenses = [
        the_license(company, clock, is_company_wide_approved=True),
        the_license(company, clock, starts_on=clock.now.date() + timedelta(days=9)),
        the_license(company, clock, ends_on=clock.now.date() + timedelta(days=20), seats=3),
    ]
    companies.change_company(company, by=staff, closes_after_days=7)
    people = [admin] + [join_as(company, f"n{number}@voorbeeld.example", admin) for number in range(8)]
    world = World(chance, company, other_company, admin, staff)
    seen: list[tuple[datetime, set[tuple[int, int]]]] = []
    for step in range(MOST_STEPS):
        if step >= STEPS and shown() >= RARE:
            break
        clock.goes_on(hours=chance.randint(1, 11), minutes=chance.randint(1, 59))
        user, license = chance.choice(people[1:]), License.objects.get(pk=chance.choice(licenses).pk)
        with suppress(RuleError):
            world.something(license, User.objects.get(pk=user.pk))
        clock.goes_on(minutes=1)
        seen.append((clock.now, who_has_access(people)))
    found = periods(company, clock)
    for moment, expected in seen:
        open_then = (one for one in found if one.begin <= moment and (one.end is None or moment < one.end))
        assert {(one.person, one.license) for one in open_then} == expected, moment
    assert len({frozenset(pairs) for _moment, pairs in seen}) >= 12  # a good deal happened
    assert shown() >= RARE  # or it has shown less than it claims


class World:
    """What can happen to a colleague, by the very actions that the pages and the workers call."""

    def __init__(
        self, chance: random.Random, company: Company, elsewhere: Company, admin: User, staff: User
    ) -> None:
        self.chance, self.company, self.elsewhere = chance, company, elsewhere
        self.admin, self.staff = admin, staff

    def something(self, license: License, user: User) -> None:
        """More comes than goes, or soon nothing would happen."""
        acts: dict[Callable[[License, User], object], int] = {
            self.gives: 12,
            self.takes_or_ends: 6,
            self.asks: 8,
            self.switches: 2,
            self.blocks: 1,
            self.unblocks: 5,
            self.changes_the_term: 2,
            self.renews: 1,
            self.removes: 1,
            self.comes_back: 8,
            self.moves: 3,
            self.merges: 1,
            self.closes_or_opens: 2,
            self.changes_address: 1,
            self.changes_several: 2,
            self.undoes_a_departure: 2,
            self.gives_to_new_ones: 1,
        }
        self.chance.choices([*acts], [*acts.values()])[0](license, user)

    def day(self) -> date | None:
        return self.chance.choice([None, timezone.localdate() + timedelta(days=self.chance.randint(0, 9))])

    def gives(self, license: License, user: User) -> None:
        give_license(license, to=user, by=self.admin, ends_on=self.day())

    def takes_or_ends(self, license: License, user: User) -> None:
        if self.chance.random() < 0.5:
            granting.take_away(license, user=user, by=self.admin)
        else:
            prolong(license, user=user, ends_on=self.day(), by=self.admin)

    def asks(self, license: License, user: User) -> None:
        """A deputy decides, or nobody ever does; the worker closes what is old."""
        asked = license_requests.request_license(license, by=user)
        close_old_requests()
        deputy = self.another(user)
        if deputy and self.chance.random() < 0.7:
            today = timezone.localdate()
            with suppress(RuleError):  # is one already
                deputies.name_deputy(deputy, first_day=today, last_day=today, by=self.admin)
            license_requests.approve(asked, by=deputy)

    def another(self, user: User) -> User | None:
        others = User.objects.active().members_of(self.company).exclude(pk__in=[user.pk, self.admin.pk])
        return self.chance.choice([*others.order_by("pk")] or [None])

    def switches(self, license: License, user: User) -> None:
        set_company_wide(license, self.chance.random() < 0.4, by=self.admin)

    def blocks(self, license: License, user: User) -> None:
        membership.block(user, by=self.admin)

    def unblocks(self, license: License, user: User) -> None:
        membership.unblock(user, by=self.admin)

    def changes_the_term(self, license: License, user: User) -> None:
        last = timezone.localdate() + timedelta(days=self.chance.randint(10, 40))
        terms.change_terms(license, by=self.staff, ends_on=last)

    def renews(self, license: License, user: User) -> None:
        terms.renew(license, by=self.staff, seen=license.ends_on)

    def removes(self, license: License, user: User) -> None:
        leave_company(user, by=self.admin)

    def comes_back(self, license: License, user: User) -> None:
        if user.company == self.elsewhere:
            move_person(user, self.company, by=self.staff)
        elif user.company is None and not user.is_blocked:
            registration.invite_to_join(self.company, user, role="user", by=self.admin)
            joining.join(user, self.company)

    def moves(self, license: License, user: User) -> None:
        if user.company == self.company:
            move_person(user, self.elsewhere, by=self.staff)
        else:
            self.comes_back(license, user)

    def merges(self, license: License, user: User) -> None:
        if other := self.another(user):
            merge_accounts(user, stays=other, by=self.staff)

    def closes_or_opens(self, license: License, user: User) -> None:
        if Company.objects.get(pk=self.company.pk).is_closed:
            closing.reopen_company(self.company, by=self.staff)
        elif self.chance.random() < 0.4:
            closing.close_company(self.company, because="Verhuizing", by=self.staff)

    def changes_address(self, license: License, user: User) -> None:
        ask_address_change(user, f"x{self.chance.random()}@voorbeeld.example", by=self.admin)

    def changes_several(self, license: License, user: User) -> None:
        kinds = [Kind.GIVE_LICENSE, Kind.GIVE_LICENSE, Kind.TAKE_LICENSE, Kind.UNBLOCK, Kind.BLOCK]
        members = User.objects.members_of(self.company).exclude(pk=self.admin.pk)
        here = [*members.order_by("pk").values_list("pk", flat=True)]
        some = self.chance.sample(here, min(2, len(here)))
        change = bulk_changes.choose(self.company, some, kind=self.chance.choice(kinds), by=self.admin)
        bulk_changes.complete(change, license=license)
        bulk_changes.start(change, by=self.admin)
        bulk_changes.run_changes()

    def undoes_a_departure(self, license: License, user: User) -> None:
        lately = self.company.departures.filter(created_at__gt=timezone.now() - departures.UNDO)
        done = lately.filter(state=Departure.State.DONE).order_by("-pk").first()
        if done:
            departures.undo(done, by=self.admin)
        else:
            kind = self.chance.choice([*Departure.Kind])
            departures.start_departure(self.company, [user], kind=kind, by=self.admin)
        departures.run_departures()

    def gives_to_new_ones(self, license: License, user: User) -> None:
        """Of the company, but pending: they cannot open anything yet."""
        email = f"n{self.chance.random()}@voorbeeld.example"
        new = registration.add_user(self.company, NewColleague(email=email, name="Nieuw"), by=self.admin)
        granting.grant_many(license, [new], by=self.admin)


def who_has_access(people: list[User]) -> set[tuple[int, int]]:
    now = {user.pk: user for user in User.objects.filter(pk__in=[one.pk for one in people])}
    active = [user for user in now.values() if user.is_active]
    return {(user.pk, pk) for user in active for pk in License.objects.open_to(user).values_list("pk", flat=True)}


class TestTheDownload:
    def test_is_of_ones_own_company(
        self, company: Company, admin: User, other_admin: User, sign_in: Callable[[User], Client]
    ) -> None:
        granting.grant(license_for(company, name="Bouw"), to=admin, by=admin)

        def text(who: User) -> str:
            answer = sign_in(who).get(reverse("company:export_access"), {"format": "csv"})
            return b"".join(answer.streaming_content).decode()  # type: ignore[attr-defined]

        assert "Bouw" in text(admin)
        assert "Bouw" not in text(other_admin)

    def test_names_nobody_of_nen_to_the_company(self, company: Company, admin: User, staff: User) -> None:
        granting.grant(license_for(company), to=admin, by=staff)

        assert staff.name not in str(list(access_rows(company, "nl", for_company=True)))
        assert staff.name in str(list(access_rows(company, "nl", for_company=False)))

    def test_nen_gets_it_at_its_desk(
        self, company: Company, admin: User, staff: User, sign_in: Callable[[User], Client]
    ) -> None:
        granting.grant(license_for(company, name="Bouw"), to=admin_of(company), by=staff)
        url = reverse("admin:audit_auditentry_access", args=[company.pk])

        answer = sign_in(staff).get(url, {"format": "csv"})

        assert "Bouw" in b"".join(answer.streaming_content).decode()  # type: ignore[attr-defined]

    def test_the_page_of_a_company_at_the_desk_leads_to_it_and_to_its_trail(
        self, company: Company, admin: User, staff: User, sign_in: Callable[[User], Client]
    ) -> None:
        membership.block(person(company=company, name="Iris Ander"), by=admin)
        desk = sign_in(staff)
        links = [
            f"{reverse('admin:audit_auditentry_changelist')}?company_id={company.pk}",
            f"{reverse('admin:audit_auditentry_access', args=[company.pk])}?format=xlsx",
        ]

        page = desk.get(reverse("admin:companies_company_change", args=[company.pk])).content.decode()
        trail, table = (desk.get(link) for link in links)

        assert all(link in page for link in links)
        assert "Iris Ander" in trail.content.decode()
        assert table.status_code == 200


def test_somebody_added_blocked_has_no_access_until_unblocked(company: Company, admin: User, clock: Clock) -> None:
    license = the_license(company, clock, is_company_wide_approved=True, is_company_wide=True)
    new = person(company=company, is_blocked=True)
    clock.goes_on(days=1)
    membership.unblock(new, by=admin)

    found = [one for one in periods(company, clock) if one.person == new.pk]
    assert [(one.license, one.begin) for one in found] == [(license.pk, clock.now)]
