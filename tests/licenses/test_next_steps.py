"""Test that the advised next step leads to access or to a final reason (R25)."""

from __future__ import annotations

from contextlib import ExitStack
from datetime import timedelta
from itertools import product

import pytest
import time_machine
from django.utils import timezone

from accounts.actions.details import change_details
from accounts.actions.finishing_registration import finish_registration
from accounts.actions.joining import join
from accounts.actions.membership import unblock
from accounts.actions.registration import send_registration_again
from accounts.models import User
from companies.models import Company
from licenses.access import can_open
from licenses.actions.collections import add_document
from licenses.actions.terms import change_terms
from licenses.models import Document, Grant, License
from requests_app.access import licenses_for
from requests_app.access.reasons import AccessStep, Reason, explain
from requests_app.access.sentences import ReasonKind
from requests_app.actions import approving_documents, asking, deciding
from requests_app.actions.deciding import give_license
from requests_app.models import DocumentRequest, LicenseRequest
from tests.factories import (
    PASSWORD,
    make_collection,
    make_document,
    make_grants,
    make_license,
    make_pending_person,
    make_person,
    registration_token,
)

pytestmark = pytest.mark.usefixtures("_english")
TERMS = {"over": (-30, -1), "today": (-30, 30), "to come": (5, 30)}  # days from today
GRANTS = ["none", "lasts", "over"]
PEOPLE = ["registered", "blocked", "pending", "expired"]
COUNTRIES = ["NL", "JP", ""]
DOCUMENTS = ["plain", "plus", "withdrawn"]
DEAD_ENDS = {ReasonKind.NOT_HELD, ReasonKind.WITHDRAWN}
MOST_STEPS = 7


class Follower:
    # Does what the reason says, as the person or the admin would on the page that it leads to.

    def __init__(self, person: User, admin: User, document: Document) -> None:
        self.person, self.admin, self.document = person, admin, document
        self.clock = ExitStack()

    def __call__(self, reason: Reason) -> None:
        getattr(self, reason.step.value)(reason)

    def country(self, reason: Reason) -> None:
        change_details(self.person, by=reason.to, country="NL")

    change_country = their_country = change_their_country = country

    def request_license(self, reason: Reason) -> None:
        assert reason.license is not None
        asking.request_license(reason.license, by=self.person)

    def request_document(self, reason: Reason) -> None:
        asking.request_document(self.document, by=self.person)

    def see_request(self, reason: Reason) -> None:
        # Waits for the admin, who approves.
        if isinstance(reason.request, LicenseRequest):
            deciding.approve(reason.request, by=self.admin)
        if isinstance(reason.request, DocumentRequest):
            license = licenses_for(reason.request.company_id, self.document).first()
            approving_documents.approve_document(reason.request, license=license, by=self.admin)

    decide = see_request

    def give_license(self, reason: Reason) -> None:
        assert reason.license is not None
        give_license(reason.license, to=self.person, by=self.admin)

    def ask_admin(self, reason: Reason) -> None:
        (self.renew if reason.kind == ReasonKind.ENDED else self.give_license)(reason)

    def renew(self, reason: Reason) -> None:
        # NEN prolongs the licence.
        assert reason.license is not None
        change_terms(reason.license, by=None, ends_on=timezone.localdate() + timedelta(days=365))

    def wait(self, reason: Reason) -> None:
        assert reason.license is not None
        noon = timezone.now().replace(hour=11) + (reason.license.starts_on - timezone.localdate())
        self.clock.enter_context(time_machine.travel(noon))

    request_later = wait

    def add_to_collection(self, reason: Reason) -> None:
        assert reason.license is not None
        add_document(reason.license, self.document, by=self.admin)

    def unblock(self, reason: Reason) -> None:
        unblock(self.person, by=self.admin)

    def send_registration(self, reason: Reason) -> None:
        if not reason.person.registration_sent_at:  # the old link is dead
            self.person.refresh_from_db()
        send_registration_again(User.objects.get(pk=self.person.pk), by=self.admin)
        finish_registration(registration_token(self.person), password=PASSWORD)

    def join(self, reason: Reason) -> None:
        company = Company.objects.get(domains__name="voorbeeld.example")
        join(self.person, company)


def follow(start: User, admin: User, document: Document, *, as_admin: bool) -> list[ReasonKind]:
    # The reasons that were told on the way; the last one is access, or one that nothing helps against.
    kinds: list[ReasonKind] = []
    do = Follower(start, admin, document)
    with do.clock:
        while len(kinds) < MOST_STEPS:
            do.person = User.objects.select_related("company").get(pk=start.pk)
            reason = explain(document, do.person, to=admin if as_admin else do.person)
            kinds.append(reason.kind)
            assert reason.is_open == can_open(do.person, document)
            if reason.is_open or reason.step in {AccessStep.CONTACT_NEN, AccessStep.SEE_NEWER, AccessStep.NONE}:
                return kinds
            do(reason)
    return kinds


def somebody(state: str, company: Company, country: str) -> User:
    if state in {"pending", "expired"}:
        sent = timezone.now() - timedelta(days=2)
        deadline = timezone.localdate() + timedelta(days=20 if state == "pending" else -1)
        return make_pending_person(
            company=company, country=country, registration_sent_at=sent, registration_deadline=deadline
        )
    return make_person(company=company, country=country, is_blocked=state == "blocked")


def document_of_kind(kind: str) -> Document:
    status = "withdrawn" if kind == "withdrawn" else "current"
    return make_document(plus_countries=["NL"] if kind == "plus" else [], status=status)


