"""Test who may open what (R25): every combination, against a second version of the rule in plain Python."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from itertools import product
from random import Random

import pytest
import time_machine
from django.contrib.auth.models import AnonymousUser
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import User
from companies.models import Company
from licenses.access import (
    active_license_count,
    can_open,
    has_active_license,
    is_covered,
    list_with_can_open,
    readable_by,
    readers_can_open,
)
from licenses.models import Document, DocumentStatus, Grant, License
from requests_app.access.reasons import explain
from requests_app.models import DocumentRequest
from tests.factories import (
    make_company,
    make_document,
    make_grants,
    make_license,
    make_pending_person,
    make_person,
)

STATES = ["registered", "blocked", "pending"]
TERMS = {  # days from today
    "over": (-30, -1),
    "last day": (-30, 0),
    "today only": (0, 0),
    "first day": (0, 30),
    "to come": (1, 30),
}
COVERED, NOT_COVERED, UNKNOWN = "NL", "JP", ""
NEVER = "never"
GRANTS = {"none": NEVER, "as the licence": None, "until a day": 10, "last day": 0, "over": -1}  # days from today


@dataclass
class RuleWorld:
    # Everything the rule looks at, as plain facts beside the rows.

    people: list[User] = field(default_factory=list)
    documents: list[Document] = field(default_factory=list)
    licenses: list[License] = field(default_factory=list)
    held_in: dict[int, list[License]] = field(default_factory=lambda: defaultdict(list))
    granted_until: dict[tuple[int, int], date | None] = field(
        default_factory=dict
    )  # until when; None: as the licence

    def may_open(self, user: User, document: Document) -> bool:
        if user.registered_at is None or user.is_blocked:
            return False
        if document.is_free:
            return True
        if document.is_plus and str(user.country) not in document.plus_countries:
            return False
        return any(self.gives(license, user) for license in self.held_in[document.pk])

    def gives(self, license: License, user: User) -> bool:
        today = timezone.localdate()
        if user.company_id is None or user.company_id != license.company_id or license.company.closed_at:
            return False
        if today < license.starts_on or today > license.ends_on:
            return False
        if license.is_company_wide:
            return True
        if (user.pk, license.pk) not in self.granted_until:
            return False
        until = self.granted_until[user.pk, license.pk]
        return until is None or today <= until


def every_kind_of_document() -> list[Document]:
    # Replaced and withdrawn ones too: they stay readable for who has the licence.
    return [
        make_document(is_free=is_free, plus_countries=["BE", COVERED] if is_plus else [], status=status)
        for is_free, is_plus, status in product([False, True], [False, True], DocumentStatus.values)
    ]


def somebody(state: str, company: Company | None, country: str) -> User:
    make = make_pending_person if state == "pending" else make_person
    return make(company=company, country=country, is_blocked=state == "blocked")


def licenses_of(company: Company, terms: Iterable[tuple[int, int]] = TERMS.values()) -> list[License]:
    today = timezone.localdate()
    return [
        make_license(
            company,
            starts_on=today + timedelta(days=first),
            ends_on=today + timedelta(days=last),
            is_company_wide=is_company_wide,
            is_shown=is_shown,
        )
        for (first, last), is_company_wide, is_shown in product(terms, [False, True], [True, False])
    ]


def fill(world: RuleWorld) -> None:
    # Documents that one licence holds, that none holds, and that several hold.
    chance = Random(25)
    for license in world.licenses:
        hold(world, every_kind_of_document(), [license])
    hold(world, every_kind_of_document(), [])
    for _many in range(5):
        hold(world, every_kind_of_document(), chance.sample(world.licenses, k=4))


def hold(world: RuleWorld, documents: list[Document], licenses: list[License]) -> None:
    world.documents += documents
    for license in licenses:
        license.documents.add(*documents)
        for document in documents:
            world.held_in[document.pk].append(license)


@pytest.fixture
def world(module_world: RuleWorld, db: None) -> RuleWorld:
    return module_world


@pytest.fixture(scope="module")
def module_world(module_db: None) -> RuleWorld:
    # Grants go to all, also to who is of another company or none: rights never outlive belonging.
    world, today = RuleWorld(), timezone.localdate()
    company, other_company = make_company("Voorbeeld BV"), make_company("Bouwbedrijf BV")
    closed = make_company("Dicht", closed_at=timezone.now(), closed_because="Opgezegd")
    world.licenses = licenses_of(company) + licenses_of(other_company, [TERMS["last day"]])
    world.licenses += licenses_of(closed, [TERMS["last day"]])
    fill(world)
    kinds = product(
        STATES, [company, other_company, closed, None], [COVERED, NOT_COVERED, UNKNOWN], GRANTS.values()
    )
    for state, of, country, until in kinds:
        user = somebody(state, of, country)
        world.people.append(user)
        if until != NEVER:
            last_day = today + timedelta(days=int(until)) if until is not None else None
            world.granted_until |= {(user.pk, license.pk): last_day for license in world.licenses}
    Grant.objects.bulk_create(
        Grant(user_id=user, license_id=license, ends_on=until)
        for (user, license), until in world.granted_until.items()
    )
    return world


def test_the_list_of_readable_documents_agrees_with_the_access_rule_for_everyone(world: RuleWorld) -> None:
    for user in world.people:
        expected = {document.pk for document in world.documents if world.may_open(user, document)}

        assert set(readable_by(user).values_list("pk", flat=True)) == expected
        assert {document.pk for document in list_with_can_open(user) if vars(document)["can_open"]} == expected
        assert {document.pk for document in list_with_can_open(user, only_readable=True)} == expected


def test_the_decision_agrees_for_everybody_and_everything(world: RuleWorld) -> None:
    # Each person with one status of every document, which status differs from person to person.
    statuses = len(DocumentStatus.values)
    for number, user in enumerate(world.people):
        documents = world.documents[number % statuses :: statuses]
        opened = [document for document in documents if can_open(user, document)]
        assert opened == [document for document in documents if world.may_open(user, document)], user


def test_the_list_of_requests_agrees_with_the_access_rule_for_each_requester(
    world: RuleWorld, company: Company
) -> None:
    DocumentRequest.objects.bulk_create(
        DocumentRequest(company=company, user=user, document=document)
        for user in world.people
        for document in world.documents
    )
    rows = DocumentRequest.objects.select_related("user", "document")
    readable = set(rows.filter(readers_can_open()).values_list("pk", flat=True))

    assert readable == {row.pk for row in rows if row.user and world.may_open(row.user, row.document)}
    assert readable


def test_the_explained_reason_agrees_with_the_access_rule_in_each_case(world: RuleWorld, admin: User) -> None:
    chance = Random(26)
    for user in world.people:
        for document in chance.sample(world.documents, k=20):
            reason = explain(document, user, to=user)
            assert reason.is_open == world.may_open(user, document), (user, document, reason)
            for sentence in (reason.sentence, replace(reason, to=admin).sentence):
                assert sentence.endswith(".")
                assert "%(" not in sentence
                assert "None" not in sentence


def test_the_licences_of_people_are_counted_by_the_same_rule(world: RuleWorld) -> None:
    people = {person.pk: person for person in User.objects.annotate(number=active_license_count())}
    with_license = set(User.objects.filter(has_active_license()).values_list("pk", flat=True))
    for user in world.people:
        expected = {license.pk for license in world.licenses if world.gives(license, user)}

        assert set(License.objects.open_to(user).values_list("pk", flat=True)) == expected
        assert vars(people[user.pk])["number"] == len(expected)
        assert (user.pk in with_license) == bool(expected)


def test_the_table_has_every_outcome(world: RuleWorld) -> None:
    # A table in which no one may open anything would prove nothing.
    outcomes = {
        (user.is_active, document.is_free, document.is_plus, world.may_open(user, document))
        for user in world.people
        for document in world.documents
    }

    assert {(True, False, False, True), (True, False, True, True), (True, True, True, True)} <= outcomes
    assert {(True, False, False, False), (True, False, True, False), (False, True, False, False)} <= outcomes


def test_deciding_on_access_takes_one_query(company: Company, colleague: User, blocked: User) -> None:
    licensed, plus = make_document(), make_document(plus_countries=["NL"])
    make_grants(make_license(company, documents=[licensed, plus]), colleague)
    reader = User.objects.get(pk=colleague.pk)  # as a session finds it: without the company

    for document in (licensed, plus, make_document(), make_document(is_free=True)):
        with CaptureQueriesContext(connection) as captured:
            can_open(reader, document)
        assert len(captured) == 1
    with CaptureQueriesContext(connection) as captured:
        assert not can_open(blocked, licensed)
    assert len(captured) == 0


def test_a_country_counts_for_plus_documents_alone(colleague: User) -> None:
    colleague.country = "JP"

    assert is_covered(colleague, make_document())
    assert is_covered(colleague, make_document(plus_countries=["JP", "NL"]))
    assert not is_covered(colleague, make_document(plus_countries=["NL"]))


def test_a_visitor_cannot_open_any_document(db: None) -> None:
    free = make_document(is_free=True)

    assert not can_open(AnonymousUser(), free)
    assert not readable_by(AnonymousUser()).exists()


def test_a_licence_ends_at_midnight_in_amsterdam(company: Company, colleague: User) -> None:
    document = make_document()
    make_license(
        company, documents=[document], is_company_wide=True, starts_on=date(2020, 1, 1), ends_on=date(2020, 6, 30)
    )

    with time_machine.travel("2020-06-30T23:59:00+02:00", tick=False):
        assert can_open(colleague, document)
    with time_machine.travel("2020-07-01T00:00:00+02:00", tick=False):
        assert not can_open(colleague, document)
