"""Test the first page of NEN's desk."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from companies.models import Company
from licenses.models import DocumentImport, License
from members.models import PeopleImport
from nenconnect.mail.models import OutboxMail
from tests.factories import make_admin, make_company, make_license

pytestmark = pytest.mark.usefixtures("_english")


def waiting(as_staff: Client) -> dict[str, tuple[str, str]]:
    return {
        str(waiting_item.text): (waiting_item.how_many, waiting_item.url)
        for waiting_item in as_staff.get(reverse("admin:index")).context["waiting"]
    }


def test_the_home_page_of_the_desk_counts_open_work_and_links_to_the_matching_rows(
    as_staff: Client, company: Company, other_company: Company
) -> None:
    make_admin(company)
    today = timezone.localdate()
    make_license(company, name="Bijna om", ends_on=today + timedelta(days=30))
    make_license(company, ends_on=today + timedelta(days=61))
    OutboxMail.objects.create(event="password_reset", key="1", message_id="<1>", status="failed")
    OutboxMail.objects.create(event="password_reset", key="2", message_id="<2>")
    DocumentImport.objects.create(table="x", state="failed")
    DocumentImport.objects.create(table="x", state="done")
    for state in ("failed", "done"):
        PeopleImport.objects.create(company=company, state=state)
    for old in (DocumentImport.objects.create(state="failed"), PeopleImport(company=company, state="failed")):
        old.save()
        type(old)._default_manager.filter(pk=old.pk).update(created_at=timezone.now() - timedelta(days=15))
    company.domains.update(proven_at=timezone.now(), proof_missing_since=timezone.now())
    other_company.domains.update(mail_gone_since=timezone.now())

    counts = waiting(as_staff)

    assert {text: number for text, (number, _url) in counts.items()} == {
        "Companies without an active admin": "1",
        "Domains that are not proven": "1",
        "Domains whose proof is gone": "1",
        "Domains without a mail server": "1",
        "Licences that end within 60 days": "1",
        "Mails that failed": "1",
        "Imports of documents that failed": "1",
        "Imports of users that failed": "1",
    }
    for _number, url in counts.values():
        assert as_staff.get(url).context["cl"].result_count == 1, url


def test_the_home_page_of_the_desk_does_not_count_closed_companies(as_staff: Client, company: Company) -> None:
    make_license(company, ends_on=timezone.localdate())
    Company.objects.update(closed_at=timezone.now(), closed_because="Opgezegd")

    assert waiting(as_staff)["Companies without an active admin"][0] == "0"
    assert waiting(as_staff)["Domains that are not proven"][0] == "0"
    assert waiting(as_staff)["Licences that end within 60 days"][0] == "0"


def test_the_home_page_of_the_desk_needs_no_more_queries_with_more_companies(as_staff: Client, db: None) -> None:
    def queries(number: int) -> int:
        for _index in range(number):
            company = make_company("Bedrijf", f"b{Company.objects.count()}.example")
            make_license(company, ends_on=timezone.localdate())
        with CaptureQueriesContext(connection) as captured:
            waiting(as_staff)
        return len(captured)

    assert queries(3) == queries(27)
    assert License.objects.count() == 30
