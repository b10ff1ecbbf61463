"""Test that NEN changes a company through its actions (R37)."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from companies.models import Company
from licenses.actions import collections, switches
from licenses.models import CompanyWideEnd, License
from nenconnect.audit.models import AuditEntry
from nenconnect.mail.models import OutboxMail
from requests_app.actions.asking import request_license
from tests.desk.company_forms.forms import change_form, change_url, errors, inline
from tests.factories import make_document, make_license

pytestmark = pytest.mark.usefixtures("_english")


def test_changing_the_name_of_a_company_writes_an_audit_row(as_staff: Client, company: Company) -> None:
    answer = as_staff.post(change_url(company), change_form(company, name="Voorbeeld NV"))

    assert answer.status_code == 302, errors(answer)
    company.refresh_from_db()
    assert company.name == "Voorbeeld NV"
    assert list(AuditEntry.objects.values_list("verb", flat=True)) == ["company_changed"]


def test_a_refused_admin_address_leaves_the_whole_company_unchanged(as_staff: Client, company: Company) -> None:
    refused = {"name": "Half BV", "admin_name": "Twee", "admin_email": "nieuw@nen.example"}

    answer = as_staff.post(change_url(company), change_form(company, **refused))

    assert "in use already" in errors(answer)
    company.refresh_from_db()
    assert company.name == "Voorbeeld BV"
    assert not AuditEntry.objects.exists()


def test_the_page_of_a_company_cannot_add_or_remove_domains(as_staff: Client, company: Company) -> None:
    # They have pages of their own, which say first what will happen.
    domain = company.domains.get()
    rows = inline("domains", [{"id": domain.pk, "DELETE": "on"}, {"name": "gmail.com"}], initial=1)

    as_staff.post(change_url(company), change_form(company, **rows))

    assert [domain.name for domain in company.domains.all()] == ["voorbeeld.example"]


def test_staff_add_an_admin_and_a_licence_on_the_page_of_a_company(
    as_staff: Client, company: Company, admin: User
) -> None:
    make_license(company, name="Er al")
    today = timezone.localdate()
    row = {"name": "Erbij", "kind": "custom", "starts_on": today, "ends_on": today, "is_shown": "on"}
    extra = {"admin_name": "Tweede", "admin_email": "tweede@elders.example"} | inline("licenses-2", [row])

    answer = as_staff.post(change_url(company), change_form(company, **extra))

    assert answer.status_code == 302, errors(answer)
    assert set(company.licenses.values_list("name", flat=True)) == {"Er al", "Erbij"}
    assert User.objects.get(email="tweede@elders.example").role == "admin"


@pytest.mark.parametrize(("field", "value"), [("admin_name", "Tweede"), ("admin_email", "tweede@nieuw.example")])
def test_adding_an_admin_to_a_company_requires_both_a_name_and_an_address(
    as_staff: Client, company: Company, field: str, value: str
) -> None:
    answer = as_staff.post(change_url(company), change_form(company, **{field: value}))

    assert "Fill in both the name and the e-mail address" in errors(answer)
    assert not User.objects.filter(company=company).exists()


def test_a_company_cannot_get_the_customer_number_of_another_company(
    as_staff: Client, company: Company, other_company: Company
) -> None:
    extra = {"customer_number": other_company.customer_number}

    answer = as_staff.post(change_url(company), change_form(company, **extra))

    assert list(answer.context["adminform"].form.errors) == ["customer_number"]


def test_staff_can_change_the_time_zone_of_a_company(as_staff: Client, company: Company) -> None:
    assert company.time_zone == "Europe/Amsterdam"

    as_staff.post(change_url(company), change_form(company, time_zone="America/Paramaribo"))
    company.refresh_from_db()
    assert company.time_zone == "America/Paramaribo"

    as_staff.post(change_url(company), change_form(company, contact_person="Karin"))
    company.refresh_from_db()
    assert (company.contact_person, company.time_zone) == ("Karin", "America/Paramaribo")


@pytest.mark.parametrize("zone", ["Europe/Rotterdam", "CET", "../UTC"])
def test_an_unknown_time_zone_of_a_company_is_refused(as_staff: Client, company: Company, zone: str) -> None:
    answer = as_staff.post(change_url(company), change_form(company, time_zone=zone))

    assert answer.status_code == 200
    assert "Select a valid choice" in str(answer.context["errors"])


def seen_at_the_desk(as_staff: Client, license: License) -> dict[str, Any]:
    # The page of a licence as it is open in the browser, ready to be saved.
    form = as_staff.get(reverse("admin:licenses_license_change", args=[license.pk])).context["adminform"].form
    shown = re.findall(r'name="(initial-[^"]+)" (?:value="([^"]*)")?', "".join(str(field) for field in form))
    posted = {name: form[name].value() for name in form.fields} | dict(shown)
    return {name: value for name, value in posted.items() if value not in (None, False)}


def test_saving_an_old_licence_page_keeps_what_an_admin_changed_since(
    as_staff: Client, company: Company, admin: User
) -> None:
    first, second, third = make_document(), make_document(), make_document()
    license = make_license(company, kind="custom", is_company_wide=True, documents=[first, second])
    posted = seen_at_the_desk(as_staff, license)
    switches.set_company_wide(license, False, by=admin)
    switches.set_shown(license, False, by=admin)
    collections.remove_document(license, first, by=admin)
    chosen = [first.pk, second.pk, third.pk]

    as_staff.post(
        reverse("admin:licenses_license_change", args=[license.pk]),
        posted | {"name": "Nieuwe naam", "documents": chosen},
    )

    license.refresh_from_db()
    assert (license.name, license.is_company_wide, license.is_shown) == ("Nieuwe naam", False, False)
    assert set(license.documents.all()) == {second, third}


def test_saving_a_licence_page_does_not_cancel_a_running_end_of_company_wide_access(
    as_staff: Client, company: Company, admin: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(switches, "AT_ONCE", 0)
    license = make_license(company, is_company_wide=True)
    switches.set_company_wide(license, False, by=admin)
    posted = seen_at_the_desk(as_staff, license) | {"name": "Nieuwe naam"}

    as_staff.post(reverse("admin:licenses_license_change", args=[license.pk]), posted)

    assert License.objects.get().name == "Nieuwe naam"
    assert CompanyWideEnd.objects.exists()


def test_making_a_licence_company_wide_approves_its_open_requests(
    as_staff: Client, company: Company, colleague: User
) -> None:
    license = make_license(company, is_company_wide_approved=True)
    license_request = request_license(license, by=colleague)
    posted = seen_at_the_desk(as_staff, license) | {"is_company_wide": "on"}

    as_staff.post(reverse("admin:licenses_license_change", args=[license.pk]), posted)

    license_request.refresh_from_db()
    assert (License.objects.get().is_company_wide, license_request.status) == (True, "approved")
    assert [row.recipient for row in OutboxMail.objects.filter(event="request_approved")] == [colleague]
