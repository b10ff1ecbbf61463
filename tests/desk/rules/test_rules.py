"""Test that an administrator at NEN's desk cannot break the rules that hold for company admins (C25).

Rule × way: saving a page (also a new row's), the rows within a company's page, the buttons of a list, deleting,
and the page of history.
"""

from __future__ import annotations

from copy import deepcopy
from typing import Any

import pytest
from django.contrib import admin as django_admin
from django.db.models import Model
from django.utils import timezone

from accounts.models import SignInAttempts, StaffMember, TermsAcceptance
from companies.models import Company, Domain
from licenses.models import Document, DocumentImport, Grant, License
from members.models import PeopleImport
from nenconnect.audit.models import AuditEntry
from nenconnect.mail.models import OutboxMail
from requests_app.actions.asking import request_license
from requests_app.models import DocumentRequest, LicenseRequest
from tests.clients import copy_of, signed_in
from tests.desk.desk_form import filled_in
from tests.desk.rules.rules import RULES
from tests.desk.rules.ways import a_new_one, bulk, delete, inline, look_at_history, page, save
from tests.desk.rules.world import DeskWorld, stored
from tests.factories import (
    make_admin,
    make_collection,
    make_company,
    make_document,
    make_grants,
    make_license,
    make_pending_person,
    make_person,
    make_terms_version,
)

pytestmark = pytest.mark.usefixtures("_english")


@pytest.fixture(scope="module")
def first_world(module_db: None) -> DeskWorld:
    company = make_company("Voorbeeld BV", "voorbeeld.example")
    other_company = make_company("Bouwbedrijf BV", "bouwbedrijf.example")
    staff = make_person("nen@nen.example", is_staff=True, is_superuser=True)
    terms = make_terms_version(accepted_by=[staff])
    rows: dict[str, Any] = people(company, other_company) | things(company)
    rows |= {
        "empty_company": make_company("Leeg BV"),
        "company": company,
        "other_company": other_company,
        "terms": terms,
    }
    rows["domain"] = company.domains.get()
    rows["closed"] = make_company("Dicht BV", "dicht.example", closed_at=timezone.now(), closed_because="Opgezegd")
    make_grants(rows["license"], rows["admin"], rows["colleague"])
    rows["grant"] = Grant.objects.get(user=rows["colleague"])
    rows |= history(rows)
    before = {name: stored(row) for name, row in rows.items()}
    return DeskWorld(signed_in(staff), rows, before)


@pytest.fixture
def world(first_world: DeskWorld, db: None) -> DeskWorld:
    return DeskWorld(copy_of(first_world.browser), deepcopy(first_world.rows), first_world.before)


def people(company: Company, other_company: Company) -> dict[str, Model]:
    blocked = make_person(company=company, is_blocked=True)
    return {
        "admin": make_admin(company, "beheerder@voorbeeld.example"),
        "colleague": make_person("collega@voorbeeld.example", company=company),
        "pending": make_pending_person("nieuw@voorbeeld.example", company=company),
        "blocked": blocked,
        "stranger": make_person("vreemd@bouwbedrijf.example", company=other_company),
        "personal": make_person("los@voorbeeld.example"),
        "attempts": SignInAttempts.objects.create(address=blocked.email, failures=2),
    }


def things(company: Company) -> dict[str, Model]:
    wide = make_license(company, is_company_wide=True, documents=[make_document("NEN 1:2020")])
    return {
        "license": make_license(company, seats=2, documents=[make_document("NEN 2:2020")]),
        "wide": wide,
        "collection": make_collection(company, max_documents=1),
        "document": Document.objects.get(number="NEN 2:2020"),
        "import": DocumentImport.objects.create(state=DocumentImport.State.FAILED),
    }


