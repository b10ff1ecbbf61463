"""Test changing and removing a domain at NEN's desk (R8, R9)."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from companies.models import Company, Domain, DomainFanOut
from nenconnect.audit.models import AuditEntry
from tests.desk.company_forms.forms import change_url, errors
from tests.factories import make_person

pytestmark = pytest.mark.usefixtures("_english")
SignIn = Callable[[User], Client]


def test_staff_see_how_many_people_the_subdomains_reach_before_allowing_subdomains(
    as_staff: Client, company: Company
) -> None:
    make_person("onder@lab.voorbeeld.example")
    make_person("los@voorbeeld.example")
    domain = company.domains.get()

    answer = as_staff.post(change_url(domain), {"has_subdomains": "on"})
    assert "1 person with a personal account" in errors(answer)
    announced = answer.context["adminform"].form["announced"].value()
    as_staff.post(change_url(domain), {"has_subdomains": "on", "announced": announced})

    domain.refresh_from_db()
    assert domain.has_subdomains


def test_a_saved_domain_keeps_its_company_its_name_and_its_proof(
    as_staff: Client, company: Company, other_company: Company
) -> None:
    domain = company.domains.get()
    proof = {"proven_at_0": "2026-01-01", "proven_at_1": "12:00", "proof_token": "x"}

    as_staff.post(change_url(domain), {"company": other_company.pk, "name": "gmail.com", **proof})

    same = Domain.objects.get(pk=domain.pk)
    assert (same.company, same.name, same.proven_at) == (company, "voorbeeld.example", None)
    assert same.proof_token == domain.proof_token


def test_removing_a_domain_shows_staff_and_admins_the_users_outside_the_domains(
    as_staff: Client, company: Company, admin: User, colleague: User, sign_in: SignIn
) -> None:
    Domain.objects.create(company=company, name="blijft.example")
    make_person("blijft@blijft.example", company=company, name="Bea Blijft")
    url = reverse("admin:companies_domain_remove", args=[company.domains.get(name="voorbeeld.example").pk])

    before = as_staff.get(url).content.decode()
    assert "2 users will be outside the domains" in before
    assert colleague.email in before
    assert "blijft@blijft.example" not in before
    assert company.domains.count() == 2  # GET changes nothing
    as_staff.post(url)

    assert [domain.name for domain in company.domains.all()] == ["blijft.example"]
    colleague.refresh_from_db()
    assert colleague.company == company
    for browser, page in (
        (as_staff, reverse("admin:companies_company_outside", args=[company.pk])),
        (sign_in(admin), reverse("company:people_outside")),
    ):
        shown = browser.get(page).content.decode()
        assert colleague.email.partition("@")[0] in shown
        assert "Bea Blijft" not in shown


def test_removing_the_last_domain_of_a_company_ends_self_registration(as_staff: Client, company: Company) -> None:
    url = reverse("admin:companies_domain_remove", args=[company.domains.get().pk])
    assert "last domain" in as_staff.get(url).content.decode()

    as_staff.post(url)
    as_staff.post(url)  # once more: it is gone

    company.refresh_from_db()
    assert not company.allows_self_registration
    assert AuditEntry.objects.filter(verb="domain_removed").count() == 1


def test_the_delete_pages_of_django_admin_do_not_delete_a_domain(as_staff: Client, company: Company) -> None:
    domain = company.domains.get()

    assert (
        as_staff.post(reverse("admin:companies_domain_delete", args=[domain.pk]), {"post": "yes"}).status_code
        == 403
    )
    as_staff.post(
        reverse("admin:companies_domain_changelist"),
        {"action": "delete_selected", "_selected_action": domain.pk, "post": "yes"},
    )
    assert company.domains.exists()


def test_the_page_of_a_domain_shows_progress_while_people_are_mailed(as_staff: Client, company: Company) -> None:
    domain = company.domains.get()
    row = DomainFanOut.objects.create(domain=domain, total=100, mailed=40)

    running = as_staff.get(change_url(domain))
    assert '<progress id="fan-out"' in running.content.decode()
    assert running["Refresh"] == "3"

    row.finished_at = timezone.now()
    row.save()
    done = as_staff.get(change_url(domain))
    assert "40 people with a personal account on this domain were mailed" in done.content.decode()
    assert "Refresh" not in done