def given(license: License, user: User, how: str) -> None:
    if how != "none":
        yesterday = timezone.localdate() - timedelta(days=1)
        Grant.objects.create(license=license, user=user, ends_on=yesterday if how == "over" else None)


@pytest.mark.parametrize("as_admin", [False, True], ids=["oneself", "an admin"])
@pytest.mark.parametrize("term", TERMS)
@pytest.mark.parametrize("kind", DOCUMENTS)
def test_following_the_advised_steps_opens_each_document_in_a_licence_of_the_company(
    kind: str, term: str, as_admin: bool, company: Company, admin: User
) -> None:
    # Hidden or shown, company-wide or not, for every kind of person and every earlier grant.
    first, last = (timezone.localdate() + timedelta(days=days) for days in TERMS[term])
    countries = COUNTRIES if kind == "plus" else ["NL"]
    cases = list(product(["registered"], countries, GRANTS, [False], [False, True]))
    cases += product(["registered"], countries, ["none"], [True], [False, True])
    if as_admin:  # no one else sees a page
        cases += product(PEOPLE[1:], countries[-1:], GRANTS, [False], [True])
    for state, country, how, is_wide, is_shown in cases:
        document, user = document_of_kind(kind), somebody(state, company, country)
        license = make_license(
            company,
            documents=[document],
            starts_on=first,
            ends_on=last,
            is_company_wide=is_wide,
            is_shown=is_shown,
        )
        given(license, user, how)
        kinds = follow(user, admin, document, as_admin=as_admin)

        assert kinds[-1] in {ReasonKind.GRANTED, ReasonKind.COMPANY_WIDE}, (
            state,
            country,
            how,
            is_wide,
            is_shown,
            kinds,
        )
        assert len(kinds) == len(set(kinds)), kinds  # nothing is told twice: each step got further


@pytest.mark.parametrize("as_admin", [False, True], ids=["oneself", "an admin"])
@pytest.mark.parametrize("has_collection", [False, True])
@pytest.mark.parametrize("kind", DOCUMENTS)
def test_following_the_advised_steps_for_a_document_outside_licences_ends_in_a_collection(
    kind: str, has_collection: bool, as_admin: bool, company: Company, admin: User
) -> None:
    collection = make_collection(company) if has_collection else None
    for state, country, has_it in product(PEOPLE if as_admin else ["registered"], COUNTRIES, [False, True]):
        document, user = document_of_kind(kind), somebody(state, company, country)
        if collection and has_it:
            make_grants(collection, user)
        kinds = follow(user, admin, document, as_admin=as_admin)

        is_reachable = has_collection and kind != "withdrawn"
        assert kinds[-1] in ({ReasonKind.GRANTED} if is_reachable else DEAD_ENDS), (state, country, has_it, kinds)


@pytest.mark.parametrize("as_admin", [False, True], ids=["oneself", "an admin"])
@pytest.mark.parametrize("kind", ["plain", "plus"])
def test_following_the_advised_steps_decides_an_open_request_instead_of_asking_again(
    kind: str, as_admin: bool, company: Company, admin: User
) -> None:
    for country, asks_for, is_shown in product(COUNTRIES, ["license", "document"], [True, False]):
        document, user = document_of_kind(kind), make_person(company=company, country=country)
        license = make_license(company, documents=[document], is_shown=is_shown)
        if asks_for == "license":
            LicenseRequest.objects.create(company=company, user=user, license=license)
        else:
            DocumentRequest.objects.create(company=company, user=user, document=document)
        kinds = follow(user, admin, document, as_admin=as_admin)

        assert kinds[-1] == ReasonKind.GRANTED
        assert {ReasonKind.LICENSE_ASKED, ReasonKind.DOCUMENT_ASKED} & set(kinds)
        assert not {ReasonKind.REQUESTABLE, ReasonKind.NOT_GIVEN} & set(kinds)


def test_an_open_request_that_cannot_succeed_is_no_reason_to_wait(company: Company, colleague: User) -> None:
    document, ended = make_document(), make_document()
    license = make_license(company, documents=[ended], ends_on=timezone.localdate() - timedelta(days=1))
    DocumentRequest.objects.create(company=company, user=colleague, document=document)
    LicenseRequest.objects.create(company=company, user=colleague, license=license)

    assert explain(document, colleague, to=colleague).kind == ReasonKind.NOT_HELD
    assert explain(ended, colleague, to=colleague).kind == ReasonKind.ENDED


def test_joining_leads_a_personal_account_further(company: Company, admin: User) -> None:
    document = make_document()
    make_license(company, documents=[document], is_company_wide=True)
    inside = make_person("nieuw@voorbeeld.example")
    outside = make_person("nieuw@elders.example")

    assert follow(inside, admin, document, as_admin=False) == [ReasonKind.NO_COMPANY, ReasonKind.COMPANY_WIDE]
    assert explain(document, outside, to=outside).step == AccessStep.ASK_EMPLOYER


def test_every_kind_of_reason_has_a_sentence_and_a_step(company: Company) -> None:
    # A kind without a step would leave a person standing.
    user, admin = make_person(company=company), make_person(company=company)
    document = make_document()
    for kind in set(ReasonKind) - {ReasonKind.FREE, ReasonKind.COMPANY_WIDE, ReasonKind.GRANTED}:
        reason = Reason(kind, user, user, document, license=make_license(company))
        assert reason.step != AccessStep.NONE, kind
        if kind not in {
            ReasonKind.NO_COMPANY,
            ReasonKind.NOT_NOW,
            ReasonKind.WITHDRAWN,
        }:  # told to no admin, or past help
            assert Reason(kind, user, admin, document, license=make_license(company)).step != AccessStep.NONE, kind
