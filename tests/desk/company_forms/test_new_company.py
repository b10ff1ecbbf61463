"""Test setting up a company on one page, saved whole or not at all (R37)."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import JoinInvitation, User
from companies.models import Company, Domain
from licenses.models import License
from nenconnect.audit.models import AuditEntry
from nenconnect.mail.models import OutboxMail
from tests.desk.company_forms.forms import change_url, company_form, errors
from tests.factories import make_company, make_document, make_person

pytestmark = pytest.mark.usefixtures("_english")
ADD_COMPANY = "admin:companies_company_add"


def test_staff_create_a_company_with_domain_licences_and_admin_in_one_form(as_staff: Client) -> None:
    standard = make_document()

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


def test_the_audit_names_the_member_of_staff_who_created_a_company(as_staff: Client) -> None:
    as_staff.post(reverse(ADD_COMPANY), company_form())

    entries = AuditEntry.objects.filter(company_id=Company.objects.get().pk)
    assert set(entries.values_list("actor_id", flat=True)) == {User.objects.get(email="nieuw@nen.example").pk}
    assert {"company_created", "domain_added", "user_added", "license_created"} <= set(
        entries.values_list("verb", flat=True)
    )


@pytest.mark.parametrize(
    ("changes", "refusal"),
    [
        ({"domains-0-name": "gmail.com"}, "gmail.com is a public mail domain"),
        ({"domains-0-name": "geen domein"}, "Enter a domain such as company.nl"),
        ({"admin_email": "ada@elders@nieuw.example"}, "Enter a valid email address"),
        ({"admin_email": "ada%x@nieuw.example"}, "Enter an e-mail address such as"),
        ({"admin_email": "nieuw@nen.example"}, "At NEN staff this address is in use already"),
        ({"admin_email": ""}, "This field is required"),
        ({"admin_name": "Ada\u202e"}, "Use only letters"),
        ({"customer_number": "BESTAAT"}, "Another company has this customer number"),
        ({"contact_email": "els@"}, "Enter a valid email address"),
        ({"licenses-0-is_company_wide_approved": ""}, "NEN has not approved company-wide"),
        ({"licenses-0-seats": "5"}, "A company-wide licence has no seats"),
        ({"licenses-0-seats": "0"}, "A licence has at least 1 seat"),
        ({"licenses-1-ends_on": "2001-01-01"}, "The last day is before the first day"),
        ({"licenses-1-ends_on": "9999-12-31"}, "Choose a last day before the year 2200."),
        ({"domains-0-name": ""}, "Self-registration needs an allowed domain"),
    ],
)
def test_a_refused_new_company_keeps_the_typed_values_and_saves_nothing(
    as_staff: Client, changes: dict[str, str], refusal: str
) -> None:
    make_company("Bestaand BV", customer_number="BESTAAT")
    posted = company_form(**changes)

    answer = as_staff.post(reverse(ADD_COMPANY), posted)

    assert refusal in errors(answer)
    assert answer.context["adminform"].form["name"].value() == "Nieuw BV"
    domains, licenses = (formset.formset for formset in answer.context["inline_admin_formsets"])
    assert domains.forms[0]["name"].value() == posted["domains-0-name"]
    assert licenses.forms[1]["seats"].value() == "10"
    assert Company.objects.count() == 1
    assert not Domain.objects.exists()
    assert not License.objects.exists()
    assert not OutboxMail.objects.exists()
    assert not AuditEntry.objects.exists()


def test_the_new_company_form_shows_every_refusal_beside_its_field(as_staff: Client) -> None:
    changes = {"domains-0-name": "gmail.com", "admin_email": "nieuw@nen.example", "licenses-0-seats": "5"}

    answer = as_staff.post(reverse(ADD_COMPANY), company_form(**changes))

    domains, licenses = (formset.formset for formset in answer.context["inline_admin_formsets"])
    assert list(domains.forms[0].errors) == ["name"]
    assert list(licenses.forms[0].errors) == ["seats"]
    assert "admin_email" in answer.context["adminform"].form.errors


def test_the_new_company_form_shows_form_errors_and_rule_refusals_together(as_staff: Client, admin: User) -> None:
    make_company("Bestaand BV", customer_number="BESTAAT")
    wrong = {"customer_number": "BESTAAT", "admin_email": admin.email, "domains-0-name": "gmail.com"}

    refusal = errors(as_staff.post(reverse(ADD_COMPANY), company_form(**wrong, **{"licenses-0-seats": "5"})))

    assert "Another company has this customer number" in refusal
    assert "At Voorbeeld BV this address is in use already" in refusal
    assert "gmail.com is a public mail domain" in refusal
    assert "A company-wide licence has no seats" in refusal


def test_the_message_after_saving_a_company_does_not_capitalise_an_address(as_staff: Client) -> None:
    owner = make_person("pim@nieuw.example")

    posted = company_form(**{"admin_email": owner.email, "domains-0-announced": "nieuw.example"})

    page = as_staff.post(reverse(ADD_COMPANY), posted, follow=True).content.decode()

    assert "Pim@" not in page
    assert "“Nieuw BV” is saved." in page


def test_staff_are_warned_when_a_new_licence_holds_no_documents(as_staff: Client) -> None:
    page = as_staff.post(reverse(ADD_COMPANY), company_form(), follow=True).content.decode()

    assert "“Op aanvraag” holds no documents yet" in page


def test_the_page_of_a_company_links_to_the_list_of_its_users(
    as_staff: Client, company: Company, colleague: User, personal: User
) -> None:
    page = as_staff.get(change_url(company)).content.decode()
    url = f"{reverse('admin:accounts_user_changelist')}?company__id__exact={company.pk}"

    assert f'href="{url}"' in page
    people = as_staff.get(url).content.decode()
    assert colleague.email in people
    assert personal.email not in people


def test_a_first_admin_with_a_personal_account_gets_a_join_invitation(as_staff: Client) -> None:
    owner = make_person("pim@nieuw.example")

    posted = company_form(**{"admin_email": owner.email, "domains-0-announced": "nieuw.example"})

    answer = as_staff.post(reverse(ADD_COMPANY), posted, follow=True)

    assert "becomes an admin by confirming" in answer.content.decode()
    invitation = JoinInvitation.objects.get()
    assert (invitation.role, invitation.origin) == ("admin", "nen")
    page = as_staff.get(reverse("admin:companies_company_change", args=[invitation.company.pk]))
    assert f"{invitation.user.email} – asked to join" in page.content.decode()
    owner.refresh_from_db()
    assert owner.company is None


def test_staff_are_warned_when_the_domain_of_a_new_company_mixes_scripts(as_staff: Client) -> None:
    posted = company_form(**{"domains-0-name": "v\u043eorbeeld.example"})  # a Cyrillic o

    page = as_staff.post(reverse(ADD_COMPANY), posted, follow=True).content.decode()

    assert Domain.objects.get().name.startswith("xn--")
    refusal = "it mixes letters of several scripts"
    assert f"Check v\u043eorbeeld.example ({Domain.objects.get().name}): {refusal}" in page
