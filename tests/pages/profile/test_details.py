"""Test „Mijn profiel": a person's details and licences."""

from __future__ import annotations

from django.urls import reverse

from accounts.models import User
from requests_app.models import LicenseRequest
from tests.factories import make_grants, make_license


def test_the_profile_refers_to_nen_for_a_new_email_address(sign_in, colleague):
    User.objects.filter(pk=colleague.pk).update(language="en")
    for name in ("profile:profile", "home:help"):
        page = sign_in(colleague).get(reverse(name)).content.decode()
        assert "Do you have a new address? NEN Klantenservice helps you." in page
        assert "can change" not in page.replace("You can change them here", "")


DETAILS = {"name": "Coen de Collega", "phone": "+31 15 123 45 67", "country": "BE", "language": "en"}


def test_the_profile_saves_its_own_fields_only(sign_in, company, other_company, colleague):
    browser = sign_in(colleague)
    more = {"email": "x@y.nl", "role": "admin", "company": other_company.pk, "is_staff": "on", "is_blocked": "on"}
    assert browser.post(reverse("profile:profile"), {**more, **DETAILS}).status_code == 302
    saved = User.objects.get(pk=colleague.pk)
    assert {name: str(getattr(saved, name)) for name in DETAILS} == DETAILS
    assert (saved.email, saved.role, saved.company) == (colleague.email, "user", company)
    assert (saved.is_staff, saved.is_blocked) == (False, False)


def test_a_refused_profile_form_keeps_the_typed_values(sign_in, colleague):
    response = sign_in(colleague).post(reverse("profile:profile"), {**DETAILS, "name": ""})
    assert response.context["form"].errors["name"]
    assert DETAILS["phone"] in response.content.decode()
    colleague.refresh_from_db()
    assert (colleague.name, colleague.phone) == ("Coen Collega", "")


def test_the_profile_lists_licences_held_requested_and_open_to_request(sign_in, company, admin, colleague):
    granted, requested, can_ask = (make_license(company, name=name) for name in ("Bouw", "Zorg", "Staal"))
    hidden = make_license(company, name="Verborgen", is_shown=False)
    make_grants(granted, colleague)
    LicenseRequest.objects.create(company=company, user=colleague, license=requested)
    context = sign_in(colleague).get(reverse("profile:profile_licenses")).context
    assert [reason.license for reason in context["open_licenses"]] == [granted]
    assert [row.license for row in context["license_requests"]] == [requested]
    assert list(context["can_ask"]) == [can_ask]
    assert hidden not in context["can_ask"]