def history(rows: dict[str, Any]) -> dict[str, Model]:
    # What happened, and stays as it happened.
    decided = request_license(make_license(rows["company"]), by=rows["colleague"])
    LicenseRequest.objects.filter(pk=decided.pk).update(
        status="rejected", decided_at=timezone.now(), decided_by=rows["admin"]
    )
    return {
        "asked": request_license(make_license(rows["company"]), by=rows["colleague"]),
        "decided": decided,
        "wanted": DocumentRequest.objects.create(
            company=rows["company"], user=rows["colleague"], document=rows["document"]
        ),
        "mail": OutboxMail.objects.create(
            event="password_reset",
            key="k",
            message_id="<k>",
            recipient=rows["colleague"],
            status="sent",
            sent_at=timezone.now(),
        ),
        "line": AuditEntry.objects.create(verb="blocked", subjects={"user": rows["blocked"].pk}),
    }


WITHIN_A_COMPANY = {"company", "closed", "empty_company", "domain", "license", "wide", "colleague"}
TRIED = [
    (rule_text, way)
    for rule_text, rule in RULES.items()
    for way in ("save", "inline", "bulk", "delete", "history")
    if way != "inline" or WITHIN_A_COMPANY & set(rule.rows.split())
]


@pytest.mark.parametrize(("rule_text", "way"), TRIED)
def test_an_administrator_at_the_desk_cannot_break_a_rule(world: DeskWorld, rule_text: str, way: str) -> None:
    rule = RULES[rule_text]
    posted = rule.posted(world)
    ways = {"save": save, "inline": inline, "delete": delete, "history": look_at_history}
    for name in rule.rows.split():
        row = world.rows[name]
        if way == "bulk":
            bulk(world, row, posted, rule.but)
        else:
            ways[way](world, row, posted)

    assert rule.holds(world), rule_text


@pytest.mark.parametrize(
    "name", ["company", "domain", "license", "wide", "collection", "document", "colleague", "blocked"]
)
def test_saving_an_unchanged_desk_form_succeeds_and_changes_nothing(world: DeskWorld, name: str) -> None:
    url = page(world.rows[name], "change")

    answer = world.browser.post(url, filled_in(world.browser, url))

    assert answer.status_code == 302, answer.context["errors"]
    assert world.is_as_it_was(name)


@pytest.mark.parametrize("name", ["company", "domain", "license", "wide", "collection", "document", "colleague"])
def test_a_desk_form_saves_no_fields_that_the_form_does_not_show(world: DeskWorld, name: str) -> None:
    # C9: every column and relation of the table, beside the form as it is open.
    row, url = world.rows[name], page(world.rows[name], "change")
    shown = world.browser.get(url).context["adminform"].form.fields
    others = [field for field in row._meta.get_fields() if field.name not in shown]
    posted = filled_in(world.browser, url)
    for field in others:
        value = "1" if field.is_relation else "2099-01-01" if "Date" in type(field).__name__ else "on"
        names = {field.name, getattr(field, "attname", field.name), f"{field.name}_0", f"initial-{field.name}"}
        posted |= dict.fromkeys(names, value)

    answer = world.browser.post(url, posted)

    assert len(others) >= 3
    assert answer.status_code == 302, answer.context["errors"]
    assert world.is_as_it_was(name)


@pytest.mark.parametrize("name", ["company", "domain", "license", "document", "colleague"])
def test_a_valid_new_row_is_saved_at_the_desk(world: DeskWorld, name: str) -> None:
    row = world.rows[name]
    url, before = page(row, "add"), type(row)._default_manager.count()

    answer = world.browser.post(url, filled_in(world.browser, url) | a_new_one(world, row))

    assert answer.status_code == 302, answer.context["errors"]
    assert type(row)._default_manager.count() == before + 1


def test_valid_licences_and_domains_on_the_page_of_a_company_are_saved(world: DeskWorld) -> None:
    # A licence on the page of a company that is there, a licence and a domain on that of a new one.
    inline(world, world.company, {})

    companies = License.objects.filter(name="Erbij").values_list("company__name", flat=True)
    assert set(companies) == {"Voorbeeld BV", "Erbij BV"}
    assert Domain.objects.get(name="erbij.example").company.name == "Erbij BV"


def test_the_rule_tests_cover_every_table_of_the_desk(world: DeskWorld) -> None:
    tried = {type(world.rows[name]) for rule in RULES.values() for name in rule.rows.split()}

    assert set(django_admin.site._registry) - tried == {StaffMember, TermsAcceptance, PeopleImport}
