"""Test the download of the auditor's table."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse

from accounts.actions import membership
from accounts.models import User
from companies.models import Company
from licenses.actions import granting
from reports.access_history.table import access_rows
from tests.factories import make_admin, make_license, make_person

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("_english")]


class TestTheDownload:
    def test_an_admin_downloads_only_the_access_history_of_the_company(
        self, company: Company, admin: User, other_admin: User, sign_in: Callable[[User], Client]
    ) -> None:
        granting.grant(make_license(company, name="Bouw"), to=admin, by=admin)

        def text(who: User) -> str:
            answer = sign_in(who).get(reverse("company:export_access"), {"format": "csv"})
            return b"".join(answer.streaming_content).decode()  # type: ignore[attr-defined]

        assert "Bouw" in text(admin)
        assert "Bouw" not in text(other_admin)

    def test_the_access_history_hides_names_of_nen_staff_from_the_company(
        self, company: Company, admin: User, staff: User
    ) -> None:
        granting.grant(make_license(company), to=admin, by=staff)

        assert staff.name not in str(list(access_rows(company, "nl", for_company=True)))
        assert staff.name in str(list(access_rows(company, "nl", for_company=False)))

    def test_nen_downloads_the_access_history_at_the_desk(
        self, company: Company, admin: User, staff: User, sign_in: Callable[[User], Client]
    ) -> None:
        granting.grant(make_license(company, name="Bouw"), to=make_admin(company), by=staff)
        url = reverse("admin:audit_auditentry_access", args=[company.pk])

        answer = sign_in(staff).get(url, {"format": "csv"})

        assert "Bouw" in b"".join(answer.streaming_content).decode()  # type: ignore[attr-defined]

    def test_the_company_page_at_the_desk_links_to_the_access_history_and_the_audit(
        self, company: Company, admin: User, staff: User, sign_in: Callable[[User], Client]
    ) -> None:
        membership.block(make_person(company=company, name="Iris Ander"), by=admin)
        desk = sign_in(staff)
        links = [
            f"{reverse('admin:audit_auditentry_changelist')}?company_id={company.pk}",
            f"{reverse('admin:audit_auditentry_access', args=[company.pk])}?format=xlsx",
        ]

        page = desk.get(reverse("admin:companies_company_change", args=[company.pk])).content.decode()
        audit, table = (desk.get(link) for link in links)

        assert all(link in page for link in links)
        assert "Iris Ander" in audit.content.decode()
        assert table.status_code == 200
