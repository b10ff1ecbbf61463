"""Test that NEN sees what a company will notice of a licence before saving it."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from companies.models import Company
from licenses.models import License, Opening
from nenconnect.audit.models import AuditEntry
from nenconnect.mail.models import OutboxMail
from requests_app.actions.asking import request_license
from tests.factories import make_document, make_grants, make_license

pytestmark = pytest.mark.usefixtures("_english")


def form_of(license: License, **changes: Any) -> dict[str, Any]:
    names = ("name", "kind", "starts_on", "ends_on")
    flags = ("is_company_wide_approved", "is_company_wide", "is_shown")
    posted = {name: str(getattr(license, name)) for name in names}
    posted |= {name: "on" for name in flags if getattr(license, name)}
    documents = list(license.documents.values_list("pk", flat=True))
    return posted | {"seats": license.seats or "", "documents": documents} | changes


def change_url(license: License) -> str:
    return reverse("admin:licenses_license_change", args=[license.pk])


def test_the_licence_preview_counts_users_who_lose_access_before_saving(
    desk: Client, company: Company, admin: User, colleague: User
) -> None:
    standard = make_document()
    license = make_license(company, documents=[standard])
    make_grants(license, colleague)
    Opening.objects.create(document=standard, user=colleague, company=company)
    yesterday = timezone.localdate() - timedelta(days=1)
    posted = form_of(license, ends_on=f"{yesterday}")

    page = desk.post(change_url(license), posted | {"_look": "1"})

    noticed = page.context["noticed"]
    assert (noticed.lose, noticed.gain, noticed.reading) == (1, 0, 1)
    license.refresh_from_db()
    assert license.is_in_term
    assert not AuditEntry.objects.exists()
    assert desk.post(change_url(license), posted | {"_told": noticed.digest}).status_code == 302
    assert not License.objects.open_to(colleague).exists()


def test_the_company_wide_preview_counts_new_readers_and_answered_requests(
    desk: Client, company: Company, admin: User, colleague: User
) -> None:
    license = make_license(company, is_company_wide_approved=True, documents=[make_document()])
    request_license(license, by=colleague)
    mails = OutboxMail.objects.count()
    posted = form_of(license, is_company_wide="on")

    noticed = desk.post(change_url(license), posted | {"_look": "1"}).context["noticed"]

    assert (noticed.gain, noticed.answered) == (2, 1)
    assert OutboxMail.objects.count() == mails
    assert not License.objects.get().is_company_wide


def test_the_licence_preview_refuses_fewer_seats_than_users(
    desk: Client, company: Company, admin: User, colleague: User
) -> None:
    license = make_license(company, seats=5)
    make_grants(license, admin, colleague)

    page = desk.post(change_url(license), form_of(license, seats="1") | {"_look": "1"})

    assert "seats" in page.context["adminform"].form.errors
    assert page.context.get("noticed") is None


def test_removing_documents_from_a_licence_always_shows_a_preview_first(
    desk: Client, company: Company, admin: User, colleague: User
) -> None:
    license = make_license(company, documents=[make_document(), make_document()])
    make_grants(license, colleague)
    posted = form_of(license, documents=[license.documents.first().pk])  # type: ignore[union-attr]

    page = desk.post(change_url(license), posted)

    assert page.context["noticed"].documents_out == 1
    assert 'name="_told" value="0-1"' in page.content.decode()
    assert license.documents.count() == 2
    assert desk.post(change_url(license), posted | {"_told": "0-9"}).status_code == 200  # of something else
    assert license.documents.count() == 2
    assert desk.post(change_url(license), posted | {"_told": "0-1"}).status_code == 302
    assert license.documents.count() == 1


def test_a_licence_change_that_takes_nothing_away_is_saved_at_once(
    desk: Client, company: Company, colleague: User
) -> None:
    license = make_license(company, documents=[make_document()])

    assert desk.post(change_url(license), form_of(license, name="Anders")).status_code == 302


@pytest.mark.parametrize(
    ("fields", "seen"),
    [
        ({"is_company_wide_approved": "on", "is_company_wide": "on", "is_shown": "on"}, (2, 0)),
        ({"is_shown": "on"}, (0, 2)),
        ({}, (0, 0)),
        ({"is_shown": "on", "starts_on": "2099-01-01", "ends_on": "2099-12-31"}, (0, 0)),
    ],
)
def test_the_preview_of_a_new_licence_counts_who_can_read_and_who_can_request(
    desk: Client, company: Company, admin: User, colleague: User, fields: dict[str, str], seen: tuple[int, int]
) -> None:
    today = timezone.localdate()
    posted: dict[str, Any] = {"company": company.pk, "name": "Nieuw", "kind": "package", "starts_on": f"{today}"}
    posted |= {"ends_on": f"{today}", "documents": [make_document().pk]} | fields

    page = desk.post(reverse("admin:licenses_license_add"), posted | {"_look": "1"})

    noticed = page.context["noticed"]
    assert (noticed.gain, noticed.offered) == seen
    assert noticed.documents_in == 1
    assert not License.objects.exists()
    assert not AuditEntry.objects.exists()
    assert desk.post(reverse("admin:licenses_license_add"), posted).status_code == 302
    new = License.objects.get()
    assert License.objects.requestable_by(colleague).filter(pk=new.pk).exists() is bool(seen[1])
    assert License.objects.open_to(colleague).filter(pk=new.pk).exists() is bool(seen[0])


def test_the_preview_of_hiding_a_licence_counts_users_who_can_no_longer_request(
    desk: Client, company: Company, admin: User, colleague: User
) -> None:
    license = make_license(company)
    make_grants(license, admin)
    posted = form_of(license)
    del posted["is_shown"]

    noticed = desk.post(change_url(license), posted | {"_look": "1"}).context["noticed"]

    assert (noticed.hidden, noticed.lose) == (1, 0)


def test_the_renew_button_of_a_licence_shows_the_new_last_day(desk: Client, company: Company) -> None:
    license = make_license(company, ends_on=date(2050, 12, 31))

    assert "Renew for a year, until 31 December 2051" in desk.get(change_url(license)).content.decode()
