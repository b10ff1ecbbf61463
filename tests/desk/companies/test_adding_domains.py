"""Test adding a domain at NEN's desk: its preview and its refusals (R7–R9)."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from companies.homoglyphs import look_of, mixes_scripts
from companies.models import Company, Domain, DomainFanOut
from nenconnect.audit.models import AuditEntry
from tests.desk.company_forms.forms import change_url, errors
from tests.factories import make_person

pytestmark = pytest.mark.usefixtures("_english")
ADD_DOMAIN = "admin:companies_domain_add"


def add(as_staff: Client, company: Company, name: str, **fields: Any) -> Any:
    return as_staff.post(reverse(ADD_DOMAIN), {"company": company.pk, "name": name, **fields})


def test_a_domain_is_kept_in_its_canonical_form_and_leads_to_its_page(as_staff: Client, company: Company) -> None:
    answer = add(as_staff, company, "  Straße.Example ")

    domain = company.domains.get(name="xn--strae-oqa.example")
    assert answer["Location"] == change_url(domain)
    page = as_staff.get(answer["Location"]).content.decode()
    assert "straße.example (xn--strae-oqa.example)" in page
    assert domain.proof_value in page


def test_staff_are_told_how_many_people_it_reaches_before_it_is_saved(as_staff: Client, company: Company) -> None:
    for number in range(3):
        make_person(f"p{number}@nieuw.example")

    answer = add(as_staff, company, "nieuw.example")

    assert "3 people with a personal account on nieuw.example will be mailed" in errors(answer)
    assert not Domain.objects.filter(name="nieuw.example").exists()
    announced = answer.context["adminform"].form["announced"].value()
    assert add(as_staff, company, "nieuw.example", announced=announced).status_code == 302
    assert DomainFanOut.objects.get().total is None  # a worker's


def test_what_they_were_told_of_another_domain_does_not_count(as_staff: Client, company: Company) -> None:
    make_person("p@nieuw.example")

    assert "will be mailed" in errors(add(as_staff, company, "nieuw.example", announced="ander.example"))
    assert "will be mailed" in errors(
        add(as_staff, company, "nieuw.example", announced="nieuw.example", has_subdomains="on")
    )


@pytest.mark.parametrize(
    ("name", "refusal"),
    [
        ("gmail.com", "public mail domain"),
        ("mailinator.com", "public mail domain"),
        ("co.uk", "anybody can get a domain under it"),
        ("v\u043e\u043erbeeld.example", "looks like voorbeeld.example"),
        ("vo0rbeeld.example", "looks like voorbeeld.example"),
    ],
)
def test_what_is_refused_can_be_added_with_a_reason_that_the_audit_keeps(
    as_staff: Client, company: Company, other_company: Company, name: str, refusal: str
) -> None:
    assert refusal in errors(add(as_staff, other_company, name))
    assert not AuditEntry.objects.exists()

    assert add(as_staff, other_company, name, because="Afgesproken met de klant").status_code == 302

    domain = other_company.domains.latest("pk")
    assert domain.allowed_because == "Afgesproken met de klant"
    entry = AuditEntry.objects.get()
    assert (entry.verb, entry.details["overruled"]) == ("domain_added", 1)
    assert entry.details["because"] == "Afgesproken met de klant"


def test_a_reason_that_nothing_asked_for_is_not_kept(as_staff: Client, company: Company) -> None:
    add(as_staff, company, "gewoon.example", because="Zomaar")

    assert company.domains.get(name="gewoon.example").allowed_because == ""


@pytest.mark.parametrize("name", ["gmail.com", "co.uk"])
def test_what_is_everybodys_never_comes_with_its_subdomains(as_staff: Client, company: Company, name: str) -> None:
    answer = add(as_staff, company, name, has_subdomains="on", because="Moet")

    assert "You cannot allow the subdomains of" in errors(answer)


@pytest.mark.parametrize("name", ["geen domein", "jan@nieuw.example", "nl", "-nieuw.example", "a..example", ""])
def test_what_is_no_domain_is_refused_whatever_the_reason(as_staff: Client, company: Company, name: str) -> None:
    answer = add(as_staff, company, name, because="Moet")

    assert "name" in answer.context["adminform"].form.errors


def test_the_companys_own_domains_may_look_alike(as_staff: Client, company: Company) -> None:
    assert add(as_staff, company, "vo0rbeeld.example").status_code == 302


def test_several_companies_hold_one_domain_and_the_page_says_who(
    as_staff: Client, company: Company, other_company: Company
) -> None:
    assert add(as_staff, other_company, "voorbeeld.example").status_code == 302

    page = as_staff.get(change_url(other_company.domains.get(name="voorbeeld.example"))).content.decode()
    assert f"Voorbeeld BV ({company.customer_number})" in page


def test_a_domain_is_added_once(as_staff: Client, company: Company) -> None:
    assert "already a domain of this company" in errors(add(as_staff, company, "VOORBEELD.example"))


@pytest.mark.parametrize(
    ("domain", "is_mixed"),
    [("xn--vorbeeld-nbh.example", True), ("xn--strae-oqa.example", False), ("xn--e1afmkfd.example", False)],
)
def test_scripts_that_mix_are_seen(domain: str, is_mixed: bool) -> None:
    assert mixes_scripts(domain) is is_mixed


def test_looks_are_compared_whole() -> None:
    assert look_of("rnodern.nl") == look_of("modem.nl")
    assert look_of("nen.nl") != look_of("nen.nu")
    assert look_of("voorbeeld.example") != look_of("evil-voorbeeld.example")
