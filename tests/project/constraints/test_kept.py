"""Test what the database keeps (closed requests, history) and that the list of our apps is complete."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest
from django.apps import apps
from django.db import IntegrityError, models, transaction
from django.utils import timezone

from licenses.models import Document, License
from nenconnect.translations import ROOMS
from requests_app.models import AccessRequest
from tests.factories import make_document, make_license
from tests.project.constraints.changes import (
    OUR_APPS,
    ConstraintCast,
    document_request_of,
    insert_copy,
    license_request_of,
    update_row,
    violated_constraint,
)

pytestmark = pytest.mark.django_db


def test_a_person_may_have_several_closed_requests_for_the_same_item(cast: ConstraintCast) -> None:
    # A person may request again after a rejection or a withdrawal (R26).
    for make_request in (license_request_of, document_request_of):
        access_request = make_request(cast)
        update_row(access_request, status="rejected", decided_at=timezone.now(), decided_by=cast.admin)
        insert_copy(access_request, status="withdrawn", decided_by=None, decided_at=timezone.now())
        insert_copy(access_request, status="open", decided_by=None, decided_at=None)
        assert type(access_request)._default_manager.count() == 3


def test_a_licence_company_or_document_with_requests_cannot_be_deleted(cast: ConstraintCast) -> None:
    license_request, document_request = license_request_of(cast), document_request_of(cast)
    for protected in (license_request.license, cast.company, document_request.document):
        with pytest.raises(models.ProtectedError):
            protected.delete()


@pytest.mark.parametrize("make_request", [license_request_of, document_request_of])
def test_a_person_with_an_open_request_cannot_be_deleted_and_decided_requests_remain(
    cast: ConstraintCast, make_request: Callable[[ConstraintCast], AccessRequest]
) -> None:
    access_request = make_request(
        cast
    )  # the action that deletes a person withdraws open requests first (C27, C42)
    with pytest.raises(IntegrityError) as error, transaction.atomic():
        cast.colleague.delete()
    assert violated_constraint(error.value) == f"{access_request._meta.model_name}_open_has_a_person"

    update_row(access_request, status="rejected", decided_at=timezone.now(), decided_by=cast.admin)
    cast.colleague.delete()

    access_request.refresh_from_db()
    assert (access_request.user, access_request.status, access_request.decided_by) == (
        None,
        "rejected",
        cast.admin,
    )


def test_the_constraint_tests_cover_every_app_of_this_project() -> None:
    app_labels = {model._meta.app_label for model in apps.get_models() if not is_third_party(model)}
    assert app_labels == set(OUR_APPS)


def is_third_party(model: type[models.Model]) -> bool:
    return model.__module__.split(".")[0] not in ROOMS


def test_valid_plus_documents_one_day_licences_and_company_wide_licences_are_accepted(
    cast: ConstraintCast,
) -> None:
    make_document(is_plus=True, plus_countries=["NL", "BE"])
    make_license(cast.company, starts_on=date(2027, 1, 1), ends_on=date(2027, 1, 1))
    make_license(cast.company, is_company_wide=True)
    assert Document.objects.count() == 1
    assert License.objects.count() == 2
