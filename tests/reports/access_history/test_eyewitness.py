"""Test the access history of random events against the access rule, asked at every step."""

from __future__ import annotations

import random
from collections.abc import Callable
from contextlib import suppress
from datetime import date, datetime, timedelta

import pytest
from django.utils import timezone

from accounts.actions import closing, deputies, joining, membership, registration
from accounts.actions.address_change import ask_address_change
from accounts.actions.registration import NewColleague
from accounts.models import User
from companies import actions as companies
from companies.models import Company
from licenses.actions import granting, terms
from licenses.models import License
from members.actions import bulk_changes, departures
from members.actions.merging import merge_accounts
from members.actions.moving import leave_company, move_person
from members.models import Departure, PeopleChange
from nenconnect.audit.models import AuditEntry
from nenconnect.rules.errors import RuleError
from requests_app.actions import asking, deciding
from requests_app.actions.company_wide import set_company_wide
from requests_app.actions.deciding import give_license, prolong
from requests_app.actions.digests import close_old_requests
from tests.reports.access_history.periods import Clock, join_as, periods, the_license

Kind = PeopleChange.Kind
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("_english")]

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
def test_the_access_history_of_random_months_agrees_with_the_rule_of_access(
    company: Company, other_company: Company, admin: User, staff: User, clock: Clock, seed: int
) -> None:
    # Months at random; after each step, and once a day, the eyewitness asks the rule who has access.
    chance = random.Random(seed)
    licenses = [
        the_license(company, clock, is_company_wide_approved=True),
        the_license(company, clock, starts_on=clock.now.date() + timedelta(days=9)),
        the_license(company, clock, ends_on=clock.now.date() + timedelta(days=20), seats=3),
    ]
    companies.change_company(company, by=staff, closes_after_days=7)
    people = [admin] + [join_as(company, f"n{number}@voorbeeld.example", admin) for number in range(8)]
    world = EyewitnessWorld(chance, company, other_company, admin, staff)
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
    replayed = periods(company, clock)
    for moment, expected in seen:
        open_then = (item for item in replayed if item.begin <= moment and (item.end is None or moment < item.end))
        assert {(item.person, item.license) for item in open_then} == expected, moment
    assert len({frozenset(pairs) for _moment, pairs in seen}) >= 12  # a good deal happened
    assert shown() >= RARE  # or it has shown less than it claims


class EyewitnessWorld:
    # What can happen to a colleague, by the very actions that the pages and the workers call.

    def __init__(
        self, chance: random.Random, company: Company, elsewhere: Company, admin: User, staff: User
    ) -> None:
        self.chance, self.company, self.elsewhere = chance, company, elsewhere
        self.admin, self.staff = admin, staff

    def something(self, license: License, user: User) -> None:
        # More comes than goes, or soon nothing would happen.
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
        # A deputy decides, or no one ever does; the worker closes old requests.
        license_request = asking.request_license(license, by=user)
        close_old_requests()
        deputy = self.another(user)
        if deputy and self.chance.random() < 0.7:
            today = timezone.localdate()
            with suppress(RuleError):  # is one already
                deputies.name_deputy(deputy, first_day=today, last_day=today, by=self.admin)
            deciding.approve(license_request, by=deputy)

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
        # Of the company, but pending: they cannot open anything yet.
        email = f"n{self.chance.random()}@voorbeeld.example"
        new = registration.add_user(self.company, NewColleague(email=email, name="Nieuw"), by=self.admin)
        granting.grant_many(license, [new], by=self.admin)


def who_has_access(people: list[User]) -> set[tuple[int, int]]:
    now = {user.pk: user for user in User.objects.filter(pk__in=[item.pk for item in people])}
    active = [user for user in now.values() if user.is_active]
    return {(user.pk, pk) for user in active for pk in License.objects.open_to(user).values_list("pk", flat=True)}
