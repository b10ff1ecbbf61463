"""Test a company's page at NEN's desk: copying, two editors, deleting, and only through actions (C25)."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import JoinInvitation, User
from companies import actions
from companies.models import Company, Domain
from nenconnect.audit.models import AuditEntry
from tests.at_once import run_at_once
from tests.desk.company_forms.forms import change_form, change_url, company_form, errors
from tests.factories import make_company, make_license, make_person

pytestmark = pytest.mark.usefixtures("_english")
SignIn = Callable[[User], Client]
ADD_DOMAIN = "admin:companies_domain_add"


# Setting a company up as another one ----------------------------------------------------------------


def test_copying_a_company_copies_its_settings_but_not_its_name_or_domains(
    as_staff: Client, company: Company, staff: User
) -> None:
    actions.set_second_step(company, "everyone", first_day=timezone.localdate(), by=staff)
    actions.change_company(
        company, by=staff, account_manager=staff, user_label="Afdeling", time_zone="America/Paramaribo"
    )
    Company.objects.update(second_step_from=date(2020, 1, 1))
    page = as_staff.get(reverse("admin:companies_company_add"), {"klantnummer": company.customer_number})
    form = page.context["adminform"].form
    assert form["account_manager"].value() == staff.pk
    assert form["time_zone"].value() == "America/Paramaribo"
    assert form["name"].value() is None

    posted = company_form(copied_from=form["copied_from"].value(), account_manager=staff.pk)
    answer = as_staff.post(reverse("admin:companies_company_add"), posted)

    assert answer.status_code == 302, errors(answer)
    new = Company.objects.get(customer_number="K900001")
    assert (new.second_step_for, new.user_label, new.account_manager) == ("everyone", "Afdeling", staff)
    assert new.second_step_from == timezone.localdate()  # a past day would shut people out at once
    assert (new.contact_person, new.name) == ("Els de Wit", "Nieuw BV")
    assert [domain.name for domain in new.domains.all()] == ["nieuw.example"]


def test_copying_from_an_unknown_customer_number_shows_an_error(as_staff: Client, db: None) -> None:
    page = as_staff.get(reverse("admin:companies_company_add"), {"klantnummer": "K-ONBEKEND"}).content.decode()

    assert "No company has customer number K-ONBEKEND." in page


# Two at one company ---------------------------------------------------------------------------------


def seen(as_staff: Client, company: Company) -> dict[str, Any]:
    # The page of a company as it is open in the browser, ready to be saved.
    form = as_staff.get(change_url(company)).context["adminform"].form
    hidden = re.findall(r'name="(initial-[^"]+)"(?: value="([^"]*)")?', "".join(str(field) for field in form))
    return change_form(company, time_zone=company.time_zone) | dict(hidden)


def test_saving_an_old_page_of_a_company_keeps_a_colleagues_change_to_another_field(
    as_staff: Client, company: Company, staff: User
) -> None:
    page = seen(as_staff, company)
    actions.change_company(company, by=staff, contact_person="Nieuw Contact")

    answer = as_staff.post(change_url(company), page | {"name": "Andere naam"})

    assert answer.status_code == 302, errors(answer)
    company.refresh_from_db()
    assert (company.name, company.contact_person) == ("Andere naam", "Nieuw Contact")


def test_a_field_of_a_company_that_two_people_changed_needs_a_second_save(
    as_staff: Client, company: Company, staff: User
) -> None:
    page = seen(as_staff, company) | {"name": "Van mij"}
    actions.change_company(company, by=staff, name="Van de ander")

    answer = as_staff.post(change_url(company), page)

    assert "Another person changed this to “Van de ander”" in errors(answer)
    form = answer.context["adminform"].form
    assert form["name"].value() == "Van mij"
    company.refresh_from_db()
    assert company.name == "Van de ander"
    again = re.search(r'name="initial-name" value="([^"]*)"', str(form["name"]))
    assert again
    assert as_staff.post(change_url(company), page | {"initial-name": again[1]}).status_code == 302
    company.refresh_from_db()
    assert company.name == "Van mij"


def test_saving_an_old_company_page_does_not_turn_self_registration_on_again(
    as_staff: Client, company: Company, admin: User
) -> None:
    page = seen(as_staff, company)
    actions.set_self_registration(company, False, by=admin)

    answer = as_staff.post(change_url(company), page | {"contact_person": "Iemand"})

    assert answer.status_code == 302, errors(answer)
    company.refresh_from_db()
    assert not company.allows_self_registration


@pytest.mark.django_db(transaction=True)
def test_two_simultaneous_saves_of_a_company_save_the_first_and_warn_the_second(sign_in: SignIn) -> None:
    company = make_company("Voorbeeld BV", "voorbeeld.example")
    browsers = [sign_in(make_person(f"nen{n}@nen.example", is_staff=True, language="en")) for n in (1, 2)]
    pages = [seen(browser, company) | {"name": f"Naam {n}"} for n, browser in enumerate(browsers)]

    def save(number: int) -> int:
        return browsers[number].post(change_url(company), pages[number]).status_code

    outcomes = run_at_once([lambda: save(0), lambda: save(1)])

    assert sorted(outcomes) == [200, 302]  # type: ignore[type-var]
    assert AuditEntry.objects.filter(verb="company_changed").count() == 1


# Deleting -------------------------------------------------------------------------------------------


def test_a_bulk_delete_of_companies_shows_which_are_deleted_and_which_are_kept(
    as_staff: Client, company: Company, admin: User
) -> None:
    empty = make_company("Leeg BV", "leeg.example")
    JoinInvitation.objects.create(company=empty, user=make_person())
    make_license(company)
    chosen = {"action": "delete_companies", "_selected_action": [company.pk, empty.pk]}

    answer = as_staff.post(reverse("admin:companies_company_changelist"), chosen)
    page = as_staff.get(answer["Location"]).content.decode()

    assert "1 user, 1 licence" in page
    assert "1 domain, 1 invitation" in page
    assert Company.objects.count() == 2
    as_staff.post(answer["Location"])
    assert list(Company.objects.all()) == [company]
    assert AuditEntry.objects.get(verb="company_deleted").company_id == empty.pk


def test_a_company_that_gains_a_user_after_the_delete_preview_is_not_deleted(as_staff: Client, db: None) -> None:
    empty = make_company("Leeg BV")
    url = f"{reverse('admin:companies_company_remove')}?pk={empty.pk}"
    assert "These are deleted" in as_staff.get(url).content.decode()
    make_person(company=empty)

    page = as_staff.post(url, follow=True).content.decode()

    assert "the company has people, licences or requests" in page
    assert Company.objects.filter(pk=empty.pk).exists()
    assert not AuditEntry.objects.exists()


@pytest.mark.parametrize("answer_to_question", ["?pk=abc", "?pk=99999999999999999999999", "", "?pk=²"])
def test_deleting_companies_without_a_valid_choice_shows_no_company_was_chosen(
    as_staff: Client, db: None, answer_to_question: str
) -> None:
    page = as_staff.get(f"{reverse('admin:companies_company_remove')}{answer_to_question}").content.decode()

    assert "No company was chosen" in page


# What no form at the desk can break -----------------------------------------------------------------


def test_the_company_form_cannot_change_closing_second_step_or_label(as_staff: Client, company: Company) -> None:
    # C9: every column posted to the form.
    posted = {
        "closed_at_0": "2026-01-01",
        "closed_at_1": "10:00",
        "closed_because": "x",
        "second_step_for": "everyone",
        "user_label": "x",
        "id": 77,
    }

    as_staff.post(change_url(company), change_form(company, **posted))

    same = Company.objects.get(pk=company.pk)
    assert (same.closed_at, same.second_step_for, same.user_label) == (None, "nobody", "")


def test_the_history_page_of_a_company_or_domain_changes_nothing(as_staff: Client, company: Company) -> None:
    for row in (company, company.domains.get()):
        url = reverse(f"admin:companies_{row._meta.model_name}_history", args=[row.pk])
        assert as_staff.get(url).status_code == 200
        as_staff.post(url, {"name": "x"})
        row.refresh_from_db()
        assert row.name != "x"


def test_a_company_admin_cannot_use_the_desk_pages_of_companies_and_domains(
    company: Company, admin: User, sign_in: SignIn
) -> None:
    browser, domain = sign_in(admin), company.domains.get()
    pages = [
        reverse("admin:companies_company_close", args=[company.pk]),
        reverse("admin:companies_company_reopen", args=[company.pk]),
        reverse("admin:companies_company_outside", args=[company.pk]),
        f"{reverse('admin:companies_company_remove')}?pk={company.pk}",
        reverse("admin:companies_domain_look_up", args=[domain.pk]),
        reverse("admin:companies_domain_remove", args=[domain.pk]),
        reverse(ADD_DOMAIN),
    ]
    for page in pages:
        assert browser.get(page).status_code in {302, 403, 405}
        assert browser.post(page, {"because": "x"}).status_code in {302, 403, 405}
    assert Company.objects.get().closed_at is None
    assert Domain.objects.exists()
