"""Test the home page of a visitor, a user, a personal account and an admin."""

from __future__ import annotations

from datetime import timedelta

from django.urls import reverse
from django.utils import timezone

from accounts.models import JoinInvitation
from requests_app.models import LicenseRequest
from tests.factories import make_document, make_grants, make_license, make_pending_person, make_person


def test_the_home_page_of_a_visitor_links_to_registering_and_signing_in(client, db):
    page = client.get("/").content.decode()
    assert reverse("sign_in:register") in page
    assert reverse("account_login") in page


def test_the_home_page_counts_the_documents_that_a_user_can_read(sign_in, company, colleague):
    make_document(is_free=True)
    make_grants(make_license(company, documents=[make_document(), make_document()]), colleague)
    make_document()
    assert sign_in(colleague).get("/").context["readable"] == 3


def test_the_home_page_offers_a_personal_account_the_companies_to_join(sign_in, company, personal):
    JoinInvitation.objects.create(company=company, user=personal)
    company.domains.create(name="bedrijf.example")
    browser = sign_in(personal)
    assert reverse("profile:join", args=[company.pk]) in browser.get("/").content.decode()
    assert browser.post(reverse("profile:join", args=[company.pk])).status_code == 302
    personal.refresh_from_db()
    assert personal.company == company


def test_joining_a_company_without_the_domain_of_the_address_is_a_404(sign_in, company, personal):
    assert sign_in(personal).post(reverse("profile:join", args=[company.pk])).status_code == 404


def test_the_home_page_tells_the_first_admin_to_add_a_colleague(sign_in, admin):
    assert reverse("company:add_user") in sign_in(admin).get("/").content.decode()


def test_the_home_page_lists_requests_expiring_registrations_and_full_licences(
    sign_in, company, admin, colleague, django_assert_max_num_queries
):
    for seats, people in ((1, [colleague]), (2, [colleague])):
        license = make_license(company, seats=seats)
        make_grants(license, *people)
        LicenseRequest.objects.create(company=company, user=admin, license=license)
    late = make_pending_person(company=company, registration_deadline=timezone.localdate())
    soon = make_pending_person(company=company, registration_deadline=timezone.localdate() + timedelta(days=7))
    make_pending_person(company=company, registration_deadline=timezone.localdate() + timedelta(days=8))
    make_pending_person(company=company, registration_deadline=timezone.localdate(), is_blocked=True)
    browser = sign_in(admin)
    with django_assert_max_num_queries(8):
        context = browser.get("/").context
    assert context["license_requests"] == {"own": 2, "all": 2}
    assert list(context["expiring"]) == [late, soon]
    assert [license.seats for license in context["almost_full"]] == [1]
    assert context["is_only_admin"]


def test_the_home_page_of_an_admin_takes_at_most_eight_queries_with_30_of_everything(
    sign_in, company, admin, django_assert_max_num_queries
):
    for _ in range(30):
        someone = make_pending_person(company=company, registration_deadline=timezone.localdate())
        license = make_license(company, seats=1)
        make_grants(license, someone)
        LicenseRequest.objects.create(company=company, user=someone, license=license)
    browser = sign_in(admin)
    with django_assert_max_num_queries(8):
        assert browser.get("/").status_code == 200


def test_the_home_page_of_a_colleague_shows_no_name_of_a_requester(sign_in, company, admin, colleague):
    canary = make_person(company=company, name="Karel Kanarie")
    LicenseRequest.objects.create(company=company, user=canary, license=make_license(company))
    assert b"Kanarie" not in sign_in(colleague).get("/").content
