"""NEN's desk (R37): everything through actions, saved whole or not at all, and a rule's words beside the field."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import JoinInvitation, User
from companies.models import Company, Domain
from licenses.actions import collections, switches
from licenses.models import CompanyWideEnd, License
from nenconnect.audit.models import AuditEntry
from nenconnect.mail.models import OutboxMail
from requests_app.actions.license_requests import request_license
from tests.factories import company_with, document, license_for, person

pytestmark = pytest.mark.usefixtures("_english")
SignIn = Callable[[User], Client]
ADD_COMPANY = "admin:companies_company_add"


@pytest.fixture
def as_staff(sign_in: SignIn) -> Client:
    """A new member of NEN staff, who is no administrator."""
    return sign_in(person("nieuw@nen.example", name="Nina Nieuw", is_staff=True, language="en"))


def company_form(**changes: Any) -> dict[str, Any]:
    """The page of a new company, filled in: a domain, the first admin and two licences, one company-wide."""
    today = timezone.localdate()
    term = {"starts_on": f"{today:%Y-%m-%d}", "ends_on": f"{today + timedelta(days=364):%Y-%m-%d}"}
    licenses = [
        {"name": "Voor iedereen", "is_company_wide_approved": "on", "is_company_wide": "on"},
        {"name": "Op aanvraag", "seats": "10"},
    ]
    posted = {
        "name": "Nieuw BV",
        "customer_number": "K900001",
        "contact_person": "Els de Wit",
        "contact_phone": "015 1234567",
        "contact_email": "els@nieuw.example",
        "account_manager": "",
        "allows_self_registration": "on",
        "admin_name": "Ada Beheer",
        "admin_email": "ada@nieuw.example",
        **inline("domains", [{"name": "Nieuw.example"}]),
        **inline("licenses", [row | term | {"kind": "package", "is_shown": "on"} for row in licenses]),
    }
    return posted | changes


def inline(prefix: str, rows: list[dict[str, Any]], initial: int = 0) -> dict[str, Any]:
    posted = {f"{prefix}-TOTAL_FORMS": len(rows), f"{prefix}-INITIAL_FORMS": initial}
    return posted | {f"{prefix}-{n}-{name}": value for n, row in enumerate(rows) for name, value in row.items()}


def change_form(company: Company, **changes: Any) -> dict[str, Any]:
    fields = ("name", "customer_number", "contact_person", "contact_phone", "contact_email")
    posted = {name: getattr(company, name) for name in fields}
    posted["allows_self_registration"] = "on" if company.allows_self_registration else ""
    for prefix in ("domains", "licenses", "licenses-2"):
        posted |= inline(prefix, [])
    return posted | changes


def change_url(row: Any) -> str:
    return reverse(f"admin:{row._meta.app_label}_{row._meta.model_name}_change", args=[row.pk])


def errors(answer: Any) -> str:
    assert answer.status_code == 200, answer.headers
    return str(answer.context["errors"])


# A new company --------------------------------------------------------------------------------------


def test_staff_set_up_a_company_whole_on_one_page(as_staff: Client) -> None:
    standard = document()

    answer = as_staff.post(reverse(ADD_COMPANY), company_form(**{"licenses-1-documents": [standard.pk]}))

    assert answer.status_code == 302, errors(answer)
    company = Company.objects.get(customer_number="K900001")
    assert [domain.name for domain in company.domains.all()] == ["nieuw.example"]
    assert company.allows_self_registration
    licenses = {license.name: license for license in company.licenses.all()}
    assert licenses["Voor iedereen"].is_company_wide
    assert licenses["Op aanvraag"].seats == 10
    assert list(licenses["Op aanvraag"].documents.all()) == [standard]
    ada = User.objects.get(email="ada@nieuw.example")
    assert (ada.company, ada.role, ada.is_pending, ada.registration_origin) == (company, "admin", True, "nen")
    assert [(m.event, m.recipient) for m in OutboxMail.objects.all()] == [("registration_invited", ada)]


def test_the_trail_says_which_member_of_staff_set_it_up(as_staff: Client) -> None:
    as_staff.post(reverse(ADD_COMPANY), company_form())

    entries = AuditEntry.objects.filter(company_id=Company.objects.get().pk)
    assert set(entries.values_list("actor_id", flat=True)) == {User.objects.get(email="nieuw@nen.example").pk}
    assert {"company_created", "domain_added", "user_added", "license_created"} <= set(
        entries.values_list("verb", flat=True)
    )


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"domains-0-name": "gmail.com"}, "gmail.com is a public mail domain"),
        ({"domains-0-name": "geen domein"}, "Enter a domain such as company.nl"),
        ({"admin_email": "ada@elders@nieuw.example"}, "Enter a valid email address"),
        ({"admin_email": "ada%x@nieuw.example"}, "Enter an e-mail address such as"),
        ({"admin_email": "nieuw@nen.example"}, "This address is in use already, at NEN staff"),
        ({"admin_email": ""}, "This field is required"),
        ({"admin_name": "Ada\u202e"}, "Use only letters"),
        ({"customer_number": "BESTAAT"}, "Another company has this customer number"),
        ({"contact_email": "els@"}, "Enter a valid email address"),
        ({"licenses-0-is_company_wide_approved": ""}, "NEN has not approved company-wide"),
        ({"licenses-0-seats": "5"}, "A company-wide licence has no seats"),
        ({"licenses-0-seats": "0"}, "A licence has at least 1 seat"),
        ({"licenses-1-ends_on": "2001-01-01"}, "The last day lies before the first day"),
        ({"licenses-1-ends_on": "9999-12-31"}, "Choose a last day before the year 2200."),
        ({"domains-0-name": ""}, "Self-registration needs an allowed domain"),
    ],
)
def test_what_a_rule_refuses_comes_back_with_everything_typed_and_nothing_is_saved(
    as_staff: Client, changes: dict[str, str], said: str
) -> None:
    company_with("Bestaand BV", customer_number="BESTAAT")
    posted = company_form(**changes)

    answer = as_staff.post(reverse(ADD_COMPANY), posted)

    assert said in errors(answer)
    assert answer.context["adminform"].form["name"].value() == "Nieuw BV"
    domains, licenses = (formset.formset for formset in answer.context["inline_admin_formsets"])
    assert domains.forms[0]["name"].value() == posted["domains-0-name"]
    assert licenses.forms[1]["seats"].value() == "10"
    assert Company.objects.count() == 1
    assert not Domain.objects.exists()
    assert not License.objects.exists()
    assert not OutboxMail.objects.exists()
    assert not AuditEntry.objects.exists()


def test_all_refusals_are_shown_at_once_each_in_its_place(as_staff: Client) -> None:
    changes = {"domains-0-name": "gmail.com", "admin_email": "nieuw@nen.example", "licenses-0-seats": "5"}

    answer = as_staff.post(reverse(ADD_COMPANY), company_form(**changes))

    domains, licenses = (formset.formset for formset in answer.context["inline_admin_formsets"])
    assert list(domains.forms[0].errors) == ["name"]
    assert list(licenses.forms[0].errors) == ["seats"]
    assert "admin_email" in answer.context["adminform"].form.errors


def test_mistakes_of_the_form_and_refusals_of_the_rules_come_in_one_round(as_staff: Client, admin: User) -> None:
    company_with("Bestaand BV", customer_number="BESTAAT")
    wrong = {"customer_number": "BESTAAT", "admin_email": admin.email, "domains-0-name": "gmail.com"}

    said = errors(as_staff.post(reverse(ADD_COMPANY), company_form(**wrong, **{"licenses-0-seats": "5"})))

    assert "Another company has this customer number" in said
    assert "This address is in use already, at Voorbeeld BV" in said
    assert "gmail.com is a public mail domain" in said
    assert "A company-wide licence has no seats" in said


def test_a_message_keeps_the_small_letter_of_an_address_and_says_what_was_saved(as_staff: Client) -> None:
    owner = person("pim@nieuw.example")

    posted = company_form(**{"admin_email": owner.email, "domains-0-told": "nieuw.example"})

    page = as_staff.post(reverse(ADD_COMPANY), posted, follow=True).content.decode()

    assert "Pim@" not in page
    assert "Saved: Nieuw BV." in page


def test_staff_are_warned_of_a_licence_without_documents(as_staff: Client) -> None:
    page = as_staff.post(reverse(ADD_COMPANY), company_form(), follow=True).content.decode()

    assert "“Op aanvraag” holds no documents yet" in page


def test_the_page_of_a_company_leads_to_its_people(
    as_staff: Client, company: Company, colleague: User, personal: User
) -> None:
    page = as_staff.get(change_url(company)).content.decode()
    url = f"{reverse('admin:accounts_user_changelist')}?company__id__exact={company.pk}"

    assert f'href="{url}"' in page
    people = as_staff.get(url).content.decode()
    assert colleague.email in people
    assert personal.email not in people


def test_a_first_admin_with_a_personal_account_is_asked_to_join(as_staff: Client) -> None:
    owner = person("pim@nieuw.example")

    posted = company_form(**{"admin_email": owner.email, "domains-0-told": "nieuw.example"})

    answer = as_staff.post(reverse(ADD_COMPANY), posted, follow=True)

    assert "becomes an admin by confirming" in answer.content.decode()
    invitation = JoinInvitation.objects.get()
    assert (invitation.role, invitation.origin) == ("admin", "nen")
    page = as_staff.get(reverse("admin:companies_company_change", args=[invitation.company.pk]))
    assert f"{invitation.user.email} – asked to join" in page.content.decode()
    owner.refresh_from_db()
    assert owner.company is None


def test_a_domain_that_may_be_a_look_alike_is_shown_as_it_is_stored_with_a_warning(as_staff: Client) -> None:
    posted = company_form(**{"domains-0-name": "v\u043eorbeeld.example"})  # a Cyrillic o

    page = as_staff.post(reverse(ADD_COMPANY), posted, follow=True).content.decode()

    assert Domain.objects.get().name.startswith("xn--")
    said = "it mixes letters of several scripts"
    assert f"Check v\u043eorbeeld.example ({Domain.objects.get().name}): {said}" in page


# Changing a company ---------------------------------------------------------------------------------


def test_staff_change_a_company_through_its_action(as_staff: Client, company: Company) -> None:
    answer = as_staff.post(change_url(company), change_form(company, name="Voorbeeld NV"))

    assert answer.status_code == 302, errors(answer)
    company.refresh_from_db()
    assert company.name == "Voorbeeld NV"
    assert list(AuditEntry.objects.values_list("verb", flat=True)) == ["company_changed"]


def test_a_change_that_is_refused_is_not_half_saved(as_staff: Client, company: Company) -> None:
    refused = {"name": "Half BV", "admin_name": "Twee", "admin_email": "nieuw@nen.example"}

    answer = as_staff.post(change_url(company), change_form(company, **refused))

    assert "in use already" in errors(answer)
    company.refresh_from_db()
    assert company.name == "Voorbeeld BV"
    assert not AuditEntry.objects.exists()


def test_the_page_of_a_company_adds_and_removes_no_domains(as_staff: Client, company: Company) -> None:
    """They have pages of their own, which say first what will happen."""
    domain = company.domains.get()
    rows = inline("domains", [{"id": domain.pk, "DELETE": "on"}, {"name": "gmail.com"}], initial=1)

    as_staff.post(change_url(company), change_form(company, **rows))

    assert [one.name for one in company.domains.all()] == ["voorbeeld.example"]


def test_staff_add_another_admin_and_a_licence_to_a_company(
    as_staff: Client, company: Company, admin: User
) -> None:
    license_for(company, name="Er al")
    today = timezone.localdate()
    row = {"name": "Erbij", "kind": "custom", "starts_on": today, "ends_on": today, "is_shown": "on"}
    extra = {"admin_name": "Tweede", "admin_email": "tweede@elders.example"} | inline("licenses-2", [row])

    answer = as_staff.post(change_url(company), change_form(company, **extra))

    assert answer.status_code == 302, errors(answer)
    assert set(company.licenses.values_list("name", flat=True)) == {"Er al", "Erbij"}
    assert User.objects.get(email="tweede@elders.example").role == "admin"


@pytest.mark.parametrize(("field", "value"), [("admin_name", "Tweede"), ("admin_email", "tweede@nieuw.example")])
def test_another_admin_wants_both_name_and_address(
    as_staff: Client, company: Company, field: str, value: str
) -> None:
    answer = as_staff.post(change_url(company), change_form(company, **{field: value}))

    assert "Fill in both the name and the e-mail address" in errors(answer)
    assert not User.objects.filter(company=company).exists()


def test_the_customer_number_of_another_company_is_refused(
    as_staff: Client, company: Company, other_company: Company
) -> None:
    extra = {"customer_number": other_company.customer_number}

    answer = as_staff.post(change_url(company), change_form(company, **extra))

    assert list(answer.context["adminform"].form.errors) == ["customer_number"]


def test_staff_set_the_time_zone_of_a_company_which_is_dutch_until_then(
    as_staff: Client, company: Company
) -> None:
    assert company.time_zone == "Europe/Amsterdam"

    as_staff.post(change_url(company), change_form(company, time_zone="America/Paramaribo"))
    company.refresh_from_db()
    assert company.time_zone == "America/Paramaribo"

    as_staff.post(change_url(company), change_form(company, contact_person="Karin"))
    company.refresh_from_db()
    assert (company.contact_person, company.time_zone) == ("Karin", "America/Paramaribo")


@pytest.mark.parametrize("zone", ["Europe/Rotterdam", "CET", "../UTC"])
def test_a_time_zone_that_is_none_is_refused_beside_the_field(
    as_staff: Client, company: Company, zone: str
) -> None:
    answer = as_staff.post(change_url(company), change_form(company, time_zone=zone))

    assert answer.status_code == 200
    assert "Select a valid choice" in str(answer.context["errors"])


def seen_at_the_desk(as_staff: Client, license: License) -> dict[str, Any]:
    """The page of a licence as it is open in the browser, ready to be saved."""
    form = as_staff.get(reverse("admin:licenses_license_change", args=[license.pk])).context["adminform"].form
    shown = re.findall(r'name="(initial-[^"]+)" (?:value="([^"]*)")?', "".join(str(field) for field in form))
    posted = {name: form[name].value() for name in form.fields} | dict(shown)
    return {name: value for name, value in posted.items() if value not in (None, False)}


def test_what_an_admin_changed_while_the_desk_was_open_stays_changed(
    as_staff: Client, company: Company, admin: User
) -> None:
    first, second, third = document(), document(), document()
    license = license_for(company, kind="custom", is_company_wide=True, documents=[first, second])
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


def test_saving_a_licence_at_the_desk_calls_off_no_end_of_company_wide(
    as_staff: Client, company: Company, admin: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(switches, "AT_ONCE", 0)
    license = license_for(company, is_company_wide=True)
    switches.set_company_wide(license, False, by=admin)
    posted = seen_at_the_desk(as_staff, license) | {"name": "Nieuwe naam"}

    as_staff.post(reverse("admin:licenses_license_change", args=[license.pk]), posted)

    assert License.objects.get().name == "Nieuwe naam"
    assert CompanyWideEnd.objects.exists()


def test_company_wide_at_the_desk_answers_who_waits_for_it(
    as_staff: Client, company: Company, colleague: User
) -> None:
    license = license_for(company, is_company_wide_approved=True)
    asked = request_license(license, by=colleague)
    posted = seen_at_the_desk(as_staff, license) | {"is_company_wide": "on"}

    as_staff.post(reverse("admin:licenses_license_change", args=[license.pk]), posted)

    asked.refresh_from_db()
    assert (License.objects.get().is_company_wide, asked.status) == (True, "approved")
    assert [row.recipient for row in OutboxMail.objects.filter(event="license_request_approved")] == [colleague]
