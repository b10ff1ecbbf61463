"""Test that the demo's data is complete, loads quickly, stays the same when loaded twice and sends few mails."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings as django_settings
from django.contrib.auth import authenticate
from django.core.files.storage import default_storage
from django.core.management import CommandError, call_command
from django.db.models import F, Q
from django.utils import timezone

from accounts.models import User
from companies.addresses import canonical_address
from companies.models import Company
from licenses.access import can_open, has_active_license, readable_by
from licenses.actions.granting import take_away
from licenses.models import Document, Grant, License
from nenconnect.demo import DEMO_PASSWORD, SIGN_INS, data
from nenconnect.mail.models import OutboxMail
from requests_app.models import DocumentRequest, LicenseRequest

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("documents")  # one folder for all tests, so that the files are made once


@pytest.fixture
def demo(settings, folder: Path) -> None:
    settings.MEDIA_ROOT = folder
    data.load_demo_data()


def row_counts() -> dict[str, int]:
    return {model.__name__: model._default_manager.count() for model in apps.get_models()}


def test_loading_the_demo_data_twice_adds_no_rows(demo: None) -> None:
    before = row_counts()

    data.load_demo_data()

    assert row_counts() == before


def test_the_demo_has_two_companies_about_40_people_and_about_200_documents(demo: None) -> None:
    assert Company.objects.count() == 2
    assert 38 <= User.objects.count() <= 48
    assert 190 <= Document.objects.count() <= 220
    assert set(Document.objects.values_list("kind", flat=True)) == set(Document.Kind.values)
    assert set(Document.objects.values_list("status", flat=True)) == set(Document.Status.values)
    assert Document.objects.filter(is_free=True).count() >= 5
    assert Document.objects.filter(is_plus=True).count() >= 10


def test_the_demo_has_people_in_every_status(demo: None) -> None:
    statuses = {vars(user)["status"] for user in User.objects.with_status(has_active_license())}

    assert statuses == set(User.Status.values)


def test_the_demo_has_licences_of_every_kind(demo: None) -> None:
    voorbeeld = Company.objects.get(domains__name="voorbeeld.example")
    kinds = Counter(voorbeeld.licenses.values_list("kind", flat=True))

    assert kinds[License.Kind.CUSTOM] >= 1
    assert kinds[License.Kind.PACKAGE] >= 1
    assert voorbeeld.licenses.filter(is_company_wide=True).exists()
    assert voorbeeld.licenses.filter(is_shown=True, is_company_wide=False).exists()
    assert voorbeeld.licenses.filter(is_shown=False).exists()
    for license in License.objects.with_counts():
        assert license.seats is None or vars(license)["seats_used"] <= license.seats


@pytest.mark.parametrize("model", [LicenseRequest, DocumentRequest])
def test_the_demo_has_requests_with_every_outcome_spread_over_a_year(
    demo: None, model: type[LicenseRequest | DocumentRequest]
) -> None:
    access_requests = model._default_manager.all()

    assert {access_request.status for access_request in access_requests} == {
        "open",
        "approved",
        "rejected",
        "withdrawn",
    }
    days = sorted((timezone.now() - access_request.created_at).days for access_request in access_requests)
    assert days[0] < 7
    assert days[-1] > 240
    assert all(
        access_request.created_at <= access_request.decided_at <= timezone.now()
        for access_request in access_requests
        if access_request.decided_at
    )
    assert all(
        access_request.user and access_request.user.company_id == access_request.company_id
        for access_request in access_requests
    )


def test_every_approved_request_has_a_grant(demo: None) -> None:
    granted = set(Grant.objects.values_list("user", "license"))
    for license_request in LicenseRequest.objects.filter(status="approved"):
        assert (license_request.user_id, license_request.license_id) in granted
    for document_request in DocumentRequest.objects.filter(status="approved"):
        assert document_request.license is not None
        assert document_request.license.documents.contains(document_request.document)
        assert (document_request.user_id, document_request.license_id) in granted


def test_no_open_request_is_for_a_document_or_licence_that_the_person_already_has(demo: None) -> None:
    for document_request in DocumentRequest.objects.pending().select_related("user__company", "document"):
        assert not can_open(document_request.user, document_request.document)
    for license_request in LicenseRequest.objects.pending().select_related("user__company"):
        assert License.objects.requestable_by(license_request.user).filter(pk=license_request.license_id).exists()


def test_an_open_request_is_for_a_document_outside_all_licences(demo: None) -> None:
    voorbeeld = Company.objects.get(domains__name="voorbeeld.example")
    document_requests = DocumentRequest.objects.of(voorbeeld).pending()

    assert document_requests.exclude(document__licenses__company=voorbeeld).exists()


def test_every_pending_person_has_a_registration_mail(demo: None) -> None:
    pending = User.objects.filter(registered_at=None)

    assert pending.exists()
    for user in pending:
        assert user.mails.filter(event="registration_invited").exists()
    carla = User.objects.get(email="carla.mulder@bouwbedrijf.example")
    assert carla.mails.get().sent_to == carla.email


def test_addresses_grants_and_roles_in_the_demo_obey_the_rules(demo: None) -> None:
    for user in User.objects.select_related("company"):
        assert canonical_address(user.email) == user.email
        assert user.company is None or user.company.admits(user.email)
    assert not Grant.objects.exclude(license__company=F("user__company")).exists()
    assert not User.objects.filter(Q(company=None) & ~Q(role=User.Role.USER)).exists()


def test_every_printed_demo_account_can_sign_in_with_the_demo_password(demo: None) -> None:
    for address in SIGN_INS:
        user = authenticate(None, email=address, password=DEMO_PASSWORD)
        assert user is not None
    staff = User.objects.get(email="nen@nen.example")
    assert staff.is_staff
    assert staff.is_superuser
    assert User.objects.get(email="beheerder@bouwbedrijf.example").is_company_admin
    assert User.objects.get(email="zonder@bedrijf.example").company is None


def test_the_demo_user_has_never_signed_in_and_has_licences_to_request(demo: None) -> None:
    user = User.objects.get(email="gebruiker@voorbeeld.example")

    assert user.first_signed_in_at is None
    assert License.objects.requestable_by(user).exists()
    assert readable_by(user).filter(is_free=False).exists()


def test_between_4_and_14_mails_wait_in_the_outbox(demo: None) -> None:
    assert 4 <= OutboxMail.objects.filter(status="waiting").count() <= 14


def test_every_document_has_a_small_pdf_and_loading_restores_a_deleted_one(demo: None) -> None:
    for document in Document.objects.all():
        with default_storage.open(document.file.name or "") as file:
            content = file.read()
        assert content.startswith(b"%PDF-")
        assert len(content) < 10_000
    deleted_file = Document.objects.earliest("number").file.name or ""
    default_storage.delete(deleted_file)

    data.load_demo_data()

    assert default_storage.exists(deleted_file)


def test_loading_again_keeps_changes_that_people_made(demo: None) -> None:
    grant = Grant.objects.select_related("license", "user").earliest("pk")
    admin = User.objects.active_admins_of(grant.license.company).earliest("pk")
    take_away(grant.license, user=grant.user, by=admin)
    User.objects.filter(pk=admin.pk).update(name="Nieuwe Naam")
    before = row_counts()

    data.load_demo_data()

    assert row_counts() == before
    admin.refresh_from_db()
    assert admin.name == "Nieuwe Naam"


def test_a_replaced_document_names_its_successor(demo: None) -> None:
    replaced = Document.objects.filter(status="replaced").select_related("replaced_by")

    assert replaced.exists()
    assert all(document.replaced_by and document.replaced_by.status == "current" for document in replaced)


def test_demo_data_is_not_loaded_with_debug_off(db: None) -> None:
    assert django_settings.DEBUG is False

    with pytest.raises(CommandError, match="DEBUG is off"):
        call_command("load_demo_data")

    assert not User.objects.exists()


def test_demo_data_is_loaded_with_debug_off_and_the_explicit_option(
    settings, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    settings.MEDIA_ROOT = folder

    call_command("load_demo_data", "--even-without-debug")

    assert Company.objects.count() == 2
    assert capsys.readouterr().out
