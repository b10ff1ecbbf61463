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

from accounts.actions import membership, registration
from accounts.actions.registration import NewColleague
from accounts.models import User
from companies.models import Company
from licenses.actions import granting, switches, terms
from licenses.models import Grant, License
from nenconnect.errors import RuleError
from requests_app.access_history.baseline import begin
from requests_app.access_history.replay import TERM, WIDE, Period
from requests_app.access_history.table import access_rows
from requests_app.actions import license_requests
from requests_app.actions.leaving import delete_account
from tests.factories import PASSWORD, admin_of, granted, license_for, person, registration_token

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
    return registration.finish_registration(registration_token(user), password=PASSWORD)


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


@pytest.mark.parametrize("seed", range(4))
def test_it_says_what_an_eyewitness_saw(company: Company, admin: User, clock: Clock, seed: int) -> None:
    """Two months at random; after each step, and once a day, the eyewitness asks the rule who has access."""
    chance = random.Random(seed)
    licenses = [
        the_license(company, clock, is_company_wide_approved=True),
        the_license(company, clock, starts_on=clock.now.date() + timedelta(days=9)),
        the_license(company, clock, ends_on=clock.now.date() + timedelta(days=20), seats=3),
    ]
    people = [admin] + [join_as(company, f"n{number}@voorbeeld.example", admin) for number in range(5)]
    seen: list[tuple[datetime, set[tuple[int, int]]]] = []
    for _step in range(80):
        clock.goes_on(hours=chance.randint(1, 22), minutes=chance.randint(1, 59))
        user, license = chance.choice(people[1:]), License.objects.get(pk=chance.choice(licenses).pk)
        with suppress(RuleError):
            something(chance, company, license, User.objects.get(pk=user.pk), admin)
        clock.goes_on(minutes=1)
        seen.append((clock.now, who_has_access(people)))
    found = periods(company, clock)
    for moment, expected in seen:
        open_then = (one for one in found if one.begin <= moment and (one.end is None or moment < one.end))
        assert {(one.person, one.license) for one in open_then} == expected, moment
    assert len({frozenset(pairs) for _moment, pairs in seen}) >= 8  # a good deal happened


def something(chance: random.Random, company: Company, license: License, user: User, admin: User) -> None:
    today, days = timezone.localdate(), timedelta(days=chance.randint(0, 9))
    acts: list[Callable[[], object]] = [
        lambda: granting.grant(license, to=user, by=admin),
        lambda: granting.grant(license, to=user, by=admin, ends_on=today + days),
        lambda: granting.take_away(license, user=user, by=admin),
        lambda: granting.set_end(license, user=user, ends_on=today + days, by=admin),
        lambda: granting.set_end(license, user=user, ends_on=None, by=admin),
        lambda: switches.set_company_wide(license, chance.random() < 0.5, by=admin),
        lambda: membership.block(user, by=admin),
        lambda: membership.unblock(user, by=admin),
        lambda: membership.unblock(user, by=admin),
        lambda: terms.change_terms(license, by=admin, ends_on=today + timedelta(days=chance.randint(10, 40))),
        lambda: granting.remove_colleague(user, by=admin),
        lambda: come_back(company, user, admin),
        lambda: come_back(company, user, admin),
    ]
    weights = [8, 4, 2, 2, 2, 2, 1, 3, 3, 2, 1, 4, 4]  # more comes than goes, or soon nothing would happen
    chance.choices(acts, weights)[0]()


def come_back(company: Company, user: User, admin: User) -> None:
    if user.company is None and not user.is_blocked:
        registration.invite_to_join(company, user, role="user", by=admin)
        membership.join(user, company)


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
            answer = sign_in(who).get(reverse("companies:export_access"), {"format": "csv"})
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
        url = reverse("admin:trail_trailentry_access", args=[company.pk])

        answer = sign_in(staff).get(url, {"format": "csv"})

        assert "Bouw" in b"".join(answer.streaming_content).decode()  # type: ignore[attr-defined]


def test_somebody_added_blocked_has_no_access_until_unblocked(company: Company, admin: User, clock: Clock) -> None:
    license = the_license(company, clock, is_company_wide_approved=True, is_company_wide=True)
    new = person(company=company, is_blocked=True)
    clock.goes_on(days=1)
    membership.unblock(new, by=admin)

    found = [one for one in periods(company, clock) if one.person == new.pk]
    assert [(one.license, one.begin) for one in found] == [(license.pk, clock.now)]
