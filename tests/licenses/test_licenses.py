"""Test term, company-wide, visibility and documents of a licence (R20–R22)."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from django.utils import timezone

from accounts.actions.finishing_registration import finish_registration
from accounts.models import User
from companies.models import Company
from licenses.access import can_open
from licenses.actions import collections, granting, switches, terms
from licenses.models import Grant, License
from nenconnect.rules.errors import RuleError
from requests_app.actions.asking import request_license
from requests_app.actions.deciding import approve
from requests_app.models import LicenseRequest
from tests.factories import (
    PASSWORD,
    make_collection,
    make_document,
    make_grants,
    make_license,
    make_pending_person,
    make_person,
    overview_status,
    registration_token,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("_english")]

TERM: dict[str, Any] = {"name": "Bouw", "starts_on": date(2027, 1, 1), "ends_on": date(2027, 12, 31)}


class TestTerms:
    def test_nen_creates_a_licence_with_its_documents(self, company: Company, staff: User) -> None:
        license = terms.create_license(company, by=staff, documents=[make_document(), make_document()], **TERM)

        assert license.documents.count() == 2
        assert (license.is_shown, license.is_company_wide, license.seats) == (True, False, None)

    def test_a_licence_that_ends_before_it_starts_is_refused(self, company: Company, staff: User) -> None:
        with pytest.raises(RuleError) as refused:
            terms.create_license(company, by=staff, **TERM | {"ends_on": date(2026, 12, 31)})

        assert refused.value.field == "ends_on"

    def test_company_wide_without_approval_is_refused(self, company: Company, staff: User) -> None:
        with pytest.raises(RuleError) as refused:
            terms.create_license(company, by=staff, **TERM | {"is_company_wide": True})

        assert refused.value.field == "is_company_wide"

    def test_nens_approval_cannot_be_withdrawn_while_the_licence_is_company_wide(
        self, company: Company, staff: User
    ) -> None:
        license = make_license(company, is_company_wide=True)

        with pytest.raises(RuleError):
            terms.change_terms(license, by=staff, is_company_wide_approved=False)

    def test_seats_do_not_go_below_those_in_use(self, company: Company, staff: User, colleague: User) -> None:
        license = make_license(company, seats=3)
        make_grants(license, colleague, make_person(company=company))

        with pytest.raises(RuleError, match="2") as refused:
            terms.change_terms(license, by=staff, seats=1)
        assert refused.value.field == "seats"

        terms.change_terms(license, by=staff, seats=2)
        license.refresh_from_db()
        assert license.seats == 2

    def test_a_company_admins_switches_are_no_terms(self, company: Company, staff: User) -> None:
        with pytest.raises(ValueError, match="is_company_wide"):
            terms.change_terms(make_license(company), by=staff, is_company_wide=True)

    def test_outside_its_term_it_gives_no_access(self, company: Company, colleague: User, staff: User) -> None:
        item = make_document()
        license = make_license(company, documents=[item])
        make_grants(license, colleague)
        assert can_open(colleague, item)

        terms.change_terms(license, by=staff, ends_on=timezone.localdate() - timedelta(days=1))

        assert not can_open(colleague, item)
        assert overview_status(colleague) == User.Status.NO_LICENSE


class TestCompanyWide:
    def test_an_admin_switches_it_on_only_where_nen_approved(self, company: Company, admin: User) -> None:
        with pytest.raises(RuleError) as refused:
            switches.set_company_wide(make_license(company), True, by=admin)
        assert refused.value.field == "is_company_wide"

        license = make_license(company, is_company_wide_approved=True)
        switches.set_company_wide(license, True, by=admin)
        license.refresh_from_db()
        assert license.is_company_wide

    def test_a_licence_with_seats_does_not_become_company_wide(self, company: Company, admin: User) -> None:
        with pytest.raises(RuleError) as refused:
            switches.set_company_wide(
                make_license(company, is_company_wide_approved=True, seats=5), True, by=admin
            )

        assert refused.value.field == "seats"

    def test_unticking_keeps_the_access_of_everyone_who_had_it(
        self, company: Company, admin: User, colleague: User, blocked: User
    ) -> None:
        item = make_document()
        license = make_license(company, documents=[item], is_company_wide=True)
        make_grants(license, admin)

        switches.set_company_wide(license, False, by=admin)

        assert can_open(admin, item)
        assert can_open(colleague, item)
        assert set(Grant.objects.values_list("user", flat=True)) == {admin.pk, colleague.pk}

    def test_after_unticking_future_users_must_ask(self, company: Company, admin: User, pending: User) -> None:
        item = make_document()
        license = make_license(company, documents=[item], is_company_wide=True)
        switches.set_company_wide(license, False, by=admin)

        newcomer = finish_registration(registration_token(pending), password=PASSWORD)
        newcomer.refresh_from_db()

        assert not can_open(newcomer, item)
        assert License.objects.requestable_by(newcomer).contains(license)

    def test_unticking_gives_strangers_nothing(
        self, company: Company, admin: User, other_admin: User, personal: User
    ) -> None:
        switches.set_company_wide(make_license(company, is_company_wide=True), False, by=admin)

        assert not Grant.objects.filter(user__in=[other_admin, personal]).exists()

    def test_unticking_twice_is_unticking_once(self, company: Company, admin: User) -> None:
        license = make_license(company, is_company_wide=True)
        switches.set_company_wide(license, False, by=admin)
        granting.take_away(license, user=admin, by=admin)

        switches.set_company_wide(license, False, by=admin)

        assert not Grant.objects.exists()

    def test_it_needs_no_request(self, company: Company, colleague: User) -> None:
        license = make_license(company, is_company_wide=True)

        assert not License.objects.requestable_by(colleague).exists()
        with pytest.raises(RuleError):
            request_license(license, by=colleague)


class TestShownToUsers:
    def test_a_hidden_licence_is_not_requestable_not_even_by_its_id(
        self, company: Company, admin: User, colleague: User
    ) -> None:
        license = make_license(company)
        switches.set_shown(license, False, by=admin)

        assert not License.objects.requestable_by(colleague).exists()
        with pytest.raises(RuleError):
            request_license(license, by=colleague)
        assert not LicenseRequest.objects.exists()

    def test_hiding_takes_nothing_away(self, company: Company, admin: User, colleague: User) -> None:
        item = make_document()
        license = make_license(company, documents=[item])
        make_grants(license, colleague)

        switches.set_shown(license, False, by=admin)

        assert can_open(colleague, item)

    def test_a_request_made_before_it_was_hidden_can_be_approved(
        self, company: Company, admin: User, colleague: User
    ) -> None:
        license = make_license(company)
        license_request = request_license(license, by=colleague)
        switches.set_shown(license, False, by=admin)

        approve(license_request, by=admin)

        assert Grant.objects.filter(license=license, user=colleague).exists()

    @pytest.mark.parametrize(("first", "last"), [(-10, -1), (1, 10)])
    def test_a_licence_outside_its_term_is_not_requestable(
        self, company: Company, colleague: User, first: int, last: int
    ) -> None:
        today = timezone.localdate()
        license = make_license(
            company, starts_on=today + timedelta(days=first), ends_on=today + timedelta(days=last)
        )

        with pytest.raises(RuleError):
            request_license(license, by=colleague)

    def test_another_companys_licence_is_not_requestable(
        self, other_company: Company, colleague: User, personal: User
    ) -> None:
        license = make_license(other_company)

        for user in (colleague, personal):
            with pytest.raises(RuleError):
                request_license(license, by=user)


class TestDocuments:
    def test_a_document_is_added_to_a_custom_collection(self, company: Company, admin: User) -> None:
        collection = make_collection(company)

        collections.add_document(collection, make_document(), by=admin)

        assert collection.documents.count() == 1

    def test_a_package_is_closed(self, company: Company, admin: User) -> None:
        with pytest.raises(RuleError):
            collections.add_document(make_license(company), make_document(), by=admin)

    def test_nen_sets_the_documents_of_any_licence(self, company: Company, staff: User) -> None:
        license = make_license(company, documents=[make_document()])

        terms.set_documents(license, [make_document(), make_document()], by=staff)

        assert license.documents.count() == 2


class TestOverview:
    def test_it_counts_seats_and_documents_apart(self, company: Company, admin: User, colleague: User) -> None:
        license = make_license(company, documents=[make_document(), make_document(), make_document()])
        make_grants(license, admin, colleague)
        make_license(company)

        counted = License.objects.with_counts().order_by("pk")

        assert [(item.seats_used, item.document_count) for item in counted] == [(2, 3), (0, 0)]

    def test_a_company_wide_licence_counts_as_an_active_licence_for_everyone(
        self, company: Company, colleague: User
    ) -> None:
        assert overview_status(colleague) == User.Status.NO_LICENSE

        make_license(company, is_company_wide=True)

        assert overview_status(colleague) == User.Status.REGISTERED

    def test_a_pending_person_with_a_licence_is_still_pending(self, company: Company) -> None:
        user = make_pending_person(company=company)
        make_grants(make_license(company), user)

        assert overview_status(user) == User.Status.REQUESTED
