"""Test what account managers and content staff may do at NEN's desk."""

from __future__ import annotations

from typing import Any

import pytest
from django.urls import reverse

from accounts.models import User
from companies.models import Company
from licenses.models import Grant, License
from nenconnect.audit.models import AuditEntry
from requests_app.models import DocumentRequest, LicenseRequest
from tests.desk.roles.screens import AM, CONTENT, Desk, answer, is_let_in, page
from tests.factories import make_document, make_license, make_person

pytestmark = pytest.mark.usefixtures("_english")


class TestAnAccountManager:
    # Sees only the companies that they manage, and their rows.

    @pytest.fixture
    def strange(self, desk: Desk, other_company: Company) -> dict[type[Any], Any]:
        # The same things of a company of another account manager.
        somebody = make_person("vreemd@bouwbedrijf.example", company=other_company, name="Vreemde Vogel")
        license = make_license(other_company, name="Vreemde licentie")
        things = [
            other_company,
            license,
            somebody,
            Grant.objects.create(license=license, user=somebody),
            LicenseRequest.objects.create(company=other_company, user=somebody, license=license),
            DocumentRequest.objects.create(company=other_company, user=somebody, document=make_document()),
            AuditEntry.objects.create(verb="blocked", company_id=other_company.pk, subjects={"user": somebody.pk}),
        ]
        return {type(thing): thing for thing in things}

    @pytest.mark.parametrize("model", [Company, License, User, Grant, LicenseRequest, DocumentRequest, AuditEntry])
    def test_an_account_manager_cannot_see_or_change_rows_of_other_companies(
        self, desk: Desk, strange: dict[Any, Any], model: type[Any]
    ) -> None:
        browser, thing = desk.browsers[AM], strange[model]
        rows = browser.get(page(model, "changelist")).context["cl"].result_list

        assert thing.pk not in {row.pk for row in rows}
        assert desk.things[model].pk in {row.pk for row in rows}
        for method, kind in (("get", "change"), ("post", "change"), ("get", "history")):
            assert not is_let_in(answer(browser, method, page(model, kind, thing.pk)))

    def test_an_account_manager_cannot_block_a_user_of_another_company(
        self, desk: Desk, strange: dict[Any, Any]
    ) -> None:
        posted = {"action": "block", "_selected_action": [strange[User].pk]}

        desk.browsers[AM].post(page(User, "changelist"), posted)

        assert not User.objects.get(pk=strange[User].pk).is_blocked

    def test_an_account_manager_cannot_add_a_licence_or_user_to_another_company(
        self, desk: Desk, strange: dict[Any, Any]
    ) -> None:
        other = strange[Company].pk
        license = {"company": other, "name": "X", "kind": "package", "starts_on": "2027-01-01"}

        desk.browsers[AM].post(page(License, "add"), license | {"ends_on": "2027-12-31"})
        desk.browsers[AM].post(
            page(User, "add"),
            {"company": other, "role": "admin", "email": "x@x.example", "name": "X", "language": "nl"},
        )

        assert License.objects.filter(company=other).count() == 1
        assert User.objects.filter(company=other).count() == 1

    def test_the_company_search_field_offers_an_account_manager_only_their_own_companies(
        self, desk: Desk, strange: dict[Any, Any]
    ) -> None:
        field = {"app_label": "licenses", "model_name": "license", "field_name": "company"}

        results = desk.browsers[AM].get(reverse("admin:autocomplete"), {**field, "term": ""}).json()["results"]

        assert [thing["id"] for thing in results] == [str(desk.things[Company].pk)]

    def test_an_account_manager_cannot_read_the_audit_of_other_companies(
        self, desk: Desk, strange: dict[Any, Any]
    ) -> None:
        browser, managed_id, other = desk.browsers[AM], desk.things[Company].pk, strange[Company].pk
        table = [reverse("admin:audit_auditentry_access", args=[pk]) for pk in (managed_id, other)]
        audit = f"{page(AuditEntry, 'changelist')}?company_id="

        assert [browser.get(url).status_code for url in table] == [200, 404]
        assert [len(browser.get(f"{audit}{pk}").context["cl"].result_list) for pk in (managed_id, other)] == [1, 0]


def test_content_staff_change_only_the_documents_of_a_licence(desk: Desk) -> None:
    license, new = desk.things[License], make_document()
    posted = {
        "name": "Gekaapt",
        "kind": "custom",
        "starts_on": "2001-01-01",
        "ends_on": "2099-01-01",
        "seats": "999",
        "is_company_wide_approved": "on",
        "is_company_wide": "on",
        "documents": [new.pk],
    }

    answered = desk.browsers[CONTENT].post(page(License, "change", license.pk), posted)

    assert answered.status_code == 302, answered.context["errors"]
    before, after = license, License.objects.get(pk=license.pk)
    for name in ("name", "kind", "starts_on", "ends_on", "seats", "is_company_wide_approved", "is_company_wide"):
        assert getattr(after, name) == getattr(before, name)
    assert list(after.documents.all()) == [new]
