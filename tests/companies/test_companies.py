from __future__ import annotations

import pytest

from accounts.actions.joining import companies_to_join, join
from accounts.actions.registration import NewColleague, add_user
from accounts.models import User
from companies import actions, domains
from companies.models import Company, Domain
from nenconnect.audit.models import AuditEntry
from nenconnect.rules.errors import RuleError
from tests.factories import make_company, make_person


@pytest.mark.parametrize(
    ("address", "is_admitted"),
    [
        ("jan@nen.nl", True),
        ("jan@evil-nen.nl", False),
        ("jan@evilnen.nl", False),
        ("jan@nen.nl.evil.com", False),
        ("jan@sub.nen.nl", False),
        ("jan@en.nl", False),
        ("jan@nl", False),
    ],
)
def test_a_domain_is_compared_whole(staff: User, address: str, is_admitted: bool) -> None:
    nen = make_company("NEN", "nen.nl")

    assert nen.admits(address) is is_admitted
    assert Company.objects.admitting(address).contains(nen) is is_admitted


@pytest.mark.parametrize(
    ("address", "is_admitted"),
    [
        ("jan@nen.nl", True),
        ("jan@sub.nen.nl", True),
        ("jan@a.b.nen.nl", True),
        ("jan@evil-nen.nl", False),
        ("jan@nen.nl.evil.com", False),
        ("jan@xnen.nl", False),
    ],
)
def test_subdomains_are_admitted_where_nen_ticked_so(staff: User, address: str, is_admitted: bool) -> None:
    nen = make_company("NEN")
    domains.add_domain(nen, "nen.nl", has_subdomains=True, by=staff)

    assert nen.admits(address) is is_admitted


def test_unticking_with_subdomains_shuts_them_out_again(staff: User) -> None:
    nen = make_company("NEN")
    domain = domains.add_domain(nen, "nen.nl", has_subdomains=True, by=staff)

    domains.change_domain(domain, has_subdomains=False, by=staff)

    assert nen.admits("jan@nen.nl")
    assert not nen.admits("jan@sub.nen.nl")


@pytest.mark.parametrize("name", ["gmail.com", "GMail.com", " hotmail.com ", "ziggo.nl", "0815.ru"])
def test_a_public_mail_domain_is_refused(company: Company, staff: User, name: str) -> None:
    with pytest.raises(RuleError) as refused:
        domains.add_domain(company, name, by=staff)

    assert refused.value.field == "name"
    assert [domain.name for domain in company.domains.all()] == ["voorbeeld.example"]


def test_a_domain_is_stored_in_its_canonical_form(company: Company, staff: User) -> None:
    domain = domains.add_domain(company, " Straße.NL", by=staff)

    assert domain.name == "xn--strae-oqa.nl"
    assert company.admits("jan@xn--strae-oqa.nl")
    assert not company.admits("jan@strasse.nl")


def test_a_domain_is_added_to_a_company_once(company: Company, staff: User) -> None:
    with pytest.raises(RuleError) as refused:
        domains.add_domain(company, "VOORBEELD.example", by=staff)

    assert refused.value.field == "name"


def test_several_companies_can_have_the_same_domain(company: Company, other_company: Company, staff: User) -> None:
    domains.add_domain(other_company, "voorbeeld.example", by=staff)

    assert set(Company.objects.admitting("jan@voorbeeld.example")) == {company, other_company}


def test_self_registration_needs_a_domain(admin: User) -> None:
    company = make_company("Zonder domein")

    with pytest.raises(RuleError):
        actions.set_self_registration(company, True, by=admin)

    company.refresh_from_db()
    assert not company.allows_self_registration


def test_an_admin_switches_self_registration(company: Company, admin: User) -> None:
    actions.set_self_registration(company, False, by=admin)
    assert list(Company.objects.open_to("jan@voorbeeld.example")) == []

    actions.set_self_registration(company, True, by=admin)
    assert list(Company.objects.open_to("jan@voorbeeld.example")) == [company]


def test_removing_a_domain_keeps_members_and_stops_new_ones(
    company: Company, admin: User, colleague: User, staff: User
) -> None:
    domains.add_domain(company, "voorbeeld.nl", by=staff)
    newcomer = make_person("iemand@voorbeeld.example")

    domains.remove_domain(company.domains.get(name="voorbeeld.example"), by=staff)

    assert set(User.objects.members_of(company)) == {admin, colleague}
    assert companies_to_join(newcomer) == []
    with pytest.raises(RuleError):
        join(newcomer, company)
    with pytest.raises(RuleError) as refused:
        add_user(company, NewColleague(email="nieuw@voorbeeld.example", name="Nieuw"), by=admin)
    assert refused.value.field == "email"


def test_removing_the_last_domain_ends_self_registration(company: Company, staff: User) -> None:
    domains.remove_domain(Domain.objects.get(company=company), by=staff)

    company.refresh_from_db()
    assert not company.allows_self_registration


def test_two_companies_cannot_have_the_same_customer_number(company: Company, staff: User) -> None:
    with pytest.raises(RuleError) as refused:
        actions.create_company(
            by=staff,
            name="Tweede",
            customer_number=company.customer_number,
            contact_person="Karin",
            contact_phone="015",
            contact_email="karin@tweede.example",
        )

    assert refused.value.field == "customer_number"
    assert Company.objects.count() == 1


def test_two_companies_can_have_the_same_name(company: Company, staff: User) -> None:
    actions.create_company(
        by=staff,
        name=company.name,
        customer_number="K999999",
        contact_person="Karin",
        contact_phone="015",
        contact_email="Karin@Tweede.Example",
    )

    assert Company.objects.get(customer_number="K999999").contact_email == "karin@tweede.example"


def test_an_admin_changes_the_contact_and_the_audit_tells_which_fields(company: Company, admin: User) -> None:
    actions.change_company(company, by=admin, contact_person="Piet", contact_phone=company.contact_phone)

    company.refresh_from_db()
    assert company.contact_person == "Piet"
    assert AuditEntry.objects.get(verb="company_changed").details == {"fields": ["contact_person"]}


def test_changing_nothing_leaves_no_audit_entry(company: Company, admin: User) -> None:
    actions.change_company(company, by=admin, contact_person=company.contact_person)

    assert not AuditEntry.objects.exists()


def test_a_wrong_contact_address_is_refused(company: Company, admin: User) -> None:
    with pytest.raises(RuleError):
        actions.change_company(company, by=admin, contact_email='"jan"@acme.nl')
