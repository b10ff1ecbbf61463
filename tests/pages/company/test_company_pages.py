"""Test „Mijn bedrijf – Algemeen" and the overview of „Gebruikers"."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.messages import get_messages
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.models import SignInAttempts, User
from companies.models import Company
from tests.factories import make_admin, make_company, make_grants, make_license, make_pending_person, make_person

SignIn = Callable[[User], Client]


@pytest.fixture
def as_admin(admin: User, sign_in: SignIn) -> Client:
    """Sign the admin in, in English: the pages then have the source strings."""
    User.objects.filter(pk=admin.pk).update(language="en")
    admin.refresh_from_db()
    return sign_in(admin)


def page_of(user: User) -> str:
    return reverse("company:user", args=[user.pk])


def messages_of(answer: Any) -> str:
    return " ".join(str(message) for message in get_messages(answer.wsgi_request))


# Algemeen -------------------------------------------------------------------------------------------


def test_the_company_page_shows_how_nen_knows_the_company(as_admin: Client, company: Company, staff: User) -> None:
    Company.objects.update(account_manager=staff)

    page = as_admin.get(reverse("company:company")).content.decode()

    for text in (company.customer_number, company.contact_person, staff.email, "voorbeeld.example"):
        assert text in page


def test_a_company_without_a_domain_cannot_add_users_and_is_referred_to_nen(sign_in: SignIn) -> None:
    company = make_company("Zonder Domein BV")
    as_admin = sign_in(make_admin(company, language="en"))

    page = as_admin.get(reverse("company:company")).content.decode()

    assert "klantenservice@nen.nl" in page
    assert reverse("company:add_user") not in page
    assert reverse("company:self_registration") not in page
    assert as_admin.get(reverse("company:add_user")).status_code == 302


def test_the_self_registration_switch_sets_the_posted_state(as_admin: Client, company: Company) -> None:
    for allowed in ("0", "0", "1"):  # pressed twice it stays off
        as_admin.post(reverse("company:self_registration"), {"allowed": allowed})
        company.refresh_from_db()
        assert company.allows_self_registration is (allowed == "1")


def test_self_registration_without_a_domain_is_refused(as_admin: Client, company: Company) -> None:
    company.domains.all().delete()
    Company.objects.update(allows_self_registration=False)

    answer = as_admin.post(reverse("company:self_registration"), {"allowed": "1"})

    assert "needs an allowed domain" in messages_of(answer)
    company.refresh_from_db()
    assert not company.allows_self_registration


def test_the_contact_form_changes_no_other_field_of_the_company(as_admin: Client, company: Company) -> None:
    posted = {
        "contact_person": "Els Nieuw",
        "contact_phone": "010 123 45 67",
        "contact_email": "Els@Voorbeeld.example",
        "name": "Gekaapt BV",
        "customer_number": "1",
    }

    as_admin.post(reverse("company:contact"), posted)

    before, number = company.name, company.customer_number
    company.refresh_from_db()
    assert (company.contact_person, company.contact_email) == ("Els Nieuw", "els@voorbeeld.example")
    assert (company.name, company.customer_number) == (before, number)


@pytest.mark.parametrize(("field", "value"), [("contact_email", "els@"), ("contact_person", "Els\u202egro")])
def test_a_refused_contact_form_keeps_the_typed_values(
    as_admin: Client, company: Company, field: str, value: str
) -> None:
    posted = {"contact_person": "Els", "contact_phone": "1", "contact_email": "els@voorbeeld.example"}

    answer = as_admin.post(reverse("company:contact"), posted | {field: value})

    assert answer.status_code == 200
    assert field in answer.context["form"].errors
    assert answer.context["form"][field].value() == value
    company.refresh_from_db()
    assert getattr(company, field) != value


# Gebruikers -----------------------------------------------------------------------------------------


def names_on_overview(as_admin: Client, **query: Any) -> list[str]:
    """Return the names on the first page of the overview."""
    answer = as_admin.get(reverse("company:users"), query)
    assert answer.status_code == 200
    return [user.name for user in answer.context["page_obj"]]


def test_the_overview_shows_each_person_of_the_company_with_their_status(
    as_admin: Client, company: Company, pending: User, blocked: User, other_admin: User, personal: User
) -> None:
    make_pending_person(company=company, name="Vera Verlopen", registration_deadline=timezone.localdate())
    locked = make_person(company=company, name="Loes Slot")
    SignInAttempts.objects.create(
        address=locked.email, failures=4, locked_until=timezone.now() + timedelta(minutes=9)
    )
    holder = make_person(company=company, name="Hans Heeft")
    make_grants(make_license(company), holder)

    answer = as_admin.get(reverse("company:users"))

    assert {user.name: user.status for user in answer.context["page_obj"]} == {
        "Anneke Beheerder": "no_license",
        "Bram Blok": "blocked",
        "Hans Heeft": "registered",
        "Loes Slot": "locked",
        "Noor Nieuw": "requested",
        "Vera Verlopen": "expired",
    }
    for status in ("no_license", "blocked", "registered", "locked", "requested", "expired"):
        assert len(names_on_overview(as_admin, status=status)) == 1, status


def test_the_overview_searches_in_any_part_of_name_and_address(as_admin: Client, company: Company) -> None:
    make_person("p.vandijk@voorbeeld.example", company=company, name="Petra van Dijk")

    assert names_on_overview(as_admin, q="DIJ") == ["Petra van Dijk"]
    assert names_on_overview(as_admin, q="p.vand") == ["Petra van Dijk"]
    assert names_on_overview(as_admin, q="dijk petra") == ["Petra van Dijk"]
    assert names_on_overview(as_admin, q="bouw") == []
    assert names_on_overview(as_admin, q="dijk", status="<script>", page="nul", sort="password") != []


def test_the_overview_filters_on_role_and_licence(as_admin: Client, company: Company, colleague: User) -> None:
    license, wide = make_license(company), make_license(company, is_company_wide=True)
    foreign = make_license(make_company("Ander BV", "ander.example"))
    make_grants(license, colleague)

    assert names_on_overview(as_admin, role="admin") == ["Anneke Beheerder"]
    assert names_on_overview(as_admin, license=license.pk) == ["Coen Collega"]
    assert len(names_on_overview(as_admin, license=wide.pk)) == 2
    assert len(names_on_overview(as_admin, license=foreign.pk)) == 2  # not a choice here: nothing is filtered


@pytest.mark.parametrize("column", ["status", "name", "email", "role", "licenses"])
def test_the_overview_can_be_sorted_both_ways_by_each_column(
    as_admin: Client, company: Company, colleague: User, column: str
) -> None:
    make_grants(make_license(company), colleague)

    up, down = names_on_overview(as_admin, sort=column), names_on_overview(as_admin, sort=f"-{column}")

    assert up == list(reversed(down))


def test_the_overview_counts_the_licences_that_are_active_today(
    as_admin: Client, company: Company, colleague: User
) -> None:
    today = timezone.localdate()
    ended = make_license(company, starts_on=today - timedelta(days=9), ends_on=today - timedelta(days=1))
    make_license(company, is_company_wide=True)
    make_grants(make_license(company), colleague)
    make_grants(ended, colleague)

    users = as_admin.get(reverse("company:users")).context["page_obj"]

    assert {user.name: len(user.active_licenses) for user in users} == {"Anneke Beheerder": 1, "Coen Collega": 2}


def test_the_way_back_from_a_person_keeps_the_search_and_page_of_the_overview(
    as_admin: Client, company: Company
) -> None:
    for number in range(30):
        make_person(company=company, name=f"Telmens {number:02}")

    list_page = as_admin.get(reverse("company:users"), {"q": "telmens", "sort": "-name", "page": "2"})
    link = f"{page_of(list_page.context['page_obj'][0])}{list_page.context['keep']}"

    assert [user.name for user in list_page.context["page_obj"]] == [f"Telmens 0{n}" for n in (4, 3, 2, 1, 0)]
    back = f"{reverse('company:users')}?q=telmens&amp;sort=-name&amp;page=2"
    assert back in as_admin.get(link).content.decode()


@pytest.mark.parametrize(
    "back", ["//evil.example/", "javascript:alert(1)", "https://evil.example?q=1", "\r\nX: y"]
)
def test_the_way_back_from_a_person_never_leads_to_another_site(
    as_admin: Client, colleague: User, back: str
) -> None:
    page = as_admin.get(page_of(colleague), {"back": back}).content.decode()

    assert f'href="{reverse("company:users")}?' in page
    answer = as_admin.post(f"{reverse('company:block', args=[colleague.pk])}?back={back}")
    assert answer.headers["Location"].startswith(page_of(colleague))


def test_the_overview_says_that_a_search_has_no_results(as_admin: Client) -> None:
    page = as_admin.get(reverse("company:users"), {"q": "nietbestaand"}).content.decode()

    assert "No one matches this search" in page


def test_the_overview_takes_as_many_queries_for_30_rows_as_for_3(as_admin: Client, company: Company) -> None:
    license = make_license(company)

    def queries(people: int) -> int:
        for _ in range(people):
            make_grants(license, make_person(company=company))
        with CaptureQueriesContext(
            connection,
        ) as captured:
            assert as_admin.get(reverse("company:users")).status_code == 200
        return len(captured)

    assert queries(2) == queries(27)
