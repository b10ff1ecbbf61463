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


def test_adding_a_domain_stores_its_canonical_form_and_opens_its_page(as_staff: Client, company: Company) -> None:
    answer = add(as_staff, company, "  Straße.Example ")

    domain = company.domains.get(name="xn--strae-oqa.example")
    assert answer["Location"] == change_url(domain)
    page = as_staff.get(answer["Location"]).content.decode()
    assert "straße.example (xn--strae-oqa.example)" in page
    assert domain.proof_value in page


def test_staff_see_how_many_people_a_new_domain_reaches_before_saving_the_domain(
    as_staff: Client, company: Company
) -> None:
    for number in range(3):
        make_person(f"p{number}@nieuw.example")

    answer = add(as_staff, company, "nieuw.example")

    assert "3 people with a personal account on nieuw.example will be mailed" in errors(answer)
    assert not Domain.objects.filter(name="nieuw.example").exists()
    announced = answer.context["adminform"].form["announced"].value()
    assert add(as_staff, company, "nieuw.example", announced=announced).status_code == 302
    assert DomainFanOut.objects.get().total is None  # a worker's


def test_confirming_the_reach_of_another_domain_does_not_save_a_new_domain(
    as_staff: Client, company: Company
) -> None:
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
def test_staff_add_a_refused_domain_with_a_reason_that_the_audit_keeps(
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


def test_an_unneeded_reason_for_an_ordinary_domain_is_not_stored(as_staff: Client, company: Company) -> None:
    add(as_staff, company, "gewoon.example", because="Zomaar")

    assert company.domains.get(name="gewoon.example").allowed_because == ""


@pytest.mark.parametrize("name", ["gmail.com", "co.uk"])
def test_a_public_domain_is_never_allowed_with_its_subdomains(
    as_staff: Client, company: Company, name: str
) -> None:
    answer = add(as_staff, company, name, has_subdomains="on", because="Moet")

    assert "You cannot allow the subdomains of" in errors(answer)


@pytest.mark.parametrize("name", ["geen domein", "jan@nieuw.example", "nl", "-nieuw.example", "a..example", ""])
def test_an_invalid_domain_is_refused_even_with_a_reason(as_staff: Client, company: Company, name: str) -> None:
    answer = add(as_staff, company, name, because="Moet")

    assert "name" in answer.context["adminform"].form.errors


def test_a_new_domain_may_look_like_another_domain_of_the_same_company(as_staff: Client, company: Company) -> None:
    assert add(as_staff, company, "vo0rbeeld.example").status_code == 302


def test_the_page_of_a_shared_domain_names_the_other_company_that_has_the_domain(
    as_staff: Client, company: Company, other_company: Company
) -> None:
    assert add(as_staff, other_company, "voorbeeld.example").status_code == 302

    page = as_staff.get(change_url(other_company.domains.get(name="voorbeeld.example"))).content.decode()
    assert f"Voorbeeld BV ({company.customer_number})" in page


def test_a_company_cannot_add_the_same_domain_twice(as_staff: Client, company: Company) -> None:
    assert "already a domain of this company" in errors(add(as_staff, company, "VOORBEELD.example"))


@pytest.mark.parametrize(
    ("domain", "is_mixed"),
    [("xn--vorbeeld-nbh.example", True), ("xn--strae-oqa.example", False), ("xn--e1afmkfd.example", False)],
)
def test_a_domain_that_mixes_scripts_is_detected(domain: str, is_mixed: bool) -> None:
    assert mixes_scripts(domain) is is_mixed


def test_look_alike_detection_compares_whole_domain_names() -> None:
    assert look_of("rnodern.nl") == look_of("modem.nl")
    assert look_of("nen.nl") != look_of("nen.nu")
    assert look_of("voorbeeld.example") != look_of("evil-voorbeeld.example")
