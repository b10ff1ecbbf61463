"""Licences at NEN's desk: renewed, documents by list and rule, and what the company notices before it is saved."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from companies.models import Company
from licenses.actions.terms import renew
from licenses.models import Grant, License, Opening
from nenconnect.audit.models import AuditEntry
from nenconnect.mail.models import OutboxMail
from nenconnect.rules.errors import RuleError
from requests_app.actions.license_requests import request_license
from tests.factories import collection_for, document, granted, in_role, license_for, person

pytestmark = pytest.mark.usefixtures("_english")
SignIn = Callable[[User], Client]


@pytest.fixture
def desk(sign_in: SignIn) -> Client:
    return sign_in(in_role(person("nieuw@nen.example", is_staff=True, language="en"), "customer_service"))


def documents_url(license: License) -> str:
    return reverse("admin:licenses_license_documents", args=[license.pk])


def form_of(license: License, **changes: Any) -> dict[str, Any]:
    names = ("name", "kind", "starts_on", "ends_on")
    flags = ("is_company_wide_approved", "is_company_wide", "is_shown")
    posted = {name: str(getattr(license, name)) for name in names}
    posted |= {name: "on" for name in flags if getattr(license, name)}
    documents = list(license.documents.values_list("pk", flat=True))
    return posted | {"seats": license.seats or "", "documents": documents} | changes


def change_url(license: License) -> str:
    return reverse("admin:licenses_license_change", args=[license.pk])


# Renewing -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("ends_on", "until"),
    [
        (date(2050, 12, 31), date(2051, 12, 31)),
        (date(2051, 2, 28), date(2052, 2, 29)),
        (date(2052, 2, 29), date(2053, 2, 28)),
    ],
)
def test_a_licence_is_renewed_for_a_whole_year(company: Company, staff: User, ends_on: date, until: date) -> None:
    license = license_for(company, ends_on=ends_on)

    assert renew(license, by=staff, seen=ends_on) == until


def test_who_had_it_has_it_still_after_renewing(desk: Client, company: Company, colleague: User) -> None:
    yesterday = timezone.localdate() - timedelta(days=1)
    license = license_for(company, ends_on=yesterday)
    granted(license, colleague)

    answer = desk.post(reverse("admin:licenses_license_renew", args=[license.pk]), {"ends_on": f"{yesterday}"})

    assert answer.status_code == 302
    assert License.objects.open_to(colleague).get() == license


def test_a_licence_that_ended_long_ago_gets_a_term_that_begins_today(company: Company, staff: User) -> None:
    today = timezone.localdate()
    license = license_for(company, starts_on=date(2001, 1, 1), ends_on=date(2001, 12, 31))

    renew(license, by=staff, seen=license.ends_on)

    license.refresh_from_db()
    assert license.starts_on == today
    assert license.is_in_term


def test_two_who_press_renew_at_once_renew_it_once(company: Company, staff: User) -> None:
    license = license_for(company)
    seen = license.ends_on
    until = renew(license, by=staff, seen=seen)

    with pytest.raises(RuleError, match="Somebody changed the term meanwhile"):
        renew(license, by=staff, seen=seen)

    license.refresh_from_db()
    assert license.ends_on == until


def test_content_staff_do_not_renew(sign_in: SignIn, company: Company) -> None:
    browser = sign_in(in_role(person(is_staff=True), "content"))
    license = license_for(company)

    browser.post(reverse("admin:licenses_license_renew", args=[license.pk]), {"ends_on": f"{license.ends_on}"})

    assert License.objects.get().ends_on == license.ends_on


# Documents by list and rule -------------------------------------------------------------------------


def test_a_pasted_list_is_shown_first_with_what_was_not_found_and_then_saved(
    desk: Client, company: Company
) -> None:
    license = license_for(company, documents=[document("NEN 1:2020")])
    document("NEN-EN 2:2021")
    sent = {"how": "add", "numbers": "nen en 2:2021\r\nNEN 99:1999, nen1:2020"}

    page = desk.post(documents_url(license), sent)

    assert license.documents.count() == 1
    assert (page.context["number"], list(page.context["missing"])) == (2, ["NEN 99:1999"])
    assert page.context["noticed"].documents_in == 1
    answer = desk.post(documents_url(license), sent | {"sure": page.context["sure"]})
    assert answer.status_code == 302
    assert sorted(license.documents.values_list("number", flat=True)) == ["NEN 1:2020", "NEN-EN 2:2021"]


def test_a_rule_is_resolved_at_once(desk: Client, company: Company) -> None:
    right = document("NPR 5000:2024", kind="NPR", published_on=date(2024, 1, 1))
    document("NPR 5001:2019", kind="NPR", published_on=date(2019, 1, 1))
    document("NPR 5002:2024", kind="NPR", status="withdrawn")
    document("NPR 6000:2024", kind="NPR")
    document("NEN 5000:2024")
    license = license_for(company)
    sent = {"how": "set", "kind": "NPR", "begins": "npr 5", "status": "current", "since": "2024-01-01"}

    page = desk.post(documents_url(license), sent)
    desk.post(documents_url(license), sent | {"sure": page.context["sure"]})
    document("NPR 5003:2024", kind="NPR")

    assert list(license.documents.all()) == [right]


def test_what_changed_since_it_was_shown_is_shown_again(desk: Client, company: Company) -> None:
    license = license_for(company)
    document("NPR 1:2024", kind="NPR")
    sent = {"how": "add", "kind": "NPR"}
    shown = desk.post(documents_url(license), sent).context["sure"]
    document("NPR 2:2024", kind="NPR")

    answer = desk.post(documents_url(license), sent | {"sure": shown})

    assert (answer.status_code, answer.context["number"]) == (200, 2)
    assert not license.documents.exists()


@pytest.mark.parametrize(
    ("limit", "said"), [({"max_documents": 1}, "may hold"), ({"allowed_kinds": ["NPR"]}, "kind")]
)
def test_a_collection_takes_no_more_than_nen_agreed(
    desk: Client, company: Company, limit: dict[str, Any], said: str
) -> None:
    license = collection_for(company, **limit)
    document("NEN 1:2020"), document("NEN 2:2020")

    page = desk.post(documents_url(license), {"how": "add", "kind": "NEN"})

    assert said in str(page.context["form"].errors)


def test_an_empty_list_and_no_rule_take_nothing_out(desk: Client, company: Company) -> None:
    license = license_for(company, documents=[document()])

    page = desk.post(documents_url(license), {"how": "set", "numbers": " "})

    assert "Paste numbers, or fill in a rule" in str(page.context["form"].errors)


# What the company notices ---------------------------------------------------------------------------


def test_the_page_says_who_loses_and_who_reads_before_it_is_saved(
    desk: Client, company: Company, admin: User, colleague: User
) -> None:
    standard = document()
    license = license_for(company, documents=[standard])
    granted(license, colleague)
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


def test_company_wide_shows_who_gains_and_which_requests_it_answers(
    desk: Client, company: Company, admin: User, colleague: User
) -> None:
    license = license_for(company, is_company_wide_approved=True, documents=[document()])
    request_license(license, by=colleague)
    mails = OutboxMail.objects.count()
    posted = form_of(license, is_company_wide="on")

    noticed = desk.post(change_url(license), posted | {"_look": "1"}).context["noticed"]

    assert (noticed.gain, noticed.answered) == (2, 1)
    assert OutboxMail.objects.count() == mails
    assert not License.objects.get().is_company_wide


def test_looking_refuses_what_saving_refuses(desk: Client, company: Company, admin: User, colleague: User) -> None:
    license = license_for(company, seats=5)
    granted(license, admin, colleague)

    page = desk.post(change_url(license), form_of(license, seats="1") | {"_look": "1"})

    assert "seats" in page.context["adminform"].form.errors
    assert page.context.get("noticed") is None


def test_what_is_taken_away_is_shown_first_also_when_nobody_asked(
    desk: Client, company: Company, admin: User, colleague: User
) -> None:
    license = license_for(company, documents=[document(), document()])
    granted(license, colleague)
    posted = form_of(license, documents=[license.documents.first().pk])  # type: ignore[union-attr]

    page = desk.post(change_url(license), posted)

    assert page.context["noticed"].documents_out == 1
    assert 'name="_told" value="0-1"' in page.content.decode()
    assert license.documents.count() == 2
    assert desk.post(change_url(license), posted | {"_told": "0-9"}).status_code == 200  # of something else
    assert license.documents.count() == 2
    assert desk.post(change_url(license), posted | {"_told": "0-1"}).status_code == 302
    assert license.documents.count() == 1


def test_what_takes_nothing_away_is_saved_at_once(desk: Client, company: Company, colleague: User) -> None:
    license = license_for(company, documents=[document()])

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
def test_of_a_new_licence_staff_see_who_can_read_and_who_can_ask_before_it_is_there(
    desk: Client, company: Company, admin: User, colleague: User, fields: dict[str, str], seen: tuple[int, int]
) -> None:
    today = timezone.localdate()
    posted: dict[str, Any] = {"company": company.pk, "name": "Nieuw", "kind": "package", "starts_on": f"{today}"}
    posted |= {"ends_on": f"{today}", "documents": [document().pk]} | fields

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


def test_hiding_a_licence_says_how_many_can_no_longer_ask(
    desk: Client, company: Company, admin: User, colleague: User
) -> None:
    license = license_for(company)
    granted(license, admin)
    posted = form_of(license)
    del posted["is_shown"]

    noticed = desk.post(change_url(license), posted | {"_look": "1"}).context["noticed"]

    assert (noticed.hidden, noticed.lose) == (1, 0)


def test_the_button_that_renews_says_until_when(desk: Client, company: Company) -> None:
    license = license_for(company, ends_on=date(2050, 12, 31))

    assert "Renew for a year, until 31 December 2051" in desk.get(change_url(license)).content.decode()


# Documents taken away while people read --------------------------------------------------------------


def test_whoever_reads_gets_no_next_piece_once_the_document_is_taken_out(
    desk: Client, sign_in: SignIn, company: Company, colleague: User, settings: Any, tmp_path: Any
) -> None:
    settings.MEDIA_ROOT = tmp_path
    standard = document()
    standard.file.save("norm.pdf", ContentFile(b"%PDF-1.7 " + b"x" * 5000 + b"%%EOF"))
    license = license_for(company, documents=[standard])
    granted(license, colleague)
    reader = sign_in(colleague)
    file = reader.post(reverse("documents:open", args=[standard.pk]))["Location"]
    assert reader.get(file, headers={"Range": "bytes=0-99"}).status_code == 206
    sent = {"how": "remove", "numbers": standard.number}

    page = desk.post(documents_url(license), sent)
    desk.post(documents_url(license), sent | {"sure": page.context["sure"]})

    assert page.context["noticed"].reading == 1
    assert reader.get(file, headers={"Range": "bytes=100-199"}).status_code in {302, 403, 404}
    assert Opening.objects.get().user == colleague
    assert "license_documents_set" in set(AuditEntry.objects.values_list("verb", flat=True))
    assert Grant.objects.filter(user=colleague, license=license).exists()
