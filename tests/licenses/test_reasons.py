"""Test the sentences that explain access or its absence (R25)."""

from __future__ import annotations

from datetime import timedelta
from itertools import product

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone, translation

from accounts.models import User
from companies.models import Company
from licenses.access import can_open
from licenses.actions.granting import grant
from licenses.models import Document, Grant, License
from nenconnect.rules.errors import RuleError
from requests_app.access.reasons import AccessStep, Reason, explain, explain_licenses
from requests_app.access.sentences import ReasonKind
from requests_app.actions import approving_documents, asking, deciding
from requests_app.actions.deciding import give_license
from tests.factories import make_collection, make_document, make_grants, make_license, make_person

pytestmark = pytest.mark.usefixtures("_english")


def why(user: User, document: Document) -> str:
    return explain(document, user, to=user).sentence


def why_not(user: User, license: License, *, to: User | None = None) -> Reason:
    (reason,) = explain_licenses(License.objects.filter(pk=license.pk), user, to=to or user)
    return reason


TERMS = {"over": (-30, -1), "today": (-30, 30), "to come": (5, 30)}  # days from today


# The sentences ---------------------------------------------------------------------------------------


def test_a_free_document_is_free(personal: User) -> None:
    assert "free" in why(personal, make_document(is_free=True))


def test_the_licence_that_gives_access_is_named(company: Company, colleague: User, admin: User) -> None:
    document = make_document()
    make_grants(make_license(company, name="Bouw & installatie", documents=[document]), colleague)

    assert why(colleague, document) == "You have the licence “Bouw & installatie”."
    assert explain(document, colleague, to=admin).sentence == "Coen Collega has the licence “Bouw & installatie”."


def test_the_reason_names_the_licence_that_lasts_longest(company: Company, colleague: User) -> None:
    document, today = make_document(), timezone.localdate()
    short, long = (make_license(company, name=name, documents=[document]) for name in ("A", "B"))
    Grant.objects.create(license=short, user=colleague, ends_on=today)
    Grant.objects.create(license=long, user=colleague, ends_on=today + timedelta(days=5))

    reason = explain(document, colleague, to=colleague)
    assert (reason.license, reason.last_day) == (long, today + timedelta(days=5))
    wide = make_license(company, name="C", documents=[document], is_company_wide=True)
    assert explain(document, colleague, to=colleague).license == wide
    assert explain(document, colleague, to=colleague).last_day == wide.ends_on


def test_the_reason_for_a_personal_account_says_that_it_has_no_company(personal: User) -> None:
    assert "personal account" in why(personal, make_document())


def test_the_reason_names_the_licence_that_can_be_requested(company: Company, colleague: User) -> None:
    document = make_document()
    license = make_license(company, name="Bouw", documents=[document])

    assert why(colleague, document) == "You do not have “Bouw”, the licence that holds this document."
    assert why_not(colleague, license).sentence == "You do not have the licence “Bouw”."
    assert why_not(colleague, license).step == AccessStep.REQUEST_LICENSE


@pytest.mark.parametrize("term", TERMS)
def test_the_reason_names_a_hidden_licence_to_admins_only(
    term: str, company: Company, colleague: User, admin: User
) -> None:
    first, last = (timezone.localdate() + timedelta(days=days) for days in TERMS[term])
    document = make_document()
    make_license(company, name="Geheim", documents=[document], is_shown=False, starts_on=first, ends_on=last)

    assert "Geheim" not in why(colleague, document)
    assert "Geheim" in explain(document, colleague, to=admin).sentence
    assert "Geheim" in why(admin, document)


def test_the_reason_gives_the_last_day_of_a_licence_that_the_person_had(
    company: Company, colleague: User, admin: User
) -> None:
    document = make_document()
    license = make_license(company, name="Bouw", documents=[document])
    with time_machine.travel("2027-03-10T12:00:00+01:00"):
        License.objects.update(ends_on="2028-01-01")
        Grant.objects.create(license=license, user=colleague, ends_on="2027-03-09")
        assert why(colleague, document) == "You had the licence “Bouw” until 9 March 2027."
        assert why_not(colleague, license, to=admin).sentence == (
            "Coen Collega had the licence “Bouw” until 9 March 2027."
        )


def test_the_reason_promises_a_coming_licence_only_to_its_holders(company: Company, colleague: User) -> None:
    document, today = make_document(), timezone.localdate()
    license = make_license(company, documents=[document], starts_on=today + timedelta(days=5))
    grant = Grant.objects.create(license=license, user=colleague, ends_on=today + timedelta(days=5))
    assert explain(document, colleague, to=colleague).kind == ReasonKind.TO_COME

    Grant.objects.filter(pk=grant.pk).update(ends_on=today + timedelta(days=4))
    assert explain(document, colleague, to=colleague).kind == ReasonKind.STARTS_LATER


