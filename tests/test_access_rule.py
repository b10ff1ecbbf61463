"""R25, who may open what: every combination, against a second statement of the rule in plain Python."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import product
from random import Random

import pytest
import time_machine
from django.contrib.auth.models import AnonymousUser
from django.utils import timezone

from accounts.models import User
from companies.models import Company
from licenses.access import can_open, readable_by, readers_can_open, why, with_can_open
from licenses.models import Document, Grant, License
from requests_app.models import DocumentRequest
from tests.factories import document, license_for, pending_person, person

STATES = ["registered", "blocked", "pending"]
TERMS = {  # days from today
    "over": (-30, -1),
    "last day": (-30, 0),
    "today only": (0, 0),
    "first day": (0, 30),
    "to come": (1, 30),
}
COVERED, NOT_COVERED, UNKNOWN = "NL", "JP", ""


@dataclass
class World:
    """Everything the rule looks at, as plain facts beside the rows."""

    people: list[User] = field(default_factory=list)
    documents: list[Document] = field(default_factory=list)
    held_in: dict[int, list[License]] = field(default_factory=lambda: defaultdict(list))
    granted: set[tuple[int, int]] = field(default_factory=set)

    def may_open(self, user: User, one: Document) -> bool:
        if user.registered_at is None or user.is_blocked:
            return False
        if one.is_free:
            return True
        if one.is_plus and str(user.country) not in one.plus_countries:
            return False
        return any(self.gives(license, user) for license in self.held_in[one.pk])

    def gives(self, license: License, user: User) -> bool:
        today = timezone.localdate()
        if user.company_id is None or user.company_id != license.company_id:
            return False
        if today < license.starts_on or today > license.ends_on:
            return False
        return license.is_company_wide or (user.pk, license.pk) in self.granted


def every_kind_of_document() -> list[Document]:
    return [
        document(is_free=is_free, plus_countries=["BE", COVERED] if is_plus else [])
        for is_free, is_plus in product([False, True], repeat=2)
    ]


def somebody(state: str, company: Company | None, country: str) -> User:
    make = pending_person if state == "pending" else person
    return make(company=company, country=country, is_blocked=state == "blocked")


def licenses_of(company: Company) -> list[License]:
    today = timezone.localdate()
    return [
        license_for(
            company,
            starts_on=today + timedelta(days=first),
            ends_on=today + timedelta(days=last),
            is_company_wide=is_company_wide,
            is_shown=is_shown,
        )
        for (first, last), is_company_wide, is_shown in product(TERMS.values(), [False, True], [True, False])
    ]


def fill(world: World, licenses: list[License]) -> None:
    """Documents that one licence holds, that none holds, and that several hold."""
    chance = Random(25)
    for license in licenses:
        hold(world, every_kind_of_document(), [license])
    hold(world, every_kind_of_document(), [])
    for _many in range(5):
        hold(world, every_kind_of_document(), chance.sample(licenses, k=4))


def hold(world: World, documents: list[Document], licenses: list[License]) -> None:
    world.documents += documents
    for license in licenses:
        license.documents.add(*documents)
        for one in documents:
            world.held_in[one.pk].append(license)


@pytest.fixture
def world(company: Company, other_company: Company) -> World:
    world = World()
    licenses = licenses_of(company)
    fill(world, licenses)
    kinds = product(STATES, [company, other_company, None], [COVERED, NOT_COVERED, UNKNOWN], [True, False])
    for state, of, country, has_grants in kinds:
        user = somebody(state, of, country)
        world.people.append(user)
        if has_grants:  # also for who is of another company or none: rights never outlive belonging
            world.granted |= {(user.pk, license.pk) for license in licenses}
    Grant.objects.bulk_create([Grant(user_id=user, license_id=license) for user, license in world.granted])
    return world


def test_the_list_is_what_the_rule_says_for_everybody_and_everything(world: World) -> None:
    for user in world.people:
        expected = {one.pk for one in world.documents if world.may_open(user, one)}

        assert set(readable_by(user).values_list("pk", flat=True)) == expected
        assert {one.pk for one in with_can_open(user) if vars(one)["can_open"]} == expected


def test_the_decision_agrees_and_why_answers_in_each_case(world: World) -> None:
    chance = Random(26)
    for user in world.people:
        for one in chance.sample(world.documents, k=12):
            assert can_open(user, one) == world.may_open(user, one), (user, one)
            sentence = why(user, one)
            assert sentence.strip()
            assert sentence.endswith((".", "!"))


def test_the_list_of_requests_agrees_for_whoever_asked(world: World, company: Company) -> None:
    chance = Random(27)
    DocumentRequest.objects.bulk_create(
        DocumentRequest(company=company, user=user, document=one)
        for user in world.people
        for one in chance.sample(world.documents, k=40)
    )
    rows = DocumentRequest.objects.select_related("user", "document")
    readable = set(rows.filter(readers_can_open()).values_list("pk", flat=True))

    assert readable == {row.pk for row in rows if row.user and world.may_open(row.user, row.document)}
    assert readable


def test_the_table_has_every_outcome(world: World) -> None:
    """A table in which nobody may open anything would prove nothing."""
    outcomes = {
        (user.is_active, one.is_free, one.is_plus, world.may_open(user, one))
        for user in world.people
        for one in world.documents
    }

    assert {(True, False, False, True), (True, False, True, True), (True, True, True, True)} <= outcomes
    assert {(True, False, False, False), (True, False, True, False), (False, True, False, False)} <= outcomes


def test_nobody_opens_anything_without_signing_in(db: None) -> None:
    free = document(is_free=True)

    assert not can_open(AnonymousUser(), free)
    assert not readable_by(AnonymousUser()).exists()


def test_a_licence_ends_at_midnight_in_amsterdam(company: Company, colleague: User) -> None:
    one = document()
    license_for(
        company, documents=[one], is_company_wide=True, starts_on=date(2020, 1, 1), ends_on=date(2020, 6, 30)
    )

    with time_machine.travel("2020-06-30T23:59:00+02:00", tick=False):
        assert can_open(colleague, one)
    with time_machine.travel("2020-07-01T00:00:00+02:00", tick=False):
        assert not can_open(colleague, one)


class TestWhy:
    pytestmark = pytest.mark.usefixtures("_english")

    def test_a_free_document_is_free(self, personal: User) -> None:
        assert "free" in why(personal, document(is_free=True))

    def test_the_licence_that_gives_access_is_named(self, company: Company, colleague: User) -> None:
        one = document()
        license = license_for(company, name="Bouw & installatie", documents=[one])
        Grant.objects.create(license=license, user=colleague)

        assert "Bouw & installatie" in why(colleague, one)

    def test_a_personal_account_is_told_so(self, personal: User) -> None:
        assert "personal account" in why(personal, document())

    def test_what_can_be_requested_is_said(self, company: Company, colleague: User) -> None:
        one = document()
        license_for(company, documents=[one])

        assert "request" in why(colleague, one)

    def test_what_is_hidden_is_not_offered(self, company: Company, colleague: User) -> None:
        one = document()
        license_for(company, documents=[one], is_shown=False)

        assert "request" not in why(colleague, one)
        assert "admin" in why(colleague, one)

    def test_a_plus_document_asks_for_a_country(self, company: Company, colleague: User) -> None:
        one = document(plus_countries=["NL"])
        license_for(company, documents=[one], is_company_wide=True)

        colleague.country = ""
        assert "country" in why(colleague, one)
        colleague.country = "JP"
        assert "Japan" in why(colleague, one)

    def test_a_licence_of_another_company_is_not_spoken_of(
        self, company: Company, other_company: Company, colleague: User
    ) -> None:
        one = document()
        license_for(other_company, name="Geheim", documents=[one], is_company_wide=True)

        assert "No licence of Voorbeeld BV" in why(colleague, one)
