"""The demo's data: loaded once or twice, it is whole, quick and quiet."""

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
    """The files are made once for all tests here."""
    return tmp_path_factory.mktemp("documents")


@pytest.fixture
def demo(settings, folder: Path) -> None:
    settings.MEDIA_ROOT = folder
    data.load()


def counts() -> dict[str, int]:
    return {model.__name__: model._default_manager.count() for model in apps.get_models()}


def test_loading_twice_is_loading_once(demo: None) -> None:
    before = counts()

    data.load()

    assert counts() == before


def test_it_is_as_large_as_promised(demo: None) -> None:
    assert Company.objects.count() == 2
    assert 38 <= User.objects.count() <= 48
    assert 190 <= Document.objects.count() <= 220
    assert set(Document.objects.values_list("kind", flat=True)) == set(Document.Kind.values)
    assert set(Document.objects.values_list("status", flat=True)) == set(Document.Status.values)
    assert Document.objects.filter(is_free=True).count() >= 5
    assert Document.objects.filter(is_plus=True).count() >= 10


def test_people_are_in_every_status(demo: None) -> None:
    statuses = {vars(user)["status"] for user in User.objects.with_status(has_active_license())}

    assert statuses == set(User.Status.values)


def test_the_licences_are_of_every_sort(demo: None) -> None:
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
def test_requests_are_of_every_outcome_and_of_the_whole_year(
    demo: None, model: type[LicenseRequest | DocumentRequest]
) -> None:
    rows = model._default_manager.all()

    assert {row.status for row in rows} == {"open", "approved", "rejected", "withdrawn"}
    days = sorted((timezone.now() - row.created_at).days for row in rows)
    assert days[0] < 7
    assert days[-1] > 240
    assert all(row.created_at <= row.decided_at <= timezone.now() for row in rows if row.decided_at)
    assert all(row.user and row.user.company_id == row.company_id for row in rows)


def test_what_was_approved_was_given(demo: None) -> None:
    given = set(Grant.objects.values_list("user", "license"))
    for row in LicenseRequest.objects.filter(status="approved"):
        assert (row.user_id, row.license_id) in given
    for asked in DocumentRequest.objects.filter(status="approved"):
        assert asked.license is not None
        assert asked.license.documents.contains(asked.document)
        assert (asked.user_id, asked.license_id) in given


def test_no_open_request_asks_for_what_the_person_can_open_already(demo: None) -> None:
    for row in DocumentRequest.objects.pending().select_related("user__company", "document"):
        assert not can_open(row.user, row.document)
    for asked in LicenseRequest.objects.pending().select_related("user__company"):
        assert License.objects.requestable_by(asked.user).filter(pk=asked.license_id).exists()


def test_an_open_request_leads_to_the_custom_collection(demo: None) -> None:
    voorbeeld = Company.objects.get(domains__name="voorbeeld.example")
    asked = DocumentRequest.objects.of(voorbeeld).pending()

    assert asked.exclude(document__licenses__company=voorbeeld).exists()


def test_whoever_was_invited_long_ago_has_the_mail_in_the_list(demo: None) -> None:
    pending = User.objects.filter(registered_at=None)

    assert pending.exists()
    for user in pending:
        assert user.mails.filter(event="registration_invited").exists()
    carla = User.objects.get(email="carla.mulder@bouwbedrijf.example")
    assert carla.mails.get().sent_to == carla.email


def test_no_address_and_no_grant_is_against_the_rules(demo: None) -> None:
    for user in User.objects.select_related("company"):
        assert canonical_address(user.email) == user.email
        assert user.company is None or user.company.admits(user.email)
    assert not Grant.objects.exclude(license__company=F("user__company")).exists()
    assert not User.objects.filter(Q(company=None) & ~Q(role=User.Role.USER)).exists()


def test_everybody_who_is_printed_at_the_start_can_sign_in(demo: None) -> None:
    for address in SIGN_INS:
        user = authenticate(None, email=address, password=DEMO_PASSWORD)
        assert user is not None
    staff = User.objects.get(email="nen@nen.example")
    assert staff.is_staff
    assert staff.is_superuser
    assert User.objects.get(email="beheerder@bouwbedrijf.example").is_company_admin
    assert User.objects.get(email="zonder@bedrijf.example").company is None


def test_the_user_of_the_demo_has_a_first_sign_in_to_come_with_something_to_ask_for(demo: None) -> None:
    user = User.objects.get(email="gebruiker@voorbeeld.example")

    assert user.first_signed_in_at is None
    assert License.objects.requestable_by(user).exists()
    assert readable_by(user).filter(is_free=False).exists()


def test_a_handful_of_mails_waits_and_no_flood(demo: None) -> None:
    assert 4 <= OutboxMail.objects.filter(status="waiting").count() <= 14


def test_every_document_has_a_small_pdf_that_comes_back_when_it_is_gone(demo: None) -> None:
    for document in Document.objects.all():
        with default_storage.open(document.file.name or "") as file:
            content = file.read()
        assert content.startswith(b"%PDF-")
        assert len(content) < 10_000
    lost = Document.objects.earliest("number").file.name or ""
    default_storage.delete(lost)

    data.load()

    assert default_storage.exists(lost)


def test_what_somebody_changed_stays_changed(demo: None) -> None:
    grant = Grant.objects.select_related("license", "user").earliest("pk")
    admin = User.objects.active_admins_of(grant.license.company).earliest("pk")
    take_away(grant.license, user=grant.user, by=admin)
    User.objects.filter(pk=admin.pk).update(name="Nieuwe Naam")
    before = counts()

    data.load()

    assert counts() == before
    admin.refresh_from_db()
    assert admin.name == "Nieuwe Naam"


def test_a_replaced_document_names_its_successor(demo: None) -> None:
    replaced = Document.objects.filter(status="replaced").select_related("replaced_by")

    assert replaced.exists()
    assert all(one.replaced_by and one.replaced_by.status == "current" for one in replaced)


def test_it_refuses_to_load_with_debug_off(db: None) -> None:
    assert django_settings.DEBUG is False

    with pytest.raises(CommandError, match="DEBUG is off"):
        call_command("load_demo_data")

    assert not User.objects.exists()


def test_it_loads_with_debug_off_when_asked_by_name(
    settings, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    settings.MEDIA_ROOT = folder

    call_command("load_demo_data", "--even-without-debug")

    assert Company.objects.count() == 2
    assert capsys.readouterr().out