def test_a_plus_document_asks_for_a_country(company: Company, colleague: User, admin: User) -> None:
    document = make_document(plus_countries=["NL"])
    make_license(company, documents=[document], is_company_wide=True)

    colleague.country = ""
    assert "in which country you work" in why(colleague, document)
    assert "Coen Collega" in explain(document, colleague, to=admin).sentence
    colleague.country = "JP"
    assert why(colleague, document) == "This Plus document is not available in Japan, the country in your profile."


def test_the_reason_does_not_ask_for_a_country_that_would_not_help(company: Company, colleague: User) -> None:
    colleague.country = ""

    assert explain(make_document(plus_countries=["NL"]), colleague, to=colleague).kind == ReasonKind.NOT_HELD


def test_a_licence_of_another_company_is_not_spoken_of(
    company: Company, other_company: Company, colleague: User
) -> None:
    document = make_document()
    license = make_license(other_company, name="Geheim", documents=[document], is_company_wide=True)
    make_grants(license, colleague)

    assert why(colleague, document) == "No licence of Voorbeeld BV holds this document."
    assert explain_licenses(License.objects.filter(pk=license.pk), colleague, to=colleague) == []


def test_every_sentence_of_a_reason_exists_in_dutch(company: Company, colleague: User) -> None:
    # Placeholders that a translation forgot or misspelt would show, or break the page.
    license = make_license(company, name="Bouw")
    with translation.override("nl"):
        for kind, to in product(ReasonKind, [colleague, make_person(company=company)]):
            for about in (make_document(), None):
                assert "%" not in Reason(kind, colleague, to, about, license=license).sentence


# Withdrawn documents ----------------------------------------------------------------------------------


def test_a_withdrawn_document_stays_readable_for_who_has_the_licence(company: Company, colleague: User) -> None:
    document = make_document(status="withdrawn")
    make_grants(make_license(company, documents=[document]), colleague)

    assert can_open(colleague, document)


@pytest.mark.parametrize("where", ["hidden licence", "collection"])
def test_a_withdrawn_document_cannot_be_requested(where: str, company: Company, colleague: User) -> None:
    document = make_document(status="withdrawn")
    make_collection(company)
    if where == "hidden licence":
        make_license(company, documents=[document], is_shown=False)

    with pytest.raises(RuleError, match="withdrawn"):
        asking.request_document(document, by=colleague)
    assert explain(document, colleague, to=colleague).step in {AccessStep.ASK_ADMIN, AccessStep.CONTACT_NEN}


def test_a_withdrawn_document_leads_to_its_successor(company: Company, colleague: User) -> None:
    document = make_document(status="withdrawn", replaced_by=make_document())

    assert explain(document, colleague, to=colleague).step == AccessStep.SEE_NEWER


def test_what_is_withdrawn_while_it_was_asked_for_goes_into_no_collection(
    company: Company, colleague: User, admin: User
) -> None:
    document, collection = make_document(), make_collection(company)
    document_request = asking.request_document(document, by=colleague)
    Document.objects.update(status="withdrawn")

    with pytest.raises(RuleError):
        approving_documents.approve_document(document_request, license=collection, by=admin)
    assert not collection.documents.exists()
    assert explain(Document.objects.get(), colleague, to=colleague).kind == ReasonKind.WITHDRAWN


# How a licence was got ------------------------------------------------------------------------------


def test_the_reason_says_that_the_licence_was_requested(company: Company, colleague: User, admin: User) -> None:
    first, second, third = (make_license(company) for _number in range(3))
    document = make_document()
    third.documents.add(document)
    License.objects.filter(pk=third.pk).update(is_shown=False)
    deciding.approve(asking.request_license(first, by=colleague), by=admin)
    give_license(second, to=colleague, by=admin)
    document_request = asking.request_document(document, by=colleague)
    approving_documents.approve_document(document_request, license=third, by=admin)

    origins = dict(Grant.objects.filter(user=colleague).values_list("license", "origin"))
    assert origins == {first.pk: "request", second.pk: "given", third.pk: "request"}


def test_a_licence_that_ended_for_the_person_can_be_given_again(
    company: Company, colleague: User, admin: User
) -> None:
    license = make_license(company, seats=1)
    Grant.objects.create(license=license, user=colleague, ends_on=timezone.localdate() - timedelta(days=1))
    assert License.objects.with_counts().get().seats_used == 0

    new = grant(license, to=colleague, by=admin)

    assert (new.ends_on, new.granted_by) == (None, admin)
    assert Grant.objects.get() == new
    with pytest.raises(RuleError, match="seats"):
        grant(license, to=admin, by=admin)


@pytest.mark.parametrize("what", ["document", "licenses"])
def test_as_many_queries_for_30_licences_as_for_3(what: str, company: Company, colleague: User) -> None:
    document = make_document()

    def queries(licenses: int) -> int:
        for _number in range(licenses):
            make_license(company, documents=[document])
        with CaptureQueriesContext(connection) as captured:
            if what == "document":
                explain(document, colleague, to=colleague)
            else:
                explain_licenses(License.objects.all(), colleague, to=colleague)
        return len(captured)

    assert queries(3) == queries(27)
